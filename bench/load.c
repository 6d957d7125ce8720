/* bench/load.c -- a closed loop of clients against 127.0.0.1: each sends, waits for its answer, sends again.
 *
 * One thread, epoll, connections kept alive. It ends after --seconds or --requests, whichever comes first; both are
 * bounded. With --pause each client rests so many milliseconds between an answer and its next request. Prints one line of
 * JSON: how many, how long, and the quantiles of the latency in microseconds.
 *
 * In the body @CSRF@ becomes the client's csrf token and @TOKEN@ a new request token of 22 letters for each request.
 * --people FILE has a line for each client: the value of the Cookie header, a tab, its csrf token. Clients beyond the
 * last line begin with the first again. With --lines FILE each request is the next person's and carries the file's next
 * line in place of @LINE@; it ends with the last line. With --addresses N the clients come from 127.0.0.1 to 127.0.0.N,
 * for a server that shares itself among addresses.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    MOST_CLIENTS = 1024,
    MOST_PEOPLE = 65536,
    MOST_ADDRESSES = 250,
    MOST_SECONDS = 120,
    MOST_REQUESTS = 5000000,
    MOST_BODY = 1 << 20,
    MOST_EXPECTED = 8,
    TOKEN_LETTERS = 22,
};

struct person {
    char *cookie, *csrf;
};

struct client {
    int socket;  /* -1: not connected */
    int address; /* behind 127.0.0.1 */
    const struct person *person;
    char *out;
    size_t out_size, out_sent;
    char *in;
    size_t in_size, in_room;
    size_t body_at;    /* 0: the header is not complete yet */
    size_t body_size;
    int status;
    bool closes;
    int64_t began;
    int64_t waits_until; /* between an answer and the next request; 0: not waiting */
};

static struct {
    int port, clients;
    double seconds;
    long requests;
    const char *method, *path, *type, *headers;
    char *body;
    struct person people[MOST_PEOPLE];
    int people_count;
    int expected[MOST_EXPECTED];
    int expected_count;
    const char *keep; /* a file for the first answer, header and body */
    int64_t pause;    /* microseconds between an answer and the client's next request */
    char **lines;     /* one for each request; NULL: none */
    int addresses;
} asked = { .clients = 16, .seconds = 5, .requests = MOST_REQUESTS, .method = "GET", .path = "/", .headers = "" };

static struct {
    uint32_t *latencies;
    long done, failed, started;
    int64_t bytes, last_body;
    int first_wrong; /* status of the first answer that was not expected; 0: a broken connection */
} seen;

static int poller;
static uint64_t token_begin, token_next;

static void fail(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, errno ? strerror(errno) : "wrong use");
    exit(1);
}

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static char *file_read(const char *name)
{
    FILE *file = fopen(name, "rb");
    struct stat about;
    if (!file || fstat(fileno(file), &about) < 0)
        fail(name);
    char *bytes = malloc((size_t)about.st_size + 1);
    if (!bytes)
        fail("memory");
    size_t size = fread(bytes, 1, (size_t)about.st_size, file);
    bytes[size] = 0;
    fclose(file);
    return bytes;
}

/* --- what is sent --- */

static void token_make(char *ret)
{
    static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    uint64_t halves[2] = { token_begin, token_next++ * UINT64_C(0x9E3779B97F4A7C15) };
    for (int i = 0; i < TOKEN_LETTERS; i++) {
        ret[i] = letters[halves[i / 11] & 63];
        halves[i / 11] >>= 6;
    }
}

/* The body with its marks replaced; returns its size. */
static size_t body_make(const struct person *person, const char *line, char *ret, size_t room)
{
    size_t size = 0;
    for (const char *at = asked.body ? asked.body : ""; *at;) {
        char token[TOKEN_LETTERS + 1] = "";
        const char *add = NULL;
        size_t skip = 1, length = 1;
        if (strncmp(at, "@CSRF@", 6) == 0) {
            add = person && person->csrf ? person->csrf : "";
            skip = 6;
        } else if (strncmp(at, "@TOKEN@", 7) == 0) {
            token_make(token);
            add = token;
            skip = 7;
        } else if (line && strncmp(at, "@LINE@", 6) == 0) {
            add = line;
            skip = 6;
        }
        length = add ? strlen(add) : 1;
        if (size + length >= room)
            fail("the body is too large");
        memcpy(ret + size, add ? add : at, length);
        size += length;
        at += skip;
    }
    return size;
}

