#!/usr/bin/env python3
"""Turns a room's statements and tables into C at build time.

usage: sql.py --room ROOM/PATH --output FOLDER NAME.sql [NAME.schema.sql] [OTHER.fragments.sql]
writes FOLDER/NAME_sql.h and FOLDER/NAME_sql.c; in the room's meson.build:

    NAME_sql = custom_target('NAME_sql', input: ['NAME.sql', 'NAME.schema.sql'], output: ['NAME_sql.c', 'NAME_sql.h'],
      command: [python, sql_tool, '--room', 'store', '--output', '@OUTDIR@', '@INPUT@'])

NAME.sql:

    -- name: place_by_code
    -- The comment follows its name and becomes the comment in the header.
    select name, kind from place where code = $1;
    -- postgres:
    (optional) the same for PostgreSQL, where the common text won't do

becomes   extern const struct statement sql_place_by_code;   and a row of NAME_sql_list[].

What several statements say alike stands once, before the first that says it; what several files say alike stands in a
file of fragments only:

    -- fragment: place_columns
    -- In the order of place.c: place_read().
    l.code, l.name, l.path

    -- name: place_by_code
    select {{place_columns}} from place l where l.code = $1;

NAME.schema.sql:

    -- migration: record-0001
    create table …;

becomes   extern const struct migration NAME_migrations[];   and   extern const int NAME_migration_count;
Migrations are never edited once they have been landed: add another.
"""
import argparse
import pathlib
import re
import sys

TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<line>--[^\n]*)|(?P<block>/\*.*?\*/)|(?P<string>'(?:[^']|'')*')|(?P<name>\"(?:[^\"]|\"\")*\")"
    r"|\{\{(?P<fragment>[^{}\n]*)\}\}|(?P<parameter>\$[0-9]+)|(?P<word>[A-Za-z_][A-Za-z_0-9]*)|(?P<cast>::)|(?P<foreign>[?@`]|:[A-Za-z]|\$)|(?P<other>.)",
    re.S)

# Words that mean another moment, another chance or another dialect: values are passed in, dialects go to "-- postgres:".
CALLS_REFUSED = {"now", "random", "gen_random_uuid", "clock_timestamp", "statement_timestamp", "transaction_timestamp",
                 "datetime", "julianday", "strftime", "unixepoch", "nextval", "currval", "last_insert_rowid", "changes",
                 "uuid_generate_v4", "randomblob", "sqlite_version", "date", "time", "age"}
WORDS_REFUSED = {"current_timestamp", "current_date", "current_time", "localtimestamp", "localtime"}
WORDS_OF_ONE_DIALECT = {"glob", "pragma", "rowid", "ilike", "lateral", "unnest", "similar"}
MOST_PARAMETERS = 64  # STATEMENT_PARAMETERS in store/db.h
FIRST_WORDS = {"select", "with", "insert", "update", "delete"}


class Fault(Exception):
    pass


def fault_at(where, message):
    raise Fault(f"{where}: {message}")


class Source:
    """One .sql file, cut into sections by its "-- KEY: value" lines."""

    def __init__(self, path):
        self.path = path
        self.lines = path.read_text(encoding="utf-8").splitlines()

    def fault(self, line, message):
        fault_at(f"{self.path}:{line}", message)


def tokens(source, body, first_line, fragments):
    """(kind, value, where it stands), each fragment replaced by its own tokens."""
    line = first_line
    for found in TOKEN.finditer(body):
        if found.lastgroup == "fragment":
            fragment = fragments.get(found.group("fragment"))
            if not fragment:
                source.fault(line, f"{found.group()}: no fragment was named so before")
            fragment["is_used"] = True
            yield from fragment["tokens"]
        else:
            yield found.lastgroup, found.group(), f"{source.path}:{line}"
        line += found.group().count("\n")


