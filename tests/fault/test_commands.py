#!/usr/bin/env python3
"""The command line as an administrator meets it. usage: test_commands.py GONGZHI [TEST …]

Help on each command, exit codes 0, 1 and 2, errors in one line; flow files with each kind of mistake; lists with bad rows.
When this fails: src/app/commands.c and the command's own file.
"""
import contextlib
import os
import pathlib
import re
import sqlite3
import subprocess

from house import ROOT, House, check, environment, main


def call(house, *words, language="en_US.UTF-8"):
    return subprocess.run([house.binary, *words], capture_output=True, text=True, cwd=house.folder, timeout=60,
                          env={**environment(), "LC_ALL": language})


def one_line(done, code):
    check(done.returncode == code, f"{done.args} ended with {done.returncode}: {done.stderr}")
    check(done.stderr.startswith("gongzhi: "), f"{done.args} says {done.stderr!r}")
    check(done.stderr.count("\n") == 1, f"{done.args}: {done.stderr}")
    return done.stderr.strip()


def every_command_explains_itself(house):
    listed = call(house, "--help")
    check(listed.returncode == 0 and not listed.stderr, listed.stderr)
    names = re.findall(r"^  ((?:[a-z-]+ )?[a-z-]+)  ?[ A-Z]", listed.stdout, re.M)
    for expected in ("init", "demo", "serve", "backup", "restore", "import places", "import people", "import roles",
                     "verify receipt", "verify election", "verify database", "flow check", "flow draw", "user add", "keys rotate", "test-mustache"):
        check(expected in names, f"{expected} is not listed: {names}")
    for name in names:
        for language in ("en_US.UTF-8", "zh_CN.UTF-8"):
            done = call(house, *name.split(), "--help", language=language)
            check(done.returncode == 0 and not done.stderr, f"{name} --help: {done.returncode} {done.stderr}")
            check(done.stdout.startswith("gongzhi " + name) and len(done.stdout.splitlines()) > 1, f"{name}: {done.stdout}")
        check(re.search(r"[\u4e00-\u9fff]", done.stdout), f"{name} --help is not in Chinese")


def wrong_use_ends_with_2_and_failure_with_1(house):
    for words in ([], ["nothing"], ["init", "--what"], ["init"], ["init", "--db"], ["serve", "--db", house.url],
                  ["import", "places", "--db", house.url], ["import", "nothing", "x"], ["flow", "check"],
                  ["flow", "check", "a", "b"], ["verify", "receipt", "x"], ["user", "add", "--db", house.url],
                  ["init", "--db", house.url, "--db", house.url], ["serve", "--demo=yes", "--db", "x", "--listen", "y"]):
        done = call(house, *words)
        said = one_line(done, 2)
        check(not done.stdout and ("--help" in said or "gongzhi " + words[0] in said), f"{words}: {done.stdout} {said}")
    options = ["--db", house.url, "--keys", house.keys]
    for words in (["flow", "check", "nowhere.yaml"], ["verify", "receipt", "nowhere", "--key", "x"], ["verify", "election", "nowhere.bel"],
                  ["import", "places", "nowhere.csv", *options], ["user", "password", "nobody", *options],
                  ["user", "add", "--person", "nobody", "--login", "nobody", *options],
                  ["serve", "--listen", "nonsense", *options], ["serve", "--listen", "127.0.0.1:99999", *options],
                  ["serve", "--listen", "127.0.0.1:0", "--threads", "many", *options],
                  ["serve", "--listen", "127.0.0.1:0", "--trust-proxy", "nonsense", *options],
                  ["backup", house.folder + "/no/where", *options],
                  ["serve", "--listen", "127.0.0.1:0", "--db", "nonsense:x"], ["restore", "nowhere", *options],
                  ["test-mustache", "nowhere.json"]):
        one_line(call(house, *words), 1)


