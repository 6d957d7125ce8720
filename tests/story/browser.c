/* tests/story/browser.c */
#include "browser.h"

#include "fixture.h"
#include "raw_client.h"

#include "base/json.h"

#include <strings.h>

enum { FORM_FIELDS = 160, MOST_HOPS = 5 };

void browser_begin(struct browser *browser, const struct ctx *model, int port)
{
    *browser = (struct browser){ .port = port, .ctx = ctx_begin(model) };
}

void browser_end(struct browser *browser)
{
    ctx_end(browser->ctx);
}

/* --- cookies --- */

void browser_set_cookie(struct browser *browser, const char *name, const char *value)
{
    for (int i = 0; i < BROWSER_COOKIES; i++) {
        if (browser->cookies[i].name && strcmp(browser->cookies[i].name, name) != 0)
            continue;
        browser->cookies[i].name = arena_string(browser->ctx->arena, name);
        browser->cookies[i].value = arena_string(browser->ctx->arena, value);
        return;
    }
    fail_msg("more cookies than a browser of these tests keeps");
}

const char *browser_cookie(const struct browser *browser, const char *name)
{
    for (int i = 0; i < BROWSER_COOKIES && browser->cookies[i].name; i++)
        if (strcmp(browser->cookies[i].name, name) == 0 && *browser->cookies[i].value)
            return browser->cookies[i].value;
    return NULL;
}

static void keep_cookie(struct browser *browser, struct text line)
{
    struct text rest, value, pair = text_cut(line, ';', &rest);
    struct text name = text_trim(text_cut(pair, '=', &value));
    bool is_ended = memmem(rest.at, rest.size, "Max-Age=0", 9) != NULL;
    browser_set_cookie(browser, text_string(browser->ctx->arena, name),
                       is_ended ? "" : text_string(browser->ctx->arena, value));
}

static void add_cookies(const struct browser *browser, struct buffer *out)
{
    const char *before = "Cookie: ";
    for (int i = 0; i < BROWSER_COOKIES && browser->cookies[i].name; i++) {
        if (!*browser->cookies[i].value)
            continue;
        buffer_printf(out, "%s%s=%s", before, browser->cookies[i].name, browser->cookies[i].value);
        before = "; ";
    }
    if (*before == ';')
        buffer_string(out, "\r\n");
}

/* --- one request, one answer --- */

static struct text next_line(struct text *rest)
{
    struct text line = text_cut(*rest, '\n', rest);
    if (line.size && line.at[line.size - 1] == '\r')
        line.size--;
    return line;
}

static bool is_header(struct text line, const char *name, struct text *ret_value)
{
    size_t size = strlen(name);
    if (line.size <= size || line.at[size] != ':' || strncasecmp(line.at, name, size) != 0)
        return false;
    *ret_value = text_trim((struct text){ line.at + size + 1, line.size - size - 1 });
    return true;
}

/* A body that came in pieces: each with its size in hexadecimal before it. */
static struct text joined(struct arena *arena, struct text rest)
{
    char *whole = arena_alloc(arena, rest.size + 1);
    size_t size = 0;
    while (rest.size) {
        struct text line = next_line(&rest);
        size_t piece = strtoul(text_string(arena, line), NULL, 16);
        if (!piece || piece > rest.size)
            break;
        memcpy(whole + size, rest.at, piece);
        size += piece;
        rest = (struct text){ rest.at + piece, rest.size - piece };
        next_line(&rest);
    }
    return (struct text){ whole, size };
}

static void read_answer(struct browser *browser, struct text bytes, struct page *page)
{
    struct arena *arena = browser->ctx->arena;
    const char *end = bytes.size ? memmem(bytes.at, bytes.size, "\r\n\r\n", 4) : NULL;
    if (!end)
        return;
    page->head = (struct text){ bytes.at, (size_t)(end - bytes.at) };
    page->body = text_copy(arena, (struct text){ end + 4, bytes.size - page->head.size - 4 });
    struct text rest = page->head, line = next_line(&rest), value;
    assert_true(text_starts(line, "HTTP/1.1 "));
    for (size_t i = 9; i < 12; i++)
        page->status = page->status * 10 + (line.at[i] - '0');
    while (rest.size) {
        line = next_line(&rest);
        if (is_header(line, "Set-Cookie", &value))
            keep_cookie(browser, value);
        if (is_header(line, "Location", &value))
            page->location = text_string(arena, value);
        if (is_header(line, "Transfer-Encoding", &value) && text_is(value, "chunked"))
            page->body = joined(arena, page->body);
        if (is_header(line, "Content-Type", &value) && text_starts(value, "application/json")) {
            struct node *json;
            const struct err *failed = json_read(browser->ctx, page->body, &json);
            if (failed)
                fail_msg("%s answers what is no JSON: %.*s", page->path, (int)page->body.size, page->body.at);
            page->json = json;
        }
    }
}