def squeeze(source, body, first_line, is_postgres, fragments):
    """The statement on few lines without comments, its words checked; returns (sql, highest parameter, table changed or None)."""
    out, parameters, words, previous = [], set(), [], None
    ended = False
    for kind, value, where in tokens(source, body, first_line, fragments):
        if kind in ("line", "block", "space"):
            if out and not out[-1].isspace():
                out.append(" ")
            continue
        if ended:
            fault_at(where, "something follows the ';' of the statement")
        lower = value.lower()
        if kind == "word":
            words.append(lower)
            if lower in WORDS_REFUSED:
                fault_at(where, f"{value}: the time is passed in as a parameter")
            if not is_postgres and lower in WORDS_OF_ONE_DIALECT:
                fault_at(where, f"{value} is not in the common subset of both databases")
            if not is_postgres and lower in ("replace", "ignore", "abort") and previous == "or":
                fault_at(where, "insert or … is SQLite's own: say on conflict do …")
            if not is_postgres and lower == "update" and previous == "for":
                fault_at(where, "for update belongs into the postgres: variant; SQLite has one writer")
        elif kind == "parameter":
            if int(value[1:]) == 0:
                fault_at(where, "parameters begin at $1")
            parameters.add(int(value[1:]))
        elif kind == "cast" and not is_postgres:
            fault_at(where, ":: is PostgreSQL's own: say cast(… as …)")
        elif kind == "foreign":
            fault_at(where, f"{value}: parameters are written $1, $2, …")
        elif kind == "other" and value == "(" and previous in CALLS_REFUSED:
            fault_at(where, f"{previous}(): time and chance are passed in as parameters")
        elif kind == "other" and value == ";":
            ended = True
            continue
        elif kind == "other" and value in "'\"":
            fault_at(where, "a quote that is not closed")
        previous = lower
        out.append(value)
    sql = "".join(out).strip()
    if not words:
        source.fault(first_line, "no statement here")
    if not ended:
        source.fault(first_line, "the statement does not end with ';'")
    if words[0] not in FIRST_WORDS:
        source.fault(first_line, f"a statement begins with one of {', '.join(sorted(FIRST_WORDS))}, not {words[0]}")
    highest = max(parameters, default=0)
    holes = sorted(set(range(1, highest + 1)) - parameters)
    if holes:
        source.fault(first_line, f"${holes[0]} is missing between $1 and ${highest}")
    if highest > MOST_PARAMETERS:
        source.fault(first_line, f"${highest}: at most ${MOST_PARAMETERS}")
    changed = tables_changed(words)
    if len(changed) > 1:
        source.fault(first_line, f"one statement changes {' and '.join(sorted(changed))}: make it two")
    return sql, highest, changed.pop() if changed else None


def tables_changed(words):
    """Those that an insert into, update or delete from names; not "do update set" nor "for update"."""
    pairs = zip(["", *words], words, [*words[1:], ""], [*words[2:], "", ""])
    return {after if word == "update" else second for before, word, after, second in pairs
            if (word, after) in (("insert", "into"), ("delete", "from")) or word == "update" and before not in ("do", "for")}


HEADER = re.compile(r"^--\s*(name|fragment|postgres|migration)\s*:\s*(.*?)\s*$")


def sections(source, keys):
    """[(key, value, line, [(line, text), …]), …]; what stands before the first may only be comment."""
    found, current = [], None
    for number, text in enumerate(source.lines, 1):
        header = HEADER.match(text)
        if header:
            if header.group(1) not in keys:
                source.fault(number, f"-- {header.group(1)}: does not belong in this file")
            current = (header.group(1), header.group(2), number, [])
            found.append(current)
        elif current:
            current[3].append((number, text))
        elif text.strip() and not text.startswith("--"):
            source.fault(number, "SQL before the first header line")
    return found


def split_comment(lines, line):
    """The comment under a header, the text below it, and the line that begins on."""
    comment = []
    while lines and (lines[0][1].startswith("--") or (not comment and not lines[0][1].strip())):
        text = lines.pop(0)[1][2:].strip()
        if text:
            comment.append(text)
    return comment, "\n".join(text for _, text in lines), lines[0][0] if lines else line


