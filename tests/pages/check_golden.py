#!/usr/bin/env python3
"""Holds every sample model, rendered through its template in both languages, to a golden file.

usage: check_golden.py ROOT RENDER_SAMPLES            compare
       check_golden.py ROOT RENDER_SAMPLES --update   write tests/pages/golden anew: read the difference before you commit it
When this fails: a template, a text of po/ or the Mustache engine changed what a page says. If it should, --update.
"""
import difflib
import pathlib
import subprocess
import sys
import tempfile


def rendered(root, program):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, str(root), folder], check=True, stdout=subprocess.DEVNULL)
        return {path.name: path.read_text(encoding="utf-8") for path in sorted(pathlib.Path(folder).glob("*.html"))}


def update(golden, pages):
    golden.mkdir(exist_ok=True)
    for path in golden.glob("*.html"):
        if path.name not in pages:
            path.unlink()
    for name, page in pages.items():
        (golden / name).write_text(page, encoding="utf-8")
    print(f"{len(pages)} pages written")
    return 0


def compare(golden, pages):
    known = {path.name: path.read_text(encoding="utf-8") for path in sorted(golden.glob("*.html"))}
    faults = 0
    for name in sorted(known.keys() | pages.keys()):
        if known.get(name) == pages.get(name):
            continue
        faults += 1
        lines = difflib.unified_diff(known.get(name, "").splitlines(), pages.get(name, "").splitlines(), "golden/" + name,
                                     "now", lineterm="", n=0)
        print("\n".join(line[:200] for line in list(lines)[:12]))
    print(f"{len(pages)} pages, {faults} differ")
    return 1 if faults or not pages else 0


def main(arguments):
    if len(arguments) not in (2, 3) or arguments[2:] not in ([], ["--update"]):
        print(__doc__)
        return 2
    golden = pathlib.Path(arguments[0]) / "tests/pages/golden"
    pages = rendered(pathlib.Path(arguments[0]), arguments[1])
    return update(golden, pages) if arguments[2:] else compare(golden, pages)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
