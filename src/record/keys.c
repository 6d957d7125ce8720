/* record/keys.c -- the key folder and sealing. */
#include "record/keys.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/encode.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIELD_KEYS_MOST = 64, VERSION_SIZE = 4, NONCE_SIZE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES };

/* Only bytes, so that guarded memory (which promises no alignment) can hold it. */
struct secrets {
    uint8_t index[KEY_SIZE];
    uint8_t field[FIELD_KEYS_MOST + 1][KEY_SIZE]; /* by version; [0] is not used */
};

struct keys {
    char *folder;
    int folder_fd;
    struct secrets *secrets;
    bool has_field[FIELD_KEYS_MOST + 1];
    _Atomic uint32_t version;
    pthread_mutex_t lock; /* of adding */
};

static fallible write_all(struct ctx *ctx, int fd, const char *name, const uint8_t *bytes, size_t size)
{
    while (size) {
        ssize_t wrote = write(fd, bytes, size);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return err_broken(ctx, "key file %s can't be written: %s", name, strerror(errno));
        bytes += wrote;
        size -= (size_t)wrote;
    }
    return fsync(fd) ? err_broken(ctx, "key file %s can't be synced: %s", name, strerror(errno)) : NULL;
}

/* *RET_FOUND is false when there is no such file; everything else that is not a proper key is an error. */
static fallible key_read(struct ctx *ctx, const struct keys *keys, const char *name, uint8_t *ret, bool *ret_found)
{
    *ret_found = false;
    int fd = openat(keys->folder_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return NULL;
    if (fd < 0)
        return err_broken(ctx, "key file %s/%s can't be opened: %s", keys->folder, name, strerror(errno));
    struct stat status;
    const struct err *failed = NULL;
    if (fstat(fd, &status) || !S_ISREG(status.st_mode))
        failed = err_broken(ctx, "key file %s/%s is no file", keys->folder, name);
    else if (status.st_uid != geteuid() || (status.st_mode & 077))
        failed = err_broken(ctx, "key file %s/%s: others may read it; it must be 0600 and the server's own",
                            keys->folder, name);
    else if (status.st_size != KEY_SIZE || read(fd, ret, KEY_SIZE) != KEY_SIZE)
        failed = err_broken(ctx, "key file %s/%s has not %d bytes", keys->folder, name, KEY_SIZE);
    close(fd);
    *ret_found = !failed;
    return failed;
}

/* A new key under NAME, whole or not at all, and never over one that is there: then that one is read. */
static fallible key_make(struct ctx *ctx, const struct keys *keys, const char *name, uint8_t *ret)
{
    uint8_t fresh[KEY_SIZE];
    randombytes_buf(fresh, sizeof(fresh));
    uint64_t chance;
    randombytes_buf(&chance, sizeof(chance));
    const char *temporary = arena_printf(ctx->arena, ".%s.%016llx", name, (unsigned long long)chance);
    int fd = openat(keys->folder_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_broken(ctx, "key file %s/%s can't be made: %s", keys->folder, name, strerror(errno));
    const struct err *failed = write_all(ctx, fd, name, fresh, sizeof(fresh));
    close(fd);
    sodium_memzero(fresh, sizeof(fresh));
    if (!failed && linkat(keys->folder_fd, temporary, keys->folder_fd, name, 0) && errno != EEXIST)
        failed = err_broken(ctx, "key file %s/%s can't be made: %s", keys->folder, name, strerror(errno));
    unlinkat(keys->folder_fd, temporary, 0);
    if (failed)
        return failed;
    if (fsync(keys->folder_fd))
        return err_broken(ctx, "key folder %s can't be synced: %s", keys->folder, strerror(errno));
    bool found;
    TRY(key_read(ctx, keys, name, ret, &found));
    return found ? NULL : err_broken(ctx, "key file %s/%s is gone again", keys->folder, name);
}

static fallible folder_open(struct ctx *ctx, struct keys *keys, bool create)
{
    if (create && mkdir(keys->folder, 0700) && errno != EEXIST)
        return err_new(ctx, ERR_BROKEN, "file.unwritable", keys->folder, strerror(errno));
    keys->folder_fd = open(keys->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (keys->folder_fd < 0 && errno == ENOENT)
        return err_new(ctx, ERR_BROKEN, "keys.missing", keys->folder);
    if (keys->folder_fd < 0)
        return err_new(ctx, ERR_BROKEN, "file.unreadable", keys->folder, strerror(errno));
    struct stat status;
    if (fstat(keys->folder_fd, &status) || status.st_uid != geteuid() || (status.st_mode & 077))
        return err_new(ctx, ERR_BROKEN, "keys.open_to_others", keys->folder);
    return NULL;
}

static fallible keys_load(struct ctx *ctx, struct keys *keys, bool create)
{
    TRY(folder_open(ctx, keys, create));
    uint32_t version = 0;
    for (uint32_t i = 1; i <= FIELD_KEYS_MOST; i++) {
        TRY(key_read(ctx, keys, arena_printf(ctx->arena, "field-%u.key", i), keys->secrets->field[i],
                     &keys->has_field[i]));
        if (keys->has_field[i])
            version = i;
    }
    bool has_index;
    TRY(key_read(ctx, keys, "index.key", keys->secrets->index, &has_index));
    bool is_new = !version && !has_index;
    if (is_new && create) {
        TRY(key_make(ctx, keys, "index.key", keys->secrets->index));
        TRY(key_make(ctx, keys, "field-1.key", keys->secrets->field[1]));
        keys->has_field[1] = true;
        version = 1;
    } else if (!version && create) { /* stopped between the two the first time */
        TRY(key_make(ctx, keys, "field-1.key", keys->secrets->field[1]));
        keys->has_field[1] = true;
        version = 1;
    } else if (!version || !has_index) {
        return err_broken(ctx, "key folder %s: %s is missing", keys->folder, version ? "index.key" : "field-1.key");
    }
    atomic_store(&keys->version, version);
    return NULL;
}

fallible keys_open(struct ctx *ctx, const char *folder, bool create, struct keys **ret)
{
    if (sodium_init() < 0)
        return err_broken(ctx, "libsodium can't start");
    struct keys *keys = calloc(1, sizeof(*keys));
    if (!keys)
        BUG("out of memory");
    keys->folder = strdup(folder);
    keys->folder_fd = -1;
    keys->secrets = sodium_malloc(sizeof(*keys->secrets));
    pthread_mutex_init(&keys->lock, NULL);
    if (!keys->folder || !keys->secrets)
        BUG("out of memory");
    const struct err *failed = keys_load(ctx, keys, create);
    if (failed) {
        keys_close(keys);
        return failed;
    }
    *ret = keys;
    return NULL;
}

void keys_close(struct keys *keys)
{
    if (!keys)
        return;
    sodium_free(keys->secrets);
    if (keys->folder_fd >= 0)
        close(keys->folder_fd);
    pthread_mutex_destroy(&keys->lock);
    free(keys->folder);
    free(keys);
}

fallible keys_add_version(struct ctx *ctx, struct keys *keys)
{
    pthread_mutex_lock(&keys->lock);
    uint32_t next = atomic_load(&keys->version) + 1;
    const struct err *failed = NULL;
    if (next > FIELD_KEYS_MOST)
        failed = err_broken(ctx, "key folder %s: no more than %d field keys", keys->folder, FIELD_KEYS_MOST);
    if (!failed)
        failed = key_make(ctx, keys, arena_printf(ctx->arena, "field-%u.key", next), keys->secrets->field[next]);
    if (!failed) {
        keys->has_field[next] = true;
        atomic_store(&keys->version, next);
    }
    pthread_mutex_unlock(&keys->lock);
    return failed;
}

static fallible refresh(struct ctx *ctx, struct keys *keys)
{
    for (uint32_t next = atomic_load(&keys->version) + 1; next <= FIELD_KEYS_MOST; next++) {
        TRY(key_read(ctx, keys, arena_printf(ctx->arena, "field-%u.key", next), keys->secrets->field[next],
                     &keys->has_field[next]));
        if (!keys->has_field[next])
            return NULL;
        atomic_store(&keys->version, next);
    }
    return NULL;
}

fallible keys_refresh(struct ctx *ctx, struct keys *keys)
{
    pthread_mutex_lock(&keys->lock);
    const struct err *failed = refresh(ctx, keys);
    pthread_mutex_unlock(&keys->lock);
    return failed;
}

uint32_t keys_version(struct keys *keys)
{
    return atomic_load(&keys->version);
}

/* --- sealing --- */

const char *keys_seal(struct ctx *ctx, struct keys *keys, const char *context, struct text plain)
{
    uint32_t version = atomic_load(&keys->version);
    size_t size = VERSION_SIZE + NONCE_SIZE + plain.size + crypto_aead_xchacha20poly1305_ietf_ABYTES;
    uint8_t *out = arena_alloc(ctx->arena, size);
    for (int i = 0; i < VERSION_SIZE; i++)
        out[i] = (uint8_t)(version >> (8 * (VERSION_SIZE - 1 - i)));
    randombytes_buf(out + VERSION_SIZE, NONCE_SIZE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out + VERSION_SIZE + NONCE_SIZE, NULL, (const uint8_t *)plain.at,
                                               plain.size, (const uint8_t *)context, strlen(context), NULL,
                                               out + VERSION_SIZE, keys->secrets->field[version]);
    return base64_encode(ctx->arena, (struct text){ (const char *)out, size });
}

fallible keys_unseal(struct ctx *ctx, struct keys *keys, const char *context, struct text sealed, struct text *ret)
{
    struct text bytes;
    size_t least = VERSION_SIZE + NONCE_SIZE + crypto_aead_xchacha20poly1305_ietf_ABYTES;
    if (!base64_decode(ctx->arena, sealed, &bytes) || bytes.size < least)
        return err_broken(ctx, "sealed value of %s is malformed", context);
    const uint8_t *in = (const uint8_t *)bytes.at;
    uint32_t version = (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
    if (version > atomic_load(&keys->version))
        TRY(keys_refresh(ctx, keys));
    if (version == 0 || version > atomic_load(&keys->version) || !keys->has_field[version])
        return err_broken(ctx, "sealed value of %s needs field key %u, which is not in the key folder", context,
                          version);
    size_t size = bytes.size - least;
    uint8_t *plain = arena_alloc(ctx->arena, size + 1);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, in + VERSION_SIZE + NONCE_SIZE,
                                                   bytes.size - VERSION_SIZE - NONCE_SIZE, (const uint8_t *)context,
                                                   strlen(context), in + VERSION_SIZE, keys->secrets->field[version]))
        return err_broken(ctx, "sealed value of %s doesn't open: damaged, moved, or another key", context);
    *ret = (struct text){ (const char *)plain, size };
    return NULL;
}

const char *keys_index(struct ctx *ctx, const struct keys *keys, const char *field, struct text plain)
{
    scoped(buffer_clear) struct buffer bytes = { 0 };
    buffer_string(&bytes, field);
    buffer_byte(&bytes, '\0');
    buffer_text(&bytes, plain);
    struct text key = { (const char *)keys->secrets->index, KEY_SIZE };
    struct sha256 hash = hmac_sha256(key, buffer_view(&bytes));
    return hex_encode(ctx->arena, sha256_text(&hash));
}

/* --- logs --- */

static fallible seed_name(struct ctx *ctx, const char *realm, const char **ret)
{
    if (strlen(realm) != 12 || strspn(realm, "0123456789") != 12)
        return err_broken(ctx, "no realm: %s", realm);
    *ret = arena_printf(ctx->arena, "log-%s.seed", realm);
    return NULL;
}

fallible keys_log_seed(struct ctx *ctx, const struct keys *keys, const char *realm, uint8_t ret_seed[KEY_SIZE],
                       bool *ret_found)
{
    const char *name = NULL;
    TRY(seed_name(ctx, realm, &name));
    return key_read(ctx, keys, name, ret_seed, ret_found);
}

fallible keys_make_log_seed(struct ctx *ctx, const struct keys *keys, const char *realm, uint8_t ret_seed[KEY_SIZE])
{
    const char *name = NULL;
    bool found;
    TRY(seed_name(ctx, realm, &name));
    TRY(key_read(ctx, keys, name, ret_seed, &found));
    return found ? NULL : key_make(ctx, keys, name, ret_seed);
}
