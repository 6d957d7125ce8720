#!/usr/bin/env python3
"""Holds the templates to their contract, and what a phone must load to its size.

usage: check_views.py ROOT
When this fails: a template reads a field its head comment does not name, says a word itself instead of asking the
catalogues, carries inline style or script (the content security policy would refuse it), a page has no sample model, the
two catalogues differ, or stylesheet and script have outgrown their limits.
"""
import gzip
import json
import pathlib
import re
import sys

TAG = re.compile(r"\{\{(!.*?|[#^/>&<$]?[^{}]*)\}\}", re.S)
SET_IN_AT_LOAD = ("t.", "asset.")
PARTS = {"frame", "state", "late", "mark", "clock", "field", "problems", "move", "doors", "matter_table", "ballot_row", "slip",
         "vote_audit", "vote_booth", "vote_credentials", "vote_decrypt", "vote_keys", "vote_problems", "vote_seed"}
LIMITS = {"style.css": 10_000, "gongzhi.js": 5_000, "icons.svg": 3_000}


def head_of(text):
    """The comment a template begins with, or None."""
    match = re.match(r"\{\{!(.*?)\}\}", text, re.S)
    return match.group(1) if match else None


def fields_of(text):
    """Every model field the template reads, blocks, partials and what is set in at load left out."""
    inside = {name for name in re.findall(r"\{\{[$<]([^{}]*)\}\}", text)}
    for tag in TAG.findall(text):
        kind, name = (tag[0], tag[1:].strip()) if tag[:1] in "!#^/>&<$" and tag else ("", tag.strip())
        if kind in ("!", "/", ">", "<", "$") or name == "." or name.startswith(SET_IN_AT_LOAD):
            continue
        if name not in inside or kind:
            yield name


def faults_of(name, text, shared):
    head = head_of(text)
    if head is None:
        return ["has no head comment"]
    faults = []
    if not re.match(r"\s*" + re.escape(name) + r" -- ", head):
        faults.append("its head does not begin with its name")
    known = set(re.findall(r"[a-z_]+", head)) | shared
    for field in sorted(set(fields_of(text))):
        for part in field.split("."):
            if part not in known:
                faults.append(f"reads {field}, which the head does not name")
    if "{{{" in text or "{{&" in text:
        faults.append("writes something unescaped")
    page = TAG.sub("", text)
    for what in re.findall(r"\s(?:style|on[a-z]+)\s*=", page) + re.findall(r"<style|<script(?![^>]*src=)", page):
        faults.append(f"carries inline {what.strip()}")
    for words in re.findall(r">([^<>]*)<", re.sub(r"<(code|!doctype)[^>]*>.*?</code>|<!doctype html>", "", page, flags=re.S)):
        if re.search(r"[A-Za-z\u4e00-\u9fff]", words):
            faults.append(f"says {words.strip()!r} itself")
    return faults


def keys_of(path):
    keys = re.findall(r'^msgid "(.+)"$', path.read_text(encoding="utf-8"), re.M)
    return keys, sorted({key for key in keys if keys.count(key) > 1})


def main(root):
    faults = []
    readme = (root / "src/commons/views/README.md").read_text(encoding="utf-8")
    shared = set(re.findall(r"[a-z_]+", readme.partition("## Types")[2].partition("## What a browser")[0]))
    views = {path.stem: path for path in sorted(root.glob("src/**/views/*.mustache"))}
    asked = set()
    for name, path in views.items():
        text = path.read_text(encoding="utf-8")
        asked |= set(re.findall(r"\{\{t\.([^{}]+)\}\}", text))
        faults += [f"{path.relative_to(root)}: {fault}" for fault in faults_of(name, text, shared)]
        if path.parent.parent.name == "commons" and not re.search(rf"\b{name}\b", readme.partition("## Types")[0]):
            faults.append(f"{path.relative_to(root)}: not in the list of its folder's README")

    seen = set()
    for path in sorted((root / "tests/pages/samples").glob("*.json")):
        json.loads(path.read_text(encoding="utf-8"))
        seen.add(path.name.split(".")[0])
    faults += [f"{name}.mustache has no sample model" for name in sorted(set(views) - PARTS - seen)]
    faults += [f"samples/{name}: there is no such template" for name in sorted(seen - set(views))]

    (zh, zh_twice), (en, en_twice) = keys_of(root / "po/zh_CN.po"), keys_of(root / "po/en.po")
    faults += [f"po: {key} stands in one language only" for key in sorted(set(zh) ^ set(en))]
    faults += [f"po: {key} stands twice" for key in zh_twice + en_twice]
    faults += [f"po: {key} is asked for and missing" for key in sorted(asked - set(zh))]

    for name, limit in LIMITS.items():
        size = len(gzip.compress((root / "web" / name).read_bytes(), 9))
        if size > limit:
            faults.append(f"web/{name}: {size} bytes packed, over {limit}")
    for fault in faults:
        print(fault)
    print(f"{len(views)} templates, {len(asked)} texts, {len(faults)} faults")
    return 1 if faults or not views else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: check_views.py ROOT")
    sys.exit(main(pathlib.Path(sys.argv[1])))
