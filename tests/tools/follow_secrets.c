/* follow_secrets.c -- makes keys, ballots and parts of a decryption under valgrind, all chance, keys and choices marked
 * as unknown: valgrind reports every branch and every address that depends on them. Run by
 * tests/outside/test_constant_time.sh. usage: follow_secrets GROUP [wrong]   ("wrong" raises to a secret as verifiers
 * do, and must be found)
 */
#include "vote/decrypt.h"
#include "vote/prove.h"
#include "vote/seal.h"
#include "vote/secret_inside.h"
#include "vote/trustee_key.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/ctx.h"
#include "base/err.h"

#include <sodium.h>
#include <stdio.h>
#include <valgrind/memcheck.h>

void now_public(const void *at, size_t size)
{
    (void)VALGRIND_MAKE_MEM_DEFINED(at, size);
}

static const char *chance_name(void)
{
    return "unknown";
}

static void unknown(void *const bytes, const size_t size)
{
    static uint64_t state = 1;
    for (size_t i = 0; i < size; i++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        ((uint8_t *)bytes)[i] = (uint8_t)(state >> 56);
    }
    (void)VALGRIND_MAKE_MEM_UNDEFINED(bytes, size);
}

static uint32_t random_number(void)
{
    return 4;
}

static void must(const struct err *e)
{
    if (e)
        BUG("%s", err_root(e)->said);
}

/* Election text with a known key, so that only the makers' secrets are unknown. */
static struct text election_of(struct ctx *ctx, struct group *group)
{
    scoped(buffer_clear) struct buffer key = { 0 };
    group_encode(group, &group->generator, &key);
    return text_of(arena_printf(
        ctx->arena,
        "{\"version\":1,\"description\":\"\",\"name\":\"\",\"group\":\"%s\",\"public_key\":\"%.*s\","
        "\"questions\":[{\"answers\":[\"a\",\"b\"],\"min\":0,\"max\":1,\"question\":\"\"},{\"answers\":"
        "[\"a\",\"b\"],\"blank\":true,\"min\":1,\"max\":2,\"question\":\"\"}],\"uuid\":\"wdnjhEX4YCaVjU\"}",
        group->name, (int)key.size, key.at));
}

static void raise_as_verifiers_do(struct group *group, const struct secret *x)
{
    struct scalar scalar;
    struct element made;
    secret_bytes(x, scalar.at);
    group_power(group, &group->generator, &scalar, &made);
}

static void make_all(struct ctx *ctx, struct group *group)
{
    struct election election;
    struct ballot ballot;
    struct tally tally;
    uint8_t choices[5] = { 0, 1, 1, 0, 0 };
    char text[PRIVATE_KEY_TEXT], known[POINT_TEXT];
    scoped(buffer_clear) struct buffer key = { 0 }, sealed = { 0 }, part = { 0 };
    struct secret x = secret_draw(group), sum = secret_add(group, &x, &x);
    struct point power, product;
    must(election_read(ctx, election_of(ctx, group), &election));
    trustee_key_write(ctx, group, &x, TEXT(""), &key);
    private_key_write(&sum, text);
    point_power_generator(group, &sum, &power); /* a member that nobody is told, its text neither */
    point_multiply(group, &power, &power, &product);
    point_encode(group, &product, known);
    (void)VALGRIND_MAKE_MEM_UNDEFINED(choices, sizeof(choices));
    must(ballot_seal(ctx, &election, &x, choices, &sealed));
    must(ballot_read(ctx, &election, buffer_view(&sealed), &ballot));
    must(ballot_check(ctx, &election, &ballot));
    tally_begin(ctx, &election, &tally);
    must(tally_add(ctx, &tally, &ballot, 1, false));
    decryption_write(ctx, &tally, &x, &part);
}

int main(int count, char **words)
{
    static struct randombytes_implementation chance = { chance_name, random_number, NULL, NULL, unknown, NULL };
    struct ctx model = { 0 }, *ctx = ctx_begin(&model);
    struct group *group = count > 1 ? group_open(ctx->arena, text_of(words[1])) : NULL;
    if (!group || !RUNNING_ON_VALGRIND) {
        fprintf(stderr, "usage: valgrind follow_secrets GROUP [wrong]\n");
        return 2;
    }
    randombytes_set_implementation(&chance);
    if (count > 2) {
        struct secret x = secret_draw(group);
        raise_as_verifiers_do(group, &x);
    } else {
        make_all(ctx, group);
    }
    ctx_end(ctx);
    return 0;
}
