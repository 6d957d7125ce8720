#!/usr/bin/env python3
"""PostgreSQL cuts connections, stops and comes back while people file and read. usage: test_lost_server.py GONGZHI [TEST …]

When this fails: src/store/postgres.c (a reader's connection), writer_postgres.c and batch.c (the writer's).
"""
import contextlib
import pathlib
import subprocess
import threading
import time

from house import LISTS, VILLAGE, Load, assert_answered_are_there, check, main


def cut(house):
    house.cluster.sql("select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = "
                      f"'{house.database}' and pid <> pg_backend_pid()")


def connections_cut_under_load_are_made_again(house):
    with house.serving() as server:
        load = Load(server, house.session, threads=4)
        for _ in range(5):
            load.wait_for(10)
            cut(house)
        load.wait_for(10)
        load.join()
        for token, status, content in load.refused:
            check(status == 503 and b"said" in content, f"{token} was answered with {status} {content[:200]}")
        check(not load.lost, "a client got no answer at all")
        # Those told to come again do, with the same form.
        client = server.client(house.session).know_csrf()
        for token, _, _ in load.refused:
            load.answered[token] = client.file("路塌了 " + token, token)
        check(house.count() == len(load.answered), f"{house.count()} are there, {len(load.answered)} were answered")
    assert_answered_are_there(house, load)


def a_reader_whose_connection_was_cut_gets_the_page(house):
    with house.serving() as server:
        client = server.client(house.session)
        for _ in range(4):
            client.get("/requests")
            cut(house)
            status, _, content = client.send("GET", "/requests")
            check(status in (200, 503) and content, f"a cut connection answered {status}")
            check(client.send("GET", "/requests")[0] == 200, "the next page came no better")


def while_the_server_is_away_people_are_told_so(house):
    with house.serving() as server:
        client = server.client(house.session).know_csrf()
        before = client.file("路塌了 before", "before")
        house.cluster.control("-m", "immediate", "stop")
        try:
            status, _, content = client.send("GET", "/requests")
            check(status == 503 and b"said" in content, f"reading answered {status}")
            status, _, page = client.send("GET", "/", accept="text/html")
            check(status == 503 and "<h1>" in page.decode(), f"no page: {status} {page[:200]}")
            status, _, content = client.try_to_file("路塌了 during", "during")
            check(status == 503 and b"said" in content, f"filing answered {status}")
        finally:
            house.cluster.control("start")
        deadline = time.monotonic() + 20
        while client.send("GET", "/requests")[0] != 200:
            check(time.monotonic() < deadline, "it does not come back")
            time.sleep(0.05)
        number = client.file("路塌了 during", "during")
        check(number != before and house.count() == 2, "not what was filed")
    house.assert_sound()


@contextlib.contextmanager
def away(house):
    """The server stops at once, and is there again afterwards."""
    house.cluster.control("-m", "immediate", "stop")
    try:
        yield
    finally:
        house.cluster.control("start")


def the_first_page_of_a_demo_comes_without_its_doors_or_says_so(house):
    with house.serving(more=("--demo",)) as server:
        client = server.client()
        client.get("/")
        with away(house):
            for _ in range(3):
                status, _, page = client.send("GET", "/", accept="text/html")
                # Once it is noticed that the connection is gone there is no page at all.
                check(status in (200, 503) and "<h1>" in page.decode(), f"no page: {status} {page[:200]}")
                check('name="door"' not in page.decode(), "doors that lead nowhere")


def forms_that_wait_when_the_server_goes_are_answered(house):
    # Who lives in a group is greeted with the village's name, for which a page asks the database.
    lists = {"places": f"code,name,kind,parent,valid_from\n{VILLAGE}-Z01,黄庄村1组,group,{VILLAGE},2023-01-01\n",
             "households": LISTS["households"].splitlines()[0] + f"\n{VILLAGE}-0001,{VILLAGE}-Z01,黄庄村1组1号,p-li\n",
             "people": LISTS["people"].splitlines()[0] + "\n"
                       f"p-li,李秀兰,女,1962-03-24,50011619620324856X,19900005838,{VILLAGE}-0001,户主,{VILLAGE}-Z01\n"}
    for kind, rows in lists.items():
        pathlib.Path(house.folder, kind).write_text(rows)
        house.run("import", kind, f"{house.folder}/{kind}")
    with house.serving() as server:
        clients = [server.client(house.session).know_csrf() for _ in range(6)]
        watcher = server.client()
        lock = subprocess.Popen(["psql", "-qAtX", "-d", house.cluster.address(house.database), "-c",
                                 "begin; lock table matter in exclusive mode; select pg_sleep(60)"], stderr=subprocess.DEVNULL)
        while not int(house.cluster.sql("select count(*) from pg_locks where mode = 'ExclusiveLock' and locktype = 'relation'",
                                        house.database)):
            time.sleep(0.02)
        answers = []
        threads = [threading.Thread(target=lambda i=i: answers.append(clients[i].try_to_file("路塌了", f"waiting-{i}")))
                   for i in range(len(clients))]
        for thread in threads:
            thread.start()
        while watcher.get("/health")["waiting_writer"] < len(clients):
            time.sleep(0.02)
        with away(house):
            for thread in threads:
                thread.join(60)
        lock.wait()
        check(len(answers) == len(clients), f"{len(answers)} of {len(clients)} were answered")
        for status, _, content in answers:
            check(status == 503 and b"said" in content, f"answered {status} {content[:200]}")


tests = [the_first_page_of_a_demo_comes_without_its_doors_or_says_so, forms_that_wait_when_the_server_goes_are_answered, connections_cut_under_load_are_made_again, a_reader_whose_connection_was_cut_gets_the_page,
         while_the_server_is_away_people_are_told_so]
for test in tests:
    test.without = ("SQLite",)
main(tests)
