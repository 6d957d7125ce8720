"""The figure `cast` of bench/run: a secret ballot in a served house, cast by many clients, beside its archive verified.

Everybody acts as their own devices would: trustees and credential authority by `devices` (the makers of src/vote), everything else over
HTTP. Only the sessions are put into the database, for a thousand sign-ins by password take minutes by design.
"""
import atexit
import base64
import datetime
import hashlib
import json
import pathlib
import secrets
import shutil
import sqlite3
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

import votes

TOWN, VILLAGE = "500116106000", "500116106200"
CLIENTS, TRUSTEES, NEEDED = 64, 3, 2
SECRETARY, AUTHORITY = "p-secretary", "p-supervisor"
SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))
MONTH = 30 * 86400 * 10**6

PLACES = f"""code,name,kind,parent,valid_from
500116000000,江津区,district,,2023-01-01
{TOWN},永兴镇,town,500116000000,2023-01-01
{VILLAGE},黄庄村,village,{TOWN},2023-01-01
"""


def build_targets():
    return ["bench/devices"]


def voter(number):
    return f"p-{number:05}"


def name(number):
    return "村民" + "".join("甲乙丙丁戊己庚辛壬癸"[int(digit)] for digit in str(number))


def device(bench, *words):
    return bench.run(bench.build / "bench/devices", *words).rstrip("\n")


# --- a village ---

def people(count):
    rows = [(SECRETARY, "冉书记", "village_secretary"), (AUTHORITY, "秦监委", "supervisor")]
    rows += [(voter(i), name(i), "villager") for i in range(count)]
    persons = "person,name,sex,birth,id_number,phone,place\n" + "".join(
        f"{key},{name},女,1970-01-01,,,{VILLAGE}\n" for key, name, _ in rows)
    roles = "person,role,place,organisation,from\n" + "".join(f"{key},{role},{VILLAGE},,2024-01-01\n" for key, _, role in rows)
    roles += "".join(f"{voter(i)},representative,{VILLAGE},,2024-01-01\n" for i in range(TRUSTEES))
    return [row[0] for row in rows], persons, roles


class Sqlite:
    name, note = "SQLite", ""

    def __init__(self, world):
        self.file = world / "gongzhi.db"
        self.url = f"sqlite:{self.file}"

    def ask(self, text):
        with sqlite3.connect(self.file) as db:
            return db.execute(text).fetchall()

    def put(self, statements):
        with sqlite3.connect(self.file) as db:
            db.executescript("begin;" + statements + "commit;")

    def stop(self):
        pass


class Postgres:
    name, note = "PostgreSQL", " (its backends aside)"

    def __init__(self, bench):
        self.script = bench.root / "tests/lib/postgres.sh"
        self.cluster = pathlib.Path(tempfile.mkdtemp(prefix="gongzhi-bench-")) / "cluster"
        self.cluster.parent.chmod(0o755)
        self.url = bench.run(self.script, "start", "--sync", self.cluster).strip().splitlines()[-1]
        self.psql = ["psql", "-h", str(self.cluster), "-U", "postgres", "-qAt", "-v", "ON_ERROR_STOP=1", "postgres"]
        atexit.register(self.stop)

    def ask(self, text):
        out = subprocess.run(self.psql, input=text, capture_output=True, text=True, check=True).stdout
        return [line.split("|") for line in out.splitlines()]

    def put(self, statements):
        subprocess.run(self.psql, input="begin;" + statements + "commit;", text=True, check=True, stdout=subprocess.DEVNULL)

    def stop(self):
        atexit.unregister(self.stop)
        subprocess.run([self.script, "stop", self.cluster])
        shutil.rmtree(self.cluster.parent, ignore_errors=True)


