/* http/mustache_inside.h -- what a compiled template looks like: a flat list of steps.
 *
 *     <ul>{{#rows}}<li>{{name}}</li>{{/rows}}</ul>
 *
 *     0 TEXT "<ul>"
 *     1 SECTION rows, end 5
 *     2   TEXT "<li>"
 *     3   ESCAPED name
 *     4   TEXT "</li>"
 *     5 TEXT "</ul>"
 *
 * A step that holds others (section, inverted, block, parent) names the step after its last one. Texts of the catalogue and
 * addresses of static files are already TEXT. Indentation: a standalone partial indents every line of what it brings, so a
 * step knows whether it begins a line; where the indentation is empty (nearly always) a text goes out in one copy.
 */
#ifndef HTTP_MUSTACHE_INSIDE_H
#define HTTP_MUSTACHE_INSIDE_H
#include "http/mustache.h"

enum step_kind {
    STEP_TEXT,
    STEP_INDENT, /* a line begins here with a tag: write the indentation, if any */
    STEP_ESCAPED,
    STEP_RAW,
    STEP_SECTION,
    STEP_INVERTED,
    STEP_PARTIAL,
    STEP_PARENT, /* its direct BLOCK steps are the arguments; everything else inside is ignored */
    STEP_BLOCK,
};

struct name {
    const struct key *const *parts; /* a.b.c; count 0 is "." */
    int count;
};

struct step {
    enum step_kind kind;
    bool begins_line;        /* TEXT */
    bool has_lines;          /* TEXT: has a line feed before its last byte */
    bool is_standalone;      /* BLOCK: the opening tag stood alone in its line */
    int end;                 /* the step after this one and all it holds */
    struct text text;        /* TEXT; PARTIAL, PARENT, BLOCK: the indentation */
    struct name name;        /* ESCAPED, RAW, SECTION, INVERTED; PARTIAL and PARENT with a dynamic name */
    const struct key *block; /* BLOCK */
    const struct template *template; /* PARTIAL, PARENT; NULL brings nothing */
};

struct template {
    const char *name;
    struct text source;
    struct step *steps;
    int count;
};

struct mustache {
    struct arena *arena; /* holds everything, itself too */
    struct template *templates; /* sorted by name */
    int count;
};

enum { MUSTACHE_MOST_NESTED = 64, MUSTACHE_MOST_SECTIONS = 32, MUSTACHE_MOST_STEPS = 4 * 1000 * 1000 };

const struct template *mustache_find(const struct mustache *mustache, struct text name);
#endif