def a_house_is_begun_once_and_served_only_then(house):
    empty = House.__new__(House)
    empty.binary, empty.cluster, empty.folder = house.binary, house.cluster, house.folder + "/empty"
    os.mkdir(empty.folder)
    empty.keys, empty.files, empty.database = empty.folder + "/keys", empty.folder + "/files", empty.folder + "/gongzhi.db"
    if house.cluster:
        empty.database = house.cluster.new()
    serve = ["serve", "--listen", "127.0.0.1:0", "--db", empty.url, "--keys", empty.keys]
    said = one_line(call(house, *serve), 1)
    check("init" in said, f"serve before init does not say what to do: {said}")
    check(house.cluster or not os.path.exists(empty.database), "serve made a database")
    empty.run("init")
    before = empty.count("select count(*) from calendar_day")
    again = empty.run("init")
    check(again.returncode == 0 and empty.count("select count(*) from calendar_day") == before, "a second init changed something")
    said = one_line(call(house, "init", "--db", empty.url, "--keys", empty.keys, "--host", "other.example"), 1)
    check("gongzhi.local" in said, f"another host: {said}")
    os.rename(empty.keys, empty.keys + ".away")
    said = one_line(call(house, *serve), 1)
    check("keys" in said, f"without keys: {said}")


def what_an_operator_got_wrong_is_told_as_such(house):
    options = ["--db", house.url, "--keys", house.keys]
    os.chmod(house.keys, 0o755)
    check("0700" in one_line(call(house, "user", "list", *options), 1), "keys that others may read")
    os.chmod(house.keys, 0o700)
    file = house.folder + "/no-folder"
    pathlib.Path(file).write_text("")
    check(file in one_line(call(house, "user", "list", "--db", house.url, "--keys", file), 1), "keys that are no folder")
    check("extra" in one_line(call(house, "user", "list", *options, "extra"), 2), "a word too many")
    new = house.folder + "/new.db"
    said = one_line(call(house, "init", "--db", "sqlite:" + new, "--keys", house.folder + "/new-keys", "--host", "Bad Host!"), 1)
    check("Bad Host!" in said and not os.path.exists(new) and not os.path.exists(house.folder + "/new-keys"), said)
    done = call(house, "init", "--db", "sqlite:" + new, "--keys", house.folder + "/new-keys")
    check(done.returncode == 0 and not done.stderr, done.stderr)


