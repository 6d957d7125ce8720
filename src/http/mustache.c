/* http/mustache.c -- compiling: source -> tokens -> steps.
 *
 * Tokens first, because whether a tag stands alone in its line is known only at the end of the line. A line that holds
 * nothing but white space and one tag that prints nothing (section, partial, comment, delimiters), or several parent and block
 * tags, is taken out whole; what stood before the tag becomes the indentation of a partial, parent or block.
 *
 * An argument's own indentation is taken off where it is written and the parent's put on where it appears
 * (opt-inheritance, "Block reindentation").
 */
#include "http/mustache_inside.h"

#include "base/arena.h"

#include <stdlib.h>

enum token_kind {
    TOKEN_TEXT,
    TOKEN_ESCAPED,
    TOKEN_RAW,
    TOKEN_SECTION,
    TOKEN_INVERTED,
    TOKEN_PARTIAL,
    TOKEN_PARENT,
    TOKEN_BLOCK,
    TOKEN_END,
    TOKEN_SILENT, /* a comment or new delimiters */
};

struct token {
    enum token_kind kind;
    bool begins_line;
    bool is_standalone;
    int line;
    struct text text;   /* TEXT: the bytes, at most one line; else the tag's name */
    struct text indent; /* what stood before a standalone tag */
};

struct compiler {
    struct ctx *ctx;
    const struct mustache_settings *settings;
    struct mustache *mustache;
    struct template *template;
    struct token *tokens;
    int count, room;
    int at; /* the token being built */
    int steps_room;
};

static const struct err *wrong(struct compiler *c, int line, const char *what, struct text name)
{
    return err_broken(c->ctx, "template %s, line %d: %s%s%.*s", c->template->name, line, what, name.size ? " " : "",
                      (int)name.size, name.size ? name.at : "");
}

/* --- tokens --- */

static struct token *add_token(struct compiler *c, enum token_kind kind, int line, struct text text)
{
    if (c->count == c->room) {
        struct token *wider = arena_array_of(c->ctx->arena, struct token, c->room ? c->room * 2 : 64);
        if (c->count)
            memcpy(wider, c->tokens, sizeof *wider * (size_t)c->count);
        c->tokens = wider;
        c->room = c->room ? c->room * 2 : 64;
    }
    struct token *token = &c->tokens[c->count];
    const struct token *before = c->count ? token - 1 : NULL;
    *token = (struct token){ .kind = kind, .line = line, .text = text };
    token->begins_line = !before || (before->kind == TOKEN_TEXT && text_ends(before->text, "\n"));
    c->count++;
    return token;
}

/* Texts are cut after each line feed, so that every line begins with a token of its own. */
static void add_text(struct compiler *c, struct text text, int *line)
{
    while (text.size) {
        const char *feed = memchr(text.at, '\n', text.size);
        size_t size = feed ? (size_t)(feed - text.at) + 1 : text.size;
        add_token(c, TOKEN_TEXT, *line, (struct text){ text.at, size });
        *line += feed != NULL;
        text = (struct text){ text.at + size, text.size - size };
    }
}

static struct text text_from(struct text text, size_t from)
{
    return (struct text){ text.at + from, text.size - from };
}

static bool find(struct text in, struct text what, size_t *ret)
{
    const char *found = in.size ? memmem(in.at, in.size, what.at, what.size) : NULL;
    if (!found)
        return false;
    *ret = (size_t)(found - in.at);
    return true;
}

static bool has_space(struct text text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] == ' ' || (text.at[i] >= '\t' && text.at[i] <= '\r'))
            return true;
    return false;
}

static const struct err *new_delimiters(struct compiler *c, struct text inside, int line, struct text *open,
                                        struct text *close)
{
    struct text whole = inside;
    inside = text_trim((struct text){ inside.at + 1, inside.size - 2 });
    size_t middle = 0;
    while (middle < inside.size && !has_space((struct text){ inside.at + middle, 1 }))
        middle++;
    struct text left = { inside.at, middle }, right = text_trim(text_from(inside, middle));
    if (!left.size || !right.size || has_space(right) || memchr(inside.at, '=', inside.size))
        return wrong(c, line, "delimiters that can't be read:", whole);
    *open = left;
    *close = right;
    return NULL;
}

