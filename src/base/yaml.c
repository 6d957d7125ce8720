/* base/yaml.c -- libyaml's events to a tree. */
#include "base/yaml.h"

#include "base/arena.h"
#include "base/ctx.h"

#include <yaml.h>

enum { MOST_DEPTH = 32 };

struct reader {
    struct ctx *ctx;
    const char *name;
    yaml_parser_t parser;
    yaml_event_t event;
    bool has_event;
};

static void reader_end(struct reader *reader)
{
    if (reader->has_event)
        yaml_event_delete(&reader->event);
    yaml_parser_delete(&reader->parser);
}

static const struct err *malformed(struct reader *reader, size_t line, const char *reason)
{
    return err_new(reader->ctx, ERR_INPUT, "yaml.malformed", reader->name,
                   arena_printf(reader->ctx->arena, "%zu", line + 1), reason);
}

static const struct err *next(struct reader *reader)
{
    if (reader->has_event)
        yaml_event_delete(&reader->event);
    reader->has_event = yaml_parser_parse(&reader->parser, &reader->event);
    if (!reader->has_event)
        return malformed(reader, reader->parser.problem_mark.line,
                         reader->parser.problem ? reader->parser.problem : "unreadable");
    return NULL;
}

/* An anchor or a tag on what the current event begins. */
static const struct err *check_plain(struct reader *reader, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor)
        return malformed(reader, reader->event.start_mark.line, "anchors are not allowed");
    return tag ? malformed(reader, reader->event.start_mark.line, "tags are not allowed") : NULL;
}

static const struct err *read_value(struct reader *reader, int depth, struct yaml **ret);

static void append(struct arena *arena, struct yaml *parent, struct text key, struct yaml *value)
{
    if ((parent->count & (parent->count - 1)) == 0) { /* full at powers of two */
        int room = parent->count ? parent->count * 2 : 1;
        struct yaml **values = arena_array_of(arena, struct yaml *, room);
        struct text *keys = arena_array_of(arena, struct text, room);
        for (int i = 0; i < parent->count; i++) {
            values[i] = parent->values[i];
            keys[i] = parent->keys[i];
        }
        parent->values = values;
        parent->keys = keys;
    }
    parent->keys[parent->count] = key;
    parent->values[parent->count++] = value;
}

static const struct err *read_items(struct reader *reader, int depth, yaml_event_type_t end, struct yaml *parent)
{
    struct arena *arena = reader->ctx->arena;
    for (;;) {
        TRY(next(reader));
        if (reader->event.type == end)
            return NULL;
        struct text key = { 0 };
        if (parent->kind == YAML_MAP) {
            if (reader->event.type != YAML_SCALAR_EVENT)
                return malformed(reader, reader->event.start_mark.line, "a key must be a plain word");
            TRY(check_plain(reader, reader->event.data.scalar.anchor, reader->event.data.scalar.tag));
            key = text_copy(arena, (struct text){ (const char *)reader->event.data.scalar.value,
                                                  reader->event.data.scalar.length });
            if (yaml_find(parent, key.at))
                return malformed(reader, reader->event.start_mark.line, arena_printf(arena, "the key %s stands twice", key.at));
            TRY(next(reader));
        }
        struct yaml *value;
        TRY(read_value(reader, depth + 1, &value));
        append(arena, parent, key, value);
    }
}

/* The current event begins the value. */
static const struct err *read_value(struct reader *reader, int depth, struct yaml **ret)
{
    yaml_event_t *event = &reader->event;
    struct arena *arena = reader->ctx->arena;
    if (depth > MOST_DEPTH)
        return malformed(reader, event->start_mark.line, "nested too deeply");
    struct yaml *value = *ret = arena_new_of(arena, struct yaml);
    value->line = (int)event->start_mark.line + 1;
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        TRY(check_plain(reader, event->data.scalar.anchor, event->data.scalar.tag));
        value->kind = YAML_SCALAR;
        value->scalar = text_copy(arena, (struct text){ (const char *)event->data.scalar.value, event->data.scalar.length });
        value->is_quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
        return NULL;
    case YAML_SEQUENCE_START_EVENT:
        TRY(check_plain(reader, event->data.sequence_start.anchor, event->data.sequence_start.tag));
        value->kind = YAML_LIST;
        return read_items(reader, depth, YAML_SEQUENCE_END_EVENT, value);
    case YAML_MAPPING_START_EVENT:
        TRY(check_plain(reader, event->data.mapping_start.anchor, event->data.mapping_start.tag));
        value->kind = YAML_MAP;
        return read_items(reader, depth, YAML_MAPPING_END_EVENT, value);
    case YAML_ALIAS_EVENT:
        return malformed(reader, event->start_mark.line, "aliases are not allowed");
    default:
        return malformed(reader, event->start_mark.line, "a value is missing");
    }
}

static const struct err *read_document(struct reader *reader, struct yaml **ret)
{
    TRY(next(reader)); /* stream start */
    TRY(next(reader));
    if (reader->event.type != YAML_DOCUMENT_START_EVENT)
        return malformed(reader, reader->event.start_mark.line, "the file is empty");
    TRY(next(reader));
    TRY(read_value(reader, 0, ret));
    TRY(next(reader)); /* document end */
    TRY(next(reader));
    if (reader->event.type != YAML_STREAM_END_EVENT)
        return malformed(reader, reader->event.start_mark.line, "a second document");
    return NULL;
}

const struct err *yaml_read(struct ctx *ctx, const char *name, struct text bytes, struct yaml **ret)
{
    scoped(reader_end) struct reader reader = { .ctx = ctx, .name = name };
    if (!yaml_parser_initialize(&reader.parser))
        BUG("out of memory");
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)(bytes.at ? bytes.at : ""), bytes.size);
    return read_document(&reader, ret);
}

struct yaml *yaml_find(const struct yaml *map, const char *key)
{
    if (!map || map->kind != YAML_MAP)
        return NULL;
    for (int i = 0; i < map->count; i++)
        if (text_is(map->keys[i], key))
            return map->values[i];
    return NULL;
}

struct text yaml_find_text(const struct yaml *map, const char *key)
{
    const struct yaml *found = yaml_find(map, key);
    return found && found->kind == YAML_SCALAR ? found->scalar : (struct text){ 0 };
}

const struct err *yaml_refuse(struct ctx *ctx, const char *name, int line, const char *reason, ...)
{
    va_list arguments;
    va_start(arguments, reason);
    const char *said = arena_vprintf(ctx->arena, reason, arguments);
    va_end(arguments);
    return err_new(ctx, ERR_INPUT, "yaml.refused", name, arena_printf(ctx->arena, "%d", line), said);
}
