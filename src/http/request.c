/* http/request.c -- what pages ask of a request. */
#include "http/http_inside.h"

#include "base/arena.h"
#include "base/encode.h"

#include <strings.h>

struct request *request_new(struct ctx *ctx)
{
    struct request *request = arena_new_of(ctx->arena, struct request);
    request->ctx = ctx;
    ctx->request = request;
    return request;
}

struct text request_method(const struct request *request)
{
    return request->method;
}

struct text request_path(const struct request *request)
{
    return request->path.whole;
}

struct text request_param(const struct request *request, const char *name)
{
    return pairs_find(&request->params, text_of(name));
}

struct text request_query(const struct request *request, const char *name)
{
    return pairs_find(&request->query, text_of(name));
}

struct text request_field(const struct request *request, const char *name)
{
    return pairs_find(&request->form.fields, text_of(name));
}

struct text request_cookie(const struct request *request, const char *name)
{
    if (request->has_fresh_session && !strcmp(name, HTTP_SESSION_COOKIE))
        return text_of(request->fresh_session);
    return pairs_find(&request->cookies, text_of(name));
}

struct text request_header(const struct request *request, const char *name)
{
    return pairs_find_header(&request->headers, name);
}

const struct upload *request_uploads(const struct request *request)
{
    return request->form.uploads;
}

struct text request_query_string(const struct request *request)
{
    return request->query_string;
}

struct text request_network(const struct request *request)
{
    return request->network;
}

struct text request_remote(const struct request *request)
{
    return request->remote;
}

bool request_is_secure(const struct request *request)
{
    return request->is_secure;
}

bool request_wants_json(const struct request *request)
{
    return request->wants_json;
}

void request_set_session(struct request *request, void *session)
{
    request->session = session;
}

void *request_session(const struct request *request)
{
    return request->session;
}

bool request_had_files(const struct request *request)
{
    return request->form.had_files || text_is(request_field(request, "kept.had_files"), "yes");
}

/* --- reading headers --- */

void request_read_cookies(struct request *request)
{
    for (const struct pair *pair = request->headers.first; pair; pair = pair->next) {
        if (pair->name.size != 6 || strncasecmp(pair->name.at, "cookie", 6))
            continue;
        struct text rest = pair->value;
        while (rest.size && request->cookies.count < URL_MOST_PAIRS) {
            struct text value, name = text_trim(text_cut(text_cut(rest, ';', &rest), '=', &value));
            value = text_trim(value);
            if (value.size >= 2 && value.at[0] == '"' && text_ends(value, "\""))
                value = (struct text){ value.at + 1, value.size - 2 };
            if (name.size && text_is_clean(name) && text_is_clean(value))
                pairs_add(&request->cookies, request->ctx->arena, name, value);
        }
    }
}

/* Thousandths of the q of one element ("text/html;q=0.8"); what can't be read counts as 1. */
static int quality(struct text parameters)
{
    while (parameters.size) {
        struct text value, name = text_trim(text_cut(text_cut(parameters, ';', &parameters), '=', &value));
        value = text_trim(value);
        if (!text_is(name, "q") && !text_is(name, "Q"))
            continue;
        int thousandths = 0, unit = 1000;
        for (size_t i = 0; i < value.size && unit; i++) {
            if (value.at[i] == '.' && i == 1)
                continue;
            if (value.at[i] < '0' || value.at[i] > '9')
                return 1000;
            thousandths += (value.at[i] - '0') * unit;
            unit /= 10;
        }
        return thousandths < 1000 ? thousandths : 1000;
    }
    return 1000;
}

static bool is_like(struct text text, const char *word)
{
    return text.size == strlen(word) && !strncasecmp(text.at, word, text.size);
}

bool request_prefers_json(struct text accept)
{
    int json = 0, html = 0, json_place = 0, html_place = 0, place = 0;
    while (accept.size) {
        struct text parameters, kind = text_trim(text_cut(text_cut(accept, ',', &accept), ';', &parameters));
        place++;
        if (is_like(kind, "application/json")) {
            json = quality(parameters);
            json_place = place;
        } else if (is_like(kind, "text/html") || is_like(kind, "application/xhtml+xml")) {
            int q = quality(parameters);
            if (q > html) {
                html = q;
                html_place = place;
            }
        }
    }
    return json > html || (json && json == html && json_place < html_place);
}

bool request_accepts_encoding(struct text accept, const char *encoding)
{
    while (accept.size) {
        struct text parameters, kind = text_trim(text_cut(text_cut(accept, ',', &accept), ';', &parameters));
        if (is_like(kind, encoding))
            return quality(parameters) > 0;
    }
    return false;
}

/* --- what is kept over a sign-in --- */

enum { MOST_KEPT = HTTP_MOST_KEPT / 4 }; /* three bytes of a form for one of Chinese, and the names */
static const char kept_prefix[] = "kept.";