static enum token_kind kind_of(char sigil)
{
    switch (sigil) {
    case '#':
        return TOKEN_SECTION;
    case '^':
        return TOKEN_INVERTED;
    case '/':
        return TOKEN_END;
    case '>':
        return TOKEN_PARTIAL;
    case '<':
        return TOKEN_PARENT;
    case '$':
        return TOKEN_BLOCK;
    case '&':
        return TOKEN_RAW;
    case '!':
    case '=':
        return TOKEN_SILENT;
    default:
        return TOKEN_ESCAPED;
    }
}

/* One tag; REST begins after its opening delimiter. */
static const struct err *read_tag(struct compiler *c, struct text *rest, int *line, struct text *open, struct text *close)
{
    char sigil = rest->size ? rest->at[0] : '\0';
    char ending[40];
    struct text end = *close;
    if ((sigil == '{' || sigil == '=') && close->size < sizeof ending) {
        ending[0] = sigil == '{' ? '}' : '=';
        memcpy(ending + 1, close->at, close->size);
        end = (struct text){ ending, close->size + 1 };
    }
    size_t size;
    struct text after_sigil = rest->size ? text_from(*rest, 1) : *rest;
    bool is_long = end.at == ending;
    if (!find(is_long ? after_sigil : *rest, end, &size))
        return wrong(c, *line, "a tag that is never closed", (struct text){ rest->at, 0 });
    int began = *line;
    struct text inside = { rest->at, size + (is_long ? 1 : 0) };
    *rest = text_from(*rest, inside.size + end.size);
    if (!inside.size)
        sigil = '\0'; /* an empty tag: what was read is the closing delimiter's own first byte */
    for (size_t i = 0; i < inside.size; i++)
        *line += inside.at[i] == '\n';
    enum token_kind kind = sigil == '{' ? TOKEN_RAW : kind_of(sigil);
    if (sigil == '=') {
        TRY(new_delimiters(c, (struct text){ inside.at, inside.size + 1 }, began, open, close));
    } else if (kind != TOKEN_SILENT) {
        struct text name = text_trim(kind == TOKEN_ESCAPED ? inside : text_from(inside, 1));
        if (!name.size || has_space(name))
            return wrong(c, began, "a tag without a proper name:", name);
        add_token(c, kind, began, name);
        return NULL;
    }
    add_token(c, TOKEN_SILENT, began, (struct text){ inside.at, 0 });
    return NULL;
}

static const struct err *tokenise(struct compiler *c)
{
    struct text rest = c->template->source, open = TEXT("{{"), close = TEXT("}}");
    int line = 1;
    size_t before;
    while (find(rest, open, &before)) {
        add_text(c, (struct text){ rest.at, before }, &line);
        rest = text_from(rest, before + open.size);
        TRY(read_tag(c, &rest, &line, &open, &close));
    }
    add_text(c, rest, &line);
    return NULL;
}

/* --- tags that stand alone --- */

static bool is_blank(const struct token *token)
{
    for (size_t i = 0; i < token->text.size; i++)
        if (!strchr(" \t\r\n", token->text.at[i]))
            return false;
    return true;
}

/* Tokens FROM to TO are one line of the source (a tag of several lines counts as one). */
static void mark_line(struct compiler *c, int from, int to)
{
    int tags = 0, of_parents = 0;
    for (int i = from; i < to; i++) {
        struct token *token = &c->tokens[i];
        if (token->kind == TOKEN_TEXT ? !is_blank(token) : token->kind == TOKEN_ESCAPED || token->kind == TOKEN_RAW)
            return;
        tags += token->kind != TOKEN_TEXT;
        of_parents += token->kind == TOKEN_PARENT || token->kind == TOKEN_BLOCK || token->kind == TOKEN_END;
    }
    if (!tags || (tags > 1 && of_parents < tags))
        return;
    if (tags > 1) { /* {{#a}}{{/a}} is no such line, {{/block}}{{/parent}} is */
        for (int i = from; i < to; i++) {
            int depth = 0;
            if (c->tokens[i].kind != TOKEN_END)
                continue;
            int opened = i - 1;
            for (; opened >= 0; opened--) {
                enum token_kind kind = c->tokens[opened].kind;
                if (kind == TOKEN_END)
                    depth++;
                else if (kind >= TOKEN_SECTION && kind <= TOKEN_BLOCK && kind != TOKEN_PARTIAL && depth-- == 0)
                    break;
            }
            if (opened >= 0 && c->tokens[opened].kind != TOKEN_PARENT && c->tokens[opened].kind != TOKEN_BLOCK)
                return;
        }
    }
    struct text indent = c->tokens[from].kind == TOKEN_TEXT ? c->tokens[from].text : (struct text){ "", 0 };
    for (int i = from; i < to; i++) {
        struct token *token = &c->tokens[i];
        if (token->kind == TOKEN_TEXT) {
            token->text.size = 0;
        } else {
            token->is_standalone = true;
            token->indent = indent;
            indent = (struct text){ "", 0 };
        }
        token->begins_line = true;
    }
}

