#!/usr/bin/env python3
"""Makes a C table of files: struct embedded of src/http/http.h.

usage: embed.py views  OUT.c FILE…          src/*/views/*.mustache by their stem ("start"); a stem that stands twice is refused
       embed.py assets OUT.c FILE…          web/*: with gzip and (where the brotli command is there) brotli bytes, a name that
                                            holds the hash of the content, a content type
       embed.py data   OUT.c NAME=FILE…     anything else, under the name given

The order of the table is the order of the names. Nothing depends on the time; of the machine only whether brotli is there.
"""
import gzip
import hashlib
import pathlib
import shutil
import subprocess
import sys

TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
         ".png": "image/png", ".ico": "image/x-icon", ".txt": "text/plain; charset=utf-8"}


def c_literal(data):
    """The bytes as C string literals of at most 120 columns or so."""
    lines, line = [], []
    width = 0
    for byte in data:
        piece = chr(byte) if 0x20 <= byte < 0x7F and byte not in b'"\\?' else f"\\{byte:03o}"
        line.append(piece)
        width += len(piece)
        if width >= 110:
            lines.append('"' + "".join(line) + '"')
            line, width = [], 0
    lines.append('"' + "".join(line) + '"')
    return "\n        ".join(lines)


def c_text(data):
    return f"{{ {c_literal(data)}, {len(data)} }}" if data is not None else "{ NULL, 0 }"


def brotli_of(data):
    if not shutil.which("brotli"):
        return None
    return subprocess.run(["brotli", "--best", "--stdout", "--no-copy-stat", "-"], input=data, stdout=subprocess.PIPE,
                          check=True).stdout


def rows_of(kind, words):
    rows = {}
    for word in words:
        name, _, file = word.partition("=") if kind == "data" else (word, "", word)
        path = pathlib.Path(file)
        name = {"views": path.stem, "assets": path.name, "data": name}[kind]
        if name in rows:
            sys.exit(f"embed.py: {name} stands twice: {rows[name][0]} and {path}")
        rows[name] = (path, path.read_bytes())
    return dict(sorted(rows.items()))


def row(kind, name, path, data):
    if kind != "assets":
        return f'    {{ .name = "{name}",\n      .bytes = {c_text(data)} }},'
    if path.suffix not in TYPES:
        sys.exit(f"embed.py: {path}: no content type for {path.suffix}")
    digest = hashlib.sha256(data).hexdigest()[:16]
    return (f'    {{ .name = "{name}",\n      .bytes = {c_text(data)},\n      .gzip = {c_text(gzip.compress(data, 9, mtime=0))},\n'
            f'      .brotli = {c_text(brotli_of(data))},\n      .hashed_name = "{path.stem}.{digest}{path.suffix}",\n'
            f'      .content_type = "{TYPES[path.suffix]}" }},')


def main():
    if len(sys.argv) < 4 or sys.argv[1] not in ("views", "assets", "data"):
        print(__doc__)
        return 2
    kind, out, words = sys.argv[1], sys.argv[2], sys.argv[3:]
    table = {"views": "view_files", "assets": "asset_files", "data": "data_files"}[kind]
    lines = [f"/* Made by tools/embed.py {kind}. */", '#include "http/http.h"', "", f"extern const struct embedded {table}[];", "",
             f"const struct embedded {table}[] = {{"]
    lines += [row(kind, name, path, data) for name, (path, data) in rows_of(kind, words).items()]
    lines += ["    { .name = NULL },", "};", ""]
    pathlib.Path(out).write_text("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