static void request_make(struct client *client)
{
    static char body[MOST_BODY];
    const char *line = NULL;
    if (asked.lines) {
        line = asked.lines[seen.started - 1];
        client->person = asked.people_count ? &asked.people[(seen.started - 1) % asked.people_count] : NULL;
    }
    size_t body_size = body_make(client->person, line, body, sizeof body), room = body_size + 4096;
    if (!client->out || !asked.body || asked.lines)
        client->out = realloc(client->out, room);
    if (!client->out)
        fail("memory");
    int size = snprintf(client->out, room, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s", asked.method, asked.path,
                        asked.port, asked.headers);
    if (client->person && client->person->cookie)
        size += snprintf(client->out + size, room - (size_t)size, "Cookie: %s\r\n", client->person->cookie);
    if (asked.body)
        size += snprintf(client->out + size, room - (size_t)size, "Content-Type: %s\r\nContent-Length: %zu\r\n",
                         asked.type ? asked.type : "application/x-www-form-urlencoded", body_size);
    size += snprintf(client->out + size, room - (size_t)size, "\r\n");
    if ((size_t)size + body_size > room)
        fail("the header is too large");
    memcpy(client->out + size, body, body_size);
    client->out_size = (size_t)size + body_size;
    client->out_sent = 0;
}

/* --- connections --- */

static void client_connect(struct client *client)
{
    struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + (in_addr_t)client->address) };
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)asked.port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    client->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client->socket < 0 || (client->address && bind(client->socket, (struct sockaddr *)&own, sizeof own) < 0) ||
        connect(client->socket, (struct sockaddr *)&address, sizeof address) < 0)
        fail("connect");
    int yes = 1;
    setsockopt(client->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    fcntl(client->socket, F_SETFL, O_NONBLOCK);
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };
    if (epoll_ctl(poller, EPOLL_CTL_ADD, client->socket, &event) < 0)
        fail("epoll");
}

static void client_watch(struct client *client, bool writes)
{
    struct epoll_event event = { .events = EPOLLIN | (writes ? EPOLLOUT : 0), .data.ptr = client };
    epoll_ctl(poller, EPOLL_CTL_MOD, client->socket, &event);
}

static void client_close(struct client *client)
{
    close(client->socket);
    client->socket = -1;
}

static void client_send(struct client *client)
{
    while (client->out_sent < client->out_size) {
        ssize_t sent = send(client->socket, client->out + client->out_sent, client->out_size - client->out_sent, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) {
            client_watch(client, true);
            return;
        }
        if (sent < 0)
            return; /* reading will find it broken */
        client->out_sent += (size_t)sent;
    }
}

static void client_begin(struct client *client)
{
    if (client->socket < 0)
        client_connect(client);
    client->in_size = client->body_at = client->body_size = 0;
    client->closes = false;
    client->began = now();
    seen.started++;
    request_make(client);
    client_send(client);
}

/* --- answers --- */

static bool is_expected(int status)
{
    for (int i = 0; i < asked.expected_count; i++)
        if (asked.expected[i] == status)
            return true;
    return asked.expected_count == 0 && status >= 200 && status < 400;
}

/* Reads what the header says once it is complete. */
static void read_header(struct client *client)
{
    client->in[client->in_size] = 0;
    char *end = strstr(client->in, "\r\n\r\n");
    if (!end || strncmp(client->in, "HTTP/1.1 ", 9) != 0)
        return;
    client->body_at = (size_t)(end - client->in) + 4;
    client->status = (int)strtol(client->in + 9, NULL, 10);
    client->body_size = 0;
    for (char *line = strstr(client->in, "\r\n"); line && line < end; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, "Content-Length:", 15) == 0)
            client->body_size = strtoul(line + 17, NULL, 10);
        else if (strncasecmp(line + 2, "Connection: close", 17) == 0)
            client->closes = true;
    }
}

static void keep_answer(const struct client *client)
{
    FILE *file = fopen(asked.keep, "wb");
    if (!file)
        fail(asked.keep);
    fwrite(client->in, 1, client->in_size, file);
    fclose(file);
    asked.keep = NULL;
}

