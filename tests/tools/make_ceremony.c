/* tests/tools/make_ceremony.c -- writes the transcript of a whole threshold ceremony as JSON, with all that is secret
 * in it: make_ceremony GROUP SIZE NEEDED > tests/vectors/ceremony/NAME.json Seeds are always the same, chance is not:
 * what a reader can check stays true, the bytes differ each time.
 */
#include "ceremony.h"

static struct text decimal_of(struct fixture *f, const struct secret *secret)
{
    char written[SECRET_TEXT];
    secret_encode(secret, written);
    return text_of(arena_string(f->ctx->arena, written));
}

static void add_text(struct node *list, struct text text)
{
    node_add(list, (struct node){ .kind = NODE_TEXT, .text = text });
}

/* What SENDER wrote to RECIPIENT, opened. */
static struct node opened(struct fixture *f, const struct played *played, int sender, int recipient, struct text sealed)
{
    struct text text;
    if (channel_receive(f->ctx, played->ceremony.group, &played->keys[recipient - 1],
                        &played->keys[sender - 1].verification, sealed, &text))
        fail_msg("a message that can't be opened");
    return *json_of(f, text);
}

static void put_keys(struct fixture *f, const struct played *played, struct node *out)
{
    struct node *seeds = node_put_list(out, KEY("seeds")), *signing = node_put_list(out, KEY("signing_keys"));
    struct node *opening = node_put_list(out, KEY("decryption_keys"));
    for (int i = 0; i < played->ceremony.size; i++) {
        node_add_string(seeds, played->seeds[i]);
        add_text(signing, decimal_of(f, &played->keys[i].signing));
        add_text(opening, decimal_of(f, &played->keys[i].opening));
    }
}

static void put_steps(const struct played *played, struct node *out)
{
    const struct ceremony *ceremony = &played->ceremony;
    const struct text *const lists[] = { ceremony->certificates, ceremony->polynomials, played->inputs,
                                         ceremony->outputs };
    const char *const names[] = { "certs", "polynomials", "vinputs", "voutputs" };
    for (int l = 0; l < 4; l++) {
        struct node *list = node_put_list(out, key_intern(text_of(names[l])));
        for (int i = 0; i < ceremony->size; i++)
            add_text(list, lists[l][i]);
    }
}

static void put_secrets(struct fixture *f, const struct played *played, struct node *out)
{
    struct node *polynomials = node_put_list(out, KEY("opened_polynomials")),
                *shares = node_put_list(out, KEY("opened_shares"));
    struct node *keys = node_put_list(out, KEY("opened_private_keys"));
    for (int i = 1; i <= played->ceremony.size; i++) {
        const struct node *sent = json_of(f, played->ceremony.polynomials[i - 1]);
        node_add(polynomials, opened(f, played, i, i, node_find_text(sent, KEY("polynomial"))));
        struct node list = *node_list(f->ctx->arena);
        int j = 1;
        node_each (link, node_find(sent, KEY("secrets"))) {
            node_add(&list, opened(f, played, i, j, link->value.text));
            j++;
        }
        node_add(shares, list);
        struct secret key = opening_key(f, played, i);
        add_text(keys, decimal_of(f, &key));
    }
}

static void put_bad_inputs(struct fixture *f, const struct played *played, struct node *out)
{
    struct bad_input bad[BAD_INPUTS];
    struct node *list = node_put_list(out, KEY("bad_vinputs_of_trustee_2"));
    int count = bad_inputs(f, played, bad);
    for (int i = 0; i < count; i++) {
        struct node *item = node_add_object(list);
        node_put_string(item, KEY("name"), bad[i].name);
        node_put_string(item, KEY("fault"), bad[i].said);
        node_put_string(item, KEY("names"), bad[i].sender);
        node_put_text(item, KEY("vinput"), bad[i].input);
    }
}

int main(int count, char **arguments)
{
    struct fixture fixture, *f = &fixture;
    int64_t size, needed;
    if (count != 4 || !text_int(text_of(arguments[2]), &size) || !text_int(text_of(arguments[3]), &needed)) {
        fprintf(stderr, "usage: make_ceremony GROUP SIZE NEEDED\n");
        return 2;
    }
    fixture_begin(f);
    struct played played = play_ceremony(f, arguments[1], (int)size, (int)needed);
    struct node *out = node_object(f->ctx->arena);
    node_put_string(out, KEY("group"), arguments[1]);
    node_put_int(out, KEY("size"), size);
    node_put_int(out, KEY("threshold"), needed);
    put_keys(f, &played, out);
    put_steps(&played, out);
    put_secrets(f, &played, out);
    node_put_text(out, KEY("threshold_parameters"), played.set);
    node_put_text(out, KEY("joint_key"),
                  element_text(played.ceremony.group, f->ctx->arena, &played.trustees.joint_key));
    if (size == 3 && needed == 2 && strcmp(arguments[1], "Ed25519") == 0)
        put_bad_inputs(f, &played, out);
    struct text written = text_of_document(f, out);
    printf("%.*s\n", (int)written.size, written.at);
    fixture_end(f);
    return 0;
}
