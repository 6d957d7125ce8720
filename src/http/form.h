/* http/form.h -- what a body says: fields and files, from the three forms a body may have.
 * Owns:          struct form; reading urlencoded, multipart and JSON bodies
 * Must not know: sockets, routes, sizes allowed (the body is already bounded and whole)
 * Begin at:      form_read()
 *
 * Strict and without copies: multipart parts point into the body, which must live as long as the form.
 * Basis: RFC 7578, RFC 2046 5.1.1, the WHATWG URL standard's application/x-www-form-urlencoded.
 */
#ifndef HTTP_FORM_H
#define HTTP_FORM_H
#include "http/http.h"
#include "http/url.h"

enum { FORM_MOST_FILES = 10, FORM_MOST_PART_HEADER = 2048 };

struct form {
    struct pairs fields;
    struct upload *uploads, *last_upload;
    int files;
    bool had_files; /* also those left out */
};

/* By CONTENT_TYPE: fails with ERR_INPUT; *RET_UNKNOWN says that no such type is read here (415). */
fallible form_read(struct ctx *ctx, struct text content_type, struct text body, bool takes_uploads, struct form *form,
                   bool *ret_unknown);

fallible form_read_multipart(struct ctx *ctx, struct text boundary, struct text body, bool takes_uploads,
                             struct form *form);
/* One flat object; true is "yes", false and null are left out. */
fallible form_read_json(struct ctx *ctx, struct text body, struct form *form);
/* The parameter of "multipart/form-data; boundary=…"; false when there is none or it is malformed. */
bool form_boundary(struct text content_type, struct text *ret);
#endif
