/* tests/tools/make_frozen_log.c -- writes the frozen log of tests/vectors/frozen-log, from civic alone.
 * Owns:          what the frozen log holds: 600 invented events, two signed sizes, tiles, bundles, a few receipts
 * Must not know: the database, the server
 * Begin at:      main()
 *
 * usage: make_frozen_log DIR
 * Everything in it is computed from fixed numbers, so a second run writes the same bytes. When a test says they differ,
 * the format has changed: receipts that people hold would no longer verify.
 */
#include "receipts.h"

#include "civic/tiles.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { OLD_SIZE = 300, NEW_SIZE = 600 };

static const char *folder;

static _Noreturn void stop(const char *what, const char *path)
{
    fprintf(stderr, "make_frozen_log: %s %s: %s\n", what, path, strerror(errno));
    exit(1);
}

/* Writes DIR/PATH, making the folders on the way. */
static void write_file(struct arena *arena, const char *path, struct text bytes)
{
    char *whole = arena_printf(arena, "%s/%s", folder, path);
    for (char *slash = strchr(whole + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(whole, 0755) != 0 && errno != EEXIST)
            stop("can't make", whole);
        *slash = '/';
    }
    FILE *file = fopen(whole, "wb");
    if (!file || fwrite(bytes.at, 1, bytes.size, file) != bytes.size || fclose(file) != 0)
        stop("can't write", whole);
}

/* Every tile and bundle that a reader at SIZE asks for. */
static void write_tiles(struct arena *arena, struct memory_tiles *m, const struct kept_event *events, uint64_t size)
{
    for (unsigned level = 0; tile_row_count(level, size) > 0; level++) {
        struct tile tile = { .level = level };
        for (; (tile.width = tile_width(level, tile.index, size)) > 0; tile.index++) {
            const struct sha256 *hashes = m->rows[level].hashes + tile.index * TILE_FULL;
            write_file(arena, tile_path_print(arena, &tile),
                       (struct text){ (const char *)hashes, tile.width * sizeof *hashes });
        }
    }
    struct tile tile = { .is_entries = true };
    for (; (tile.width = tile_width(0, tile.index, size)) > 0; tile.index++) {
        scoped(buffer_clear) struct buffer bundle = { 0 };
        for (unsigned i = 0; i < tile.width; i++)
            if (!entry_bundle_add(&bundle, events[tile.index * TILE_FULL + i].leaf))
                stop("too long an entry for", tile_path_print(arena, &tile));
        write_file(arena, tile_path_print(arena, &tile), buffer_view(&bundle));
    }
}

static struct text sign(struct arena *arena, struct memory_tiles *m, const struct note_signer *signer, uint64_t size)
{
    struct checkpoint checkpoint = { .origin = signer->key.name, .size = size };
    if (!tree_root_at(arena, &m->tiles, size, &checkpoint.root))
        stop("no root of", RECEIPTS_ORIGIN);
    return note_sign(arena, signer, text_of(checkpoint_print(arena, &checkpoint)));
}

static void write_receipt(struct arena *arena, struct memory_tiles *m, const struct kept_event *event, uint64_t index,
                          uint64_t size, struct text checkpoint)
{
    struct tree_proof proof;
    char *path = arena_printf(arena, "receipts/%03d-of-%d.tlog-proof", (int)index, (int)size);
    if (!tree_prove_inclusion(arena, &m->tiles, index, size, &proof))
        stop("no proof for", path);
    write_file(arena, path, receipt_make(arena, event->leaf, event->salt, event->bytes, index, &proof, checkpoint));
}

int main(int count, char **arguments)
{
    if (count != 2) {
        fprintf(stderr, "usage: make_frozen_log DIR\n");
        return 2;
    }
    folder = arguments[1];
    struct arena *arena = arena_new();
    struct memory_tiles m = { .tiles.tile = memory_tile };
    struct kept_event *events = arena_array_of(arena, struct kept_event, NEW_SIZE);
    for (uint64_t i = 0; i < NEW_SIZE; i++) {
        events[i] = event_make(arena, i);
        struct sha256 leaf = tree_leaf_hash(events[i].leaf);
        memory_append(&m, &leaf);
    }
    struct note_signer signer;
    receipts_signer(1, RECEIPTS_ORIGIN, NOTE_ED25519, &signer);
    struct text old_checkpoint = sign(arena, &m, &signer, OLD_SIZE),
                new_checkpoint = sign(arena, &m, &signer, NEW_SIZE);
    write_file(arena, "key", text_of(arena_printf(arena, "%s\n", note_key_print(arena, &signer.key))));
    write_file(arena, "checkpoint", new_checkpoint);
    write_file(arena, "checkpoint-300", old_checkpoint);
    write_tiles(arena, &m, events, OLD_SIZE);
    write_tiles(arena, &m, events, NEW_SIZE);
    static const uint64_t indexes[] = { 0, 255, 256, 417, 511, 512, 599 };
    for (size_t i = 0; i < sizeof indexes / sizeof indexes[0]; i++)
        write_receipt(arena, &m, &events[indexes[i]], indexes[i], NEW_SIZE, new_checkpoint);
    write_receipt(arena, &m, &events[299], 299, OLD_SIZE, old_checkpoint);
    memory_tiles_clear(&m);
    arena_free(arena);
    return 0;
}