def check_name(source, line, value, names):
    if not re.fullmatch(r"[a-z][a-z0-9_]*", value):
        source.fault(line, f"a name is lower case words joined by _, not {value!r}")
    if value in names:
        source.fault(line, f"{value} was named before, at line {names[value]}")
    names[value] = line


def add_fragment(source, line, value, body, body_line, fragments):
    if value in fragments:
        source.fault(line, f"the fragment {value} was named before, at {fragments[value]['where']}")
    known = [token for token in tokens(source, body.strip(), body_line, fragments) if token[0] != "line"]
    if not known:
        source.fault(line, "no text here")
    fragments[value] = {"where": f"{source.path}:{line}", "tokens": known, "is_used": False}


def read_fragments(path, fragments):
    source = Source(path)
    names = {}
    for _, value, line, lines in sections(source, {"fragment"}):
        check_name(source, line, value, names)
        _, body, body_line = split_comment(lines, line)
        add_fragment(source, line, value, body, body_line, fragments)


def read_statements(path, shared):
    source = Source(path)
    statements, names, fragments, is_after_fragment = [], {}, dict(shared), False
    for key, value, line, lines in sections(source, {"name", "fragment", "postgres"}):
        comment, body, body_line = split_comment(lines, line)
        if key == "fragment":
            check_name(source, line, value, names)
            add_fragment(source, line, value, body, body_line, fragments)
        elif key == "name":
            check_name(source, line, value, names)
            sql, parameters, table = squeeze(source, body, body_line, False, fragments)
            statements.append({"name": value, "comment": comment, "sql": sql, "postgres": None,
                               "parameters": parameters, "table": table, "line": line})
        else:
            if value:
                source.fault(line, "nothing follows '-- postgres:' on its line")
            if not statements or is_after_fragment or statements[-1]["postgres"] is not None:
                source.fault(line, "'-- postgres:' follows the statement it is a variant of, once")
            sql, parameters, table = squeeze(source, body, body_line, True, fragments)
            last = statements[-1]
            if parameters != last["parameters"]:
                source.fault(line, f"the variant has ${parameters} as its last parameter, the common text ${last['parameters']}")
            if table != last["table"]:
                source.fault(line, "the two texts don't change the same table")
            last["postgres"] = sql
        is_after_fragment = key == "fragment"
    for name, fragment in fragments.items():
        if name not in shared and not fragment["is_used"]:
            fault_at(fragment["where"], f"nothing uses the fragment {name}")
    return statements


def read_migrations(path):
    source = Source(path)
    migrations, names = [], {}
    for _, value, line, lines in sections(source, {"migration"}):
        if not re.fullmatch(r"[a-z][a-z0-9_]*-[0-9]{4}", value):
            source.fault(line, f"a migration is named like record-0001, not {value!r}")
        if value in names:
            source.fault(line, f"{value} was named before, at line {names[value]}")
        names[value] = line
        body = "\n".join(text for _, text in lines)
        out, last, previous = [], None, None
        for kind, token, where in tokens(source, body, lines[0][0] if lines else line, {}):
            lower = token.lower()
            if kind == "word" and lower in WORDS_REFUSED or kind == "other" and token == "(" and previous in CALLS_REFUSED:
                fault_at(where, f"{previous or token}: times are passed in, never a default")
            if kind == "word" and lower in ("trigger", "rule", "deferrable", "deferred"):
                fault_at(where, f"{token}: not on our tables (they must spread over a cluster)")
            if kind == "word" and lower in ("begin", "commit", "rollback"):
                fault_at(where, f"{token}: each migration is one transaction already")
            if kind not in ("space", "line", "block"):
                last, previous = token, lower
            if kind == "line":
                continue
            out.append(token)
        if last != ";":
            source.fault(line, "the migration does not end with ';'")
        text = re.sub(r"[ \t]*\n\s*", "\n", "".join(out)).strip()
        migrations.append({"name": value, "sql": text})
    return migrations