static void mark_standalone(struct compiler *c)
{
    for (int from = 0; from < c->count;) {
        int to = from + 1;
        while (to < c->count && !c->tokens[to].begins_line)
            to++;
        mark_line(c, from, to);
        from = to;
    }
}

/* --- arguments lose their own indentation --- */

static struct text leading_blanks(struct text text)
{
    size_t size = 0;
    while (size < text.size && (text.at[size] == ' ' || text.at[size] == '\t'))
        size++;
    return (struct text){ text.at, size };
}

/* What the first line of the block opened by token FROM is indented by; *RET_EMPTY when it holds nothing. */
static struct text intrinsic_indent(const struct compiler *c, int from, bool *ret_empty)
{
    *ret_empty = false;
    for (int i = from + 1; i < c->count; i++) {
        const struct token *token = &c->tokens[i];
        if (token->kind == TOKEN_TEXT && token->text.size)
            return leading_blanks(token->text);
        if (token->kind == TOKEN_END) {
            *ret_empty = true;
            break;
        }
        if (token->kind != TOKEN_TEXT)
            return token->is_standalone ? token->indent : (struct text){ "", 0 };
    }
    return (struct text){ "", 0 };
}

static void take_off(struct text *from, struct text indent)
{
    size_t same = 0;
    while (same < indent.size && same < from->size && from->at[same] == indent.at[same])
        same++;
    *from = text_from(*from, same);
}

static void take_off_indent(struct compiler *c, int from, struct text indent)
{
    int depth = 0;
    for (int i = from + 1; i < c->count; i++) {
        struct token *token = &c->tokens[i];
        if (token->kind == TOKEN_END && depth-- == 0)
            return;
        depth += token->kind == TOKEN_SECTION || token->kind == TOKEN_INVERTED || token->kind == TOKEN_PARENT ||
                 token->kind == TOKEN_BLOCK;
        if (token->kind == TOKEN_TEXT && token->begins_line && token->text.size)
            take_off(&token->text, indent);
        else if (token->is_standalone)
            take_off(&token->indent, indent);
    }
}

/* --- steps --- */

static struct step *add_step(struct compiler *c, enum step_kind kind)
{
    struct template *t = c->template;
    if (t->count == c->steps_room) {
        int room = c->steps_room ? c->steps_room * 2 : 32;
        struct step *wider = arena_array_of(c->ctx->arena, struct step, room);
        if (t->count)
            memcpy(wider, t->steps, sizeof *wider * (size_t)t->count);
        t->steps = wider;
        c->steps_room = room;
    }
    struct step *step = &t->steps[t->count++];
    *step = (struct step){ .kind = kind, .end = t->count };
    return step;
}

static void add_text_step(struct compiler *c, struct text text, bool begins_line)
{
    struct step *step = add_step(c, STEP_TEXT);
    step->text = text;
    step->begins_line = begins_line;
}

static struct name name_of(struct compiler *c, struct text text)
{
    if (text_is(text, "."))
        return (struct name){ 0 };
    int count = 1;
    for (size_t i = 0; i < text.size; i++)
        count += text.at[i] == '.';
    const struct key **parts = arena_array_of(c->mustache->arena, const struct key *, count);
    for (int i = 0; i < count; i++)
        parts[i] = key_intern(text_cut(text, '.', &text));
    return (struct name){ parts, count };
}

/* {{t.KEY}} and {{asset.NAME}}: *RET_ROOT is false for any other name. */
static const struct err *add_root(struct compiler *c, const struct token *token, bool *ret_root)
{
    const struct mustache_settings *settings = c->settings;
    bool is_text = settings->text && text_starts(token->text, "t.");
    bool is_asset = settings->asset && text_starts(token->text, "asset.");
    *ret_root = is_text || is_asset;
    if (!*ret_root)
        return NULL;
    if (token->kind != TOKEN_ESCAPED)
        return wrong(c, token->line, "t. and asset. are for {{…}} only:", token->text);
    const char *name = text_string(c->ctx->arena, text_from(token->text, is_text ? 2 : 6));
    const char *found = is_text ? settings->text(settings->self, name) : settings->asset(settings->self, name);
    if (!found)
        return wrong(c, token->line, is_text ? "an unknown text:" : "an unknown static file:", token->text);
    struct buffer out = { 0 };
    buffer_html(&out, text_of(found));
    add_text_step(c, text_copy(c->mustache->arena, buffer_view(&out)), false);
    buffer_clear(&out);
    return NULL;
}

