/* http/clients.c -- connections: how many from one network, what they may hold, and how slow they may be.
 *
 * libmicrohttpd cuts a connection on which nothing moves. A client that sends one byte now and then is cut here: each
 * connection has a moment by which its next header, its body or our answer must be through, and a thread looks four times a second.
 */
#include "http/http_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

int64_t clients_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void client_must(struct client *client, int64_t seconds)
{
    if (client)
        client->deadline = seconds < 0 ? INT64_MAX : clients_now() + seconds * 1000;
}

static unsigned bucket_number(const struct address *network)
{
    uint32_t hash = 2166136261;
    for (size_t i = 0; i < sizeof network->bytes; i++)
        hash = (hash ^ network->bytes[i]) * 16777619;
    return hash % CLIENT_BUCKETS;
}

static struct client **bucket_of(struct clients *clients, const struct address *network)
{
    return &clients->buckets[bucket_number(network)];
}

bool clients_hold_body(struct http *http, const struct address *network, size_t more)
{
    atomic_size_t *own = &http->clients.bodies[bucket_number(network)];
    bool is_held = atomic_fetch_add(own, more) + more <= http->settings.body_share;
    is_held &= atomic_fetch_add(&http->body_bytes, more) + more <= http->settings.body_memory;
    if (!is_held)
        clients_drop_body(http, network, more);
    return is_held;
}

void clients_drop_body(struct http *http, const struct address *network, size_t size)
{
    http->clients.bodies[bucket_number(network)] -= size;
    http->body_bytes -= size;
}

bool clients_may_enter(struct http *http, const struct sockaddr *socket)
{
    struct address address = address_of_socket(socket), network = address_network(&address);
    if (networks_hold(&http->trusted, &address))
        return true;
    int count = 0;
    pthread_mutex_lock(&http->clients.lock);
    for (struct client *client = *bucket_of(&http->clients, &network); client; client = client->next)
        count += memcmp(&client->network, &network, sizeof network) == 0;
    pthread_mutex_unlock(&http->clients.lock);
    return count < http->settings.connections_per_address;
}

struct client *clients_enter(struct http *http, const struct sockaddr *from, int socket)
{
    struct client *client = calloc(1, sizeof *client);
    if (!client)
        BUG("out of memory");
    if (from)
        client->address = address_of_socket(from);
    client->network = address_network(&client->address);
    client->socket = socket;
    client_must(client, 2 * (int64_t)http->settings.idle_seconds);
    pthread_mutex_lock(&http->clients.lock);
    struct client **bucket = bucket_of(&http->clients, &client->network);
    client->next = *bucket;
    client->link = bucket;
    if (client->next)
        client->next->link = &client->next;
    *bucket = client;
    http->clients.count++;
    pthread_mutex_unlock(&http->clients.lock);
    return client;
}

void clients_leave(struct http *http, struct client *client)
{
    pthread_mutex_lock(&http->clients.lock);
    *client->link = client->next;
    if (client->next)
        client->next->link = client->link;
    http->clients.count--;
    pthread_mutex_unlock(&http->clients.lock);
    free(client);
}

/* A socket is closed only after clients_leave(), so under the lock it is still this client's. */
static void cut_the_slow(struct clients *clients)
{
    int64_t now = clients_now();
    for (int i = 0; i < CLIENT_BUCKETS; i++)
        for (struct client *client = clients->buckets[i]; client; client = client->next)
            if (client->deadline < now && client->socket >= 0) {
                shutdown(client->socket, SHUT_RDWR);
                client->socket = -1;
            }
}

static void *reap(void *of)
{
    struct clients *clients = of;
    pthread_mutex_lock(&clients->lock);
    while (!clients->is_stopping) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += 250 * 1000 * 1000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_nsec -= 1000000000;
            until.tv_sec++;
        }
        pthread_cond_timedwait(&clients->stop, &clients->lock, &until);
        cut_the_slow(clients);
    }
    pthread_mutex_unlock(&clients->lock);
    return NULL;
}

const struct err *clients_start(struct ctx *ctx, struct clients *clients)
{
    pthread_condattr_t monotonic;
    pthread_mutex_init(&clients->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&clients->stop, &monotonic);
    pthread_condattr_destroy(&monotonic);
    int failed = pthread_create(&clients->reaper, NULL, reap, clients);
    if (failed)
        return err_broken(ctx, "no thread to watch the connections: %s", strerror(failed));
    clients->is_running = true;
    return NULL;
}

void clients_stop(struct clients *clients)
{
    if (!clients->is_running)
        return;
    pthread_mutex_lock(&clients->lock);
    clients->is_stopping = true;
    pthread_cond_signal(&clients->stop);
    pthread_mutex_unlock(&clients->lock);
    pthread_join(clients->reaper, NULL);
    clients->is_running = false;
}
