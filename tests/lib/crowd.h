/* tests/lib/crowd.h -- many plans in one batch: they are queued while the writer is held in a callback. */
#ifndef TESTS_CROWD_H
#define TESTS_CROWD_H
#include "writer_world.h"

#include <pthread.h>
#include <stdatomic.h>

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    bool is_open, is_reached;
};

struct answer {
    struct outcome outcome;
    struct gate *gate;
    bool is_told;
    int order; /* among all answers of the process */
};

static inline void crowd_told(void *self, const struct outcome *outcome)
{
    static atomic_int told;
    struct answer *answer = self;
    pthread_mutex_lock(&answer->gate->lock);
    answer->outcome = *outcome;
    answer->order = atomic_fetch_add(&told, 1);
    answer->is_told = true;
    pthread_cond_broadcast(&answer->gate->moved);
    pthread_mutex_unlock(&answer->gate->lock);
}

static inline void crowd_hold(void *self, const struct outcome *outcome)
{
    (void)outcome;
    struct gate *gate = self;
    pthread_mutex_lock(&gate->lock);
    gate->is_reached = true;
    pthread_cond_broadcast(&gate->moved);
    while (!gate->is_open)
        pthread_cond_wait(&gate->moved, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
}

/* From here on what is submitted waits for gate_open(). */
static inline void gate_close(struct world *world, struct gate *gate)
{
    *gate = (struct gate){ .lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER };
    writer_submit(world->writer, plan_new(world->d->f->ctx, "500116106000"), crowd_hold, gate);
    pthread_mutex_lock(&gate->lock);
    while (!gate->is_reached)
        pthread_cond_wait(&gate->moved, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
}

static inline void gate_open(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->is_open = true;
    pthread_cond_broadcast(&gate->moved);
    pthread_mutex_unlock(&gate->lock);
}

static inline void crowd_submit(struct world *world, struct gate *gate, struct plan *plan, struct answer *answer)
{
    *answer = (struct answer){ .gate = gate };
    writer_submit(world->writer, plan, crowd_told, answer);
}

static inline void crowd_await(struct gate *gate, struct answer *answers, int count)
{
    pthread_mutex_lock(&gate->lock);
    for (int i = 0; i < count; i++)
        while (!answers[i].is_told)
            pthread_cond_wait(&gate->moved, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
}
#endif