static bool is_raw_allowed(const struct compiler *c, struct text name)
{
    if (!c->settings->raw_allowed)
        return true;
    for (const char *const *allowed = c->settings->raw_allowed; *allowed; allowed++)
        if (text_is(name, *allowed))
            return true;
    return false;
}

static const struct err *add_value(struct compiler *c, const struct token *token)
{
    bool is_root;
    TRY(add_root(c, token, &is_root));
    if (is_root)
        return NULL;
    if (token->kind == TOKEN_RAW && !is_raw_allowed(c, token->text))
        return wrong(c, token->line, "may not stand unescaped:", token->text);
    add_step(c, token->kind == TOKEN_RAW ? STEP_RAW : STEP_ESCAPED)->name = name_of(c, token->text);
    return NULL;
}

static const struct err *set_template(struct compiler *c, const struct token *token, struct step *step)
{
    if (token->is_standalone)
        step->text = text_copy(c->mustache->arena, token->indent);
    if (token->text.at[0] == '*') {
        step->name = name_of(c, text_from(token->text, 1));
        return NULL;
    }
    step->template = mustache_find(c->mustache, token->text);
    if (!step->template && c->settings->is_strict)
        return wrong(c, token->line, "an unknown template:", token->text);
    return NULL;
}

static const struct err *build(struct compiler *c, const struct token *opened, int depth);

static const struct err *build_inner(struct compiler *c, struct token *token, enum step_kind kind, int depth)
{
    if (depth == MUSTACHE_MOST_SECTIONS)
        return wrong(c, token->line, "sections nest too deep", (struct text){ "", 0 });
    bool is_root;
    if (kind == STEP_SECTION || kind == STEP_INVERTED)
        TRY(add_root(c, token, &is_root));
    int index = c->template->count;
    struct step *step = add_step(c, kind);
    if (kind == STEP_PARENT) {
        TRY(set_template(c, token, step));
    } else if (kind == STEP_BLOCK) {
        bool is_empty;
        step->block = key_intern(token->text);
        step->is_standalone = token->is_standalone;
        struct text indent = intrinsic_indent(c, c->at - 1, &is_empty);
        if (token->is_standalone)
            step->text = text_copy(c->mustache->arena, is_empty ? token->indent : indent);
    } else {
        step->name = name_of(c, token->text);
    }
    TRY(build(c, token, depth + 1));
    c->template->steps[index].end = c->template->count;
    return NULL;
}

/* A block written directly inside a parent is an argument. */
static void prepare_argument(struct compiler *c, const struct token *opened, struct token *token)
{
    bool is_empty;
    if (!opened || opened->kind != TOKEN_PARENT || !token->is_standalone)
        return;
    struct text indent = intrinsic_indent(c, c->at - 1, &is_empty);
    if (indent.size)
        take_off_indent(c, c->at - 1, text_copy(c->ctx->arena, indent));
}

static const struct err *build_one(struct compiler *c, struct token *token, const struct token *opened, int depth)
{
    bool prints_here = token->kind != TOKEN_TEXT && token->kind != TOKEN_SILENT && token->kind != TOKEN_END;
    if (token->begins_line && prints_here && !token->is_standalone)
        add_step(c, STEP_INDENT);
    switch (token->kind) {
    case TOKEN_TEXT:
        if (token->text.size)
            add_text_step(c, token->text, token->begins_line);
        return NULL;
    case TOKEN_ESCAPED:
    case TOKEN_RAW:
        return add_value(c, token);
    case TOKEN_SECTION:
        return build_inner(c, token, STEP_SECTION, depth);
    case TOKEN_INVERTED:
        return build_inner(c, token, STEP_INVERTED, depth);
    case TOKEN_PARENT:
        return build_inner(c, token, STEP_PARENT, depth);
    case TOKEN_BLOCK:
        prepare_argument(c, opened, token);
        return build_inner(c, token, STEP_BLOCK, depth);
    case TOKEN_PARTIAL:
        return set_template(c, token, add_step(c, STEP_PARTIAL));
    case TOKEN_END:
    case TOKEN_SILENT:
        break;
    }
    return NULL;
}

