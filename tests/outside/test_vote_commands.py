#!/usr/bin/env python3
"""gongzhi vote: an election step by step, and at each step what must be refused: with one line, without a secret in it, and with
every file as it was.

usage: test_vote_commands.py GONGZHI
When this fails: the step it names; then src/app/command_vote.c, command_vote_prepare.c, vote_files.c.
"""
import fcntl
import json
import os
import pathlib
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile

from ballots import Folder, members

ROLL = ["甲,a", "乙,b", "丙,c,3"]
CHOICES = [[0, 1, 0], [0, 1, 0, 1]]


def must(condition, said):
    if not condition:
        raise SystemExit(f"test_vote_commands: {said}")


def state_of(folder):
    return {path.name: path.read_bytes() for path in folder.path.iterdir()}


def attempt(folder, words, sent, prepare=None):
    return subprocess.run([str(folder.gongzhi), "vote", *map(str, words)], cwd=folder.path, input=sent, capture_output=True,
                          text=True, env={**os.environ, "LC_ALL": "C.UTF-8"}, timeout=60, preexec_fn=prepare)


def refused(folder, said, *words, sent="", code=1, secrets=(), prepare=None):
    """The command ends with CODE and one line that contains SAID; nothing in the folder has changed."""
    before = state_of(folder)
    done = attempt(folder, words, sent, prepare)
    what = f"{' '.join(map(str, words))}: {done.returncode}: {done.stdout}{done.stderr}"
    must(done.returncode == code and said in done.stderr, f"{what}, not {code} and \"{said}\"")
    must(code == 2 or (done.stderr.startswith("gongzhi: ") and done.stderr.count("\n") == 1), f"more than a line: {what}")
    must(not any(secret in done.stderr + done.stdout for secret in secrets), f"a secret is told: {what}")
    must(state_of(folder) == before, f"files have changed: {what}")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def keys_and_credentials(folder):
    folder.token()
    group, uuid = ["--group", folder.group], ["--uuid", folder.uuid]
    refused(folder, "--group", "credentials", *uuid, "--count", 3, code=2)
    refused(folder, "one of --file and --count", "credentials", *group, *uuid)
    refused(folder, "RFC-3526-2048", "credentials", "--group", "RFC-3526-2048", *uuid, "--count", 3)
    refused(folder, "14 to 64", "credentials", *group, "--uuid", "../../x", "--count", 3)
    refused(folder, "must be a number", "credentials", *group, *uuid, "--count", "many")
    (folder.path / "roll").write_text("甲\n乙\n甲\n")
    refused(folder, "voter 3 of the roll stands there before", "credentials", *group, *uuid, "--file", "roll")
    (folder.path / "roll").write_text("甲\n乙,b,-1\n")
    refused(folder, "voter 2 of the roll: the weight", "credentials", *group, *uuid, "--file", "roll")
    (folder.path / "roll").write_text("\n")
    refused(folder, "the roll is empty", "credentials", *group, *uuid, "--file", "roll")
    (folder.path / "roll").unlink()
    folder.credentials("ours", ROLL)
    private = next(folder.path.glob("*.privcreds"))
    must(mode(private) == 0o600, "anybody can read the credentials")
    must([line.rsplit(" ", 1)[0] for line in private.read_text().splitlines()] == ROLL, "the private list has other voters")
    public = (folder.path / "public_creds.json").read_text()
    must("甲" not in public and sorted(int(line.split(",")[1]) for line in json.loads(public)) == [1, 1, 3],
         "the public list names voters, or has other weights")
    keys = [folder.trustee_key("ours") for _ in range(2)]
    must(all(mode(folder.path / f"{key}.privkey") == 0o600 for key in keys), "anybody can read a trustee's key")
    refused(folder, "can't be written", "trustee-key", *group, "--folder", "nowhere")
    return keys


