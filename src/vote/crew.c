/* vote/crew.c -- a round at a time: everybody takes the next number until there is none left. */
#include "vote/crew.h"

#include "base/err.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

struct crew {
    pthread_mutex_t lock;
    pthread_cond_t begun, ended;
    void (*work)(void *what, int i);
    void *what;
    int count;
    atomic_int next;
    unsigned round;
    int busy; /* threads that have not ended this round */
    bool is_over;
    int thread_count;
    pthread_t threads[];
};

static void take_part(struct crew *crew)
{
    for (int i; (i = atomic_fetch_add(&crew->next, 1)) < crew->count;)
        crew->work(crew->what, i);
}

static void *live(void *what)
{
    struct crew *crew = what;
    unsigned round = 0;
    pthread_mutex_lock(&crew->lock);
    for (;;) {
        while (crew->round == round && !crew->is_over)
            pthread_cond_wait(&crew->begun, &crew->lock);
        if (crew->is_over)
            break;
        round = crew->round;
        pthread_mutex_unlock(&crew->lock);
        take_part(crew);
        pthread_mutex_lock(&crew->lock);
        if (--crew->busy == 0)
            pthread_cond_signal(&crew->ended);
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

struct crew *crew_begin(int threads)
{
    if (threads <= 1)
        return NULL;
    struct crew *crew = calloc(1, sizeof(*crew) + (size_t)(threads - 1) * sizeof(crew->threads[0]));
    if (!crew)
        BUG("memory has run out");
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->begun, NULL);
    pthread_cond_init(&crew->ended, NULL);
    while (crew->thread_count < threads - 1 &&
           pthread_create(&crew->threads[crew->thread_count], NULL, live, crew) == 0)
        crew->thread_count++; /* with fewer than asked for it only takes longer */
    return crew;
}

void crew_end(struct crew *crew)
{
    if (!crew)
        return;
    pthread_mutex_lock(&crew->lock);
    crew->is_over = true;
    pthread_cond_broadcast(&crew->begun);
    pthread_mutex_unlock(&crew->lock);
    for (int i = 0; i < crew->thread_count; i++)
        pthread_join(crew->threads[i], NULL);
    pthread_cond_destroy(&crew->ended);
    pthread_cond_destroy(&crew->begun);
    pthread_mutex_destroy(&crew->lock);
    free(crew);
}

void crew_do(struct crew *crew, int count, void (*work)(void *what, int i), void *what)
{
    if (!crew || count < 2) {
        for (int i = 0; i < count; i++)
            work(what, i);
        return;
    }
    pthread_mutex_lock(&crew->lock);
    crew->work = work;
    crew->what = what;
    crew->count = count;
    atomic_store(&crew->next, 0);
    crew->busy = crew->thread_count;
    crew->round++;
    pthread_cond_broadcast(&crew->begun);
    pthread_mutex_unlock(&crew->lock);
    take_part(crew);
    pthread_mutex_lock(&crew->lock);
    while (crew->busy > 0)
        pthread_cond_wait(&crew->ended, &crew->lock);
    pthread_mutex_unlock(&crew->lock);
}
