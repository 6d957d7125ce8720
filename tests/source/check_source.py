#!/usr/bin/env python3
"""Holds every file that is, or could be, committed to the house's habits.

usage: check_source.py ROOT
When this fails: C calls a function with a safer one in base (the line names it), a file of src does not begin with its own
path, a door's head comment lacks Owns, Must not know or Begin at, a file of src is too long to be read, or a file names a
folder of one machine or the host of a package registry.
"""
import pathlib
import re
import shutil
import subprocess
import sys

# What is refused, and what stands in its place.
BANNED = {
    "strcpy": "text or arena", "stpcpy": "text or arena", "strcat": "buffer", "strncpy": "text", "strncat": "buffer",
    "sprintf": "snprintf or arena_printf", "vsprintf": "vsnprintf", "gets": "fgets",
    "atoi": "text_int", "atol": "text_int", "atoll": "text_int", "atof": "text_int",
    "strtok": "text_cut", "strtok_r": "text_cut", "scanf": "text_int", "sscanf": "text_int", "fscanf": "text_int",
    "alloca": "arena_new", "setjmp": "struct err", "longjmp": "struct err",
    "system": "nothing: no shell", "popen": "nothing: no shell",
    "rand": "ctx_random", "srand": "ctx_random", "random": "ctx_random", "drand48": "ctx_random",
    "gmtime": "day", "localtime": "day", "asctime": "day", "ctime": "day", "mktime": "day",
    "randombytes_set_implementation": "nothing: chance is the system's",
    "tmpnam": "mkstemp", "tempnam": "mkstemp", "mktemp": "mkstemp",
}
IN_TESTS = {"system", "popen", "sscanf", "fscanf",  # allowed there: a test may run a program, read what it wrote itself,
            "randombytes_set_implementation"}       # and decide what chance says
CALL = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
NOT_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'', re.S)
MOST_LINES = 900

# Written in pieces, so that this file does not name them itself.
PLACES = ["/" + "work/" + name for name in ("main", "shared", ".library")] + ["/tmp/" + "wt/", "/tmp/" + "house/"]
HOSTS = ["registry." + "npmjs", "registry." + "yarnpkg", "deb." + "debian.org", "security." + "debian.org", "pypi." + "org",
         "proxy." + "golang.org", "static." + "crates.io", "npmmirror." + "com"]


def code_of(text):
    """The text with comments and quoted text blanked out, line for line."""
    return NOT_CODE.sub(lambda found: re.sub(r"[^\n]", " ", found.group(0)), text)


def faults_of_c(name, text):
    for number, line in enumerate(code_of(text).splitlines(), 1):
        for called in CALL.findall(line):
            if called in IN_TESTS and not name.startswith("src/"):
                continue
            yield f"{name}:{number}: {called}() is refused: use {BANNED[called]}"


def faults_of_src(name, text):
    path = name.removeprefix("src/")
    if not re.match(r"/\* " + re.escape(path) + r"( -- |[ \n])", text):
        yield f"{name}:1: does not begin with /* {path} -- what it is for"
    lines = text.count("\n")
    if lines > MOST_LINES:
        yield f"{name}: {lines} lines, more than {MOST_LINES}"
    if name.endswith(".h") and not name.endswith("_inside.h"):
        head = text.partition("*/")[0]
        for part in ("Owns:", "Must not know:", "Begin at:"):
            if part not in head:
                yield f'{name}:1: its head comment has no "{part}"'


def faults_of_any(name, text):
    for number, line in enumerate(text.splitlines(), 1):
        for place in PLACES:
            if place in line:
                yield f"{name}:{number}: names a folder of one machine"
        for host in HOSTS:
            if host in line:
                yield f"{name}:{number}: names a registry's host"
        if name.endswith("package-lock.json") and '"resolved"' in line:
            yield f"{name}:{number}: keeps a download address (npm's omit-lockfile-registry-resolved leaves it out)"


def faults_of(name, text):
    yield from faults_of_any(name, text)
    if name.endswith((".c", ".h")):
        yield from faults_of_c(name, text)
        if name.startswith("src/"):
            yield from faults_of_src(name, text)


def names_of(root):
    """Committed files and those that git does not ignore; without git (an unpacked release) every file of the folders below."""
    git = ["git", "-c", f"safe.directory={root}", "-C", str(root), "ls-files", "-co", "--exclude-standard"]
    listed = shutil.which("git") and subprocess.run(git, capture_output=True, text=True)
    if listed and listed.returncode == 0 and listed.stdout:
        return sorted(set(listed.stdout.splitlines()))
    folders = ("src", "tests", "demo", "po", "tools", "web", "fuzz", "bench", "docs")
    return sorted(str(path.relative_to(root)) for folder in folders for path in (root / folder).rglob("*")
                  if path.is_file() and "node_modules" not in path.parts and "__pycache__" not in path.parts)


def self_test():
    """The check itself must be able to fail."""
    head = "/* base/a.h -- a.\n * Owns: a\n * Must not know: b\n * Begin at: c */\n"
    good = {"src/base/a.h": head, "src/base/b.c": "/* base/b.c -- strcpy(a, b) in a comment. */\nchar *a = \"gets(b)\";\nstr.gets(a);\n"}
    bad = {"src/base/a.h": "/* base/a.h -- a.\n * Owns: a\n * Begin at: c */\n", "src/base/b.c": "int a;\n",
           "tests/a.c": "system(a); sprintf (a, b);\n", "a.md": "see " + PLACES[0] + "\n", "package-lock.json": '"resolved": "x"\n'}
    return (not [fault for name, text in good.items() for fault in faults_of(name, text)]
            and all(len(list(faults_of(name, text))) == 1 for name, text in bad.items()))


def main(root):
    if not self_test():
        print("check_source: its own test failed")
        return 1
    faults, read = [], 0
    for name in names_of(root):
        path = root / name
        if not path.is_file():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture, a packed vector
        read += 1
        faults += faults_of(name, text)
    print("\n".join(faults))
    print(f"{read} files, {len(faults)} faults")
    return 1 if faults or not read else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: check_source.py ROOT")
    sys.exit(main(pathlib.Path(sys.argv[1])))
