#!/usr/bin/env python3
"""What the papers tell a stranger to type, typed. usage: test_papers.py GONGZHI

Both READMEs: every command of "For real" in its order, with the README's own lists, in a folder of its own. docs/checking.md:
its few lines of Python over the receipts of the frozen log, as they are and with one byte changed.
When this fails: the paper named, or the command that it shows.
"""
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FROZEN = ROOT / "tests/vectors/frozen-log"
LISTS = ["places", "organisations", "households", "people", "roles"]
KEPT_APART = ("gongzhi serve", "/media/safe")  # a service; a disk that somebody carries away


def must(condition, said):
    if not condition:
        sys.exit(f"test_papers: {said}")


def blocks(paper, kind):
    return re.findall(rf"^```{kind}\n(.*?)^```", paper, re.M | re.S)


def commands_of(paper):
    """In their order: those that stand on lines of their own, and those within a sentence that name the house."""
    paper = paper[paper.index("HOUSE="):paper.index("### PostgreSQL")]
    found = re.findall(r"^ {4}(gongzhi [^#\n]+)|`(gongzhi [^`]*\$HOUSE[^`]*)`", paper, re.M)
    return [(line or inline).strip() for line, inline in found if not (line or inline).startswith(KEPT_APART)]


def type_out(name, gongzhi):
    paper = (ROOT / name).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        here = pathlib.Path(folder)
        files = dict(zip((f"{kind}.csv" for kind in LISTS), blocks(paper, "csv"), strict=True))
        files["rules.yaml"] = "".join(blocks(paper, "yaml"))
        for file, text in files.items():
            (here / file).write_text(text, encoding="utf-8")
        os.symlink(gongzhi, here / "gongzhi")
        places = {"/var/lib/gongzhi-keys": f"{here}/keys", "/var/lib/gongzhi": f"{here}", "/srv/backup": f"{here}/backup",
                  "NEW/": f"{here}/new/", "新目录/": f"{here}/new/"}
        house = re.search(r'HOUSE="(.*)"', paper).group(1)
        for made in ("new", "backup"):
            (here / made).mkdir()
        for command in commands_of(paper):
            for given in ("FILE", "文件"):
                command = command.replace(" " + given, " rules.yaml" if " rules " in command else f" {ROOT}/data/calendar.csv")
            command = f'HOUSE="{house}"\n{command}'
            for there, stands in places.items():
                command = command.replace(there, stands)
            if "gongzhi restore" in command:
                shutil.copytree(here / "keys", here / "new/keys")
            done = subprocess.run(["bash", "-euc", command], cwd=here, capture_output=True, text=True, timeout=60,
                                  env={**os.environ, "PATH": f"{here}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"})
            must(done.returncode == 0, f"{name}: {command}\n{done.stdout}{done.stderr}")
        for base in (here / "gongzhi.db", here / "new/gongzhi.db"):
            with sqlite3.connect(base) as link:
                counts = [link.execute(f"select count(*) from {table}").fetchone()[0]
                          for table in ("place", "person", "role_held", "account", "rule_override")]
            must(counts == [4, 3, 3, 1, 1], f"{name}: {base.parent.name} holds {counts}")


def check_by_hand():
    lines, = blocks((ROOT / "docs/checking.md").read_text(encoding="utf-8"), "python")
    with tempfile.TemporaryDirectory() as folder:
        script, changed = pathlib.Path(folder, "check.py"), pathlib.Path(folder, "changed")
        script.write_text(lines, encoding="utf-8")

        def holds(receipt):
            return subprocess.run([sys.executable, script, receipt, FROZEN / "key"], capture_output=True, timeout=60).returncode == 0

        receipts = sorted((FROZEN / "receipts").iterdir())
        must(receipts and all(map(holds, receipts)), "docs/checking.md: a good receipt is refused")
        text = receipts[0].read_bytes()
        for line in (1, 2, 3, -2):  # extra, index, path, signature
            lines = text.split(b"\n")
            at = len(lines[line]) // 2
            lines[line] = lines[line][:at] + (b"B" if lines[line][at:at + 1] == b"A" else b"A") + lines[line][at + 1:]
            changed.write_bytes(b"\n".join(lines))
            must(not holds(changed), f"docs/checking.md: line {line} may be changed")


def verify_as_told(gongzhi):
    """The two commands of "Check it from outside", with the names of files that are there."""
    for words in (["receipt", sorted((FROZEN / "receipts").iterdir())[0], "--key", FROZEN / "key"],
                  ["election", ROOT / "tests/vectors/belenios/good/ed25519-single.bel"]):
        done = subprocess.run([gongzhi, "verify", *words], capture_output=True, text=True, timeout=60)
        must(done.returncode == 0, f"verify {words[0]}: {done.stderr}")


def main(gongzhi):
    gongzhi = pathlib.Path(gongzhi).resolve()
    typed = [commands_of((ROOT / name).read_text(encoding="utf-8")) for name in ("README.md", "README.zh-CN.md")]
    must(len(typed[0]) == len(typed[1]) >= 12, f"the READMEs name other commands: {typed}")
    for name in ("README.md", "README.zh-CN.md"):
        type_out(name, gongzhi)
    verify_as_told(gongzhi)
    check_by_hand()
    print(f"{len(typed[0])} commands of each README, {len(list((FROZEN / 'receipts').iterdir()))} receipts by hand")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
