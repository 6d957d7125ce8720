/* tests/lib/raw_client.h -- a client that writes and reads bytes as they are, with a deadline instead of patience. */
#ifndef TESTS_RAW_CLIENT_H
#define TESTS_RAW_CLIENT_H
#include "base/buffer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { RAW_DEADLINE = 10 * 1000 }; /* milliseconds */

static inline int raw_connect(int port)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int handle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (handle < 0 || connect(handle, (struct sockaddr *)&to, sizeof to)) {
        if (handle >= 0)
            close(handle);
        return -1;
    }
    return handle;
}

/* Bytes that went out; fewer when the other side stopped reading. */
static inline size_t raw_send(int handle, const void *bytes, size_t size)
{
    size_t sent = 0;
    while (sent < size) {
        struct pollfd ready = { handle, POLLOUT, 0 };
        if (poll(&ready, 1, RAW_DEADLINE) != 1)
            break;
        ssize_t step = send(handle, (const char *)bytes + sent, size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (step < 0 && errno == EAGAIN)
            continue;
        if (step <= 0)
            break;
        sent += (size_t)step;
    }
    return sent;
}

static inline size_t raw_string(int handle, const char *string)
{
    return raw_send(handle, string, strlen(string));
}

/* Reads more; false at the end of the stream or at the deadline. */
static inline bool raw_read(int handle, struct buffer *in, int milliseconds)
{
    struct pollfd ready = { handle, POLLIN, 0 };
    char bytes[16384];
    if (poll(&ready, 1, milliseconds) != 1)
        return false;
    ssize_t size = recv(handle, bytes, sizeof bytes, 0);
    if (size <= 0)
        return false;
    buffer_add(in, bytes, (size_t)size);
    return true;
}

static inline const char *raw_text(struct buffer *in)
{
    buffer_byte(in, '\0');
    in->size--;
    return in->at;
}

/* Reads until WORDS have come, or the stream ends; false when they never came. */
static inline bool raw_until(int handle, struct buffer *in, const char *words)
{
    while (!strstr(raw_text(in), words))
        if (!raw_read(handle, in, RAW_DEADLINE))
            return strstr(raw_text(in), words) != NULL;
    return true;
}

static inline void raw_rest(int handle, struct buffer *in)
{
    while (raw_read(handle, in, RAW_DEADLINE))
        ;
    raw_text(in);
}

/* True when the other side ends the connection before the deadline; what it still says is thrown away. */
static inline bool raw_is_ended(int handle)
{
    char bytes[4096];
    for (;;) {
        struct pollfd ready = { handle, POLLIN, 0 };
        if (poll(&ready, 1, RAW_DEADLINE) != 1)
            return false;
        if (recv(handle, bytes, sizeof bytes, 0) <= 0)
            return true;
    }
}
#endif