def make_house(bench, database, world, count):
    """The cookies of everybody, by key."""
    house = ["--db", database.url, "--keys", world / "keys", "--files", world / "files"]
    keys, persons, roles = people(count)
    bench.run(bench.gongzhi, "init", *house, "--host", "gongzhi.example")
    for kind, rows in (("places", PLACES), ("people", persons), ("roles", roles)):
        file = world / f"{kind}.csv"
        file.write_text(rows)
        bench.run(bench.gongzhi, "import", kind, file, *house)
    ids = dict(database.ask("select key, id from person"))
    cookies, rows, now = {}, [], int(time.time() * 10**6)
    for number, key in enumerate(keys):
        secret = secrets.token_bytes(32)
        cookies[key] = f"session={TOWN}.{base64.urlsafe_b64encode(secret).decode().rstrip('=')}"
        rows.append(f"('{TOWN}', {number + 1}, {ids[key]}, null, '{hashlib.sha256(secret).hexdigest()}', 'bench', {MONTH}, {now}, {now}, "
                    f"{now + MONTH})")
    database.put("insert into session (realm, id, person, account, secret, device, span, made, seen, expires) values "
                 + ",\n".join(rows) + ";")
    return cookies


# --- clients ---

class Client:
    def __init__(self, server, cookie):
        self.base, self.cookie = f"http://127.0.0.1:{server.port}", cookie

    def ask(self, path, fields=None, raw=False):
        body = urllib.parse.urlencode(fields).encode() if fields else None
        headers = {"Accept": "*/*" if raw else "application/json", "Accept-Language": "zh-CN", "Cookie": self.cookie}
        try:
            with urllib.request.urlopen(urllib.request.Request(self.base + path, data=body, headers=headers), timeout=60) as answer:
                got = answer.read()
        except urllib.error.HTTPError as wrong:
            raise SystemExit(f"bench: {path}: {wrong.code} {wrong.read().decode(errors='replace')[:400]}")
        return got if raw else json.loads(got)

    def post(self, path, fields, page=None):
        page = page or self.ask(path)
        return self.ask(path, {**fields, "csrf": page["frame"]["csrf"]})


def option(page, key, label):
    field = next(field for field in page["people"] if field["key"] == key)
    return next(one["value"] for one in field["options"] if one["label"] == label)


