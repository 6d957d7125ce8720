/* http/mustache_render.c -- a compiled template and a model, written into a buffer.
 *
 * The context is a chain on the C stack, newest first. The arguments of parents are another chain; the outermost one wins,
 * because who inherits last has the last word. What one page may cost is bounded: templates nest at most 64 deep, and
 * sections and partials together run at most MUSTACHE_MOST_STEPS times.
 */
#include "http/mustache_inside.h"

#include "base/arena.h"

struct scope {
    const struct node *node;
    const struct scope *outer;
};

struct arguments {
    const struct template *template;
    int from, to;
    const struct arguments *outer;
};

struct page {
    struct ctx *ctx;
    const struct mustache *mustache;
    struct buffer *out;
    struct text indent;
    int nested;
    int steps;
};

struct place {
    const struct template *template;
    const struct arguments *arguments;
};

static const struct node *look_up(const struct scope *scope, const struct name *name)
{
    if (!name->count)
        return scope->node;
    const struct node *found = NULL;
    for (; scope && !found; scope = scope->outer)
        found = node_find(scope->node, name->parts[0]);
    for (int i = 1; i < name->count && found; i++)
        found = node_find(found, name->parts[i]);
    return found;
}

static bool is_shown(const struct node *node)
{
    if (!node)
        return false;
    switch (node->kind) {
    case NODE_NULL:
        return false;
    case NODE_BOOL:
        return node->is_true;
    case NODE_TEXT:
        return node->text.size > 0;
    case NODE_LIST:
        return node->count > 0;
    case NODE_INT:
    case NODE_REAL:
    case NODE_OBJECT:
        break;
    }
    return true;
}

static void write_value(struct page *page, const struct node *node, bool is_escaped)
{
    if (!node)
        return;
    switch (node->kind) {
    case NODE_TEXT:
        if (is_escaped)
            buffer_html(page->out, node->text);
        else
            buffer_text(page->out, node->text);
        break;
    case NODE_INT:
        buffer_int(page->out, node->number);
        break;
    case NODE_BOOL:
    case NODE_REAL:
        node_write(node, page->out);
        break;
    case NODE_NULL:
    case NODE_LIST:
    case NODE_OBJECT:
        break;
    }
}

static void write_text(struct page *page, const struct step *step)
{
    if (!page->indent.size) {
        buffer_text(page->out, step->text);
        return;
    }
    bool begins_line = step->begins_line;
    for (struct text rest = step->text; rest.size;) {
        const char *feed = memchr(rest.at, '\n', rest.size);
        size_t size = feed ? (size_t)(feed - rest.at) + 1 : rest.size;
        if (begins_line)
            buffer_text(page->out, page->indent);
        buffer_add(page->out, rest.at, size);
        begins_line = true;
        rest = (struct text){ rest.at + size, rest.size - size };
    }
}

static const struct err *render(struct page *page, struct place place, int from, int to, const struct scope *scope);

static const struct err *count_step(struct page *page, const struct template *template)
{
    if (++page->steps > MUSTACHE_MOST_STEPS)
        return err_broken(page->ctx, "template %s: the page grows without end", template->name);
    return NULL;
}

static const struct err *render_section(struct page *page, struct place place, int index, const struct scope *scope)
{
    const struct step *step = &place.template->steps[index];
    const struct node *node = look_up(scope, &step->name);
    if (!is_shown(node))
        return NULL;
    if (node->kind != NODE_LIST) {
        TRY(count_step(page, place.template));
        return render(page, place, index + 1, step->end, &(struct scope){ node, scope });
    }
    node_each(link, node) {
        TRY(count_step(page, place.template));
        TRY(render(page, place, index + 1, step->end, &(struct scope){ &link->value, scope }));
    }
    return NULL;
}

