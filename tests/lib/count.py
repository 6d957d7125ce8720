#!/usr/bin/env python3
"""Counts what ./check ran and closes it with the line "N passed, N failed".

usage: count.py FOLDER
FOLDER holds one NAME.json per meson run (its testlog.json) and NAME.counts ("PASSED FAILED") from other runners. A meson test
that is a cmocka program counts with each of its tests, any other as one. Exits 1 when anything failed or nothing ran.
"""
import json
import pathlib
import re
import sys

PASSED = re.compile(r"\[  PASSED  \] (\d+) test\(s\)")
FAILED = re.compile(r"\[  FAILED  \] (\d+) test\(s\)")
GOOD = {"OK", "EXPECTEDFAIL"}


def counts_of_row(row):
    """(passed, failed, skipped) of one line of meson's log."""
    if row["result"] == "SKIP":
        return 0, 0, 1
    said = (row.get("stdout") or "") + "\n" + (row.get("stderr") or "")
    passed = sum(map(int, PASSED.findall(said)))
    failed = sum(map(int, FAILED.findall(said)))
    if row["result"] in GOOD:
        return max(passed, 1), 0, 0
    return passed, max(failed, 1), 0


def self_test():
    rows = [({"result": "OK", "stdout": "", "stderr": "[  PASSED  ] 3 test(s).\n"}, (3, 0, 0)),
            ({"result": "OK", "stdout": "fine"}, (1, 0, 0)),
            ({"result": "FAIL", "stderr": "[  PASSED  ] 2 test(s).\n[  FAILED  ] 1 test(s), listed below:\n"}, (2, 1, 0)),
            ({"result": "TIMEOUT", "stderr": ""}, (0, 1, 0)), ({"result": "SKIP"}, (0, 0, 1))]
    return all(counts_of_row(row) == counts for row, counts in rows)


def main(folder):
    if not self_test():
        print("count: its own test failed")
        return 1
    total, nothing = [0, 0, 0], []
    for path in sorted(folder.glob("*.json")):
        rows = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
        if not rows:
            nothing.append(path.stem)
        for row in rows:
            counts = counts_of_row(row)
            total = [a + b for a, b in zip(total, counts)]
            if counts[1]:
                print(f"failed: {path.stem}: {row['name']} ({row['result']})")
    for path in sorted(folder.glob("*.counts")):
        passed, failed = map(int, path.read_text().split())
        total = [total[0] + passed, total[1] + failed, total[2]]
        if not passed + failed:
            nothing.append(path.stem)
    for name in nothing:
        print(f"failed: {name}: ran nothing")
        total[1] += 1
    print(f"{total[0]} passed, {total[1]} failed" + (f", {total[2]} skipped" if total[2] else ""))
    return 1 if total[1] or not total[0] else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: count.py FOLDER")
    sys.exit(main(pathlib.Path(sys.argv[1])))