static bool is_secret(struct text name)
{
    return text_is(name, "csrf") || text_is(name, "back") ||
           (name.size && memmem(name.at, name.size, "password", 8) != NULL);
}

static void keep(struct node *list, struct text name, struct text value, size_t *size)
{
    if (*size + name.size + value.size > MOST_KEPT)
        return;
    *size += name.size + value.size;
    struct node *one = node_add_object(list);
    node_put_text(one, KEY("name"), name);
    node_put_text(one, KEY("value"), value);
}

struct node *request_kept(struct ctx *ctx, const struct request *request)
{
    struct node *list = node_list(ctx->arena);
    size_t size = 0;
    for (const struct pair *pair = request->form.fields.first; pair; pair = pair->next) {
        if (text_starts(pair->name, kept_prefix)) {
            keep(list, pair->name, pair->value, &size);
        } else if (request->may_keep && !is_secret(pair->name)) {
            const char *name = arena_printf(ctx->arena, "%s%.*s", kept_prefix, (int)pair->name.size, pair->name.at);
            keep(list, text_of(name), pair->value, &size);
        }
    }
    if (list->count && request->may_keep && request->form.had_files)
        keep(list, TEXT("kept.had_files"), TEXT("yes"), &size);
    return list;
}

void request_refill(struct request *request)
{
    struct form refilled = { .had_files = request_had_files(request) };
    for (const struct pair *pair = request->form.fields.first; pair; pair = pair->next) {
        struct text name = { pair->name.at + strlen(kept_prefix), pair->name.size - strlen(kept_prefix) };
        if (text_starts(pair->name, kept_prefix) && name.size && !is_secret(name))
            pairs_add(&refilled.fields, request->ctx->arena, name, pair->value);
    }
    request->form = refilled;
}

bool http_is_own_address(struct text address)
{
    if (!address.size || address.size > 2048 || address.at[0] != '/' || (address.size > 1 && address.at[1] == '/'))
        return false;
    for (size_t i = 0; i < address.size; i++)
        if ((unsigned char)address.at[i] <= ' ' || address.at[i] == '\\' || address.at[i] == 0x7F)
            return false;
    return text_is_clean(address);
}

/* The path and query of a Referer that is ours. */
static struct text path_of_referer(const struct request *request)
{
    struct text referer = request_header(request, "Referer"), rest;
    size_t scheme = text_starts(referer, "https://") ? 8 : text_starts(referer, "http://") ? 7 : 0;
    if (!scheme || !request->host.size)
        return (struct text){ NULL, 0 };
    referer = (struct text){ referer.at + scheme, referer.size - scheme };
    struct text theirs = text_cut(referer, '/', &rest);
    if (theirs.size == referer.size || !text_equal(theirs, request->host))
        return (struct text){ NULL, 0 };
    struct text fragment;
    return text_cut((struct text){ rest.at - 1, rest.size + 1 }, '#', &fragment);
}

/* Who has signed in is not led back to where one signs in. */
static bool is_sign_in(struct text address)
{
    struct text query;
    return text_is(text_cut(address, '?', &query), "/sign-in");
}

const char *request_back(struct ctx *ctx, const struct request *request)
{
    struct text back = request_field(request, "back");
    if (!back.size)
        back = request_query(request, "back");
    if (!back.size && text_is(request->method, "POST"))
        back = path_of_referer(request);
    else if (!back.size)
        back = request->target;
    return http_is_own_address(back) && !is_sign_in(back) ? text_string(ctx->arena, back) : "/";
}

/* --- cookies that an answer sets --- */

void answer_cookie(struct ctx *ctx, struct answer *answer, const char *name, const char *value, int64_t seconds)
{
    for (const char *at = value; at && *at; at++)
        if (*at <= ' ' || *at >= 0x7F || strchr("\",;\\", *at))
            BUG("the cookie %s with a value that no header can carry", name);
    bool is_secure = ctx->request && ctx->request->is_secure;
    struct answer_cookie *cookie = arena_new_of(ctx->arena, struct answer_cookie);
    bool is_until_closed = value && !seconds;
    const char *age = is_until_closed ? "" : arena_printf(ctx->arena, "; Max-Age=%lld", value ? (long long)seconds : 0LL);
    cookie->header = arena_printf(ctx->arena, "%s=%s; Path=/%s; HttpOnly; SameSite=Lax%s", name, value ? value : "", age,
                                  is_secure ? "; Secure" : "");
    struct answer_cookie **end = &answer->cookies;
    while (*end)
        end = &(*end)->next;
    *end = cookie;
    if (ctx->request && !strcmp(name, HTTP_SESSION_COOKIE)) {
        ctx->request->has_fresh_session = true;
        ctx->request->fresh_session = value ? arena_string(ctx->arena, value) : NULL;
    }
}
