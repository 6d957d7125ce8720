#!/usr/bin/env python3
"""Multiplies the requests of a small world of the house: usage: fill.py DATABASE COUNT

DATABASE is an SQLite file made by `gongzhi demo`, not being served. Afterwards it holds COUNT requests. Each new one is a
copy of one that walked the real flow (its row, events, clocks, messages) under a new id, number, author and moment, in the
text of its events too; nine in ten are closed and lie in the last six years, the others are as recent as their model.
What is not multiplied is the log: the events of a copy name the leaf of their model, so receipts of copies don't verify.
The scheduler is told to look at the clocks of open copies in a day or later, so that they do not all fire when a
benchmark begins.
"""
import random
import sqlite3
import sys
import time

CHUNK = 50_000
EPOCH = 1577836800000  # base/id.h: milliseconds since 2020
PROCESS = 900
DAY = 86_400_000_000
SHARE_OPEN = 0.1
TIMES = {"matter": {"filed_at", "changed_at", "closed_at", "due"}, "matter_event": {"recorded_at", "due_at"},
         "matter_clock": {"started", "due", "paused_since", "warn_at", "warned", "fired", "stopped"},
         "message": {"due", "made", "read_at"}}
NEVER = 9223372036854775807


def columns_of(db, table):
    return [row[1] for row in db.execute(f"pragma table_info({table})")]


def expression(table, column):
    """What a column of a copy is made of: t is the model's row, n the new matter, o the model's matter."""
    if column in TIMES.get(table, ()):
        return f"case when t.{column} = {NEVER} then t.{column} else t.{column} + n.delta end"
    special = {
        ("matter", "id"): "n.id", ("matter", "number"): "n.number", ("matter", "author"): "n.author",
        ("matter_event", "matter"): "n.id", ("matter_clock", "matter"): "n.id",
        ("matter_event", "actor"): "case when t.actor = o.author then n.author else t.actor end",
        ("matter_event", "bytes"): "replace(replace(replace(t.bytes, o.number, n.number), cast(o.id as text), cast(n.id as text)), "
                                   "ifnull(cast(o.author as text), '-'), ifnull(cast(n.author as text), '-'))",
        ("matter_clock", "next_at"): "case when t.next_at is null or t.stopped is not null then null else n.look_at end",
        ("message", "person"): "case when t.person = o.author then n.author else t.person end",
        ("message", "id"): "n.id + 1 + t.rank", ("message", "number"): "n.number",
        ("message", "read_at"): "case when o.closed_at is null then t.read_at + n.delta else t.made + n.delta end",
    }
    return special.get((table, column), f"t.{column}")


def copy_sql(db, table, source, match):
    columns = columns_of(db, table)
    values = ", ".join(expression(table, column) for column in columns)
    order = {"matter": "n.realm, n.id", "message": "n.id", "matter_clock": "n.realm, n.id, t.name, t.round",
             "matter_event": "n.realm, n.id, t.seq"}[table]
    return (f"insert into {table} ({', '.join(columns)}) select {values} from temp.copy n "
            f"join matter o on o.realm = n.realm and o.id = n.model join {source} t on {match} order by {order}")


def models_of(db):
    """The requests that may be copied, by realm, open and closed apart, with the share each realm has in the demo."""
    models = {}
    for realm, number, place, closed, row_id, filed, author_realm in db.execute(
            "select realm, number, village, closed_at, id, filed_at, author_realm from matter where flow = 'request'"):
        models.setdefault(realm, ([], []))[closed is not None].append((row_id, place, filed, author_realm))
    return models


def people_of(db):
    people = {}
    for realm, person in db.execute("select realm, id from person where household is not null"):
        people.setdefault(realm, []).append(person)
    return people


def new_matters(realm, models, people, count, chance, now):
    """Rows of temp.copy in the order of their ids."""
    opened, closed = models
    drawn = []
    for _ in range(count):
        is_open = chance.random() < SHARE_OPEN and opened or not closed
        model = chance.choice(opened if is_open else closed)
        jitter = chance.randrange(0, DAY)
        filed = model[2] - jitter if is_open else now - chance.randrange(30 * DAY, 6 * 365 * DAY)
        drawn.append((filed, model))
    drawn.sort(key=lambda pair: pair[0])
    last = 0
    for serial, (filed, (model, place, model_filed, author_realm)) in enumerate(drawn):
        last = max(((filed // 1000 - EPOCH) << 22) | (PROCESS << 12), last + 4096)
        author = chance.choice(people[author_realm]) if author_realm in people else None
        year = time.gmtime(filed // 1_000_000).tm_year
        yield (realm, model, last, f"{place}-QZ-{year}-{serial + 1_000_000}", author, filed - model_filed,
               now + DAY + chance.randrange(0, 20 * DAY))


def fill(path, count):
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = off", "synchronous = off", "cache_size = -1000000", "temp_store = memory"):
        db.execute(f"pragma {pragma}").fetchall()
    db.execute("create temp table copy (realm text, model integer, id integer, number text, author integer, delta integer, "
               "look_at integer)")
    db.execute("create temp table old_message as select m.*, row_number() over (partition by m.matter_realm, m.number) as rank "
               "from message m")
    db.execute("create index temp.old_message_number on old_message (matter_realm, number)")
    sql = [copy_sql(db, "matter", "matter", "t.realm = o.realm and t.id = o.id"),
           copy_sql(db, "matter_event", "matter_event", "t.realm = o.realm and t.matter = o.id"),
           copy_sql(db, "matter_clock", "matter_clock", "t.realm = o.realm and t.matter = o.id"),
           copy_sql(db, "message", "temp.old_message", "t.matter_realm = o.realm and t.number = o.number")]
    models, people, chance, now = models_of(db), people_of(db), random.Random(7), time.time_ns() // 1000
    there = db.execute("select count(*) from matter").fetchone()[0]
    wanted, weight = max(0, count - there), {realm: len(both[0]) + len(both[1]) for realm, both in models.items()}
    left, heavier = wanted, sorted(models, key=lambda realm: weight[realm])
    for realm in heavier:
        share = left if realm == heavier[-1] else wanted * weight[realm] // sum(weight.values())
        left -= share
        rows = new_matters(realm, models[realm], people, share, chance, now)
        while chunk := [row for _, row in zip(range(CHUNK), rows)]:
            db.execute("begin")
            db.executemany("insert into temp.copy values (?, ?, ?, ?, ?, ?, ?)", chunk)
            for statement in sql:
                db.execute(statement)
            db.execute("delete from temp.copy")
            db.execute("commit")
    db.execute("pragma journal_mode = wal").fetchall()
    total, = db.execute("select count(*) from matter").fetchone()
    db.close()
    return total


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: fill.py DATABASE COUNT")
    print(fill(sys.argv[1], int(sys.argv[2])))
