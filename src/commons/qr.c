/* commons/qr.c */
#include "commons/qr.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/err.h"

#include <qrencode.h>

enum { QUIET_ZONE = 4 }; /* modules that stay white on each side (ISO/IEC 18004) */

static void draw_row(struct buffer *path, const unsigned char *row, int width, int y)
{
    for (int x = 0; x < width; x++) {
        int run = 0;
        while (x + run < width && (row[x + run] & 1))
            run++;
        if (run)
            buffer_printf(path, "M%d %dh%dv1h-%dz", x + QUIET_ZONE, y + QUIET_ZONE, run, run);
        x += run;
    }
}

void qr_put(struct ctx *ctx, struct node *object, const struct key *key, const char *text)
{
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    if (!code) {
        node_put(object, key, (struct node){ .kind = NODE_NULL });
        return;
    }
    scoped(buffer_clear) struct buffer path = { 0 };
    for (int y = 0; y < code->width; y++)
        draw_row(&path, code->data + y * code->width, code->width, y);
    int side = code->width + 2 * QUIET_ZONE;
    QRcode_free(code);
    struct node *qr = node_put_object(object, key);
    node_put_string(qr, KEY("box"), arena_printf(ctx->arena, "0 0 %d %d", side, side));
    node_put_text(qr, KEY("path"), (struct text){ arena_copy(ctx->arena, path.at, path.size), path.size });
}
