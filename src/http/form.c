/* http/form.c -- the multipart grammar that is read, and nothing besides:
 *
 *     body  := "--" boundary CRLF part *(delimiter CRLF part) delimiter "--" [CRLF]
 *     part  := *(header CRLF) CRLF bytes         delimiter := CRLF "--" boundary
 */
#include "http/form.h"

#include "base/arena.h"

#include <jansson.h>
#include <strings.h>

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

static bool is_like(struct text text, const char *word)
{
    return text.size == strlen(word) && !strncasecmp(text.at, word, text.size);
}

static const struct err *add_field(struct ctx *ctx, struct form *form, struct text name, struct text value)
{
    if (form->fields.count == URL_MOST_PAIRS)
        return err_new(ctx, ERR_INPUT, "http.too_many_fields");
    if (!text_is_clean(name))
        return err_new(ctx, ERR_INPUT, "http.bad_field_name");
    if (!url_text_is_good(value)) {
        const char *field = text_string(ctx->arena, name);
        return err_field(ctx, field, "http.bad_text", field);
    }
    pairs_add(&form->fields, ctx->arena, name, value);
    return NULL;
}

/* --- multipart --- */

/* The value of  ; NAME="value"  or  ; NAME=value  in a header. Browsers write a quote inside as %22, some as \". */
static bool parameter(struct text header, const char *name, struct text *ret)
{
    struct text rest;
    text_cut(header, ';', &rest);
    while (rest.size) {
        struct text value;
        struct text key = text_trim(text_cut(rest, '=', &value));
        size_t size = 0;
        if (value.size && value.at[0] == '"') {
            value = text_from(value, 1);
            while (size < value.size && (value.at[size] != '"' || (size && value.at[size - 1] == '\\')))
                size++;
            if (size == value.size)
                return false;
            text_cut(text_from(value, size + 1), ';', &rest);
        } else {
            while (size < value.size && value.at[size] != ';')
                size++;
            rest = size < value.size ? text_from(value, size + 1) : (struct text){ "", 0 };
        }
        value.size = size;
        if (is_like(key, name)) {
            *ret = value;
            return true;
        }
    }
    return false;
}

bool form_boundary(struct text content_type, struct text *ret)
{
    if (!parameter(content_type, "boundary", ret) || !ret->size || ret->size > 70)
        return false;
    for (size_t i = 0; i < ret->size; i++) {
        char byte = ret->at[i];
        bool is_letter = (byte | 32) >= 'a' && (byte | 32) <= 'z';
        if (!is_letter && !(byte >= '0' && byte <= '9') && !(byte && strchr("'()+_,-./:=? ", byte)))
            return false;
    }
    return ret->at[ret->size - 1] != ' ';
}

struct part {
    struct text name, file_name;
    bool is_file;
};

static const struct err *broken(struct ctx *ctx)
{
    return err_new(ctx, ERR_INPUT, "http.bad_multipart");
}

/* Reads the part's headers; *REST is what follows the empty line. */
static const struct err *read_part_header(struct ctx *ctx, struct text *rest, struct part *part)
{
    size_t used = 0;
    bool is_named = false;
    *part = (struct part){ .is_file = false };
    for (;;) {
        size_t size;
        struct text window = { rest->at, rest->size < FORM_MOST_PART_HEADER ? rest->size : FORM_MOST_PART_HEADER };
        if (!find(window, TEXT("\r\n"), &size) || (used += size + 2) > FORM_MOST_PART_HEADER)
            return broken(ctx);
        struct text line = { rest->at, size }, value;
        *rest = text_from(*rest, size + 2);
        if (!size)
            return is_named ? NULL : broken(ctx);
        struct text key = text_cut(line, ':', &value);
        if (!key.size || key.size == line.size || memchr(line.at, '\0', line.size) || memchr(line.at, '\n', line.size) ||
            memchr(line.at, '\r', line.size))
            return broken(ctx);
        if (!is_like(key, "content-disposition"))
            continue;
        struct text kind_rest, kind = text_trim(text_cut(value, ';', &kind_rest));
        if (is_named || !is_like(kind, "form-data") || !parameter(value, "name", &part->name) || !part->name.size)
            return broken(ctx);
        part->is_file = parameter(value, "filename", &part->file_name);
        is_named = true;
    }
}

static struct text without_folders(struct text name)
{
    for (size_t i = name.size; i > 0; i--)
        if (name.at[i - 1] == '/' || name.at[i - 1] == '\\')
            return text_from(name, i);
    return name;
}

