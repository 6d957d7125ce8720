/* tests/story/browser.h -- a browser without JavaScript: cookies, forms read out of the page, redirects followed.
 *
 *     struct page page = browser_get(b, "/requests/new");
 *     page = browser_press(b, &page, "/requests", FIELDS({ "category", "help" }, { "text", "…" }));
 *
 * browser_press() can only send what the page offers: the form must stand in it, each field must be one of the form's,
 * and a choice one of its options. Hidden fields (csrf, token, version) go along as they stand. Everything lives in the
 * browser's ctx.
 */
#ifndef TESTS_STORY_BROWSER_H
#define TESTS_STORY_BROWSER_H
#include "base/ctx.h"
#include "base/node.h"
#include "base/text.h"

#include <stdbool.h>

enum { BROWSER_COOKIES = 8 };

struct browser {
    int port;
    struct ctx *ctx;
    struct {
        char *name, *value;
    } cookies[BROWSER_COOKIES];
    const char *language; /* Accept-Language; NULL sends none */
    const char *headers;  /* more lines, each with its \r\n, sent with everything; NULL: none */
    const char *at;      /* the page it shows: sent as Referer with a form */
    bool wants_json;
    bool stays; /* redirects are not followed */
};

struct page {
    int status;      /* 0: the connection ended without an answer */
    const char *path; /* where it was found in the end */
    struct text head, body;
    const char *location;   /* of a redirect that was not followed */
    const struct node *json; /* when the answer is JSON */
};

struct field {
    const char *name, *value;
    const char *file_name; /* a file: value are its bytes, size of them */
    size_t size;
};
#define FIELDS(...)                                                                                                    \
    (const struct field[]){ __VA_ARGS__ }, (int)(sizeof((const struct field[]){ __VA_ARGS__ }) / sizeof(struct field))
#define NO_FIELDS NULL, 0

void browser_begin(struct browser *browser, const struct ctx *model, int port);
void browser_end(struct browser *browser);
void browser_set_cookie(struct browser *browser, const char *name, const char *value);
const char *browser_cookie(const struct browser *browser, const char *name); /* NULL without */

struct page browser_get(struct browser *browser, const char *path);
/* Sends fields as they are, read from no page. */
struct page browser_post(struct browser *browser, const char *path, const struct field *fields, int count);
struct page browser_post_body(struct browser *browser, const char *path, const char *content_type, struct text body);
/* Presses the button of the form whose action (without its query) ends with ACTION; BUTTON "name=value" when it has several. */
struct page browser_press(struct browser *browser, const struct page *page, const char *action, const struct field *fields,
                          int count);
struct page browser_press_button(struct browser *browser, const struct page *page, const char *action, const char *button,
                                 const struct field *fields, int count);
/* Bytes as they are, and whatever comes back; for what no browser would send. */
struct page browser_raw(struct browser *browser, struct text bytes);

bool page_has_form(const struct page *page, const char *action);
/* The value of a field of a form, as it would be sent now; NULL when there is no such field. */
const char *page_field(struct browser *browser, const struct page *page, const char *action, const char *name);
/* The value of the option of a choice whose label contains WORDS; fails the test when there is none. */
const char *page_option(struct browser *browser, const struct page *page, const char *action, const char *name,
                        const char *words);
bool page_says(const struct page *page, const char *words);
/* The text of the body without tags, entities read; for messages of a failing test, and for searching. */
const char *page_words(struct browser *browser, const struct page *page);
const char *page_header(struct browser *browser, const struct page *page, const char *name);

/* JSON, by a path of members and numbers: "matter.state.key", "rows.0.number". Empty when there is none. */
const struct node *page_node(const struct page *page, const char *path);
const char *page_string(struct browser *browser, const struct page *page, const char *path);

#define assert_status(browser, page, expected)                                                                         \
    do {                                                                                                               \
        if ((page)->status != (expected))                                                                              \
            fail_msg("%s answered %d instead of %d: %s", (page)->path, (page)->status, (expected),                    \
                     page_words((browser), (page)));                                                                   \
    } while (0)
#define assert_says(browser, page, words)                                                                              \
    do {                                                                                                               \
        if (!page_says((page), (words)))                                                                               \
            fail_msg("%s (%d) does not say \"%s\": %s", (page)->path, (page)->status, (words),                        \
                     page_words((browser), (page)));                                                                   \
    } while (0)
#define assert_silent(browser, page, words)                                                                            \
    do {                                                                                                               \
        if (page_says((page), (words)))                                                                                \
            fail_msg("%s (%d) says \"%s\": %s", (page)->path, (page)->status, (words), page_words((browser), (page)));     \
    } while (0)
#endif
