#!/usr/bin/env python3
"""Makes one C table of the catalogues po/*.po, and checks them.

usage: texts.py table OUT.c zh_CN.po en.po      the table that base/texts.h is given
       texts.py check ROOT                      both complete, no text unused, none missing, same placeholders

A key is used where C names it (err_new, err_field, texts_say, texts_fill, texts_find, or any string literal that is
exactly a key) and where a template says {{t.KEY}}. Keys put together at run time are listed by their beginnings in
po/dynamic.txt, each with its reason.
"""
import pathlib
import re
import sys


def read_po(path):
    """A dict of the catalogue, in order; refuses doubles, unsorted keys and syntax it does not know."""
    texts, faults = {}, []
    key = value = target = None

    def finish(line):
        if key:
            if key in texts:
                faults.append(f"{path}:{line}: {key} stands twice")
            texts[key] = value or ""

    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        match = re.fullmatch(r'(msgid|msgstr)?\s*"((?:[^"\\]|\\.)*)"', line)
        if not match:
            faults.append(f"{path}:{number}: not understood: {line}")
            continue
        said = re.sub(r"\\(.)", lambda m: "\n" if m.group(1) == "n" else m.group(1), match.group(2))
        if match.group(1) == "msgid":
            finish(number)
            key, value, target = said, None, "key"
        elif match.group(1) == "msgstr":
            value, target = said, "value"
        elif target == "key":
            key += said
        else:
            value += said
    finish("end")
    keys = list(texts)
    for before, after in zip(keys, keys[1:]):
        if before.encode() > after.encode():
            faults.append(f"{path}: {after} stands after {before}: sort by key")
    if faults:
        sys.exit("\n".join(faults))
    return texts


def c_string(text):
    out = []
    for byte in text.encode("utf-8"):
        if byte in (0x22, 0x5C):
            out.append("\\" + chr(byte))
        elif 0x20 <= byte < 0x7F and byte != 0x3F:
            out.append(chr(byte))
        else:
            out.append(f"\\{byte:03o}")
    return '"' + "".join(out) + '"'


def make_table(out, zh, en):
    rows = sorted(zh, key=lambda k: k.encode())
    lines = ['#include "base/texts.h"', "", "extern const struct texts_entry texts_table[];",
             "extern const size_t texts_table_count;", "", "const struct texts_entry texts_table[] = {"]
    lines += [f"    {{ {c_string(k)}, {{ {c_string(zh[k])}, {c_string(en[k])} }} }}," for k in rows]
    lines += ["};", "const size_t texts_table_count = sizeof texts_table / sizeof *texts_table;", ""]
    pathlib.Path(out).write_text("\n".join(lines))


CALLS = re.compile(r'\b(?:err_new\s*\(\s*[^,]+,\s*ERR_[A-Z]+\s*,|err_field\s*\(\s*[^,]+,\s*[^,]+,'
                   r'|texts_(?:say|find|fill)\s*\(\s*[^,]+,)\s*"([^"]+)"')


# Keys that stand in tables: a row is all the code there is.
TABLES = re.compile(r'"((?:option|command|inbox|nav)\.[a-z][a-z0-9_.]*)"')


def used_keys(root):
    named, literals = {}, set()
    for path in sorted((root / "src").rglob("*")):
        if path.suffix not in (".c", ".h", ".mustache", ".js"):
            continue
        text = path.read_text(encoding="utf-8")
        pattern = re.compile(r"\{\{[{&]?\s*t\.([a-z0-9_.]+)\s*\}\}") if path.suffix == ".mustache" else CALLS
        for match in TABLES.finditer(text):
            named.setdefault(match.group(1), f"{path}:{text.count(chr(10), 0, match.start()) + 1}")
        if not path.name.endswith(".h"):
            for match in pattern.finditer(text):
                named.setdefault(match.group(1), f"{path}:{text.count(chr(10), 0, match.start()) + 1}")
        literals.update(m.group(1) for m in re.finditer(r'"([a-z][a-z0-9_.]*)"', text))
    return named, literals


def check(root):
    zh, en = read_po(root / "po/zh_CN.po"), read_po(root / "po/en.po")
    faults = [f"{key} stands in one catalogue only" for key in sorted(zh.keys() ^ en.keys())]
    for name, texts in (("zh_CN", zh), ("en", en)):
        faults += [f"{name}: {key} is empty" for key, said in texts.items() if not said.strip()]
    for key in sorted(zh.keys() & en.keys()):
        slots = [set(re.findall(r"\{\d\}", t[key])) for t in (zh, en)]
        if slots[0] != slots[1]:
            faults.append(f"{key}: the two languages have different placeholders")
    dynamic = [line.split()[0] for line in (root / "po/dynamic.txt").read_text(encoding="utf-8").splitlines()
               if line.strip() and not line.startswith("#")]
    named, literals = used_keys(root)
    faults += [f"{where}: no text for {key}" for key, where in sorted(named.items()) if key not in zh]
    faults += [f"{key} is used nowhere" for key in zh
               if key not in named and key not in literals and not any(key.startswith(p) for p in dynamic)]
    faults += [f"po/dynamic.txt: no text begins with {p}" for p in dynamic if not any(key.startswith(p) for key in zh)]
    print("\n".join(faults))
    print(f"{len(zh)} texts, {len(named)} named in code and templates, {len(faults)} faults")
    return 1 if faults else 0


def main():
    if len(sys.argv) == 5 and sys.argv[1] == "table":
        make_table(sys.argv[2], read_po(pathlib.Path(sys.argv[3])), read_po(pathlib.Path(sys.argv[4])))
        return 0
    if len(sys.argv) == 3 and sys.argv[1] == "check":
        return check(pathlib.Path(sys.argv[2]))
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main())
