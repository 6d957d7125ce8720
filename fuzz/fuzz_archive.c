/* fuzz/fuzz_archive.c -- any bytes as the archive of an election: what is taken lies in them, in order, each event on the one
 * before.
 */
#include "target.h"

#include "vote/archive.h"
#include "vote/verify.h"

static bool is_inside(struct text whole, struct text part)
{
    return part.at >= whole.at && part.size <= whole.size && part.at <= whole.at + (whole.size - part.size);
}

/* The events, as far as they can be read; how many. */
static int64_t walk(struct ctx *ctx, struct text bytes)
{
    struct archive archive;
    struct archive_event event;
    bool is_end = false;
    if (archive_open(ctx, bytes, &archive))
        return 0;
    int64_t events = 0;
    while (!archive_next(ctx, &archive, &event, &is_end) && !is_end) {
        FUZZ_DEMAND(event.height == events && event.count <= ARCHIVE_MOST_MEMBERS);
        for (int i = 0; i < event.count; i++) {
            struct sha256 hash = sha256_of(event.members[i].bytes);
            FUZZ_DEMAND(is_inside(bytes, event.members[i].bytes));
            FUZZ_DEMAND(text_equal(sha256_text(&hash), sha256_text(&event.members[i].hash)));
        }
        events++;
    }
    return events;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
    struct ctx model = { 0 }, *ctx = ctx_begin(&model);
    struct text bytes = { (const char *)at, size };
    struct election_report report;
    int64_t events = walk(ctx, bytes);
    const struct err *e = election_verify(ctx, bytes, &report);
    FUZZ_DEMAND(!e || err_root(e)->kind == ERR_INPUT);
    FUZZ_DEMAND(e ? report.events <= events : report.events == events && events > 0);
    FUZZ_DEMAND(report.counted <= report.ballots && report.ballots <= report.events);
    ctx_end(ctx);
    return 0;
}
