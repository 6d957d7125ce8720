/* test_vote_trustees.c -- vote/trustees: a threshold set in its layouts, whole and with a part taken away. */
#include "vectors.h"

#include "vote/trustees.h"

static const struct node *ceremony(struct fixture *f, const char *name)
{
    return node_find(vector_json(f, arena_printf(f->ctx->arena, "unit/unit-%s.json", name)), KEY("threshold_ceremony"));
}

/* The one threshold set, as trustees publish it; EXCEPT (may be NULL) is left out of it. */
static struct text published(struct fixture *f, const struct node *parameters, const char *except)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    struct node *kept = node_object(f->ctx->arena);
    node_each (link, parameters)
        if (!except || !text_is((struct text){ link->key->name, link->key->size }, except))
            node_put(kept, link->key, link->value);
    buffer_string(&out, "[[\"Pedersen\",");
    node_write(kept, &out);
    buffer_string(&out, "]]");
    return text_copy(f->ctx->arena, buffer_view(&out));
}

/* The verification keys without their signatures, but for the first SIGNED of them. */
static const struct node *with_signed_keys(struct fixture *f, const struct node *parameters, int signed_count)
{
    struct node *made = node_object(f->ctx->arena);
    node_each (link, parameters) {
        if (!text_is((struct text){ link->key->name, link->key->size }, "verification_keys")) {
            node_put(made, link->key, link->value);
            continue;
        }
        struct node *keys = node_put_list(made, link->key);
        int index = 0;
        node_each (key, &link->value) {
            struct node *kept = node_add_object(keys);
            index++;
            node_each (member, &key->value)
                if (index <= signed_count || !text_is((struct text){ member->key->name, member->key->size }, "signature"))
                    node_put(kept, member->key, member->value);
        }
    }
    return made;
}

static void assert_said(const struct err *e, const char *said)
{
    assert_non_null(e);
    assert_string_equal(err_root(e)->said, said);
    assert_string_equal(err_root(e)->arguments[0], "1");
}

static void check_newest(struct fixture *f, const char *name, const char *group_name)
{
    const struct node *vectors = ceremony(f, name), *parameters = node_find(vectors, KEY("threshold_parameters"));
    struct group *group = group_open(f->ctx->arena, text_of(group_name));
    struct trustees trustees;
    assert_ok(f, trustees_read(f->ctx, group, published(f, parameters, NULL), &trustees));
    assert_int_equal(trustees.count, 3);
    assert_int_equal(trustees.set_count, 1);
    assert_int_equal(trustees.sets[0].needed, 2);
    assert_false(trustees.has_oldest_layout);
    struct text joint = element_text(group, f->ctx->arena, &trustees.joint_key);
    assert_case(joint, text_equal(joint, node_find_text(vectors, KEY("joint_key"))));
}

static void a_set_in_the_newest_layout_is_taken(void **state)
{
    check_newest(*state, "ed25519", "Ed25519");
    check_newest(*state, "b2048", "BELENIOS-2048");
}

/* Layout B is layout C without the signatures of the keys. */
static void a_set_in_the_middle_layout_is_taken(void **state)
{
    struct fixture *f = *state;
    const struct node *parameters = node_find(ceremony(f, "ed25519"), KEY("threshold_parameters"));
    struct group *group = group_open(f->ctx->arena, TEXT("Ed25519"));
    struct trustees trustees;
    assert_ok(f, trustees_read(f->ctx, group, published(f, with_signed_keys(f, parameters, 0), NULL), &trustees));
    assert_false(trustees.has_oldest_layout);
}

static void a_newer_layout_must_be_whole(void **state)
{
    struct fixture *f = *state;
    const struct node *parameters = node_find(ceremony(f, "ed25519"), KEY("threshold_parameters"));
    struct group *group = group_open(f->ctx->arena, TEXT("Ed25519"));
    struct trustees trustees;
    const char *const parts[] = { "signatures", "certs", "coefexps", "verification_keys", "threshold" };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        assert_said(trustees_read(f->ctx, group, published(f, parameters, parts[i]), &trustees), "vote.trustees_form");
    for (int count = 1; count < 3; count++)
        assert_said(trustees_read(f->ctx, group, published(f, with_signed_keys(f, parameters, count), NULL), &trustees),
                    "vote.trustees_form");
}

/* A set made for one group, or with another threshold, is not one for this. */
static void a_certificate_is_for_one_set_only(void **state)
{
    struct fixture *f = *state;
    struct node *parameters = node_object(f->ctx->arena);
    node_each (link, node_find(ceremony(f, "ed25519"), KEY("threshold_parameters")))
        node_put(parameters, link->key, link->value);
    struct group *group = group_open(f->ctx->arena, TEXT("Ed25519"));
    struct trustees trustees;
    node_put_int(parameters, KEY("threshold"), 3);
    assert_said(trustees_read(f->ctx, group, published(f, parameters, NULL), &trustees), "vote.trustees_context");
    node_put_int(parameters, KEY("threshold"), 4);
    assert_said(trustees_read(f->ctx, group, published(f, parameters, NULL), &trustees), "vote.trustees_form");
}

static void what_is_no_list_of_trustees_is_refused(void **state)
{
    struct fixture *f = *state;
    struct group *group = group_open(f->ctx->arena, TEXT("Ed25519"));
    struct trustees trustees;
    static const char empty_set[] = "[[\"Pedersen\",{\"threshold\":0,\"certs\":[],\"coefexps\":[],\"verification_keys\":[]}]]";
    const char *const none[] = { "", "{}", "[]", "[1]", "[[]]", "[[\"Single\"]]", "[[\"Single\",{}]]", "[[\"Other\",{}]]",
                                 "[[\"Pedersen\",[]]]", empty_set };
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        if (!trustees_read(f->ctx, group, text_of(none[i]), &trustees))
            fail_msg("taken: %s", none[i]);
}

int main(int count, char **arguments)
{
    vectors_from(count, arguments);
    const struct CMUnitTest tests[] = {
        vector_test(a_set_in_the_newest_layout_is_taken),
        vector_test(a_set_in_the_middle_layout_is_taken),
        vector_test(a_newer_layout_must_be_whole),
        vector_test(a_certificate_is_for_one_set_only),
        vector_test(what_is_no_list_of_trustees_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