def set_up(folder):
    refused(folder, "trustees.json", "election", "--group", folder.group, "--uuid", folder.uuid, "--template", "credential0")
    good = (folder.path / "public_keys.jsons").read_text()
    (folder.path / "public_keys.jsons").write_text(good.replace('"challenge":"', '"challenge":"1', 1))
    refused(folder, "trustee entry 1", "trustees", "--group", folder.group)
    (folder.path / "public_keys.jsons").write_text(good)
    (folder.path / "bad.json").write_text('{"name":"x","questions":[{"question":"?","answers":["a"],"min":0,"max":2}]}')
    folder.ours("trustees", "--group", folder.group)
    refused(folder, "question", "election", "--group", folder.group, "--uuid", folder.uuid, "--template", "bad.json")
    (folder.path / "bad.json").unlink()
    refused(folder, "there is no archive", "close")
    (folder.path / "trustees.json").unlink()
    folder.set_up("ours")
    refused(folder, "trustees.json is there already", "trustees", "--group", folder.group)
    refused(folder, "election.json is there already", "election", "--group", folder.group, "--uuid", folder.uuid, "--template",
            "template.json")
    refused(folder, ".bel is there already", "open")
    folder.verified_by_ours()


def vote(folder, other):
    seal = ["seal", "--choices", "-", "--credential"]
    credential = (folder.path / "credential0").read_text().strip()
    slip = credential[:-1] + ("2" if credential[-1] == "1" else "1")
    (folder.path / "typed").write_text(slip)
    refused(folder, "not on the list", *seal, "typed", sent=json.dumps(CHOICES), secrets=[slip])
    (folder.path / "typed").write_text(credential[:-2])
    refused(folder, "no voting credential", *seal, "typed", sent=json.dumps(CHOICES), secrets=[credential[:-2]])
    (folder.path / "typed").write_text("x" * 5000)
    refused(folder, "too long", *seal, "typed", sent=json.dumps(CHOICES))
    (folder.path / "typed").unlink()
    for wrong in ("[[1,1,0],[0,1,0,0]]", "[[1,0,0]]", "[[1,0,0],[1,1,0,0]]", "xyz"):
        refused(folder, "", *seal, "credential0", sent=wrong, secrets=[wrong])
    refused(folder, "can't both come", "seal", "--choices", "-", "--credential", "-")
    first = folder.sealed("ours", 0, CHOICES)
    second = folder.sealed("ours", 0, [[1, 0, 0], [1, 0, 0, 0]])
    must(first != folder.sealed("ours", 0, CHOICES), "two ballots of the same choices are the same")
    folder.cast("ours", first)
    folder.cast("ours", second)
    refused(folder, "same ballot", "cast", "-", sent=first)
    refused(folder, "", "cast", "-", sent="{}")
    refused(folder, "", "cast", "-", sent="")
    refused(folder, "", "cast", "-", sent=first[:-40])
    refused(folder, "", "cast", "-", sent=first.replace('"choices"', '"choises"', 1))
    refused(folder, "", "cast", "-", sent=first.replace(":", ": ", 1))
    changed = first.rstrip()[:-5] + ("1" if first.rstrip()[-5] != "1" else "2") + first.rstrip()[-4:]
    refused(folder, "signature", "cast", "-", sent=changed)
    refused(folder, "another election", "cast", "-", sent=other.sealed("ours", 0, CHOICES))
    refused(folder, "can't be read", "cast", "nowhere")
    refused(folder, "", "cast", code=2)
    third = folder.sealed("ours", 2, CHOICES)
    with folder.archive.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        refused(folder, "another program is at work", "cast", "-", sent=third)
    return third


def no_room(folder, ballot):
    """The disk takes the first hundred bytes and no more."""
    size = folder.archive.stat().st_size + 100

    def prepare():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    refused(folder, "can't be written", "cast", "-", sent=ballot, prepare=prepare)
    folder.verified_by_ours()
    folder.cast("ours", ballot)