struct page browser_raw(struct browser *browser, struct text bytes)
{
    struct page page = { .path = "bytes as they are" };
    struct buffer in = { 0 };
    int handle = raw_connect(browser->port);
    if (handle < 0)
        return page;
    raw_send(handle, bytes.at, bytes.size);
    raw_rest(handle, &in);
    close(handle);
    read_answer(browser, text_copy(browser->ctx->arena, buffer_view(&in)), &page);
    buffer_clear(&in);
    return page;
}

static struct page exchange(struct browser *browser, const char *method, const char *path, const char *content_type,
                            struct text body)
{
    struct buffer out = { 0 };
    buffer_printf(&out, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n", method, path, browser->port);
    if (browser->wants_json)
        buffer_string(&out, "Accept: application/json\r\n");
    if (browser->language)
        buffer_printf(&out, "Accept-Language: %s\r\n", browser->language);
    if (browser->headers)
        buffer_string(&out, browser->headers);
    add_cookies(browser, &out);
    if (content_type && browser->at)
        buffer_printf(&out, "Referer: http://127.0.0.1:%d%s\r\n", browser->port, browser->at);
    if (content_type)
        buffer_printf(&out, "Content-Type: %s\r\nContent-Length: %zu\r\n", content_type, body.size);
    buffer_string(&out, "\r\n");
    buffer_text(&out, body);
    struct page page = browser_raw(browser, buffer_view(&out));
    buffer_clear(&out);
    page.path = arena_string(browser->ctx->arena, path);
    return page;
}

static struct page follow(struct browser *browser, struct page page)
{
    for (int hops = 0; page.status == 303 && !browser->stays; hops++) {
        assert_true(hops < MOST_HOPS);
        assert_non_null(page.location);
        page = exchange(browser, "GET", page.location, NULL, (struct text){ NULL, 0 });
    }
    browser->at = page.path;
    return page;
}

struct page browser_get(struct browser *browser, const char *path)
{
    return follow(browser, exchange(browser, "GET", path, NULL, (struct text){ NULL, 0 }));
}

struct page browser_post_body(struct browser *browser, const char *path, const char *content_type, struct text body)
{
    return follow(browser, exchange(browser, "POST", path, content_type, body));
}

/* --- bodies --- */

static void add_encoded(struct buffer *out, const char *value)
{
    for (const unsigned char *at = (const unsigned char *)value; *at; at++) {
        bool is_plain = (*at >= '0' && *at <= '9') || (*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z');
        if (is_plain)
            buffer_byte(out, (char)*at);
        else
            buffer_printf(out, "%%%02X", *at);
    }
}

static struct page post_encoded(struct browser *browser, const char *path, const struct field *fields, int count)
{
    struct buffer out = { 0 };
    for (int i = 0; i < count; i++) {
        buffer_string(&out, i ? "&" : "");
        add_encoded(&out, fields[i].name);
        buffer_byte(&out, '=');
        add_encoded(&out, fields[i].value);
    }
    struct page page = browser_post_body(browser, path, "application/x-www-form-urlencoded", buffer_view(&out));
    buffer_clear(&out);
    return page;
}

static struct page post_multipart(struct browser *browser, const char *path, const struct field *fields, int count)
{
    struct buffer out = { 0 };
    for (int i = 0; i < count; i++) {
        buffer_printf(&out, "--between\r\nContent-Disposition: form-data; name=\"%s\"", fields[i].name);
        if (fields[i].file_name)
            buffer_printf(&out, "; filename=\"%s\"\r\nContent-Type: image/jpeg", fields[i].file_name);
        buffer_string(&out, "\r\n\r\n");
        buffer_add(&out, fields[i].value, fields[i].file_name ? fields[i].size : strlen(fields[i].value));
        buffer_string(&out, "\r\n");
    }
    buffer_string(&out, "--between--\r\n");
    struct page page = browser_post_body(browser, path, "multipart/form-data; boundary=between", buffer_view(&out));
    buffer_clear(&out);
    return page;
}

struct page browser_post(struct browser *browser, const char *path, const struct field *fields, int count)
{
    for (int i = 0; i < count; i++)
        if (fields[i].file_name)
            return post_multipart(browser, path, fields, count);
    return post_encoded(browser, path, fields, count);
}

/* --- HTML, as far as our own templates write it --- */

struct tag {
    struct text name, inside; /* of <name inside> */
    const char *after;
};

/* The next tag from AT on, comments passed over; false at the end. */
static bool next_tag(const char **at, const char *end, struct tag *ret)
{
    while (*at < end) {
        const char *open = memchr(*at, '<', (size_t)(end - *at));
        const char *close = open ? memchr(open, '>', (size_t)(end - open)) : NULL;
        if (!close)
            return false;
        *at = close + 1;
        const char *name = open + 1;
        const char *stop = name;
        while (stop < close && *stop != ' ' && *stop != '\n')
            stop++;
        *ret = (struct tag){ { name, (size_t)(stop - name) }, { stop, (size_t)(close - stop) }, *at };
        return true;
    }
    return false;
}

static char *decoded(struct browser *browser, struct text text)
{
    static const struct {
        const char *entity;
        char byte;
    } entities[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&#39;", '\'' } };
    char *out = text_string(browser->ctx->arena, text);
    size_t size = 0;
    for (size_t i = 0; i < text.size;) {
        size_t step = 1;
        out[size] = text.at[i];
        for (size_t k = 0; k < sizeof entities / sizeof *entities; k++) {
            size_t length = strlen(entities[k].entity);
            if (i + length <= text.size && memcmp(text.at + i, entities[k].entity, length) == 0) {
                out[size] = entities[k].byte;
                step = length;
            }
        }
        size++;
        i += step;
    }
    out[size] = '\0';
    return out;
}

/* NULL without it; "" for one without a value. */
static const char *attribute(struct browser *browser, struct text inside, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = inside.at; at + size <= inside.at + inside.size; at++) {
        bool begins = (at[-1] == ' ' || at[-1] == '\n') && memcmp(at, name, size) == 0;
        const char *end = inside.at + inside.size;
        if (!begins)
            continue;
        if (at + size == end || at[size] == ' ' || at[size] == '\n')
            return "";
        if (at + size + 1 < end && at[size] == '=' && at[size + 1] == '"') {
            const char *value = at + size + 2, *stop = memchr(value, '"', (size_t)(end - value));
            return stop ? decoded(browser, (struct text){ value, (size_t)(stop - value) }) : NULL;
        }
    }
    return NULL;
}

struct choice {
    const char *field, *value, *label;
};

struct html_form {
    const char *action;
    bool is_multipart;
    struct field fields[FORM_FIELDS]; /* as they would be sent now; value NULL: not chosen */
    int field_count;
    struct choice choices[2 * FORM_FIELDS];
    int choice_count;
    const char *buttons[FORM_FIELDS]; /* name=value */
    int button_count;
};

static struct field *field_of(struct html_form *form, const char *name)
{
    for (int i = 0; i < form->field_count; i++)
        if (strcmp(form->fields[i].name, name) == 0)
            return &form->fields[i];
    return NULL;
}

static struct field *add_field(struct html_form *form, const char *name, const char *value)
{
    struct field *field = field_of(form, name);
    if (!field) {
        assert_true(form->field_count < FORM_FIELDS);
        field = &form->fields[form->field_count++];
        *field = (struct field){ .name = name };
    }
    if (value)
        field->value = value;
    return field;
}

static struct text until(const char *at, const char *end, const char *words)
{
    const char *stop = memmem(at, (size_t)(end - at), words, strlen(words));
    return (struct text){ at, stop ? (size_t)(stop - at) : 0 };
}

static void add_choice(struct html_form *form, const char *field, const char *value, const char *label)
{
    assert_true(form->choice_count < 2 * FORM_FIELDS);
    form->choices[form->choice_count++] = (struct choice){ field, value, label };
}

static void read_input(struct browser *browser, struct html_form *form, const struct tag *tag, const char *end)
{
    const char *name = attribute(browser, tag->inside, "name"), *type = attribute(browser, tag->inside, "type");
    const char *value = attribute(browser, tag->inside, "value");
    if (!name)
        return;
    bool is_chosen = attribute(browser, tag->inside, "checked") != NULL;
    if (type && (strcmp(type, "radio") == 0 || strcmp(type, "checkbox") == 0)) {
        add_field(form, name, is_chosen ? value : NULL);
        add_choice(form, name, value, decoded(browser, until(tag->after, end, "</label>")));
    } else if (type && strcmp(type, "file") == 0) {
        add_field(form, name, "")->file_name = "";
    } else {
        add_field(form, name, value ? value : "");
    }
}

static const char *read_inside(struct browser *browser, struct html_form *form, const char *at, const char *end)
{
    struct tag tag;
    const char *select = NULL;
    while (next_tag(&at, end, &tag) && !text_is(tag.name, "/form")) {
        const char *name = attribute(browser, tag.inside, "name"), *value = attribute(browser, tag.inside, "value");
        if (text_is(tag.name, "input"))
            read_input(browser, form, &tag, end);
        if (text_is(tag.name, "textarea") && name) {
            struct text typed = until(tag.after, end, "</textarea>");
            if (typed.size && *typed.at == '\n') /* the first line feed is the tag's own */
                typed = (struct text){ typed.at + 1, typed.size - 1 };
            add_field(form, name, decoded(browser, typed));
        }
        if (text_is(tag.name, "select"))
            add_field(form, select = name, "");
        if (text_is(tag.name, "/select"))
            select = NULL;
        if (text_is(tag.name, "option") && select) {
            add_choice(form, select, value, decoded(browser, until(tag.after, end, "</option>")));
            if (attribute(browser, tag.inside, "selected"))
                add_field(form, select, value);
        }
        if (text_is(tag.name, "button") && name && form->button_count < FORM_FIELDS)
            form->buttons[form->button_count++] = arena_printf(browser->ctx->arena, "%s=%s", name, value ? value : "");
    }
    return at;
}

static bool find_form(struct browser *browser, const struct page *page, const char *action, struct html_form *ret)
{
    const char *at = page->body.at, *end = at + page->body.size;
    struct tag tag;
    while (at && next_tag(&at, end, &tag)) {
        if (!text_is(tag.name, "form"))
            continue;
        const char *found = attribute(browser, tag.inside, "action"), *type = attribute(browser, tag.inside, "enctype");
        *ret = (struct html_form){ .action = found, .is_multipart = type && strcmp(type, "multipart/form-data") == 0 };
        at = read_inside(browser, ret, at, end);
        struct text query;
        if (found && text_ends(text_cut(text_of(found), '?', &query), action))
            return true;
    }
    return false;
}

static void need_form(struct browser *browser, const struct page *page, const char *action, struct html_form *ret)
{
    if (!find_form(browser, page, action, ret))
        fail_msg("%s (%d) has no form for %s: %s", page->path, page->status, action, page_words(browser, page));
}

bool page_has_form(const struct page *page, const char *action)
{
    struct browser browser = { .ctx = NULL };
    struct ctx model = { 0 };
    browser.ctx = ctx_begin(&model);
    struct html_form *form = arena_new_of(browser.ctx->arena, struct html_form);
    bool is_there = find_form(&browser, page, action, form);
    ctx_end(browser.ctx);
    return is_there;
}

const char *page_field(struct browser *browser, const struct page *page, const char *action, const char *name)
{
    struct html_form *form = arena_new_of(browser->ctx->arena, struct html_form);
    need_form(browser, page, action, form);
    struct field *field = field_of(form, name);
    return field ? field->value : NULL;
}

const char *page_option(struct browser *browser, const struct page *page, const char *action, const char *name,
                        const char *words)
{
    struct html_form *form = arena_new_of(browser->ctx->arena, struct html_form);
    need_form(browser, page, action, form);
    for (int i = 0; i < form->choice_count; i++)
        if (strcmp(form->choices[i].field, name) == 0 && strstr(form->choices[i].label, words))
            return form->choices[i].value;
    fail_msg("%s offers no %s called %s", page->path, name, words);
    return NULL;
}

static void fill_in(const struct page *page, struct html_form *form, const struct field *typed)
{
    struct field *field = field_of(form, typed->name);
    if (!field)
        fail_msg("%s: the form %s has no field %s", page->path, form->action, typed->name);
    bool is_choice = false, is_offered = false;
    for (int i = 0; i < form->choice_count; i++)
        if (strcmp(form->choices[i].field, typed->name) == 0) {
            is_choice = true;
            is_offered = is_offered || strcmp(form->choices[i].value, typed->value) == 0;
        }
    if (is_choice && !is_offered)
        fail_msg("%s: the form %s does not offer %s as %s", page->path, form->action, typed->value, typed->name);
    field->value = typed->value;
    if (typed->file_name) {
        field->file_name = typed->file_name;
        field->size = typed->size;
    }
}

struct page browser_press_button(struct browser *browser, const struct page *page, const char *action, const char *button,
                                 const struct field *fields, int count)
{
    struct html_form *form = arena_new_of(browser->ctx->arena, struct html_form);
    need_form(browser, page, action, form);
    browser->at = page->path;
    for (int i = 0; i < count; i++)
        fill_in(page, form, &fields[i]);
    struct field *sent = arena_array_of(browser->ctx->arena, struct field, FORM_FIELDS + 1);
    int sent_count = 0;
    for (int i = 0; i < form->field_count; i++)
        if (form->fields[i].value && (form->is_multipart || !form->fields[i].file_name))
            sent[sent_count++] = form->fields[i];
    bool is_there = false;
    for (int i = 0; i < form->button_count; i++)
        if (!button || strcmp(form->buttons[i], button) == 0) {
            struct text value, name = text_cut(text_of(form->buttons[i]), '=', &value);
            sent[sent_count++] = (struct field){ .name = text_string(browser->ctx->arena, name),
                                                 .value = text_string(browser->ctx->arena, value) };
            is_there = true;
            break;
        }
    if (button && !is_there)
        fail_msg("%s: the form %s has no button %s", page->path, form->action, button);
    return form->is_multipart ? follow(browser, post_multipart(browser, form->action, sent, sent_count))
                              : follow(browser, post_encoded(browser, form->action, sent, sent_count));
}

struct page browser_press(struct browser *browser, const struct page *page, const char *action, const struct field *fields,
                          int count)
{
    return browser_press_button(browser, page, action, NULL, fields, count);
}

/* --- what a page says --- */

bool page_says(const struct page *page, const char *words)
{
    return page->body.size && memmem(page->body.at, page->body.size, words, strlen(words)) != NULL;
}

const char *page_words(struct browser *browser, const struct page *page)
{
    struct buffer out = { 0 };
    if (page->json || !page->body.size)
        return page->body.size ? text_string(browser->ctx->arena, page->body) : "(nothing)";
    const char *main = memmem(page->body.at, page->body.size, "<main", 5);
    const char *end = page->body.at + page->body.size;
    bool is_tag = false, was_space = true;
    for (const char *at = main ? main : page->body.at; at < end; at++) {
        is_tag = *at == '<' || is_tag;
        bool is_space = is_tag || *at == '\n' || *at == ' ';
        if (!is_space || !was_space)
            buffer_byte(&out, is_space ? ' ' : *at);
        was_space = is_space;
        is_tag = is_tag && *at != '>';
    }
    const char *words = decoded(browser, buffer_view(&out));
    buffer_clear(&out);
    return words;
}

const char *page_header(struct browser *browser, const struct page *page, const char *name)
{
    struct text rest = page->head, value;
    while (rest.size)
        if (is_header(next_line(&rest), name, &value))
            return text_string(browser->ctx->arena, value);
    return NULL;
}

const struct node *page_node(const struct page *page, const char *path)
{
    const struct node *node = page->json;
    struct text rest = text_of(path);
    while (node && rest.size) {
        struct text name = text_cut(rest, '.', &rest);
        int64_t number;
        if (node->kind == NODE_LIST && text_int(name, &number)) {
            const struct node_link *link = node->first;
            while (link && number-- > 0)
                link = link->next;
            node = link ? &link->value : NULL;
        } else {
            node = node->kind == NODE_OBJECT ? node_find(node, key_intern(name)) : NULL;
        }
    }
    return node;
}

const char *page_string(struct browser *browser, const struct page *page, const char *path)
{
    const struct node *node = page_node(page, path);
    if (!node || node->kind == NODE_NULL)
        return "";
    if (node->kind == NODE_TEXT)
        return text_string(browser->ctx->arena, node->text);
    if (node->kind == NODE_INT)
        return arena_printf(browser->ctx->arena, "%lld", (long long)node->number);
    if (node->kind == NODE_BOOL)
        return node->is_true ? "true" : "false";
    return "";
}
