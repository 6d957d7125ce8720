#!/usr/bin/env python3
"""Holds what the papers name against what is there.

usage: check_papers.py ROOT
When this fails: a paper names a function, a file, a linked page, a command or an option that does not exist (any more). Mend the paper.
"""
import pathlib
import re
import sys

PAPERS = ["*.md"] + [f"{folder}/**/*.md" for folder in ("bench", "data", "demo", "docs", "src", "tests", "web/vote")] + ["web/*.md"]
FOLDERS = "src|tests|fuzz|docs|demo|po|tools|web|packaging|data|bench"
MADE_UP = ("NAME", "…", "*")  # in recipes


def faults_of(text, here, root, code, words):
    """HERE is the paper's own folder, for its links."""
    for name in sorted(set(re.findall(r"`([a-z][a-z_0-9]+)\(\)`", text))):
        if not re.search(r"\b" + name + r"\s*\(", code):
            yield f"there is no function {name}()"
    named = set(re.findall(rf"`((?:{FOLDERS})/[^` {{}}]+)`", text))
    for name in sorted(name for name in named if not any(part in name for part in MADE_UP)):
        if not list(root.glob(name.rstrip("/"))):
            yield f"there is no {name}"
    for link in sorted(set(re.findall(r"\]\(([^)#:]+)\)", text) + re.findall(r'src="([^"]+)"', text))):
        if not (here / link).exists():
            yield f"the link {link} leads nowhere"
    for block in re.findall(r"^ {4}(gongzhi [^#\n]+)", text, re.M) + re.findall(r"`(gongzhi [^`]+)`", text):
        plain = re.sub(r"\$\w+|\S*[A-Z/.…:=<>|]\S*", " ", block).split()[1:]
        command = [word for word in plain if not word.startswith("-")][:2]
        if command and not ({" ".join(command), command[0]} & words):
            yield f"there is no command gongzhi {' '.join(command)}"
        for option in re.findall(r"--([a-z-]+)", block):
            if option not in words:
                yield f"there is no option --{option}"


def self_test(root):
    bad = "`no_such()` `src/no/such.c` [a](no/such.md)\n    gongzhi fly --higher\n"
    good = "`must()` `src/app/door.c` [a](LICENSE)\n    gongzhi verify receipt FILE --key KEY\n"
    words = {"verify receipt", "key"}
    code = "void must(void);"
    return len(list(faults_of(bad, root, root, code, words))) == 5 and not list(faults_of(good, root, root, code, words))


def main(root):
    if not self_test(root):
        print("check_papers: its own test failed")
        return 1
    sources = [path for folder in ("src", "tests", "fuzz") for path in sorted((root / folder).rglob("*.[ch]"))]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    commands = re.findall(r'^    \{ "([a-z -]+)",', (root / "src/app/commands.c").read_text(encoding="utf-8"), re.M)
    options = re.findall(r'\{ "([a-z-]+)", (?:"[^"]+"|NULL), "option\.', code)
    words = set(commands) | set(options) | {"help"} | {command.split()[0] for command in commands}
    faults, read = 0, 0
    for path in sorted({path for pattern in PAPERS for path in root.glob(pattern) if "node_modules" not in path.parts}):
        read += 1
        for fault in faults_of(path.read_text(encoding="utf-8"), path.parent, root, code, words):
            faults += 1
            print(f"{path.relative_to(root)}: {fault}")
    print(f"{read} papers, {faults} faults")
    return 1 if faults or not commands or not options else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: check_papers.py ROOT")
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
