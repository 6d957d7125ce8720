/* app/command_backup.c -- gongzhi backup and restore, and verify database.
 *
 * A backup is a folder: the database (gongzhi.db, or gongzhi.pgdump made by pg_dump), files/ by their names, and manifest.txt
 * with the SHA-256 of each. The keys are not in it: they are kept apart, so that a stolen backup opens nothing.
 */
#include "app/commands.h"

#include "app/house.h"
#include "app/house_verify.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/encode.h"
#include "store/db.h"
#include "store/files.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { MOST_FILE = 64 << 20, MOST_MANIFEST = 64 << 20 };

const struct option_form command_backup_options[] = { OPTIONS_OF_HOUSE, { 0 } };
const struct option_form command_verify_database_options[] = { OPTIONS_OF_HOUSE, { 0 } };

static bool is_sqlite(const char *url)
{
    return strncmp(url, "sqlite:", strlen("sqlite:")) == 0;
}

static const char *in_folder(struct ctx *ctx, const char *folder, const char *name)
{
    return arena_printf(ctx->arena, "%s/%s", folder, name);
}

/* --- bytes to disk, durable --- */

static const struct err *unwritable(struct ctx *ctx, const char *name)
{
    return err_new(ctx, ERR_INPUT, "file.unwritable", name, strerror(errno));
}

static const struct err *write_file(struct ctx *ctx, const char *name, struct text bytes)
{
    int file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return unwritable(ctx, name);
    size_t done = 0;
    while (done < bytes.size) {
        ssize_t wrote = write(file, bytes.at + done, bytes.size - done);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            break;
        done += (size_t)wrote;
    }
    bool is_synced = done == bytes.size && fsync(file) == 0;
    int reason = errno;
    close(file);
    errno = reason;
    return is_synced ? NULL : unwritable(ctx, name);
}

static const struct err *make_folder(struct ctx *ctx, const char *name)
{
    return mkdir(name, 0700) == 0 ? NULL : unwritable(ctx, name);
}

/* The hash of a file of any size. */
static const struct err *hash_file(struct ctx *ctx, const char *name, const char **ret_hex)
{
    FILE *file = fopen(name, "re");
    if (!file)
        return err_new(ctx, ERR_INPUT, "file.unreadable", name, strerror(errno));
    crypto_hash_sha256_state state;
    struct sha256 hash;
    unsigned char piece[65536];
    size_t got;
    crypto_hash_sha256_init(&state);
    while ((got = fread(piece, 1, sizeof piece, file)) > 0)
        crypto_hash_sha256_update(&state, piece, got);
    bool is_whole = !ferror(file);
    fclose(file);
    crypto_hash_sha256_final(&state, hash.bytes);
    *ret_hex = hex_encode(ctx->arena, sha256_text(&hash));
    return is_whole ? NULL : err_new(ctx, ERR_INPUT, "file.unreadable", name, strerror(EIO));
}

static bool copy_bytes(FILE *in, int out)
{
    char piece[65536];
    size_t got;
    errno = ENOSPC; /* what a write that took only a part doesn't say */
    while ((got = fread(piece, 1, sizeof piece, in)) > 0)
        if (write(out, piece, got) != (ssize_t)got)
            return false;
    return !ferror(in) && fsync(out) == 0;
}

/* Whole, or not there. */
static const struct err *copy_file(struct ctx *ctx, const char *from, const char *to)
{
    FILE *in = fopen(from, "re");
    if (!in)
        return err_new(ctx, ERR_INPUT, "file.unreadable", from, strerror(errno));
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    const struct err *failed = out < 0 || !copy_bytes(in, out) ? unwritable(ctx, to) : NULL;
    fclose(in);
    if (out >= 0)
        close(out);
    if (out >= 0 && failed)
        unlink(to);
    return failed;
}

/* What SQLite left beside an earlier database of this name it would play into the restored one. */
static const struct err *check_alone(struct ctx *ctx, const char *path)
{
    static const char *const endings[] = { "-wal", "-journal" };
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const char *name = arena_printf(ctx->arena, "%s%s", path, endings[i]);
        if (access(name, F_OK) == 0)
            return err_new(ctx, ERR_INPUT, "file.exists", name);
    }
    return NULL;
}

/* --- PostgreSQL's own tools --- */

/* Our environment, and the password where nobody else reads it. */
static char *const *environment_with(struct ctx *ctx, const char *password)
{
    int count = 0, kept = 0;
    while (environ[count])
        count++;
    char **copy = arena_array_of(ctx->arena, char *, count + 2);
    for (int i = 0; i < count; i++)
        if (!password || strncmp(environ[i], "PGPASSWORD=", strlen("PGPASSWORD=")) != 0)
            copy[kept++] = environ[i];
    if (password)
        copy[kept++] = arena_printf(ctx->arena, "PGPASSWORD=%s", password);
    return copy;
}

