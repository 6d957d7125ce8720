/* http/proxy.h -- whose word about the client's address is believed.
 * Owns:          struct networks, struct address (IPv4 as ::ffff:a.b.c.d)
 * Must not know: requests
 * Begin at:      networks_read(), proxy_client()
 */
#ifndef HTTP_PROXY_H
#define HTTP_PROXY_H
#include "base/ctx.h"
#include "base/err.h"
#include "base/text.h"

#include <netinet/in.h>

struct address {
    uint8_t bytes[16];
};

struct network {
    struct address address;
    int bits;
};

struct networks {
    struct network *at;
    int count;
};

/* "10.0.0.0/8", "::1", … NULL-ended; in ARENA. Fails naming the entry that can't be read. */
fallible networks_read(struct ctx *ctx, struct arena *arena, const char *const *list, struct networks *ret);
bool networks_hold(const struct networks *networks, const struct address *address);

bool address_read(struct text text, struct address *ret); /* also "[::1]:80" and "1.2.3.4:80" */
struct address address_of_socket(const struct sockaddr *socket);
const char *address_string(struct arena *arena, const struct address *address);

/* What one subscriber is given: an IPv4 address, the first 64 bits of another with the rest at 0. */
struct address address_network(const struct address *address);

/* The client behind trusted proxies: the rightmost address of X-Forwarded-For that is not trusted. */
struct address proxy_client(const struct networks *trusted, struct address peer, struct text forwarded_for);
#endif
