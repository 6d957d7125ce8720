#!/usr/bin/env python3
"""The real binary is killed, stopped, and runs out of disk while people file. usage: test_kill.py GONGZHI [TEST …]

When this fails: src/store/batch.c and writer_*.c (what was answered must be durable), src/http/exchange.c (a stop).
"""
import os
import resource
import signal

from house import Load, assert_answered_are_there, check, main


def killed_under_load_nothing_answered_is_lost(house):
    for life in range(2):
        with house.serving() as server:
            load = Load(server, house.session, name=f"life{life}")
            load.wait_for(40)
            server.kill()
            load.join()
        check(load.lost, "nobody was waiting when it died")
        assert_answered_are_there(house, load)
        # Whoever got no answer sends the form again: filed once, whether or not it had come through.
        before = house.count()
        with house.serving() as server:
            client = server.client(house.session).know_csrf()
            numbers = {client.file("路塌了 " + token, token) for token in load.lost}
            check(len(numbers) == len(load.lost), "two forms became one request")
            check(before <= house.count() <= before + len(load.lost), "a form was filed twice")
            again = {client.file("路塌了 " + token, token) for token in load.lost}
            check(again == numbers, "a form sent again led elsewhere")
    house.assert_sound()


def stopped_with_requests_in_the_air_all_are_answered(house):
    with house.serving() as server:
        load = Load(server, house.session)
        load.wait_for(40)
        check(server.stop() == 0, "serve did not end well")
        load.join()
    for token, status, content in load.refused:
        check(status == 503 and content, f"{token} was refused with {status}")
    check(house.count() == len(load.answered), f"{house.count()} are there, {len(load.answered)} were answered")
    assert_answered_are_there(house, load)


def a_full_disk_is_said_and_got_over(house):
    size = os.path.getsize(house.database)
    with house.serving(limit=size + 64 * 1024) as server:
        client = server.client(house.session).know_csrf()
        answered, refused = {}, None
        for i in range(5000):
            status, where, content = client.try_to_file("路塌了 " * 100 + str(i), f"full-{i}")
            if status != 303:
                refused = (i, status, content.decode())
                break
            answered[i] = where.split("/")[2]
        check(refused, "the disk never became full")
        check(refused[1] in (500, 503) and "said" in refused[2], f"a full disk was answered with {refused[1:]}")
        status, _, page = client.send("POST", "/requests", {"csrf": client.csrf, "category": "help", "topic": "safety",
                                                          "text": "满", "token": "html"}, accept="text/html")
        check(status in (500, 503) and "<h1>" in page.decode(), f"no page: {status}")
        check(client.get("/requests/" + answered[0])["matter"]["state"]["key"] == "filed", "reading stopped as well")
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        number = client.file("有地方了", f"full-{refused[0]}")
        check(number not in answered.values(), "a number was given twice")
        check(house.count() == len(answered) + 1, "something was filed while the disk was full")
    house.assert_sound()


a_full_disk_is_said_and_got_over.without = ("PostgreSQL",)


def a_second_stop_signal_changes_nothing(house):
    with house.serving() as server:
        load = Load(server, house.session, threads=2)
        load.wait_for(5)
        server.process.send_signal(signal.SIGTERM)
        server.process.send_signal(signal.SIGINT)
        check(server.stop() == 0, "serve did not end well")
        load.join()
    check(house.count() == len(load.answered), "what was answered is not what is there")


main([killed_under_load_nothing_answered_is_lost, stopped_with_requests_in_the_air_all_are_answered,
      a_full_disk_is_said_and_got_over, a_second_stop_signal_changes_nothing])
