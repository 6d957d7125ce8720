/* tests/lib/fixture.h -- a ctx for tests: a clock that stands still, ids and chance that repeat. */
#ifndef TESTS_FIXTURE_H
#define TESTS_FIXTURE_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/id.h"

#include <string.h>

struct fixture {
    struct fake_clock clock;
    struct id_source ids;
    struct chance chance;
    uint64_t chance_state;
    struct ctx model;
    struct ctx *ctx;
};

static inline void fixture_fill(struct chance *chance, void *bytes, size_t size)
{
    struct fixture *fixture = (struct fixture *)((char *)chance - offsetof(struct fixture, chance));
    for (size_t i = 0; i < size; i++) {
        fixture->chance_state = fixture->chance_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        ((uint8_t *)bytes)[i] = (uint8_t)(fixture->chance_state >> 56);
    }
}

/* 2026-03-02 09:00 in Shanghai, a Monday. */
#define FIXTURE_NOW INT64_C(1772413200000000)

static inline void fixture_begin(struct fixture *fixture)
{
    *fixture = (struct fixture){ .chance = { fixture_fill } };
    fake_clock_init(&fixture->clock, FIXTURE_NOW);
    id_source_init(&fixture->ids, 1);
    fixture->model = (struct ctx){ .clock = &fixture->clock.clock, .ids = &fixture->ids, .chance = &fixture->chance };
    fixture->ctx = ctx_begin(&fixture->model);
}

static inline void fixture_end(struct fixture *fixture)
{
    ctx_end(fixture->ctx);
}

/* Fails the test with the whole trace when something went wrong. */
#define assert_ok(fixture, call)                                                                                       \
    do {                                                                                                               \
        const struct err *failed_ = (call);                                                                            \
        if (failed_)                                                                                                   \
            fail_msg("%s", err_trace((fixture)->ctx, failed_));                                                        \
    } while (0)

/* The call must fail with this kind and text key. */
#define assert_fails(call, kind_, said_)                                                                               \
    do {                                                                                                               \
        const struct err *failed_ = err_root(call);                                                                    \
        assert_non_null(failed_);                                                                                      \
        assert_string_equal(failed_->said, said_);                                                                     \
        assert_int_equal(failed_->kind, kind_);                                                                        \
    } while (0)
#endif
