#!/usr/bin/env python3
"""Elections by this program and by Debian's belenios-tool, wholly and mixed: both verifiers pass them all, and both refuse what
has been changed. With Debian 12's tool (2.0) in BELENIOS-2048; with Debian 13's (3.0) also in Ed25519.

usage: test_belenios.py GONGZHI BELENIOS-TOOL     (threshold sets: test_threshold_tool.sh)
       test_belenios.py GONGZHI --newer FOLDER    3.0, fetched into FOLDER by newer_tool.sh; exit code 77 when it can't be
When this fails: the step it names; then src/vote (seal.c, decrypt.c, standing.c) or src/app/command_vote.c.
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

from ballots import Failed, Folder, members

CHOICES = [[[1, 0, 0], [0, 1, 1, 0]], [[0, 1, 0], [1, 0, 0, 0]], [[0, 0, 1], [0, 0, 0, 1]], [[1, 0, 0], [0, 1, 0, 0]]]
ROLL = ["a@example.org,a,2", "b@example.org,b", "c@example.org,c,0", "d@example.org,d,5"]
WEIGHTS = [2, 1, 0, 5]


def expected(last, weights):
    """The sums of the last choices of each voter."""
    return [[sum(weights[voter] * choices[q][i] for voter, choices in last.items()) for i in range(len(CHOICES[0][q]))]
            for q in range(2)]


def both_pass(folder):
    folder.verified_by_ours()
    folder.verified_by_theirs()


def both_refuse(folder, change, what):
    """A copy of the folder with its archive changed in one place."""
    copy = Folder(folder.path.parent / f"{folder.path.name}-{what}", folder.gongzhi, folder.tool, folder.group, folder.is_newer)
    copy.uuid = folder.uuid
    copy.archive.write_bytes(change(folder.archive.read_bytes()))
    for verify in (copy.verified_by_ours, copy.verified_by_theirs):
        try:
            verify()
        except Failed:
            continue
        raise Failed(f"{what}: {verify.__name__} passes it")
    shutil.rmtree(copy.path)


def with_a_digit_changed(kind):
    """In a member that contains KIND, near its end: its name no longer fits."""
    def change(archive):
        body = next(body for _, body in members(archive) if kind in body)
        at = archive.index(body) + len(body) - 5
        while not 48 <= archive[at] <= 57:
            at -= 1
        return archive[:at] + (b"1" if archive[at:at + 1] != b"1" else b"2") + archive[at + 1:]
    return change


def run_election(folder, seals, casts, closes, opens, counts):
    """SEALS, CASTS and OPENS name who does it, for each ballot and each trustee (with its key)."""
    last = {}
    for number, (sealer, caster) in enumerate(zip(seals, casts)):
        voter = number % len(ROLL)
        choices = CHOICES[(number + number // len(ROLL)) % len(CHOICES)]
        folder.cast(caster, folder.sealed(sealer, voter, choices))
        last[voter] = choices
    both_pass(folder)
    folder.close(closes)
    for number, (opener, key) in enumerate(opens, 1):
        folder.accept(opener, folder.part(opener, key, number))
    result = folder.result(counts)
    both_pass(folder)
    if result != expected(last, WEIGHTS):
        raise Failed(f"{folder.path.name}: the result is {result}, not {expected(last, WEIGHTS)}")


def wholly_ours(folder):
    folder.token()
    folder.credentials("ours", ROLL)
    keys = [folder.trustee_key("ours") for _ in range(2)]
    folder.set_up("ours")
    run_election(folder, ["ours"] * 5, ["ours"] * 5, "ours", [("ours", key) for key in keys], "ours")
    # What the tool finds itself is what stands in the archive.
    bodies = [body.decode() for _, body in members(folder.archive.read_bytes())]
    for computed in folder.theirs("election", "compute-encrypted-tally").splitlines():
        if computed not in bodies:
            raise Failed("the tool finds another tally")
    both_refuse(folder, with_a_digit_changed(b'"signature"'), "ballot")
    both_refuse(folder, with_a_digit_changed(b'"decryption_factors"'), "decryption")
    both_refuse(folder, with_a_digit_changed(b'"result"'), "result")


def wholly_theirs(folder):
    folder.uuid = folder.theirs("setup", "generate-token").strip()
    folder.credentials("theirs", ROLL)
    keys = [folder.trustee_key("theirs") for _ in range(2)]
    folder.set_up("theirs")
    run_election(folder, ["theirs"] * 5, ["theirs"] * 5, "theirs", [("theirs", key) for key in keys], "theirs")
    both_refuse(folder, with_a_digit_changed(b'"signature"'), "ballot")


def their_trustee_our_ballots(folder):
    folder.token()
    folder.credentials("ours", ROLL)
    keys = [folder.trustee_key("theirs")]
    folder.set_up("ours")
    run_election(folder, ["ours"] * 4, ["theirs", "ours"] * 2, "theirs", [("theirs", keys[0])], "ours")


def our_trustee_their_ballots(folder):
    folder.token()
    folder.credentials("theirs", ROLL)
    keys = [folder.trustee_key("ours")]
    folder.set_up("theirs")
    run_election(folder, ["theirs"] * 4, ["ours", "theirs"] * 2, "ours", [("ours", keys[0])], "theirs")


def everything_by_turns(folder):
    """Their credentials serve both for sealing; a trustee of each."""
    folder.token()
    folder.credentials("theirs", ROLL)
    keys = [("ours", folder.trustee_key("ours")), ("theirs", folder.trustee_key("theirs"))]
    folder.set_up("ours")
    run_election(folder, ["ours", "theirs", "theirs", "ours", "ours", "theirs"], ["theirs", "ours"] * 3, "ours", keys, "theirs")


def main(gongzhi, tool, groups, is_newer):
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="gongzhi-belenios."))
    cases = [wholly_ours, wholly_theirs, their_trustee_our_ballots, our_trustee_their_ballots, everything_by_turns]
    failed = 0
    for group in groups:
        for case in cases:
            try:
                case(Folder(scratch / group / case.__name__, gongzhi, tool, group, is_newer))
                print(f"{case.__name__}, {group}: good")
            except Failed as fault:
                failed += 1
                print(f"{case.__name__}, {group}: {fault}")
    shutil.rmtree(scratch)
    return 1 if failed else 0


def newer(folder):
    fetched = subprocess.run([pathlib.Path(__file__).parent / "newer_tool.sh", folder], stdout=subprocess.PIPE, text=True)
    if fetched.returncode != 0:
        sys.exit(fetched.returncode)
    return fetched.stdout.strip()


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[2] == "--newer":
        asked = newer(sys.argv[3]), ["Ed25519", "BELENIOS-2048"], True
    elif len(sys.argv) == 3:
        asked = sys.argv[2], ["BELENIOS-2048"], False
    else:
        sys.exit("usage: test_belenios.py GONGZHI BELENIOS-TOOL | test_belenios.py GONGZHI --newer FOLDER")
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), *asked))
