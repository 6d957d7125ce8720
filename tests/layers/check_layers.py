#!/usr/bin/env python3
"""Holds every #include under src/ against layers.txt.

usage: check_layers.py ROOT
When this fails: a room has opened a door that layers.txt does not give it. Move the code, or argue the
change of layers.txt in docs/ARCHITECTURE.md.
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def read_table(path):
    table = {}
    for line in path.read_text().splitlines():
        line = line.split("#", 1)[0].strip()
        if line:
            room, _, doors = line.partition(":")
            table[room.strip()] = doors.split()
    return table


def room_of(parts):
    """The room of a path below src/: systems/<name>, or the first folder."""
    if parts[0] == "systems" and len(parts) > 2:
        return "systems/" + parts[1]
    return parts[0]


def doors_of(table, room):
    key = "systems/*" if room.startswith("systems/") else room
    return table.get(key)


def check_file(table, src, path):
    faults = []
    room = room_of(path.relative_to(src).parts)
    doors = doors_of(table, room)
    if doors is None:
        return [f"{path}: room {room} is not in layers.txt"]
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        name = found.group(1)
        parts = pathlib.PurePosixPath(name).parts
        if len(parts) < 2:
            faults.append(f'{path}:{number}: "{name}" does not name its room')
            continue
        other = room_of(parts)
        if other != room and other not in doors and "*" not in doors:
            faults.append(f"{path}:{number}: {room} may not open the door of {other}")
        if other != room and name.endswith("_inside.h"):
            faults.append(f"{path}:{number}: {name} is the inside of {other}")
    return faults


def check_tree(root):
    table = read_table(root / "layers.txt")
    src = root / "src"
    files = sorted(p for p in src.rglob("*") if p.suffix in (".c", ".h"))
    faults = [fault for path in files for fault in check_file(table, src, path)]
    return files, faults


def self_test(root):
    """The check itself must be able to fail."""
    import tempfile
    with tempfile.TemporaryDirectory() as name:
        fake = pathlib.Path(name)
        (fake / "layers.txt").write_text("base :\nstore : base\n")
        (fake / "src/base").mkdir(parents=True)
        (fake / "src/store").mkdir()
        (fake / "src/base/a.c").write_text('#include "store/b.h"\n#include "base/a.h"\n')
        (fake / "src/store/b.c").write_text('#include "base/a.h"\n#include "base/a_inside.h"\n')
        _, faults = check_tree(fake)
        expected = ["base may not open the door of store", "a_inside.h is the inside of base"]
        return len(faults) == 2 and all(e in f for e, f in zip(expected, faults))


def main():
    root = pathlib.Path(sys.argv[1])
    if not self_test(root):
        print("check_layers: its own test failed")
        return 1
    files, faults = check_tree(root)
    print("\n".join(faults))
    print(f"{len(files)} files, {len(faults)} doors opened against layers.txt")
    return 1 if faults or not files else 0


if __name__ == "__main__":
    sys.exit(main())
