/* vote/trustee_key.c */
#include "vote/trustee_key.h"

#include "base/arena.h"
#include "base/ctx.h"

#include <sodium.h>
#include <stdio.h>

void trustee_key_write(struct ctx *ctx, struct group *group, const struct secret *x, struct text name,
                       struct buffer *out)
{
    struct point key;
    struct zk_proof proof;
    char written[POINT_TEXT];
    point_power_generator(group, x, &key);
    struct text text = point_tell(group, &key, written);
    zk_prove(group, x, "pok|", text_of(arena_printf(ctx->arena, "%s|%s", group->name, written)), &proof);
    buffer_string(out, "{\"pok\":");
    zk_write(&proof, out);
    buffer_string(out, ",\"public_key\":\"");
    buffer_text(out, text);
    buffer_byte(out, '"');
    if (name.size > 0) {
        buffer_string(out, ",\"name\":");
        buffer_json(out, name);
    }
    buffer_byte(out, '}');
}

void trustee_key_id(struct text public_key, char ret[TRUSTEE_ID_TEXT])
{
    struct sha256 hash = sha256_of(public_key);
    snprintf(ret, TRUSTEE_ID_TEXT, "%02X%02X%02X%02X", hash.bytes[0], hash.bytes[1], hash.bytes[2], hash.bytes[3]);
}

void private_key_write(const struct secret *x, char ret[PRIVATE_KEY_TEXT])
{
    ret[0] = '"';
    size_t size = secret_encode(x, ret + 1);
    ret[size + 1] = '"';
    ret[size + 2] = '\0';
}

bool private_key_read(struct group *group, struct text text, struct secret *ret)
{
    text = text_trim(text);
    if (text.size < 2 || text.at[0] != '"' || text.at[text.size - 1] != '"')
        return false;
    return secret_decode(group, (struct text){ text.at + 1, text.size - 2 }, ret) && !secret_is_zero(ret);
}

void trustees_write(const struct text *singles, int count, const struct text *sets, int set_count, struct buffer *out)
{
    buffer_byte(out, '[');
    for (int i = 0; i < count; i++) {
        buffer_string(out, i > 0 ? ",[\"Single\"," : "[\"Single\",");
        buffer_text(out, singles[i]);
        buffer_byte(out, ']');
    }
    for (int i = 0; i < set_count; i++) {
        buffer_string(out, count + i > 0 ? ",[\"Pedersen\"," : "[\"Pedersen\",");
        buffer_text(out, sets[i]);
        buffer_byte(out, ']');
    }
    buffer_byte(out, ']');
}
