/* fuzz_multipart -- src/http/form.c: a body is a form or refused; every part lies inside the body. The boundary is XX. */
#include "target.h"

#include "http/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const struct ctx model;
    struct ctx *ctx = ctx_begin(&model);
    struct text body = { (const char *)bytes, size };
    struct form form = { 0 };
    const struct err *err = form_read_multipart(ctx, TEXT("XX"), body, true, &form);
    FUZZ_DEMAND(!err || err->kind == ERR_INPUT);
    FUZZ_DEMAND(form.fields.count <= URL_MOST_PAIRS && form.files <= FORM_MOST_FILES);
    for (const struct pair *pair = form.fields.first; pair; pair = pair->next)
        FUZZ_DEMAND(text_is_clean(pair->name) && pair->name.size && url_text_is_good(pair->value));
    for (const struct upload *upload = form.uploads; upload; upload = upload->next) {
        FUZZ_DEMAND(upload->bytes.at >= body.at && upload->bytes.at + upload->bytes.size <= body.at + body.size);
        FUZZ_DEMAND(!memmem(upload->bytes.at, upload->bytes.size, "\r\n--XX", 6));
        FUZZ_DEMAND(!upload->file_name.size || !memchr(upload->file_name.at, '/', upload->file_name.size));
    }
    struct text boundary;
    if (form_boundary(body, &boundary))
        FUZZ_DEMAND(boundary.size && boundary.size <= 70);
    ctx_end(ctx);
    return 0;
}
