/* When this fails, look in src/base/encode.c, or in src/base/sha256.c. */
#include "fixture.h"

#include "base/encode.h"
#include "base/sha256_inside.h"

#include <sodium.h>

static void hashes_match_known_answers(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct sha256 hash = sha256_of(TEXT("abc")); /* FIPS 180-2, B.1 */
    assert_string_equal(hex_encode(arena, sha256_text(&hash)),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    hash = hmac_sha256(TEXT("Jefe"), TEXT("what do ya want for nothing?")); /* RFC 4231, case 2 */
    assert_string_equal(hex_encode(arena, sha256_text(&hash)),
                        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    hash = sha256_node(0, TEXT(""), TEXT("")); /* RFC 6962: the leaf hash of an empty entry */
    assert_string_equal(hex_encode(arena, sha256_text(&hash)),
                        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    arena_free(arena);
}

/* Every length over several blocks, cut in two at several places: all that blocks and padding can meet. */
static void the_processor_hashes_as_libsodium_does(void **state)
{
    (void)state;
    unsigned char bytes[300];
    struct sha256 ours;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 37 + 11);
    if (!sha256_by_processor(NULL, 0, &ours))
        skip();
    for (size_t size = 0; size <= sizeof bytes; size++) {
        unsigned char right[SHA256_SIZE];
        crypto_hash_sha256(right, bytes, size);
        for (size_t cut = 0; cut <= size; cut += 1 + size / 9) {
            const struct text parts[] = { { (const char *)bytes, cut }, { (const char *)bytes + cut, size - cut } };
            assert_true(sha256_by_processor(parts, 2, &ours));
            assert_memory_equal(ours.bytes, right, SHA256_SIZE);
        }
        crypto_auth_hmacsha256_state hmac;
        crypto_auth_hmacsha256_init(&hmac, bytes, size); /* keys shorter than a block, of one, and longer */
        crypto_auth_hmacsha256_update(&hmac, bytes, sizeof bytes - size);
        crypto_auth_hmacsha256_final(&hmac, right);
        ours = hmac_sha256((struct text){ (const char *)bytes, size }, (struct text){ (const char *)bytes, sizeof bytes - size });
        assert_memory_equal(ours.bytes, right, SHA256_SIZE);
    }
}

static void encodings_go_there_and_back_and_are_strict(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct text out;
    assert_string_equal(base64_encode(arena, TEXT("\xff\xfe\x00")), "//4A");
    assert_string_equal(base64url_encode(arena, TEXT("\xff\xfe")), "__4");
    assert_true(base64_decode(arena, text_of("//4A"), &out) && text_equal(out, TEXT("\xff\xfe\0")));
    assert_false(base64_decode(arena, text_of("//4"), &out));
    assert_false(base64_decode(arena, text_of("//4A\n"), &out));
    assert_false(base64url_decode(arena, text_of("__4="), &out));
    for (int byte = 0; byte < 256; byte++) { /* the alphabet and nothing else, sign bits or not */
        char letters[] = { 'A', (char)byte, 'A', 'A' };
        bool is_letter = byte < 128 && byte &&
                         strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", byte);
        assert_int_equal(base64_decode(arena, (struct text){ letters, 4 }, &out), is_letter);
    }
    assert_true(hex_decode(arena, text_of("00ff"), &out) && text_equal(out, TEXT("\0\xff")));
    assert_false(hex_decode(arena, text_of("0f0"), &out));
    assert_false(hex_decode(arena, text_of("zz"), &out));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_match_known_answers),
        cmocka_unit_test(the_processor_hashes_as_libsodium_does),
        cmocka_unit_test(encodings_go_there_and_back_and_are_strict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
