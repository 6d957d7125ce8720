/* bench/devices.c -- what trustees, authority and voters of a ballot do on their own devices, for bench/cast.py.
 *
 *     devices seed                          a trustee's seed
 *     devices key SEED PAGE                 the trustee's next message; PAGE is the JSON of GET …/keys
 *     devices codes GROUP UUID COUNT CODES  the public halves as JSON; the codes go into the file CODES, a line each
 *     devices seal ELECTION CODES           a sealed ballot for each code, a line each: the answers are chosen in turn
 *     devices part ELECTION PAGE SEED       the trustee's part of the result; PAGE is the JSON of GET …/decrypt
 *
 * For measuring alone: secrets stand in files and among the words of a command.
 */
#include "app/demo_devices.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 1 << 24, ANSWERS = 3 };

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "devices: %s\n", what);
    exit(1);
}

static void must_be_ok(struct ctx *ctx, const struct err *err)
{
    if (err)
        give_up(err_trace(ctx, err));
}

static struct text file_text(struct ctx *ctx, const char *name)
{
    FILE *file = fopen(name, "rb");
    char *bytes = arena_alloc(ctx->arena, MOST_BYTES);
    if (!file)
        give_up(name);
    struct text text = { bytes, fread(bytes, 1, MOST_BYTES, file) };
    fclose(file);
    return text;
}

static const struct node *file_page(struct ctx *ctx, const char *name)
{
    struct node *page;
    must_be_ok(ctx, json_read(ctx, file_text(ctx, name), &page));
    return page;
}

static struct text written(struct ctx *ctx, const struct node *node)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    node_write(node, &out);
    return text_copy(ctx->arena, buffer_view(&out));
}

static void print(struct text text)
{
    printf("%.*s\n", (int)text.size, text.at);
}

static void seed(struct ctx *ctx, char **words)
{
    (void)words;
    puts(device_seed(ctx));
}

static void key(struct ctx *ctx, char **words)
{
    const struct node *page = file_page(ctx, words[1]), *input = node_find(page, KEY("vinput"));
    const struct node *certificates = node_find(page, KEY("certs"));
    struct text message;
    struct device_ceremony said = { .group = text_string(ctx->arena, node_find_text(page, KEY("group"))),
                                    .index = (int)node_find_int(page, KEY("index"), 0),
                                    .size = (int)node_find_int(page, KEY("size"), 0),
                                    .needed = (int)node_find_int(page, KEY("threshold"), 0),
                                    .step = (int)node_find_int(page, KEY("step"), 0) };
    if (!certificates)
        give_up("this is no page of keys");
    node_each(link, certificates)
        if (said.count < DEVICE_TRUSTEES_MOST)
            said.certificates[said.count++] = written(ctx, &link->value);
    if (input && input->kind == NODE_OBJECT)
        said.input = written(ctx, input);
    must_be_ok(ctx, device_key_message(ctx, &said, words[0], &message));
    print(message);
}

static void codes(struct ctx *ctx, char **words)
{
    int count = (int)strtol(words[2], NULL, 10);
    if (count < 1)
        give_up("how many codes?");
    const char **list = arena_array_of(ctx->arena, const char *, count);
    FILE *file = fopen(words[3], "wb");
    struct text halves;
    if (!file)
        give_up(words[3]);
    for (int i = 0; i < count; i++)
        fprintf(file, "%s\n", list[i] = device_code(ctx));
    if (fclose(file))
        give_up(words[3]);
    must_be_ok(ctx, device_public_codes(ctx, words[0], words[1], list, count, &halves));
    print(halves);
}

static void seal(struct ctx *ctx, char **words)
{
    static const char *const choices[ANSWERS] = { "[[1,0,0]]", "[[0,1,0]]", "[[0,0,1]]" };
    struct text election = file_text(ctx, words[0]), rest = file_text(ctx, words[1]);
    for (int i = 0; rest.size; i++) {
        struct ctx *own = ctx_begin(ctx);
        struct text ballot;
        const char *code = text_string(own->arena, text_cut(rest, '\n', &rest));
        must_be_ok(own, device_ballot(own, election, code, choices[i % ANSWERS], &ballot));
        print(ballot);
        ctx_end(own);
    }
}

static void part(struct ctx *ctx, char **words)
{
    const struct node *page = file_page(ctx, words[1]);
    struct text made;
    must_be_ok(ctx, device_part(ctx, file_text(ctx, words[0]), node_find_text(page, KEY("private_key")),
                                node_find_text(page, KEY("encrypted_tally")), words[2], &made));
    print(made);
}

static const struct {
    const char *name;
    int words;
    void (*run)(struct ctx *ctx, char **words);
} verbs[] = { { "seed", 0, seed }, { "key", 2, key }, { "codes", 4, codes }, { "seal", 2, seal }, { "part", 3, part } };

int main(int count, char **words)
{
    static const struct ctx none;
    struct ctx *ctx = ctx_begin(&none);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (count == verbs[i].words + 2 && strcmp(words[1], verbs[i].name) == 0) {
            verbs[i].run(ctx, words + 2);
            ctx_end(ctx);
            return fflush(stdout) ? 1 : 0;
        }
    give_up("seed, key, codes, seal or part; see the head of devices.c");
}
