/* Renders every sample model of tests/pages/samples through its template, as the server would, for the browser's tests.
 * usage: render_samples ROOT FOLDER      writes FOLDER/SAMPLE.zh-CN.html and FOLDER/SAMPLE.en.html, and says how many */
#include "base/arena.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/texts.h"
#include "http/mustache.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct texts_entry texts_table[];
extern const size_t texts_table_count;

enum { VIEWS_MOST = 100, FILE_MOST = 1 << 20 };

static struct text read_whole(struct ctx *ctx, const char *path)
{
    FILE *file = fopen(path, "rb");
    char *bytes = arena_alloc_raw(ctx->arena, FILE_MOST);
    size_t size = file ? fread(bytes, 1, FILE_MOST, file) : 0;
    if (!file || !size || size == FILE_MOST) {
        fprintf(stderr, "render_samples: %s can't be read\n", path);
        exit(1);
    }
    fclose(file);
    return (struct text){ bytes, size };
}

static void write_whole(const char *path, const struct buffer *bytes)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes->at, 1, bytes->size, file) != bytes->size || fclose(file) != 0) {
        fprintf(stderr, "render_samples: %s can't be written\n", path);
        exit(1);
    }
}

/* "…/views/matter.mustache" -> "matter" */
static const char *bare_name(struct ctx *ctx, const char *path, const char *end)
{
    const char *slash = strrchr(path, '/');
    const char *from = slash ? slash + 1 : path;
    return arena_printf(ctx->arena, "%.*s", (int)(strlen(from) - strlen(end)), from);
}

static const char *text_for(void *self, const char *key)
{
    return texts_find(((struct ctx *)self)->language, key);
}

static const char *asset_for(void *self, const char *name)
{
    return arena_printf(((struct ctx *)self)->arena, "/static/%s", name);
}

static int add_views(struct ctx *ctx, const char *pattern, struct mustache_source *sources, int count)
{
    glob_t found = { 0 };
    if (glob(pattern, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc && count < VIEWS_MOST; i++)
            sources[count++] = (struct mustache_source){ bare_name(ctx, found.gl_pathv[i], ".mustache"),
                                                         read_whole(ctx, found.gl_pathv[i]) };
    globfree(&found);
    return count;
}

static const struct err *render_one(struct ctx *ctx, const struct mustache *views, const char *sample, const char *folder)
{
    struct node *model;
    TRY(json_read(ctx, read_whole(ctx, sample), &model));
    const char *name = bare_name(ctx, sample, ".json");
    const char *view = arena_printf(ctx->arena, "%.*s", (int)strcspn(name, "."), name);
    scoped(buffer_clear) struct buffer out = { 0 };
    TRY(mustache_render(ctx, views, view, model, &out));
    write_whole(arena_printf(ctx->arena, "%s/%s.%s.html", folder, name, language_code(ctx->language)), &out);
    return NULL;
}

static const struct err *render_all(struct ctx *ctx, const char *root, const char *folder, int *count)
{
    struct mustache_source sources[VIEWS_MOST];
    int views = add_views(ctx, arena_printf(ctx->arena, "%s/src/commons/views/*.mustache", root), sources, 0);
    views = add_views(ctx, arena_printf(ctx->arena, "%s/src/systems/*/views/*.mustache", root), sources, views);
    const struct mustache_settings settings = { text_for, asset_for, ctx, NULL, true };
    struct mustache *compiled;
    TRY(mustache_compile(ctx, sources, views, &settings, &compiled));
    const struct err *err = NULL;
    glob_t found = { 0 };
    if (glob(arena_printf(ctx->arena, "%s/tests/pages/samples/*.json", root), 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc && !err; i++, ++*count)
            err = render_one(ctx, compiled, found.gl_pathv[i], folder);
    globfree(&found);
    mustache_free(compiled);
    return err;
}

int main(int count, char **words)
{
    if (count != 3) {
        fprintf(stderr, "usage: render_samples ROOT FOLDER\n");
        return 2;
    }
    texts_use(texts_table, texts_table_count);
    struct id_source ids;
    id_source_init(&ids, 1);
    struct ctx model = { .clock = clock_system(), .ids = &ids, .chance = chance_system() };
    int rendered = 0;
    for (enum language language = LANGUAGE_ZH; language < LANGUAGE_COUNT; language++) {
        struct ctx *ctx = ctx_begin(&model);
        ctx->language = language;
        const struct err *err = render_all(ctx, words[1], words[2], &rendered);
        if (err)
            fprintf(stderr, "render_samples: %s\n", err_trace(ctx, err));
        ctx_end(ctx);
        if (err)
            return 1;
    }
    printf("%d pages\n", rendered);
    return rendered ? 0 : 1;
}
