/* bench/limit_http.c -- a limit: libmicrohttpd alone, answering every GET with one buffer and some headers.
 *
 * usage: limit_http THREADS BODY-FILE [HEADER-NAME HEADER-VALUE] …
 * Prints its port (127.0.0.1, chosen by the kernel) and answers until standard input ends. The same flags and threads as
 * the house, so that the difference is the house.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_BODY = 1 << 20, CONNECTION_MEMORY = 32 * 1024 };

struct limit {
    char body[MOST_BODY];
    size_t size;
    char **headers;
    int header_count;
};

static enum MHD_Result answer(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *bytes, size_t *size, void **con_cls)
{
    const struct limit *limit = cls;
    static int second_call;
    (void)url, (void)method, (void)version, (void)bytes, (void)size;
    if (!*con_cls) {
        *con_cls = &second_call;
        return MHD_YES;
    }
    struct MHD_Response *response = MHD_create_response_from_buffer(limit->size, (void *)(uintptr_t)limit->body, MHD_RESPMEM_PERSISTENT);
    for (int i = 0; i + 1 < limit->header_count; i += 2)
        MHD_add_response_header(response, limit->headers[i], limit->headers[i + 1]);
    enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}

int main(int count, char **words)
{
    static struct limit limit;
    FILE *file = count > 2 ? fopen(words[2], "rb") : NULL;
    if (!file) {
        fprintf(stderr, "usage: limit_http THREADS BODY-FILE [NAME VALUE] …\n");
        return 2;
    }
    limit.size = fread(limit.body, 1, sizeof limit.body, file);
    fclose(file);
    limit.headers = words + 3;
    limit.header_count = count - 3;
    long threads = strtol(words[1], NULL, 10);
    struct sockaddr_in address = { .sin_family = AF_INET };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, answer, &limit, MHD_OPTION_SOCK_ADDR, &address,
                         MHD_OPTION_THREAD_POOL_SIZE, (unsigned)(threads > 1 ? threads : 0),
                         MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_END);
    const union MHD_DaemonInfo *info = daemon ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    if (!info) {
        fprintf(stderr, "limit_http: libmicrohttpd does not start\n");
        return 1;
    }
    printf("%d\n", info->port);
    fflush(stdout);
    char byte;
    while (read(0, &byte, 1) > 0)
        ;
    MHD_stop_daemon(daemon);
    return 0;
}
