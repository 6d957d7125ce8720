/* vote/sealed.c */
#include "vote/sealed.h"

#include "base/ctx.h"
#include "base/encode.h"
#include "base/err.h"
#include "base/json.h"

static bool is_lower_hex(struct text text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!memchr("0123456789abcdef", text.at[i], 16))
            return false;
    return true;
}

bool sealed_read(struct ctx *ctx, struct group *group, struct text text, struct sealed *ret)
{
    struct node *read;
    struct sealed made = { 0 };
    if (json_read(ctx, text, &read))
        return false;
    made.is_ccm = has_fields(read, false, FIELDS("alpha", "beta", "data"));
    if (!made.is_ccm && (!has_fields(read, false, FIELDS("algorithm", "alpha", "beta", "data")) ||
                         !text_is(node_find_text(read, KEY("algorithm")), "AES-GCM")))
        return false;
    struct text data = node_find_text(read, KEY("data"));
    if (!group_decode(group, node_find_text(read, KEY("alpha")), &made.alpha) ||
        !group_decode(group, node_find_text(read, KEY("beta")), &made.beta) || !is_lower_hex(data) ||
        !hex_decode(ctx->arena, data, &made.data) || made.data.size <= (made.is_ccm ? CCM_TAG_SIZE : GCM_TAG_SIZE))
        return false;
    *ret = made;
    return true;
}