def each_bad_flow_is_refused_with_file_line_and_reason(house):
    folder = ROOT / "tests/data/flows/bad"
    flows = sorted(path for path in folder.glob("*.yaml") if not path.name.endswith("rules.yaml"))
    check(len(flows) > 50, "where are the bad flows?")
    reasons = set()
    for path in flows:
        done = call(house, "flow", "check", str(path), "--rules", str(folder / "bad.rules.yaml"))
        said = one_line(done, 1)
        found = re.match(rf"gongzhi: {re.escape(str(path))}, line (\d+) (?:is refused|can’t be read): (.+)", said)
        check(found and int(found.group(1)) >= 1, f"{path.name}: {said}")
        reasons.add(found.group(2))
    check(len(reasons) > len(flows) // 2, "the reasons are all alike")


flows_once = each_bad_flow_is_refused_with_file_line_and_reason
flows_once.without = ("PostgreSQL",)


def a_good_flow_is_checked_and_drawn(house):
    flow = str(ROOT / "src/systems/requests/flow.yaml")
    check(call(house, "flow", "check", flow).returncode == 0, "the requests' own flow")
    drawn = call(house, "flow", "draw", flow)
    check(drawn.returncode == 0 and drawn.stdout.startswith("<svg") or "<svg" in drawn.stdout[:200], drawn.stdout[:200])
    check("answered" in call(house, "flow", "draw", "--text", flow).stdout, "as text")


a_good_flow_is_checked_and_drawn.without = ("PostgreSQL",)


def bad_rows_come_back_and_good_ones_are_in(house):
    file = pathlib.Path(house.folder) / "more.csv"
    file.write_text("person,name,sex,birth,id_number,place\n"
                    "p-1,张大山,男,1970-01-01,,500116106200\n"
                    "p-2,,男,1970-01-01,,500116106200\n"
                    "p-3,李小山,男,1970-13-01,,500116106200\n"
                    "p-4,王小山,女,1970-01-01,500116196203248561,500116106200\n"
                    "p-5,=HYPERLINK(\"http://evil\"),女,1970-01-01,,999999999999\n")
    people = "select count(*) from person"
    before = house.count(people)
    dry = house.run("import", "people", str(file), "--dry-run", code=1)
    check(house.count(people) == before, "a dry run wrote something")
    done = house.run("import", "people", str(file), code=1)
    check(house.count(people) == before + 1, f"{house.count(people) - before} of the one good row: {done.stdout}")
    check("1" in done.stdout and "4" in done.stdout, done.stdout)
    bad = pathlib.Path(str(file) + ".bad.csv")
    text = bad.read_text(encoding="utf-8-sig")
    rows = text.strip().splitlines()
    check(bad.stat().st_mode & 0o077 == 0, "others may read the bad rows")
    check(len(rows) == 5 and rows[0].endswith(("reason", "原因")), text)
    for row in rows[1:]:
        check(row.split(",")[-1].strip(), f"no reason: {row}")
    # Twice changes nothing.
    again = house.run("import", "people", str(file), code=1)
    check(house.count(people) == before + 1 and again.stdout != done.stdout, again.stdout)
    # The bad rows, mended, are a file of the same form.
    mended = [rows[0], rows[1].replace("p-2,,", "p-2,陈小山,")]
    bad.write_text("\n".join(mended) + "\n")
    # Whoever is mending loses nothing when the list is brought in once more.
    third = house.run("import", "people", str(file), code=1)
    second = pathlib.Path(str(file) + ".bad-2.csv")
    check(bad.read_text() == "\n".join(mended) + "\n", "the mended rows were written over")
    check(str(second) in third.stdout and second.read_text(encoding="utf-8-sig") == text, third.stdout)
    check(second.stat().st_mode & 0o077 == 0, "others may read the second file")
    house.run("import", "people", str(bad))
    check(house.count(people) == before + 2, "the mended row is not in")
    for words in ("no,such,column\n1,2,3\n", "", "person\n\xff\n"):
        file.write_bytes(words.encode("latin-1"))
        one_line(call(house, "import", "people", str(file), "--db", house.url, "--keys", house.keys), 1)
    check(house.count(people) == before + 2, "a file that can't be read changed something")
    check(dry.stdout, "a dry run tells nothing")


def what_a_crash_leaves_holds_no_key(house):
    with house.serving() as server:
        limits = pathlib.Path(f"/proc/{server.process.pid}/limits").read_text()
    check(re.search(r"^Max core file size\s+0\s+0\s", limits, re.M), limits)


def a_receipt_is_verified_offline(house):
    with house.serving() as server:
        client = server.client(house.session).know_csrf()
        number = client.file("路塌了", "one")
        _, _, receipt = client.send("GET", f"/requests/{number}/receipt.tlog-proof")
        _, _, key = client.send("GET", "/log/500116106000/key")
    file, key_file = pathlib.Path(house.folder) / "receipt", pathlib.Path(house.folder) / "key"
    file.write_bytes(receipt)
    key_file.write_bytes(key)
    for given in (key.decode().strip(), str(key_file)):
        good = call(house, "verify", "receipt", str(file), "--key", given)
        check(good.returncode == 0 and "路塌了" in good.stdout, f"{good.stdout} {good.stderr}")
        lines = good.stdout.split("\n\n")[0].splitlines()  # in words first, then as it stands
        check(any(number in line for line in lines) and any("路塌了" in line for line in lines), good.stdout)
        check(not any("{" in line for line in lines), good.stdout)
    file.write_bytes(receipt[:200] + bytes([receipt[200] ^ 1]) + receipt[201:])
    one_line(call(house, "verify", "receipt", str(file), "--key", str(key_file)), 1)
    file.write_bytes(receipt)
    one_line(call(house, "verify", "receipt", str(file), "--key", "nonsense"), 1)
    check(call(house, "verify", "receipt", str(file), "--key", str(key_file), "--log", "other/log").returncode == 1, "another log")


def accounts_are_given_listed_reset_and_closed(house):
    said = house.run("user", "list").stdout
    check("li@500116106000" in said and "李秀兰" in said, said)
    check(any("李秀兰" in line and ("村民 黄庄村" in line or "Villager 黄庄村" in line) for line in said.splitlines()), said)
    house.run("user", "add", "--person", "p-li", "--login", "li2", code=1)  # has one
    house.run("user", "add", "--person", "p-chen", "--login", "li", code=1)  # is taken
    house.run("user", "add", "--person", "p-chen", "--login", "chen")
    reset = re.search(r"\w{4}-\w{4}-\w{4}", house.run("user", "password", "li").stdout).group(0)
    with house.serving() as server:
        check(server.client(house.session).send("GET", "/sessions")[0] == 401, "a reset leaves sessions open")
        client = server.client()
        check(client.sign_in("li", reset) == "/password", "a reset password need not be changed")
        house.run("user", "close", "li")
        check(client.send("GET", "/password")[0] == 401, "a closed account is still in")


def versions(house):
    """Under which field key each person's numbers are sealed."""
    sql = "select distinct field_version from person where field_version > 0 order by 1"
    if house.cluster:
        return house.cluster.sql(sql, house.database).split()
    with contextlib.closing(sqlite3.connect(house.database)) as link:
        return [str(row[0]) for row in link.execute(sql)]


def masked(client):
    """One's own numbers, as one's page shows them."""
    return [number["masked"] for number in client.get(client.get("/sessions")["me_href"])["numbers"]]


def field_keys_are_rotated_while_serving_and_after_an_interruption(house):
    keys = pathlib.Path(house.keys)
    check(versions(house) == ["1"], versions(house))
    with house.serving() as server:
        client = server.client(house.session).know_csrf()
        before = masked(client)
        said = house.run("keys", "rotate").stdout
        check("key 2" in said and "copy" in said.lower(), said)
        check(versions(house) == ["2"] and (keys / "field-2.key").stat().st_mode & 0o777 == 0o600, versions(house))
        (keys / "field-1.key").rename(keys / "aside")
        check(masked(client) == before, "the running server can't read what is sealed anew")
    # Stopped right after the key was made: the next run finishes that and makes no further key.
    (keys / "field-3.key").write_bytes(os.urandom(32))
    (keys / "field-3.key").chmod(0o600)
    said = house.run("keys", "rotate").stdout
    check("key 3" in said and versions(house) == ["3"] and not (keys / "field-4.key").exists(), said)
    (keys / "field-2.key").unlink()
    with house.serving() as server:
        check(masked(server.client(house.session)) == before, "not readable under key 3")
    house.run("keys", "rotate")
    check(versions(house) == ["4"], versions(house))


def a_calendar_comes_in_while_somebody_moves_a_matter(house):
    """Whoever counts clocks again and meets a matter that is being moved looks at it once more."""
    if not house.cluster:
        return
    with house.serving() as server:
        server.client(house.session).know_csrf().file("路塌了", "one")
    house.cluster.sql("update matter_clock set due = due - 1", house.database)  # as if by an older calendar
    file = pathlib.Path(house.folder) / "days.csv"
    file.write_text("date,type,name\n2041-02-01,off,假\n")
    mover = subprocess.Popen(["psql", "-qAtX", "-d", house.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    mover.stdin.write("begin; create temp table event as select * from matter_event; update event set seq = 2;"
                      "insert into matter_event select * from event; update matter set version = 2 returning 'moved';\n")
    mover.stdin.flush()
    check(mover.stdout.readline().strip() == "moved", "the matter could not be locked")
    command = [house.binary, "import", "calendar", str(file), "--db", house.url, "--keys", house.keys]
    imported = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment())
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    while not house.count(waiting):
        check(imported.poll() is None, "the import did not wait for the matter")
    mover.communicate("commit;\n", timeout=60)
    said, complained = imported.communicate(timeout=60)
    check(imported.returncode == 0 and "of 1 matters" in said, said + complained)


main([every_command_explains_itself, a_calendar_comes_in_while_somebody_moves_a_matter, wrong_use_ends_with_2_and_failure_with_1, a_house_is_begun_once_and_served_only_then,
      what_an_operator_got_wrong_is_told_as_such,
      flows_once, a_good_flow_is_checked_and_drawn, bad_rows_come_back_and_good_ones_are_in, a_receipt_is_verified_offline,
      what_a_crash_leaves_holds_no_key,
      accounts_are_given_listed_reset_and_closed, field_keys_are_rotated_while_serving_and_after_an_interruption])
