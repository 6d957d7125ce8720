/* http/guard.c -- a form is only taken from our own pages.
 * Two fences: the token that only a page of ours can know, and what the browser says about where the form stood. */
#include "http/http_inside.h"

#include "base/arena.h"
#include "base/encode.h"

#include <strings.h>

static bool is_same_host(struct text a, struct text b)
{
    return a.size && a.size == b.size && !strncasecmp(a.at, b.at, a.size);
}

const struct err *guard_origin(struct ctx *ctx, const struct request *request)
{
    struct text site = request_header(request, "Sec-Fetch-Site"), origin = request_header(request, "Origin");
    if (site.size && !text_is(site, "same-origin") && !text_is(site, "none"))
        return err_new(ctx, ERR_DENIED, "http.foreign");
    if (!origin.size)
        return NULL;
    struct text host = origin;
    size_t scheme = text_starts(origin, "https://") ? 8 : text_starts(origin, "http://") ? 7 : origin.size;
    host = (struct text){ origin.at + scheme, origin.size - scheme };
    return is_same_host(host, request->host) ? NULL : err_new(ctx, ERR_DENIED, "http.foreign");
}

static struct text secret_of(const struct request *request)
{
    struct text session = request_cookie(request, HTTP_SESSION_COOKIE);
    if (session.size)
        return session;
    if (request->visit)
        return text_of(request->visit);
    return request_cookie(request, HTTP_VISIT_COOKIE);
}

static const char *token_of(struct ctx *ctx, struct text secret)
{
    const char *both = arena_printf(ctx->arena, "csrf%.*s", (int)secret.size, secret.at);
    struct sha256 hash = sha256_of(text_of(both));
    return base64url_encode(ctx->arena, sha256_text(&hash));
}

const char *request_csrf(struct ctx *ctx, struct request *request)
{
    if (!secret_of(request).size) {
        uint8_t bytes[18];
        ctx_random(ctx, bytes, sizeof bytes);
        request->visit = base64url_encode(ctx->arena, (struct text){ (const char *)bytes, sizeof bytes });
    }
    return token_of(ctx, secret_of(request));
}

const struct err *guard_token(struct ctx *ctx, struct request *request)
{
    struct text sent = request_field(request, "csrf"), secret = secret_of(request);
    if (!sent.size)
        sent = request_header(request, "X-CSRF");
    if (secret.size) {
        const char *right = token_of(ctx, secret);
        if (sent.size == strlen(right) && bytes_equal_in_constant_time(sent.at, right, sent.size))
            return NULL;
    }
    return err_new(ctx, ERR_DENIED, "http.csrf");
}
