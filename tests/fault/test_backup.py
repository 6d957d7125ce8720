#!/usr/bin/env python3
"""Backed up while it serves, restored elsewhere with the keys carried apart. usage: test_backup.py GONGZHI [TEST …]

When this fails: src/app/command_backup.c, src/store/copy.c.
"""
import os
import pathlib
import shutil
import subprocess
import urllib.parse

from house import House, Load, check, environment, main


def elsewhere(house):
    """A new machine: an empty database, the keys folder carried over, no files yet."""
    other = House.__new__(House)
    other.binary, other.cluster, other.session = house.binary, house.cluster, house.session
    other.folder = house.folder + "/elsewhere"
    os.mkdir(other.folder)
    other.keys, other.files, other.database = other.folder + "/keys", other.folder + "/files", other.folder + "/gongzhi.db"
    shutil.copytree(house.keys, other.keys)
    if house.cluster:
        other.database = house.cluster.new()
    return other


def a_backup_made_while_people_file_holds_a_sound_house(house):
    folder = house.folder + "/backup"
    with house.serving() as server:
        load = Load(server, house.session, threads=4)
        load.wait_for(20)
        sure = dict(load.answered)
        said = house.run("backup", folder).stdout
        load.wait_for(20)
        load.join()
    check("keys" in said, f"not told that keys are apart: {said}")
    check(not [name for name in os.listdir(folder) if "key" in name], "keys are in the backup")
    other = elsewhere(house)
    said = other.run("restore", folder).stdout
    check("everything holds" in said, said)
    check(len(sure) <= other.count() <= house.count(), f"{other.count()} of {house.count()}, {len(sure)} before")
    with other.serving() as server:
        client = server.client(house.session).know_csrf()
        for token, number in sure.items():
            check(client.get("/requests/" + number)["matter"]["text"] == "路塌了 " + token, f"{number} is another")
        client.file("路塌了 there", "there")
    other.assert_sound()
    # Beside what a killed server left of an earlier one: refused, and nothing put there.
    if not house.cluster:
        os.unlink(other.database)
        for ending in ("-wal", "-journal"):
            left = pathlib.Path(other.database + ending)
            left.write_bytes(b"of another")
            failed = other.run("restore", folder, code=1)
            check(left.name in failed.stderr and not os.path.exists(other.database), failed.stderr)
            left.unlink()
        other.run("restore", folder)
    # Over a database that is there: refused, and nothing of it changed.
    count = house.count()
    house.run("restore", folder, code=1)
    check(house.count() == count, "a refused restore changed something")
    house.assert_sound()


def one_wrong_byte_in_a_backup_is_found(house):
    folder = pathlib.Path(house.folder + "/backup")
    with house.serving() as server:
        server.client(house.session).know_csrf().file("路塌了", "one")
    house.run("backup", str(folder))
    for name in ("gongzhi.db", "gongzhi.pgdump"):
        file = folder / name
        if not file.exists():
            continue
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
        other = elsewhere(house)
        failed = other.run("restore", str(folder), code=1)
        check(name in failed.stderr, failed.stderr)
        check(house.cluster or not os.path.exists(other.database), "a damaged backup was restored")
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    (folder / "manifest.txt").unlink()
    shutil.rmtree(house.folder + "/elsewhere")
    elsewhere(house).run("restore", str(folder), code=1)
    house.run("backup", str(folder), code=1)  # over a folder that is there


def without_its_keys_a_restored_house_is_not_opened(house):
    folder = house.folder + "/backup"
    house.run("backup", folder)
    other = elsewhere(house)
    shutil.rmtree(other.keys)
    failed = subprocess.run([other.binary, "restore", folder, "--db", other.url, "--keys", other.keys], capture_output=True,
                            text=True, env=environment())
    check(failed.returncode == 1 and "keys" in failed.stderr, f"{failed.returncode}: {failed.stderr}")


TOOL = """#!/bin/sh
printf '%s\\n' "$0 $*" "PGPASSWORD=$PGPASSWORD" >> "$TOOL_LOG"
exec {real} "$@"
"""


def the_tools_of_postgres_get_the_password_where_nobody_reads_it(house):
    """What stands in a command line is everybody's to read."""
    if not house.cluster:
        return
    tools, log = pathlib.Path(house.folder + "/tools"), house.folder + "/tools.log"
    tools.mkdir()
    for name in ("pg_dump", "pg_restore"):
        (tools / name).write_text(TOOL.format(real=shutil.which(name)))
        (tools / name).chmod(0o755)
    path, secret = os.environ["PATH"], "p'w:d\\ geheim"
    os.environ.update(PATH=f"{tools}:{path}", TOOL_LOG=log)
    try:
        for one, word in ((house, "backup"), (elsewhere(house), "restore")):
            url = one.url + "&password=" + urllib.parse.quote(secret)
            one.run(word, house.folder + "/backup", "--db", url, "--keys", one.keys, "--files", one.files, options=False)
    finally:
        os.environ["PATH"] = path
        del os.environ["TOOL_LOG"]
    lines = pathlib.Path(log).read_text().splitlines()
    check(len(lines) == 4, lines)
    for line in lines[0::2]:
        check("--dbname=" in line and "geheim" not in line, line)
    for line in lines[1::2]:
        check(line == "PGPASSWORD=" + secret, line)


def a_tool_that_fails_is_told_of_in_one_line(house):
    if not house.cluster:
        return
    gone = house.url.replace("?", "_gone?", 1)
    failed = house.run("backup", house.folder + "/backup", "--db", gone, options=False, code=1)
    check(failed.stderr.count("\n") == 1 and "does not exist" in failed.stderr, failed.stderr)


def a_backup_without_its_pictures_says_so(house):
    said = house.run("backup", house.folder + "/part", "--db", house.url, options=False).stdout
    check("--files" in said, said)
    check("--files" not in house.run("backup", house.folder + "/whole").stdout, said)


main([a_tool_that_fails_is_told_of_in_one_line, a_backup_without_its_pictures_says_so, a_backup_made_while_people_file_holds_a_sound_house, one_wrong_byte_in_a_backup_is_found,
      without_its_keys_a_restored_house_is_not_opened, the_tools_of_postgres_get_the_password_where_nobody_reads_it])