/* One answer, whole or broken off. */
static void client_finish(struct client *client, bool is_whole)
{
    int64_t took = now() - client->began;
    if (is_whole && is_expected(client->status)) {
        seen.latencies[seen.done++] = took > UINT32_MAX ? UINT32_MAX : (uint32_t)took;
        seen.bytes += (int64_t)client->in_size;
        seen.last_body = (int64_t)client->body_size;
        if (asked.keep)
            keep_answer(client);
    } else {
        if (!seen.failed++)
            seen.first_wrong = is_whole ? client->status : 0;
    }
    if (!is_whole || client->closes)
        client_close(client);
}

/* True when the answer has ended. */
static bool client_read(struct client *client)
{
    for (;;) {
        if (client->in_room - client->in_size < 4096) {
            client->in_room = client->in_room ? client->in_room * 2 : 65536;
            client->in = realloc(client->in, client->in_room + 1);
            if (!client->in)
                fail("memory");
        }
        ssize_t got = recv(client->socket, client->in + client->in_size, client->in_room - client->in_size, 0);
        if (got < 0 && errno == EAGAIN)
            return false;
        if (got <= 0) {
            client_finish(client, false);
            return true;
        }
        client->in_size += (size_t)got;
        if (!client->body_at)
            read_header(client);
        if (client->body_at && client->in_size >= client->body_at + client->body_size) {
            client_finish(client, true);
            return true;
        }
    }
}

/* Begins whoever has paused long enough; returns how many milliseconds the next one still has to wait. */
static int begin_rested(struct client *clients)
{
    int64_t soonest = INT64_C(1000000), at = now();
    for (int i = 0; i < asked.clients; i++)
        if (clients[i].waits_until && clients[i].waits_until <= at) {
            clients[i].waits_until = 0;
            client_begin(&clients[i]);
        } else if (clients[i].waits_until && clients[i].waits_until - at < soonest) {
            soonest = clients[i].waits_until - at;
        }
    return (int)((soonest + 999) / 1000);
}

static void run(struct client *clients, int64_t end)
{
    struct epoll_event events[256];
    int running = 0;
    for (int i = 0; i < asked.clients && seen.started < asked.requests; i++, running++) {
        if (asked.pause) /* not all at once */
            clients[i].waits_until = now() + 1 + asked.pause * i / asked.clients;
        else
            client_begin(&clients[i]);
    }
    while (running > 0) {
        int count = epoll_wait(poller, events, 256, asked.pause ? begin_rested(clients) : 1000);
        if (count == 0 && now() > end + 30 * INT64_C(1000000)) {
            seen.failed += running; /* no answer for half a minute */
            return;
        }
        for (int i = 0; i < count; i++) {
            struct client *client = events[i].data.ptr;
            if (events[i].events & EPOLLOUT) {
                client_watch(client, false);
                client_send(client);
            }
            if (!(events[i].events & ~(uint32_t)EPOLLOUT) || !client_read(client))
                continue;
            if (seen.started >= asked.requests || seen.failed >= 1000 || now() >= end)
                running--;
            else if (asked.pause)
                client->waits_until = now() + asked.pause;
            else
                client_begin(client);
        }
    }
}

/* --- beginning and end --- */

