/* http/proxy.c */
#include "http/proxy.h"

#include "base/arena.h"

#include <arpa/inet.h>

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF };

static bool is_four(const struct address *address)
{
    return memcmp(address->bytes, mapped, sizeof mapped) == 0;
}

static bool read_plain(struct text text, struct address *ret)
{
    char string[INET6_ADDRSTRLEN + 1];
    if (!text.size || text.size >= sizeof string)
        return false;
    memcpy(string, text.at, text.size);
    string[text.size] = '\0';
    if (inet_pton(AF_INET6, string, ret->bytes) == 1)
        return true;
    memcpy(ret->bytes, mapped, sizeof mapped);
    return inet_pton(AF_INET, string, ret->bytes + 12) == 1;
}

bool address_read(struct text text, struct address *ret)
{
    struct text rest;
    text = text_trim(text);
    if (text_starts(text, "["))
        return read_plain(text_cut((struct text){ text.at + 1, text.size - 1 }, ']', &rest), ret);
    if (read_plain(text, ret))
        return true;
    struct text host = text_cut(text, ':', &rest);
    return host.size < text.size && read_plain(host, ret);
}

struct address address_of_socket(const struct sockaddr *socket)
{
    struct address address = { { 0 } };
    if (socket->sa_family == AF_INET6) {
        memcpy(address.bytes, &((const struct sockaddr_in6 *)(const void *)socket)->sin6_addr, 16);
    } else if (socket->sa_family == AF_INET) {
        memcpy(address.bytes, mapped, sizeof mapped);
        memcpy(address.bytes + 12, &((const struct sockaddr_in *)(const void *)socket)->sin_addr, 4);
    }
    return address;
}

const char *address_string(struct arena *arena, const struct address *address)
{
    char string[INET6_ADDRSTRLEN];
    const char *made = is_four(address) ? inet_ntop(AF_INET, address->bytes + 12, string, sizeof string) :
                                          inet_ntop(AF_INET6, address->bytes, string, sizeof string);
    return arena_string(arena, made ? made : "");
}

const struct err *networks_read(struct ctx *ctx, struct arena *arena, const char *const *list, struct networks *ret)
{
    int count = 0;
    while (list && list[count])
        count++;
    *ret = (struct networks){ arena_array_of(arena, struct network, count + 1), count };
    for (int i = 0; i < count; i++) {
        struct text bits, address = text_cut(text_of(list[i]), '/', &bits);
        struct network *network = &ret->at[i];
        int64_t size = 0;
        bool has_bits = address.size < strlen(list[i]);
        bool is_good = read_plain(address, &network->address);
        int most = is_good && is_four(&network->address) && !memchr(address.at, ':', address.size) ? 32 : 128;
        if (!is_good || (has_bits && (!text_int(bits, &size) || size < 0 || size > most)))
            return err_new(ctx, ERR_INPUT, "http.bad_proxy", list[i]);
        network->bits = 128 - most + (int)(has_bits ? size : most);
    }
    return NULL;
}

bool networks_hold(const struct networks *networks, const struct address *address)
{
    for (int i = 0; i < networks->count; i++) {
        const struct network *network = &networks->at[i];
        int whole = network->bits / 8, rest = network->bits % 8;
        if (memcmp(network->address.bytes, address->bytes, (size_t)whole) != 0)
            continue;
        if (!rest || !((network->address.bytes[whole] ^ address->bytes[whole]) >> (8 - rest)))
            return true;
    }
    return false;
}

struct address address_network(const struct address *address)
{
    struct address network = *address;
    if (!is_four(address))
        memset(network.bytes + 8, 0, 8);
    return network;
}

struct address proxy_client(const struct networks *trusted, struct address peer, struct text forwarded_for)
{
    struct address client = peer;
    while (networks_hold(trusted, &client) && forwarded_for.size) {
        size_t from = forwarded_for.size;
        while (from && forwarded_for.at[from - 1] != ',')
            from--;
        struct address before;
        if (!address_read((struct text){ forwarded_for.at + from, forwarded_for.size - from }, &before))
            break;
        client = before;
        forwarded_for.size = from ? from - 1 : 0;
    }
    return client;
}