static const struct err *add_file(struct ctx *ctx, struct form *form, const struct part *part, struct text bytes,
                                  bool takes_uploads)
{
    if (!part->file_name.size && !bytes.size)
        return NULL; /* nothing was chosen */
    form->had_files = true;
    const char *field = text_string(ctx->arena, part->name);
    if (!text_is_clean(part->name))
        return err_new(ctx, ERR_INPUT, "http.bad_field_name");
    if (!takes_uploads)
        return err_field(ctx, field, "http.no_files_here");
    if (form->files == FORM_MOST_FILES)
        return err_field(ctx, field, "http.too_many_files", arena_printf(ctx->arena, "%d", FORM_MOST_FILES));
    if (!text_is_clean(part->file_name) || part->file_name.size > 500)
        return err_field(ctx, field, "http.bad_file_name");
    struct upload *upload = arena_new_of(ctx->arena, struct upload);
    *upload = (struct upload){ NULL, part->name, without_folders(part->file_name), bytes };
    if (form->last_upload)
        form->last_upload->next = upload;
    else
        form->uploads = upload;
    form->last_upload = upload;
    form->files++;
    return NULL;
}

const struct err *form_read_multipart(struct ctx *ctx, struct text boundary, struct text body, bool takes_uploads,
                                      struct form *form)
{
    const char *line = arena_printf(ctx->arena, "\r\n--%.*s", (int)boundary.size, boundary.at);
    struct text delimiter = text_of(line), first = text_from(delimiter, 2);
    if (body.size < first.size || memcmp(body.at, first.at, first.size) != 0)
        return broken(ctx);
    body = text_from(body, first.size);
    while (text_starts(body, "\r\n")) {
        struct part part;
        size_t size;
        body = text_from(body, 2);
        TRY(read_part_header(ctx, &body, &part));
        if (!find(body, delimiter, &size))
            return broken(ctx);
        struct text bytes = { body.at, size };
        body = text_from(body, size + delimiter.size);
        if (part.is_file)
            TRY(add_file(ctx, form, &part, bytes, takes_uploads));
        else
            TRY(add_field(ctx, form, part.name, bytes));
    }
    return text_is(body, "--") || text_is(body, "--\r\n") ? NULL : broken(ctx);
}

/* --- JSON --- */

/* jansson's own tree, not base/json.h: that one interns every name for ever, and these names are anybody's. */
static const struct err *add_member(struct ctx *ctx, const char *key, json_t *value, struct form *form)
{
    struct text name = text_of(arena_string(ctx->arena, key));
    switch (json_typeof(value)) {
    case JSON_STRING: {
        struct text text = { json_string_value(value), json_string_length(value) };
        return add_field(ctx, form, name, text_copy(ctx->arena, text));
    }
    case JSON_INTEGER:
        return add_field(ctx, form, name, text_of(arena_printf(ctx->arena, "%lld", (long long)json_integer_value(value))));
    case JSON_TRUE:
        return add_field(ctx, form, name, TEXT("yes"));
    case JSON_FALSE:
    case JSON_NULL:
        return NULL;
    case JSON_REAL:
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
    return err_field(ctx, name.at, "http.not_flat");
}

const struct err *form_read_json(struct ctx *ctx, struct text body, struct form *form)
{
    json_error_t error;
    json_t *object = json_loadb(body.at ? body.at : "", body.size, JSON_REJECT_DUPLICATES, &error);
    if (!object)
        return err_new(ctx, ERR_INPUT, "json.malformed", arena_printf(ctx->arena, "%d", error.line), error.text);
    const struct err *err = json_is_object(object) ? NULL : err_new(ctx, ERR_INPUT, "http.not_flat");
    const char *key;
    json_t *value;
    json_object_foreach (object, key, value)
        err = err ? err : add_member(ctx, key, value, form);
    json_decref(object);
    return err;
}

const struct err *form_read(struct ctx *ctx, struct text content_type, struct text body, bool takes_uploads,
                            struct form *form, bool *ret_unknown)
{
    struct text rest, kind = text_trim(text_cut(content_type, ';', &rest)), boundary;
    *ret_unknown = false;
    if (!content_type.size && !body.size)
        return NULL;
    if (is_like(kind, "application/x-www-form-urlencoded"))
        return url_read_pairs(ctx, body, &form->fields);
    if (is_like(kind, "application/json"))
        return form_read_json(ctx, body, form);
    if (is_like(kind, "multipart/form-data"))
        return form_boundary(content_type, &boundary) ? form_read_multipart(ctx, boundary, body, takes_uploads, form) :
                                                        broken(ctx);
    *ret_unknown = true;
    return err_new(ctx, ERR_INPUT, "http.unknown_type");
}