def open_the_sums(folder, other, keys):
    decrypt = ["decrypt", "--key"]
    key_text = [(folder.path / f"{key}.privkey").read_text().strip('"\n') for key in keys]
    refused(folder, "not closed yet", *decrypt, f"{keys[0]}.privkey")
    refused(folder, "not closed yet", "result")
    folder.ours("close")
    refused(folder, "the vote is closed", "close")
    refused(folder, "the vote is closed", "cast", "-", sent=folder.sealed("ours", 1, CHOICES))
    stranger = other.trustee_key("ours")
    refused(folder, "none of the election's trustees", *decrypt, other.path / f"{stranger}.privkey")
    refused(folder, "no trustee's key", *decrypt, "credential0")
    (folder.path / "short.privkey").write_text('"' + key_text[0])
    refused(folder, "no trustee's key", *decrypt, "short.privkey", secrets=key_text)
    (folder.path / "short.privkey").unlink()
    parts = [folder.part("ours", key, 0) for key in keys]
    refused(folder, "needed", "result")
    refused(folder, "trustee", "accept", "-", sent=parts[0].replace('"owner":1', '"owner":2'))
    refused(folder, "trustee", "accept", "-", sent=parts[0].replace('"owner":1', '"owner":3'))
    refused(folder, "", "accept", "-", sent=parts[0].splitlines()[0])
    refused(folder, "", "accept", "-", sent="")
    folder.accept("ours", parts[1])
    refused(folder, "opened before", "accept", "-", sent=parts[1])
    refused(folder, "needed", "result")
    folder.accept("ours", parts[0])
    must(folder.result("ours") == [[1, 3, 0], [1, 3, 0, 3]], "another result")
    refused(folder, "published already", "result")
    refused(folder, "published already", "accept", "-", sent=parts[0])
    folder.verified_by_ours()
    must(len(members(folder.archive.read_bytes())) == 1 + 5 + 3 * 2 + 1 + 3 + 2 * 3 + 2, "another number of members")


def damaged(folder, key):
    """Nobody opens, and nothing is added to, what doesn't verify."""
    good = folder.archive.read_bytes()
    at = good.index(b'"signature"') + 100
    folder.archive.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
    refused(folder, "", "decrypt", "--key", f"{key}.privkey")
    refused(folder, "", "result")
    refused(folder, "", "cast", "-", sent="{}")
    folder.archive.write_bytes(good[:-512])
    refused(folder, "", "result")
    folder.archive.write_bytes(good)
    (folder.path / "second.bel").write_bytes(good)
    refused(folder, "more than one archive", "result")
    (folder.path / "second.bel").unlink()


def shortened(folder):
    """While it is verified somebody cuts the archive: no verdict, and no crash. The older one comes through a pipe, so it waits for us."""
    archive, pipe = folder.path.parent / "cut", folder.path.parent / "pipe"
    good = folder.archive.read_bytes()
    os.mkfifo(pipe)
    for size, said in ((len(good), "good"), (len(good) // 8192 * 4096, "was changed or cut short"), (0, "was changed or cut short")):
        archive.write_bytes(good)
        process = subprocess.Popen([str(folder.gongzhi), "verify", "election", str(archive), "--older", str(pipe)], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "LC_ALL": "C.UTF-8"})
        with open(pipe, "wb") as older:  # the archive is there already when the pipe is opened
            if size < len(good):
                os.truncate(archive, size)
            older.write(good[:2048])
        told = process.communicate(timeout=60)[0]
        must(process.returncode == (said != "good") and (said == "good" or said in told), f"cut to {size}: {process.returncode}: {told}")


def main(gongzhi):
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="gongzhi-vote."))
    folder, other = (Folder(scratch / name, gongzhi, group="Ed25519") for name in ("one", "other"))
    other.token()
    other.credentials("ours", ROLL)
    other.trustee_key("ours")
    other.set_up("ours")
    keys = keys_and_credentials(folder)
    set_up(folder)
    ballot = vote(folder, other)
    no_room(folder, ballot)
    open_the_sums(folder, other, keys)
    damaged(folder, keys[0])
    shortened(folder)
    shutil.rmtree(scratch)
    print("an election step by step: good")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: test_vote_commands.py GONGZHI")
    main(pathlib.Path(sys.argv[1]).resolve())
