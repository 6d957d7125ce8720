"""A folder of an election and the two programs that may work in it: gongzhi, and belenios-tool.

Used by test_belenios.py and test_vote_commands.py.
"""
import json
import os
import pathlib
import subprocess

QUESTIONS = [{"answers": ["赞成", "反对", "弃权"], "min": 1, "max": 1, "question": "是否修路？"},
             {"answers": ["张三", "李四", "王\"五"], "blank": True, "min": 1, "max": 2, "question": "选代表"}]


class Failed(Exception):
    pass


def run(words, folder, sent=""):
    done = subprocess.run([str(word) for word in words], cwd=folder, input=sent, capture_output=True, text=True,
                          env={**os.environ, "LC_ALL": "C.UTF-8"}, timeout=60)
    if done.returncode != 0:
        raise Failed(f"{' '.join(map(str, words))}: {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def members(archive):
    """(name, body) of each member of an archive."""
    found, at = [], 0
    while at < len(archive):
        size = int(archive[at + 124:at + 135], 8)
        found.append((archive[at:at + 100].rstrip(b"\0").decode(), archive[at + 512:at + 512 + size]))
        at += 512 + (size + 511) // 512 * 512
    return found


class Folder:
    """Each step by whichever program WHO names: "ours" or "theirs". IS_NEWER: the tool is 3.0, not 2.0."""

    def __init__(self, path, gongzhi, tool=None, group="BELENIOS-2048", is_newer=False):
        self.path, self.gongzhi, self.tool, self.group, self.is_newer = pathlib.Path(path), gongzhi, tool, group, is_newer
        self.path.mkdir(parents=True)

    def ours(self, *words, sent=""):
        return run([self.gongzhi, "vote", *words], self.path, sent)

    def theirs(self, *words, sent=""):
        return run([self.tool, *words], self.path, sent)

    def token(self):
        self.uuid = self.ours("token").strip()

    def credentials(self, who, roll):
        (self.path / "voters.txt").write_text("\n".join(roll) + "\n")
        if who == "ours":
            self.ours("credentials", "--group", self.group, "--uuid", self.uuid, "--file", "voters.txt")
        else:
            self.theirs("setup", "generate-credentials", "--group", self.group, "--uuid", self.uuid, "--file", "voters.txt")
        private, public = next(self.path.glob("*.privcreds")), next(self.path.glob("*.pubcreds"))
        text = private.read_text()
        if text.startswith("{"): # login → credential, in the roll's order
            made = json.loads(text)
            codes = [made[line.split(",")[1]] for line in roll]
        else:
            codes = [line.rsplit(" ", 1)[1] for line in text.splitlines()]
        for number, code in enumerate(codes):
            (self.path / f"credential{number}").write_text(code + "\n")
        public.rename(self.path / "public_creds.json")

    def trustee_key(self, who):
        """The name of its file without the ending."""
        before = set(self.path.glob("*.privkey"))
        if who == "ours":
            self.ours("trustee-key", "--group", self.group, "--name", "开票人")
        else:
            self.theirs("setup", "generate-trustee-key", "--group", self.group)
        made = (set(self.path.glob("*.privkey")) - before).pop().stem
        with (self.path / "public_keys.jsons").open("a") as keys:
            keys.write((self.path / f"{made}.pubkey").read_text())
        return made

    def set_up(self, who, questions=QUESTIONS):
        template = {"description": "说明", "name": "表决", "questions": questions}
        (self.path / "template.json").write_text(json.dumps(template, ensure_ascii=False))
        if who == "ours":
            self.ours("trustees", "--group", self.group)
            self.ours("election", "--group", self.group, "--uuid", self.uuid, "--template", "template.json")
            self.ours("open")
        else:
            (self.path / "public_keys.jsons").touch()
            self.theirs("setup", "make-trustees")
            self.theirs("setup", "make-election", "--group", self.group, "--uuid", self.uuid, "--template", "template.json")
            self.theirs("archive", "init")

    @property
    def archive(self):
        return self.path / f"{self.uuid}.bel"

    def sealed(self, who, voter, choices):
        if who == "ours":
            return self.ours("seal", "--credential", f"credential{voter}", "--choices", "-", sent=json.dumps(choices))
        (self.path / "choices.json").write_text(json.dumps(choices))
        return self.theirs("election", "generate-ballot", "--privcred", f"credential{voter}", "--choice" if self.is_newer else "--ballot", "choices.json")

    def cast(self, who, ballot):
        if who == "ours":
            self.ours("cast", "-", sent=ballot)
        else:
            self.theirs("archive", "add-event", "--type=Ballot", sent=ballot)

    def close(self, who):
        if who == "ours":
            self.ours("close")
        else:
            self.theirs("archive", "add-event", "--type=EndBallots")
            tally = self.theirs("election", "compute-encrypted-tally")
            self.theirs("archive", "add-event", "--type=EncryptedTally", sent=tally)

    def part(self, who, key, number):
        if who == "ours":
            return self.ours("decrypt", "--key", f"{key}.privkey")
        return self.theirs("election", "decrypt", "--privkey", f"{key}.privkey", "--trustee-id", number)

    def accept(self, who, part):
        if who == "ours":
            self.ours("accept", "-", sent=part)
        else:
            self.theirs("archive", "add-event", "--type=PartialDecryption", sent=part)

    def result(self, who):
        if who == "ours":
            return json.loads(self.ours("result"))["result"]
        result = self.theirs("election", "compute-result")
        self.theirs("archive", "add-event", "--type=Result", sent=result)
        return json.loads(result)["result"]

    def verified_by_ours(self):
        return run([self.gongzhi, "verify", "election", self.archive], self.path)

    def verified_by_theirs(self):
        run([self.tool, "election", "verify"], self.path)
        if self.is_newer:
            self.ballots_verified_by_theirs()

    def ballots_verified_by_theirs(self):
        """What 3.0's `verify` leaves to chance or leaves out: each ballot by itself, none twice, the published tally."""
        found = members(self.archive.read_bytes())
        ballots = [(name, body) for name, body in found if body.startswith(b'{"election_uuid"')]
        if len(set(name for name, _ in ballots)) != len(ballots):
            raise Failed("a ballot stands twice")
        begun = self.path / "begun"
        begun.mkdir(exist_ok=True)
        first = next(number for number, (name, _) in enumerate(found) if name.endswith(".event.json"))
        size = sum(512 + (len(body) + 511) // 512 * 512 for _, body in found[:first + 1])
        (begun / self.archive.name).write_bytes(self.archive.read_bytes()[:size])
        for _, body in ballots:
            (begun / "ballot.json").write_bytes(body)
            run([self.tool, "election", "verify-ballot", "--ballot", "ballot.json"], begun)
        sized = [body.decode() for _, body in found if body.startswith(b'{"num_tallied"')]
        if sized and run([self.tool, "election", "compute-encrypted-tally"], self.path).splitlines()[1] != sized[0]:
            raise Failed("the published tally is another")
