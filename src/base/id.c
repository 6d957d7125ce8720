/* base/id.c */
#include "base/id.h"

#include "base/clock.h"
#include "base/ctx.h"

enum { PROCESS_BITS = 10, SEQUENCE_BITS = 12 };

static const int64_t EPOCH_2020 = INT64_C(1577836800000);

void id_source_init(struct id_source *source, uint32_t process)
{
    *source = (struct id_source){ .process = process & ((1U << PROCESS_BITS) - 1) };
    pthread_mutex_init(&source->lock, NULL);
}

void id_source_number(struct id_source *source, uint32_t process)
{
    pthread_mutex_lock(&source->lock);
    source->process = process & ((1U << PROCESS_BITS) - 1);
    pthread_mutex_unlock(&source->lock);
}

int64_t id_next(struct ctx *ctx)
{
    struct id_source *source = ctx->ids;
    int64_t now = clock_now(ctx->clock) / 1000 - EPOCH_2020;
    pthread_mutex_lock(&source->lock);
    if (now > source->last_millisecond) {
        source->last_millisecond = now;
        source->sequence = 0;
    } else if (++source->sequence >> SEQUENCE_BITS) {
        source->last_millisecond++;
        source->sequence = 0;
    }
    int64_t id = (source->last_millisecond << (PROCESS_BITS + SEQUENCE_BITS)) | ((int64_t)source->process << SEQUENCE_BITS) |
                 source->sequence;
    pthread_mutex_unlock(&source->lock);
    return id;
}

int64_t id_least(int64_t micros)
{
    int64_t milliseconds = micros / 1000 - EPOCH_2020;
    return milliseconds > 0 ? milliseconds << (PROCESS_BITS + SEQUENCE_BITS) : 0;
}