static int by_size(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

static uint32_t quantile(double share)
{
    return seen.done ? seen.latencies[(long)((double)(seen.done - 1) * share)] : 0;
}

static void print(double seconds)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    qsort(seen.latencies, (size_t)seen.done, sizeof *seen.latencies, by_size);
    printf("{\"requests\": %ld, \"failed\": %ld, \"first_wrong\": %d, \"seconds\": %.6f, \"bytes\": %lld, \"body\": %lld, "
           "\"p50\": %u, \"p90\": %u, \"p99\": %u, \"max\": %u, \"own_cpu\": %.3f}\n",
           seen.done, seen.failed, seen.first_wrong, seconds, (long long)seen.bytes, (long long)seen.last_body,
           quantile(0.5), quantile(0.9), quantile(0.99), quantile(1),
           (double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec +
               (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
}

static void people_read(const char *name)
{
    char *line = file_read(name);
    while (*line && asked.people_count < MOST_PEOPLE) {
        char *end = strchr(line, '\n'), *tab = strchr(line, '\t');
        if (end)
            *end = 0;
        struct person *person = &asked.people[asked.people_count++];
        person->cookie = *line && *line != '\t' ? line : NULL;
        if (tab && (!end || tab < end)) {
            *tab = 0;
            person->csrf = tab + 1;
        }
        if (!end)
            break;
        line = end + 1;
    }
}

/* One request for each. */
static void lines_read(const char *name)
{
    char *text = file_read(name);
    long count = 0, room = 1024;
    asked.lines = malloc(sizeof *asked.lines * (size_t)room);
    for (char *line = text, *next; asked.lines && *line; line = next) {
        char *end = strchr(line, '\n');
        next = end ? end + 1 : line + strlen(line);
        if (end)
            *end = 0;
        if (count == room)
            asked.lines = realloc(asked.lines, sizeof *asked.lines * (size_t)(room *= 2));
        if (asked.lines)
            asked.lines[count++] = line;
    }
    if (!asked.lines)
        fail("memory");
    asked.requests = count;
}

static void add_header(const char *header)
{
    char *all = NULL;
    if (asprintf(&all, "%s%s\r\n", asked.headers, header) < 0)
        fail("memory");
    asked.headers = all;
}

static void options_read(int count, char **words)
{
    static const struct option options[] = {
        { "port", 1, NULL, 'p' },     { "path", 1, NULL, 'u' },    { "method", 1, NULL, 'm' }, { "type", 1, NULL, 't' },
        { "body", 1, NULL, 'b' },     { "people", 1, NULL, 'w' },  { "clients", 1, NULL, 'c' },
        { "seconds", 1, NULL, 's' },  { "requests", 1, NULL, 'n' }, { "header", 1, NULL, 'h' },
        { "expect", 1, NULL, 'e' },   { "keep", 1, NULL, 'k' },    { "pause", 1, NULL, 'z' },
        { "lines", 1, NULL, 'l' },    { "addresses", 1, NULL, 'a' },
        { NULL, 0, NULL, 0 },
    };
    for (int letter; (letter = getopt_long(count, words, "", options, NULL)) != -1;) {
        switch (letter) {
        case 'p': asked.port = (int)strtol(optarg, NULL, 10); break;
        case 'u': asked.path = optarg; break;
        case 'm': asked.method = optarg; break;
        case 't': asked.type = optarg; break;
        case 'b': asked.body = file_read(optarg); break;
        case 'w': people_read(optarg); break;
        case 'c': asked.clients = (int)strtol(optarg, NULL, 10); break;
        case 's': asked.seconds = strtod(optarg, NULL); break;
        case 'n': asked.requests = strtol(optarg, NULL, 10); break;
        case 'h': add_header(optarg); break;
        case 'e':
            if (asked.expected_count < MOST_EXPECTED)
                asked.expected[asked.expected_count++] = (int)strtol(optarg, NULL, 10);
            break;
        case 'k': asked.keep = optarg; break;
        case 'l': lines_read(optarg); break;
        case 'a': asked.addresses = (int)strtol(optarg, NULL, 10); break;
        case 'z': asked.pause = strtol(optarg, NULL, 10) * 1000; break;
        default: exit(2);
        }
    }
    errno = 0;
    if (asked.port < 1 || asked.port > 65535 || asked.clients < 1 || asked.clients > MOST_CLIENTS || asked.seconds <= 0 ||
        asked.seconds > MOST_SECONDS || asked.requests < 1 || asked.requests > MOST_REQUESTS || asked.addresses < 0 || asked.addresses > MOST_ADDRESSES)
        fail("--addresses, --port, --clients, --seconds or --requests");
}

int main(int count, char **words)
{
    options_read(count, words);
    static struct client clients[MOST_CLIENTS];
    seen.latencies = malloc(sizeof *seen.latencies * (size_t)(asked.requests + MOST_CLIENTS));
    if (!seen.latencies || getrandom(&token_begin, sizeof token_begin, 0) != (ssize_t)sizeof token_begin)
        fail("memory or chance");
    poller = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < asked.clients; i++) {
        clients[i].socket = -1;
        clients[i].address = asked.addresses ? i % asked.addresses : 0;
        clients[i].person = asked.people_count ? &asked.people[i % asked.people_count] : NULL;
    }
    int64_t began = now();
    run(clients, began + (int64_t)(asked.seconds * 1e6));
    print((double)(now() - began) / 1e6);
    return seen.failed || !seen.done;
}