/* What a tool complains of, to its end; the first of it is kept. Closes FROM. */
static const char *hear(struct ctx *ctx, int from)
{
    char kept[2000], piece[2000];
    size_t size = 0;
    for (ssize_t got; (got = read(from, piece, sizeof piece)) != 0;) {
        if (got < 0 && errno != EINTR)
            break;
        for (ssize_t i = 0; i < got && size < sizeof kept; i++)
            kept[size++] = piece[i];
    }
    close(from);
    return text_string(ctx->arena, text_trim((struct text){ kept, size }));
}

static const struct err *run_tool(struct ctx *ctx, const char *const *words, const char *password)
{
    pid_t child;
    int status, ends[2];
    posix_spawn_file_actions_t actions;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return err_broken(ctx, "no pipe for %s: %s", words[0], strerror(errno));
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    int failed = posix_spawnp(&child, words[0], &actions, NULL, (char *const *)words, environment_with(ctx, password));
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    const char *said = hear(ctx, ends[0]);
    if (failed)
        return err_new(ctx, ERR_INPUT, "command.backup.no_tool", words[0], strerror(failed));
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return err_new(ctx, ERR_INPUT, "command.backup.tool_failed", words[0], said);
    return NULL;
}

/* --- backup --- */

struct copying {
    struct files *files;
    const char *folder;
    struct buffer manifest;
    int count;
};

static void copying_end(struct copying *copying)
{
    buffer_clear(&copying->manifest);
}

static const struct err *copy_one(void *self, struct ctx *outer, const char *name)
{
    struct copying *copying = self;
    struct ctx *ctx = ctx_begin(outer);
    struct text bytes;
    const struct err *failed = files_read(ctx, copying->files, name, &bytes);
    if (!failed)
        failed = write_file(ctx, in_folder(ctx, copying->folder, name), bytes);
    if (failed)
        failed = err_make_broken(outer, __FILE__, __LINE__, "%s: %s", name, err_trace(outer, failed));
    ctx_end(ctx);
    buffer_printf(&copying->manifest, "%s  files/%s\n", name, name);
    copying->count++;
    return failed;
}

static void show_progress(void *self, int64_t done, int64_t all)
{
    (void)self;
    if (isatty(STDERR_FILENO) && all > 0)
        fprintf(stderr, "\r%d%%%s", (int)(done * 100 / all), done == all ? "\n" : "");
}

static const struct err *copy_database(struct ctx *ctx, const char *url, const char *folder, const char **ret_name)
{
    if (!is_sqlite(url)) {
        *ret_name = "gongzhi.pgdump";
        const char *file = arena_printf(ctx->arena, "--file=%s", in_folder(ctx, folder, *ret_name));
        const char *address, *password;
        TRY(db_address_apart(ctx, url, &address, &password));
        address = arena_printf(ctx->arena, "--dbname=%s", address);
        return run_tool(ctx, (const char *const[]){ "pg_dump", "--format=custom", "--no-owner", file, address, NULL },
                        password);
    }
    *ret_name = "gongzhi.db";
    struct db *db;
    struct db_settings settings = { .url = url };
    TRY(db_open(ctx, &settings, &db));
    const struct err *failed = db_copy_to(ctx, db, in_folder(ctx, folder, *ret_name), show_progress, NULL);
    db_close(db);
    return failed;
}

const struct err *command_backup(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    const char *folder = options->words[0], *database, *hash;
    scoped(copying_end) struct copying copying = { 0 };
    TRY(make_folder(ctx, folder));
    TRY(copy_database(ctx, option(options, "db"), folder, &database));
    TRY(hash_file(ctx, in_folder(ctx, folder, database), &hash));
    buffer_printf(&copying.manifest, "%s  %s\n", hash, database);
    copying.folder = in_folder(ctx, folder, "files");
    TRY(make_folder(ctx, copying.folder));
    if (option(options, "files")) {
        TRY(files_open(ctx, option(options, "files"), &copying.files));
        const struct err *failed = files_each(ctx, copying.files, copy_one, &copying);
        files_close(copying.files);
        TRY(failed);
    }
    TRY(write_file(ctx, in_folder(ctx, folder, "manifest.txt"), buffer_view(&copying.manifest)));
    printf("%s\n", texts_fill(ctx, "command.backup.done", folder, arena_printf(ctx->arena, "%d", copying.count), NULL));
    if (!option(options, "files"))
        printf("%s\n", texts_say(ctx->language, "command.backup.no_files"));
    printf("%s\n", texts_say(ctx->language, "command.backup.keys_apart"));
    return NULL;
}

