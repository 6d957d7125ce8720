#!/usr/bin/env python3
"""The demo's world is the same on both databases, and an outside program checks its whole log. usage: test_demo.py GONGZHI

When this fails on the number of leaves: src/app/demo_walk.c, or whatever depends on the order in which a database answers.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from house import ROOT, Cluster, House, check

LEAVES = "select count(*) from log_leaf"
TOWNS = ("500116106000", "500230109000")


def make(binary, cluster):
    house = House.__new__(House)
    house.binary, house.cluster, house.session = binary, cluster, None
    house.folder = tempfile.mkdtemp(prefix="gongzhi-fault.", dir="/tmp")
    house.keys, house.files, house.database = house.folder + "/keys", house.folder + "/files", house.folder + "/gongzhi.db"
    if cluster:
        house.database = cluster.new()
    house.run("demo")
    house.assert_sound()
    return house


def outside(server, town, folder):
    """Every entry and tile over HTTP; 77 where Go is not installed."""
    _, _, key = server.client().send("GET", f"/log/{town}/key")
    file = pathlib.Path(folder) / ("key-" + town)
    file.write_bytes(key)
    done = subprocess.run([ROOT / "tests/outside/checklog.sh", "-key", f"@{file}", f"http://127.0.0.1:{server.port}/log/{town}"],
                          capture_output=True, text=True, timeout=100)
    check(done.returncode in (0, 77), f"{town}: {done.stdout}{done.stderr}")


def main():
    binary, cluster, houses = os.path.abspath(sys.argv[1]), Cluster(), []
    try:
        for kind in (None, cluster):
            houses.append(make(binary, kind))
        counts = [{town: house.count(f"{LEAVES} where realm = '{town}'") for town in TOWNS} for house in houses]
        check(counts[0] == counts[1], f"SQLite has {counts[0]}, PostgreSQL {counts[1]}")
        check(all(count > 256 for count in (counts[0][TOWNS[0]],)), f"too few for a full tile: {counts[0]}")
        with houses[0].serving() as server:
            for town in TOWNS:
                outside(server, town, houses[0].folder)
        print("ok      both demos have", counts[0])
    finally:
        for house in houses:
            shutil.rmtree(house.folder, ignore_errors=True)
        cluster.close()


main()