/* Builds until the tag that closes OPENED (NULL: to the end). */
static const struct err *build(struct compiler *c, const struct token *opened, int depth)
{
    while (c->at < c->count) {
        struct token *token = &c->tokens[c->at++];
        if (token->kind == TOKEN_END) {
            if (opened && text_equal(token->text, opened->text))
                return NULL;
            return wrong(c, token->line, "closes what is not open:", token->text);
        }
        TRY(build_one(c, token, opened, depth));
    }
    return opened ? wrong(c, opened->line, "is never closed:", opened->text) : NULL;
}

/* Neighbouring texts become one; indent marks before a line's other tags stay. The steps move into the set's arena. */
static void join_texts(struct compiler *c)
{
    struct template *t = c->template;
    struct step *steps = arena_array_of(c->mustache->arena, struct step, t->count + 1);
    int *moved = arena_array_of(c->ctx->arena, int, t->count + 1);
    bool *is_end = arena_array_of(c->ctx->arena, bool, t->count + 1);
    for (int i = 0; i < t->count; i++)
        if (t->steps[i].end != i + 1)
            is_end[t->steps[i].end] = true;
    int count = 0;
    for (int i = 0; i < t->count;) {
        moved[i] = count;
        struct step *step = &steps[count++];
        *step = t->steps[i];
        int next = i + 1;
        if (step->kind == STEP_TEXT) {
            struct buffer joined = { 0 };
            buffer_text(&joined, step->text);
            for (; next < t->count && t->steps[next].kind == STEP_TEXT && !is_end[next]; next++) {
                bool ends_line = joined.size && joined.at[joined.size - 1] == '\n';
                if (ends_line != t->steps[next].begins_line)
                    break;
                moved[next] = count - 1;
                buffer_text(&joined, t->steps[next].text);
            }
            step->text = text_copy(c->mustache->arena, buffer_view(&joined));
            step->has_lines = joined.size > 1 && memchr(joined.at, '\n', joined.size - 1);
            buffer_clear(&joined);
        }
        i = next;
    }
    moved[t->count] = count;
    /* ends were kept as old indices; a plain step ends after itself */
    for (int i = 0; i < count; i++)
        steps[i].end = steps[i].kind >= STEP_SECTION && steps[i].kind != STEP_PARTIAL ? moved[steps[i].end] : i + 1;
    t->steps = steps;
    t->count = count;
}

/* --- a set --- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct template *)a)->name, ((const struct template *)b)->name);
}

const struct template *mustache_find(const struct mustache *mustache, struct text name)
{
    int low = 0, high = mustache->count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        const char *has = mustache->templates[middle].name;
        int order = strncmp(has, name.at, name.size);
        if (!order)
            order = has[name.size] ? 1 : 0;
        if (!order)
            return &mustache->templates[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

bool mustache_has(const struct mustache *mustache, const char *name)
{
    return mustache_find(mustache, text_of(name)) != NULL;
}

static const struct err *compile(struct ctx *ctx, struct mustache *mustache, const struct mustache_source *sources,
                                 int count, const struct mustache_settings *settings)
{
    mustache->templates = arena_array_of(mustache->arena, struct template, count + 1);
    mustache->count = count;
    for (int i = 0; i < count; i++)
        mustache->templates[i] =
            (struct template){ arena_string(mustache->arena, sources[i].name), text_copy(mustache->arena, sources[i].text) };
    if (count)
        qsort(mustache->templates, (size_t)count, sizeof *mustache->templates, by_name);
    for (int i = 0; i + 1 < count; i++)
        if (!strcmp(mustache->templates[i].name, mustache->templates[i + 1].name))
            return err_broken(ctx, "two templates are named %s", mustache->templates[i].name);
    for (int i = 0; i < count; i++) {
        struct compiler c = { .ctx = ctx, .settings = settings, .mustache = mustache, .template = &mustache->templates[i] };
        TRY(tokenise(&c));
        mark_standalone(&c);
        TRY(build(&c, NULL, 0));
        join_texts(&c);
    }
    return NULL;
}

const struct err *mustache_compile(struct ctx *ctx, const struct mustache_source *sources, int count,
                                   const struct mustache_settings *settings, struct mustache **ret)
{
    struct arena *arena = arena_new();
    struct mustache *mustache = arena_new_of(arena, struct mustache);
    mustache->arena = arena;
    const struct err *err = compile(ctx, mustache, sources, count, settings);
    if (err)
        arena_free(arena);
    else
        *ret = mustache;
    return err;
}

void mustache_free(struct mustache *mustache)
{
    if (mustache)
        arena_free(mustache->arena);
}