/* --- restore --- */

/* Each line "HASH  NAME": everything must be there and be what it was. */
static const struct err *check_manifest(struct ctx *ctx, const char *folder, const char **ret_database)
{
    struct text rest, hash, name;
    TRY(file_read(ctx, in_folder(ctx, folder, "manifest.txt"), MOST_MANIFEST, &rest));
    *ret_database = NULL;
    while (rest.size) {
        struct text line = text_cut(rest, '\n', &rest);
        hash = text_cut(line, ' ', &name);
        name = text_trim(name);
        const char *found, *string = text_string(ctx->arena, name);
        if (strstr(string, ".."))
            return err_new(ctx, ERR_INPUT, "command.restore.damaged", string);
        TRY(hash_file(ctx, in_folder(ctx, folder, string), &found));
        if (!text_is(hash, found))
            return err_new(ctx, ERR_INPUT, "command.restore.damaged", string);
        if (!text_starts(name, "files/"))
            *ret_database = string;
    }
    return *ret_database ? NULL : err_new(ctx, ERR_INPUT, "command.restore.damaged", "manifest.txt");
}

static const struct err *restore_database(struct ctx *ctx, const char *from, const char *url)
{
    if (is_sqlite(url) != text_ends(text_of(from), ".db"))
        return err_new(ctx, ERR_INPUT, "command.restore.other_kind", from);
    if (is_sqlite(url)) {
        const char *path = url + strlen("sqlite:");
        TRY(check_alone(ctx, path));
        return copy_file(ctx, from, path);
    }
    const char *address, *password;
    TRY(db_address_apart(ctx, url, &address, &password));
    address = arena_printf(ctx->arena, "--dbname=%s", address);
    return run_tool(ctx, (const char *const[]){ "pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", address,
                                                from, NULL },
                    password);
}

static const struct err *restore_files(struct ctx *ctx, const char *folder, const char *to)
{
    struct text rest;
    struct files *files;
    TRY(file_read(ctx, in_folder(ctx, folder, "manifest.txt"), MOST_MANIFEST, &rest));
    TRY(files_open(ctx, to, &files));
    const struct err *failed = NULL;
    while (!failed && rest.size) {
        struct text name, line = text_cut(rest, '\n', &rest);
        text_cut(line, ' ', &name);
        name = text_trim(name);
        if (!text_starts(name, "files/"))
            continue;
        struct ctx *one = ctx_begin(ctx);
        struct text bytes;
        const char *kept;
        failed = file_read(one, in_folder(one, folder, text_string(one->arena, name)), MOST_FILE, &bytes);
        if (!failed)
            failed = files_keep(one, files, bytes, &kept);
        if (failed)
            failed = err_make_broken(ctx, __FILE__, __LINE__, "%s", err_trace(ctx, failed));
        ctx_end(one);
    }
    files_close(files);
    return failed;
}

static void print_fault(void *self, const char *sentence)
{
    (void)self;
    printf("%s\n", sentence);
}

static const struct err *verify(struct ctx *ctx, const struct options *options, int *ret_code)
{
    scoped(house_end) struct house *house = NULL;
    struct house_settings settings = { .database = option(options, "db"), .keys = option(options, "keys"),
                                       .files = option(options, "files") };
    struct verified found;
    TRY(house_open(ctx, ctx, &settings, &house));
    TRY(house_verify(ctx, house, print_fault, NULL, &found));
    printf("%s\n", texts_fill(ctx, found.faults ? "verify.bad" : "verify.good", arena_printf(ctx->arena, "%d", found.realms),
                              arena_printf(ctx->arena, "%lld", (long long)found.leaves),
                              arena_printf(ctx->arena, "%lld", (long long)found.events),
                              arena_printf(ctx->arena, "%d", found.faults), NULL));
    if (found.faults)
        *ret_code = EXIT_FAILED;
    return NULL;
}

const struct err *command_restore(struct ctx *ctx, const struct options *options, int *ret_code)
{
    const char *folder = options->words[0], *database;
    TRY(check_manifest(ctx, folder, &database));
    TRY(restore_database(ctx, in_folder(ctx, folder, database), option(options, "db")));
    if (option(options, "files"))
        TRY(restore_files(ctx, folder, option(options, "files")));
    printf("%s\n", texts_fill(ctx, "command.restore.done", folder, NULL));
    return verify(ctx, options, ret_code);
}

const struct err *command_verify_database(struct ctx *ctx, const struct options *options, int *ret_code)
{
    return verify(ctx, options, ret_code);
}