def c_string(text, indent):
    lines = text.split("\n")
    quoted = []
    for i, line in enumerate(lines):
        escaped = line.replace("\\", "\\\\").replace('"', '\\"').replace("??", "?\\?")
        quoted.append(f'"{escaped}' + ('\\n"' if i + 1 < len(lines) else '"'))
    return ("\n" + " " * indent).join(quoted)


def write_files(name, room, folder, statements, migrations, inputs):
    guard = f"{room}_{name}_SQL_H".upper().replace("/", "_")
    note = f"made by tools/sql.py from {' and '.join(i.name for i in inputs)}: edit those"
    h = [f"/* {room}/{name}_sql.h -- {note} */", f"#ifndef {guard}", f"#define {guard}", '#include "store/db.h"', ""]
    c = [f"/* {room}/{name}_sql.c -- {note} */", f'#include "{room}/{name}_sql.h"', ""]
    for s in statements:
        comment = " ".join(s["comment"]).replace("*/", "* /").replace("/*", "/ *")
        if comment:
            h.append(f"/* {comment} */")
        h.append(f"extern const struct statement sql_{s['name']};")
        c.append(f"const struct statement sql_{s['name']} = {{")
        c.append(f"    .name = \"{s['name']}\",")
        c.append(f"    .sql = {c_string(s['sql'], 11)},")
        if s["postgres"] is not None:
            c.append(f"    .postgres = {c_string(s['postgres'], 16)},")
        c.append(f"    .parameters = {s['parameters']},")
        c.append(f"    .changes = {'true' if s['table'] else 'false'},")
        if s["table"]:
            c.append(f"    .table = \"{s['table']}\",")
        c.append("};")
        c.append("")
    if statements:
        h += ["", "/* Every statement of this room, for the test that prepares them all. */",
              f"extern const struct statement *const {name}_sql_list[];", f"extern const int {name}_sql_count;"]
        c.append(f"const struct statement *const {name}_sql_list[] = {{")
        c += [f"    &sql_{s['name']}," for s in statements]
        c += ["};", f"const int {name}_sql_count = {len(statements)};", ""]
    if migrations:
        h += ["", "/* The tables, in order: for db_migrate(). */", f"extern const struct migration {name}_migrations[];",
              f"extern const int {name}_migration_count;"]
        c.append(f"const struct migration {name}_migrations[] = {{")
        for m in migrations:
            c.append(f"    {{ .name = \"{m['name']}\",")
            c.append(f"      .sql = {c_string(m['sql'], 13)} }},")
        c += ["};", f"const int {name}_migration_count = {len(migrations)};", ""]
    h += ["#endif", ""]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}_sql.h").write_text("\n".join(h), encoding="utf-8")
    (folder / f"{name}_sql.c").write_text("\n".join(c), encoding="utf-8")


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--room", required=True)
    parser.add_argument("--output", required=True, type=pathlib.Path)
    parser.add_argument("inputs", nargs="+", type=pathlib.Path)
    options = parser.parse_args(arguments)
    statements, migrations, fragments, name = [], [], {}, None
    try:
        shared = [path for path in options.inputs if path.name.endswith(".fragments.sql")]
        for path in shared:
            read_fragments(path, fragments)
        for path in (path for path in options.inputs if path not in shared):
            if path.name.endswith(".schema.sql"):
                migrations, own = read_migrations(path), path.name[:-len(".schema.sql")]
            else:
                statements, own = read_statements(path, fragments), path.stem
            if name not in (None, own):
                raise Fault(f"{path}: belongs to {own}, not to {name}")
            name = own
    except Fault as fault:
        print(fault, file=sys.stderr)
        return 1
    write_files(name, options.room, options.output, statements, migrations, options.inputs)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
