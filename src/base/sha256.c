/* base/sha256.c -- SHA-256 (FIPS 180-4) by the processor's own instructions.
 *
 * libsodium computes it in plain C; a filing hashes some two kilobytes on the writer's thread. The names of the
 * variables are those of the instructions: they want the state as two registers, a b e f and c d g h.
 */
#include "base/sha256_inside.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>
#include <string.h>

enum { BLOCK = 64, SIZE_BYTES = 8 };

static const uint32_t round_words[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

struct sum {
    uint32_t state[8];
    uint64_t size;
    uint8_t rest[BLOCK]; /* size % BLOCK bytes that fill no block yet */
};

static bool has_instructions(void)
{
    enum { SSSE3 = 1 << 9, SSE41 = 1 << 19, SHA = 1 << 29 };
    static int known; /* 0 not asked, 1 no, 2 yes: whichever thread asks, the answer is the same */
    int answer = __atomic_load_n(&known, __ATOMIC_RELAXED);
    if (!answer) {
        unsigned a, b, c, d, of_one = __get_cpuid(1, &a, &b, &c, &d) ? c : 0;
        unsigned of_seven = __get_cpuid_count(7, 0, &a, &b, &c, &d) ? b : 0;
        answer = (of_seven & SHA) && (of_one & SSSE3) && (of_one & SSE41) ? 2 : 1;
        __atomic_store_n(&known, answer, __ATOMIC_RELAXED);
    }
    return answer == 2;
}

__attribute__((target("sha,ssse3,sse4.1"))) static void take_blocks(uint32_t state[8], const uint8_t *at, size_t count)
{
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xb1);
    __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1b);
    __m128i abef = _mm_alignr_epi8(cdab, efgh, 8), cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
    for (; count; count--, at += BLOCK) {
        __m128i words[4] = { 0 }, abef_before = abef, cdgh_before = cdgh;
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++) { /* four rounds each; words i - 4 … i - 1 stand in their places */
            __m128i *now = &words[i & 3], last = words[(i + 3) & 3], second_last = words[(i + 2) & 3];
            if (i < 4)
                *now = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(at + 16 * i)), big_endian);
            else
                *now = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(*now, words[(i + 1) & 3]),
                                                          _mm_alignr_epi8(last, second_last, 4)),
                                            last);
            __m128i sum = _mm_add_epi32(*now, _mm_loadu_si128((const __m128i *)(round_words + 4 * i)));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    __m128i feba = _mm_shuffle_epi32(abef, 0x1b), dchg = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

static void add(struct sum *sum, struct text part)
{
    const uint8_t *at = (const uint8_t *)part.at;
    size_t size = part.size, filled = sum->size % BLOCK;
    sum->size += size;
    if (filled && filled + size >= BLOCK) {
        memcpy(sum->rest + filled, at, BLOCK - filled);
        take_blocks(sum->state, sum->rest, 1);
        at += BLOCK - filled;
        size -= BLOCK - filled;
        filled = 0;
    }
    if (!filled && size >= BLOCK) {
        take_blocks(sum->state, at, size / BLOCK);
        at += size / BLOCK * BLOCK;
        size %= BLOCK;
    }
    if (size)
        memcpy(sum->rest + filled, at, size);
}

static void end(struct sum *sum, struct sha256 *ret)
{
    uint8_t last[2 * BLOCK] = { 0 };
    size_t filled = sum->size % BLOCK, blocks = filled + 1 + SIZE_BYTES <= BLOCK ? 1 : 2;
    memcpy(last, sum->rest, filled);
    last[filled] = 0x80;
    uint64_t bits = __builtin_bswap64(sum->size * 8);
    memcpy(last + blocks * BLOCK - SIZE_BYTES, &bits, SIZE_BYTES);
    take_blocks(sum->state, last, blocks);
    for (int i = 0; i < 8; i++) {
        uint32_t word = __builtin_bswap32(sum->state[i]);
        memcpy(ret->bytes + 4 * i, &word, 4);
    }
}

bool sha256_by_processor(const struct text *parts, int count, struct sha256 *ret)
{
    if (!has_instructions())
        return false;
    struct sum sum = { .state = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab,
                                  0x5be0cd19 } };
    for (int i = 0; i < count; i++)
        add(&sum, parts[i]);
    end(&sum, ret);
    return true;
}

#else

bool sha256_by_processor(const struct text *parts, int count, struct sha256 *ret)
{
    (void)parts, (void)count, (void)ret;
    return false;
}

#endif