def call(server, cookies):
    """A ballot that opens as soon as it is prepared; its number."""
    secretary = Client(server, cookies[SECRETARY])
    page = secretary.ask("/ballots/new")
    moment = lambda hours: (datetime.datetime.now(SHANGHAI) + datetime.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M")
    fields = {"token": page["token"], "place": page["place"]["code"], "title": "文化广场改造方案", "about": "", "opens": moment(-1), "closes": moment(24),
              "tool": "common", "question": "选哪个方案？", "kind": "one", "answers": "方案一\n方案二\n方案三", "roll": "villagers",
              "authority": option(page, "authority", "秦监委")}
    for i in range(TRUSTEES):
        fields[f"trustee_{i + 1}"] = option(page, f"trustee_{i + 1}", name(i))
    secretary.post("/ballots/new", fields, page)
    return secretary.ask("/ballots")["rows"][0]["number"]


def prepare(bench, server, cookies, number, folder, count):
    """Keys and codes; the seeds."""
    page_file, codes_file = folder / "page.json", folder / "codes"
    authority = Client(server, cookies[AUTHORITY])
    page = authority.ask(f"/ballots/{number}/credentials")
    codes = device(bench, "codes", page["group"], page["uuid"], count, codes_file)
    authority.post(f"/ballots/{number}/credentials", {"codes": codes}, page)
    seeds = [device(bench, "seed") for _ in range(TRUSTEES)]
    for _ in range(3):
        for i, seed in enumerate(seeds):
            holder = Client(server, cookies[voter(i)])
            page = holder.ask(f"/ballots/{number}/keys")
            page_file.write_text(json.dumps(page, ensure_ascii=False))
            holder.post(f"/ballots/{number}/keys", {"step": page["step"], "message": device(bench, "key", seed, page_file)}, page)
    return seeds


def seal(bench, server, cookies, number, folder, count):
    """Files for the load: who comes with what, and the form around it."""
    visitor = Client(server, cookies[SECRETARY])
    election, lines, crowd, body = (folder / name for name in ("election.json", "lines", "people", "body"))
    election.write_bytes(visitor.ask(f"/ballots/{number}/election.json", raw=True))
    sealed = device(bench, "seal", election, folder / "codes").split("\n")
    lines.write_text("".join(urllib.parse.quote_plus(ballot) + "\n" for ballot in sealed))
    token = lambda cookie: Client(server, cookie).ask(f"/ballots/{number}/booth")["frame"]["csrf"]
    crowd.write_text("".join(f"{cookies[voter(i)]}\t{token(cookies[voter(i)])}\n" for i in range(count)))
    body.write_text("csrf=@CSRF@&ballot=@LINE@")
    return {"method": "POST", "people": crowd, "lines": lines, "body": body, "clients": min(CLIENTS, count), "addresses": CLIENTS,
            "headers": ["Accept: application/json", "Accept-Language: zh-CN"], "expect": [200], "seconds": 120}


def finish(bench, server, cookies, number, seeds, folder):
    """Closes, and two trustees open."""
    secretary = Client(server, cookies[SECRETARY])
    page = secretary.ask(f"/ballots/{number}")
    secretary.ask(f"/ballots/{number}/moves/close_early", {"token": page["keeper"]["token"], "csrf": page["frame"]["csrf"]})
    page_file = folder / "page.json"
    for i in range(NEEDED):
        holder = Client(server, cookies[voter(i)])
        page = holder.ask(f"/ballots/{number}/decrypt")
        page_file.write_text(json.dumps(page, ensure_ascii=False))
        part = device(bench, "part", folder / "election.json", page_file, seeds[i])
        holder.post(f"/ballots/{number}/decrypt", {"partial_decryption": part}, page)
    page = secretary.ask(f"/ballots/{number}")
    if page["poll"]["state"]["key"] != "counted":
        raise SystemExit("bench: the ballot has no result")


# --- the figure ---

def one_round(bench, database, world, cookies, count):
    with bench.server(database.url, world) as server:
        number = call(server, cookies)
        seeds = prepare(bench, server, cookies, number, world, count)
    with bench.server(database.url, world) as server: # clocks are looked at when it starts
        visitor = Client(server, cookies[SECRETARY])
        while visitor.ask(f"/ballots/{number}")["poll"]["state"]["key"] != "open":
            time.sleep(0.05)
        options = seal(bench, server, cookies, number, world, count)
        began = time.monotonic()
        cast = bench.load(server.port, f"/ballots/{number}/booth", server.pid, **options)
        finish(bench, server, cookies, number, seeds, world)
        whole = time.monotonic() - began
        archive = world / "cast.bel"
        archive.write_bytes(visitor.ask(f"/ballots/{number}/archive.bel", raw=True))
    if cast["requests"] != count:
        raise SystemExit(f"bench: {cast['requests']} of {count} ballots were accepted")
    return cast, whole, votes.ours(bench, archive, 1)


def measure(bench, database, count):
    world = bench.folder / f"cast-{database.name}"
    shutil.rmtree(world, ignore_errors=True)
    world.mkdir()
    cookies = make_house(bench, database, world, count)
    rounds = [one_round(bench, database, world, cookies, count) for _ in range(min(bench.rounds, 3))]
    shutil.rmtree(world)
    for unit, key, other, target in (("CPU", "cpu", "cpu", 0.8), ("wall", "seconds", "wall", None)):
        rates = [(count / cast[key], count / verified[other]) for cast, _, verified in rounds]
        bench.table.add(f"{count} ballots accepted over HTTP, {database.name}, a {unit} second{database.note}, beside verifying them",
                        f"{bench.median([one[0] for one in rates]):.0f}", f"{bench.median([one[1] for one in rates]):.0f}",
                        bench.median([one[0] / one[1] for one in rates]), bench.target(target) if target else None, most=False)
    bench.table.add(f"the same, {database.name}: 99th percentile, {min(CLIENTS, count)} clients",
                    f"{bench.median([cast['p99'] for cast, _, _ in rounds]) / 1000:.1f} ms", "",
                    bench.median([cast["p99"] for cast, _, _ in rounds]) / 1000, unit=" ms")
    whole = bench.median([whole for _, whole, _ in rounds])
    bench.table.add(f"the same, {database.name}: from the first ballot to the result", f"{whole:.2f} s", "", whole, bench.target(10), unit=" s")


def cast(bench):
    count = 40 if bench.asked.smoke else 1000
    measure(bench, Sqlite(bench.folder / "cast-SQLite"), count)
    database = Postgres(bench)
    measure(bench, database, count)
    database.stop()
