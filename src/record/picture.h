/* record/picture.h -- photos: what they are by their content, without what they tell besides the picture.
 * Owns:          telling JPEG, PNG and WebP apart by their bytes; bounds; stripping of metadata
 * Must not know: where pictures are kept, whose they are; nothing is decoded or drawn
 * Begin at:      picture_clean()
 *
 * What stays is what a viewer needs to draw the picture: of JPEG the tables, frames and scans, JFIF, the colour profile
 * (APP2 ICC_PROFILE) and Adobe's colour mark (APP14), with the orientation kept as a minimal EXIF block of one tag; of
 * PNG the chunks IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT pHYs bKGD; of WebP all but the chunks EXIF and XMP.
 * Everything else (EXIF with its place and time, XMP, IPTC, comments, text, thumbnails, bytes behind the end) is
 * dropped.
 */
#ifndef RECORD_PICTURE_H
#define RECORD_PICTURE_H
#include "base/ctx.h"
#include "base/err.h"
#include "base/text.h"

enum { PICTURE_MOST_BYTES = 10 << 20, PICTURE_MOST_SIDE = 16384, PICTURE_MOST_PIXELS = 100000000 };

enum picture_type { PICTURE_JPEG, PICTURE_PNG, PICTURE_WEBP };

struct picture {
    enum picture_type type;
    const char *media_type; /* image/jpeg … */
    int width, height;
    struct text bytes; /* stripped, in ctx's arena */
};

/* ERR_INPUT "picture.type" (none of the three), "picture.large" {the most, in MB}, "picture.size" (too many pixels),
 * "picture.broken" (cut off or malformed). Cleaning what is clean changes nothing. */
fallible picture_clean(struct ctx *ctx, struct text bytes, struct picture *ret);
#endif