/* Renders steps of a template with more indentation, one level deeper. */
static const struct err *render_nested(struct page *page, struct place place, int from, int to, struct text indent,
                                       const struct scope *scope)
{
    TRY(count_step(page, place.template));
    if (page->nested == MUSTACHE_MOST_NESTED)
        return err_broken(page->ctx, "template %s: templates nest too deep", place.template->name);
    struct text before = page->indent;
    if (indent.size) {
        char *both = arena_alloc_raw(page->ctx->arena, before.size + indent.size);
        if (before.size)
            memcpy(both, before.at, before.size);
        memcpy(both + before.size, indent.at, indent.size);
        page->indent = (struct text){ both, before.size + indent.size };
    }
    page->nested++;
    TRY(render(page, place, from, to, scope));
    page->nested--;
    page->indent = before;
    return NULL;
}

static const struct template *template_of(struct page *page, const struct step *step, const struct scope *scope)
{
    if (!step->name.count)
        return step->template;
    const struct node *name = look_up(scope, &step->name);
    return name && name->kind == NODE_TEXT && name->text.size ? mustache_find(page->mustache, name->text) : NULL;
}

static const struct err *render_template(struct page *page, struct place place, int index, const struct scope *scope)
{
    const struct step *step = &place.template->steps[index];
    const struct template *template = template_of(page, step, scope);
    if (!template)
        return NULL;
    struct arguments arguments = { place.template, index + 1, step->end, place.arguments };
    struct place inner = { template, step->kind == STEP_PARENT ? &arguments : place.arguments };
    return render_nested(page, inner, 0, template->count, step->text, scope);
}

/* The argument for KEY: the outermost one. It is rendered as part of the template that wrote it, so its own blocks are found
 * outside that parent. */
static const struct step *find_argument(const struct arguments *arguments, const struct key *key, struct place *ret_place)
{
    const struct step *found = NULL;
    for (; arguments; arguments = arguments->outer)
        for (int i = arguments->from; i < arguments->to; i = arguments->template->steps[i].end) {
            const struct step *step = &arguments->template->steps[i];
            if (step->kind != STEP_BLOCK || step->block != key)
                continue;
            found = step;
            *ret_place = (struct place){ arguments->template, arguments->outer };
            break;
        }
    return found;
}

static const struct err *render_block(struct page *page, struct place place, int index, const struct scope *scope)
{
    const struct step *step = &place.template->steps[index];
    struct place theirs;
    const struct step *argument = find_argument(place.arguments, step->block, &theirs);
    if (!argument)
        return render(page, place, index + 1, step->end, scope);
    int from = (int)(argument - theirs.template->steps) + 1;
    return render_nested(page, theirs, from, argument->end, step->text, scope);
}

static const struct err *render(struct page *page, struct place place, int from, int to, const struct scope *scope)
{
    const struct step *steps = place.template->steps;
    for (int i = from; i < to; i = steps[i].end) {
        const struct step *step = &steps[i];
        switch (step->kind) {
        case STEP_TEXT:
            write_text(page, step);
            break;
        case STEP_INDENT:
            buffer_text(page->out, page->indent);
            break;
        case STEP_ESCAPED:
            write_value(page, look_up(scope, &step->name), true);
            break;
        case STEP_RAW:
            write_value(page, look_up(scope, &step->name), false);
            break;
        case STEP_SECTION:
            TRY(render_section(page, place, i, scope));
            break;
        case STEP_INVERTED:
            if (!is_shown(look_up(scope, &step->name)))
                TRY(render(page, place, i + 1, step->end, scope));
            break;
        case STEP_PARTIAL:
        case STEP_PARENT:
            TRY(render_template(page, place, i, scope));
            break;
        case STEP_BLOCK:
            TRY(render_block(page, place, i, scope));
            break;
        }
    }
    return NULL;
}

const struct err *mustache_render(struct ctx *ctx, const struct mustache *mustache, const char *name,
                                  const struct node *model, struct buffer *out)
{
    const struct template *template = mustache_find(mustache, text_of(name));
    if (!template)
        return err_new(ctx, ERR_MISSING, "http.no_template", name);
    struct page page = { .ctx = ctx, .mustache = mustache, .out = out, .indent = { "", 0 } };
    return render(&page, (struct place){ template, NULL }, 0, template->count, &(struct scope){ model, NULL });
}
