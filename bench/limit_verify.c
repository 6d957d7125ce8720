/* bench/limit_verify.c -- our verifier of an archive with the points of libsodium (limit_group_curve.c).
 *
 *     limit_verify FILE
 */
#include "base/arena.h"
#include "base/ctx.h"
#include "vote/verify.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

int main(int words, char **word)
{
    struct stat stat;
    struct ctx model = { 0 };
    struct election_report report;
    int file = words == 2 ? open(word[1], O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0 || fstat(file, &stat) != 0)
        return 2;
    void *bytes = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (bytes == MAP_FAILED)
        return 2;
    struct ctx *ctx = ctx_begin(&model);
    const struct err *e = election_verify(ctx, (struct text){ bytes, (size_t)stat.st_size }, &report);
    if (e)
        fprintf(stderr, "limit_verify: %s at event %lld\n", err_root(e)->said, (long long)report.event);
    else
        printf("%lld\n", (long long)report.ballots);
    ctx_end(ctx);
    return e ? 1 : 0;
}
