/* http/exchange.c -- holding, sleeping and waking. */
#include "http/http_inside.h"

#include "base/arena.h"

#include <stdlib.h>

struct exchange *exchange_new(struct http *http)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange)
        BUG("out of memory");
    http->holders++;
    exchange->holders = 1;
    exchange->http = http;
    exchange->ctx = ctx_begin(&http->model);
    exchange->request = request_new(exchange->ctx);
    return exchange;
}

void exchange_release(struct exchange *exchange)
{
    if (atomic_fetch_sub(&exchange->holders, 1) != 1)
        return;
    struct http *http = exchange->http;
    if (exchange->response)
        MHD_destroy_response(exchange->response);
    clients_drop_body(http, &exchange->from, exchange->counted);
    buffer_clear(&exchange->body);
    ctx_end(exchange->ctx);
    free(exchange);
    http_release(http);
}

bool exchange_sleep(struct exchange *exchange)
{
    struct http *http = exchange->http;
    pthread_mutex_lock(&http->lock);
    if (http->is_stopping) {
        pthread_mutex_unlock(&http->lock);
        return false;
    }
    exchange->holders++;
    exchange->state = EXCHANGE_SLEEPING;
    exchange->next_sleeper = http->sleepers;
    exchange->sleeper_link = &http->sleepers;
    if (http->sleepers)
        http->sleepers->sleeper_link = &exchange->next_sleeper;
    http->sleepers = exchange;
    client_must(exchange->client, -1);
    MHD_suspend_connection(exchange->connection);
    pthread_mutex_unlock(&http->lock);
    return true;
}

/* Under http->lock. */
static void end_sleep(struct exchange *exchange, enum exchange_state state)
{
    *exchange->sleeper_link = exchange->next_sleeper;
    if (exchange->next_sleeper)
        exchange->next_sleeper->sleeper_link = exchange->sleeper_link;
    exchange->state = state;
    MHD_resume_connection(exchange->connection);
}

void exchange_wake(struct exchange *exchange)
{
    struct http *http = exchange->http;
    pthread_mutex_lock(&http->lock);
    if (exchange->state == EXCHANGE_SLEEPING)
        end_sleep(exchange, EXCHANGE_WOKEN);
    pthread_mutex_unlock(&http->lock);
    exchange_release(exchange);
}

bool exchange_is_abandoned(struct exchange *exchange)
{
    pthread_mutex_lock(&exchange->http->lock);
    bool is = exchange->state == EXCHANGE_ABANDONED;
    pthread_mutex_unlock(&exchange->http->lock);
    return is;
}

static void done(void *waiting)
{
    struct exchange *exchange = waiting;
    exchange->http->waiting_writer--;
    exchange_wake(exchange);
}

void exchange_submit(struct exchange *exchange)
{
    struct http_house *house = &exchange->http->house;
    exchange->http->waiting_writer++;
    house->submit(house->self, exchange->ctx, exchange->request, &exchange->change, done, exchange);
}

void exchange_abandon_all(struct http *http)
{
    pthread_mutex_lock(&http->lock);
    http->is_stopping = true;
    while (http->sleepers)
        end_sleep(http->sleepers, EXCHANGE_ABANDONED);
    pthread_mutex_unlock(&http->lock);
}
