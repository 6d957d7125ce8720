#!/usr/bin/env python3
"""Writes the data files of the demo world: places, organisations, households, people, roles, accounts, requests.

    python3 demo/make.py [FOLDER]     writes into FOLDER (the folder of this file if none is given)

Inputs, all committed: regions/*.csv (real codes), organisations.py (what the two newspaper articles name, and
town offices), people.py with names.py (how people are invented), flow.py with texts_*.py (the requests).
Chance is seeded with words, never with the clock: the same inputs give the same bytes. Everything about
people is invented.
"""
import csv
import json
import pathlib
import random
import re
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import flow
import organisations
import people
import texts_huangzhuang, texts_yongxing, texts_gaojia  # each fills flow.ENTRIES, in this order

CODES_FROM = "2023-06-30"  # the cut-off date of the codes
DISTRICTS = [("500116", "江津区"), ("500230", "丰都县")]
TOWNS = {"yx": ("500116106000", "永兴镇"), "gj": ("500230109000", "高家镇")}
GRIDS = {"hz": 3, "jg": 2, "fd": 2, "jin": 2, "wen": 2}
NUMERALS = "零一二三四五六七八九十"
COLUMNS = {
    "places": "code name kind parent longitude latitude valid_from valid_to desk_address desk_hours desk_phone",
    "organisations": "code name kind place credit_code",
    "households": "household place address head",
    "people": "person name sex birth id_number phone household relation place",
    "roles": "person role place organisation from to office_phone",
    "accounts": "person login role_for_door",
}


def rows_of(name):
    with open(HERE / "regions" / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def make_places():
    places = []

    def add(code, name, kind, parent):
        places.append({"code": code, "name": name, "kind": kind, "parent": parent, "longitude": "", "latitude": "",
                       "valid_from": CODES_FROM, "valid_to": "", "desk_address": "", "desk_hours": "", "desk_phone": ""})

    areas = {row["code"]: row["name"] for row in rows_of("chongqing-areas.csv")}
    for district, name in DISTRICTS:
        assert areas[district] == name
        add(district + "000000", name, "district", "")
    for row in rows_of("towns-500116-500230.csv"):
        add(row["code"] + "000", row["name"], "town", row["areaCode"] + "000000")
    for district, _ in DISTRICTS:
        for row in rows_of(f"villages-{district}.csv"):
            name = re.sub("(村民委员会|居民委员会)$", "", row["name"])  # the place, not its committee
            add(row["code"], name, "village", row["streetCode"] + "000")
    for code, short, name, groups, _ in people.VILLAGES:
        for group in range(1, groups + 1):
            label = f"第{group}居民小组" if name.endswith("社区") else f"{group}组"
            add(f"{code}-Z{group:02d}", name + label, "group", code)
        for grid in range(1, GRIDS[short] + 1):
            add(f"{code}{grid:03d}", f"{name}第{NUMERALS[grid]}网格", "grid", code)
    add_desks(places)
    return places


def add_desks(places):
    """Service desks of the two towns and of the villages with households: invented, and they say so. No telephone number of
    Chongqing begins with 0."""
    served = {code for code, _ in TOWNS.values()} | {code for code, _, _, _, _ in people.VILLAGES}
    number = 0
    for place in places:
        if place["code"] in served:
            number += 1
            hall = "便民服务中心一楼" if place["kind"] == "town" else "便民服务站"
            place["desk_address"] = f"（演示）{place['name']}{hall}"
            place["desk_hours"] = "周一至周五 9:00–12:00，14:00–17:30"
            place["desk_phone"] = f"023-0000{number:04d}"


# --- cadres and staff -------------------------------------------------------------------------

def make_staff(world, places):
    """Clerks, handlers, leaders, secretaries, group leaders and grid workers; returns {town: {office: [handlers]}}."""
    handlers = {}
    for town, (code, _) in TOWNS.items():
        area = "hz" if town == "yx" else "fd"

        def hire(key, role, place, organisation="", low=27, high=56, begin="2024-03-01", end=""):
            chance = random.Random(f"gongzhi demo staff {key}")
            sex = chance.choice("男女")
            world.person(chance, key, people.names.surname(chance, area), sex, chance.randint(low, high), place=place,
                         area=area, phone=True)
            world.role(key, role, place, organisation, begin, end)
            return key

        for number in (1, 2, 3):
            hire(f"p-{town}-desk-{number}", "desk", code, f"{town}-desk")
        handlers[town] = {}
        for office, seats in organisations.OFFICES.items():
            seats = seats if town == "yx" else 1
            handlers[town][office] = [hire(f"p-{town}-{office}-{number}", "handler", code, f"{town}-{office}")
                                      for number in range(1, seats + 1)]
        hire(f"p-{town}-cunjian-former", "handler", code, f"{town}-cunjian", begin="2024-03-01", end="2026-03-31")
        hire(f"p-{town}-leader-1", "town_leader", code, "", 42, 54, "2024-06-01")
        hire(f"p-{town}-leader-2", "town_leader", code, "", 36, 50, "2025-01-10")
        district = code[:6] + "000000"
        hire(f"p-{code[:6]}-administrator", "administrator", district, "", 30, 45)
        with_people = {village[0]: village[1] for village in people.VILLAGES}
        for village in [row for row in places if row["kind"] == "village" and row["parent"] == code]:
            place = village["code"]
            if place not in with_people:
                hire(f"p-{place}-secretary", "village_secretary", place, "", 38, 57, "2026-03-01")
                hire(f"p-{place}-grid-1", "grid_worker", place, "", 26, 50)
    for code, short, _, groups, _ in people.VILLAGES:
        cadres_of_village(world, code, short, groups)
    return handlers


def cadres_of_village(world, code, short, groups):
    """Secretary, group leaders and grid workers of a village with households are its own people."""
    chance = random.Random(f"gongzhi demo cadres {code}")
    busy = set()

    def choose(tag, group):
        found = []
        for wanted in (tag, "farmer", "worker", "any"):
            found = found or [row for row in world.tagged(wanted, short, group)
                              if row["person"] not in busy and row["phone"]]
        key = chance.choice(found)["person"]
        busy.add(key)
        return key

    committee, branch = f"{short}-committee", f"{short}-branch"
    world.role(choose("leader", 0), "village_secretary", code, branch, "2026-03-01")
    world.role(choose("leader", 0), "village_secretary", code, branch, "2024-01-01", "2026-02-28")
    for group in range(1, groups + 1):
        world.role(choose("leader", group), "group_leader", f"{code}-Z{group:02d}", committee, "2026-03-15")
    for grid in range(1, GRIDS[short] + 1):
        world.role(choose("grid", 0), "grid_worker", f"{code}{grid:03d}", committee, "2024-04-01")


def make_villagers(world):
    """Everybody of sixteen or more is a villager of the group the household is in."""
    for row in world.people:
        if row["household"] and row["age"] >= 16:
            sixteen = f"{int(row['birth'][:4]) + 16}{row['birth'][4:]}".replace("-02-29", "-03-01")
            world.role(row["person"], "villager", row["home"], "", max(people.ROLES_FROM, sixteen))


# The ballots of 建国村: its representatives, its supervision committee, and who opens the result. Chosen by hand among grown
# people without another office; src/app/demo_ballots.c walks them.
JIANGUO = "500230109221"
REPRESENTATIVES = [f"p-jg-{number:04d}" for number in (3, 7, 12, 18, 24, 25, 29, 34, 35, 41, 47, 50, 51, 53, 56)]
SUPERVISORS = ["p-jg-0006", "p-jg-0038", "p-jg-0043"]
TRUSTEES = ["p-jg-0012", "p-jg-0034", "p-jg-0043"]


def make_representatives(world):
    for key in REPRESENTATIVES:
        world.role(key, "representative", JIANGUO, "", "2024-03-01")
    for key in SUPERVISORS:
        world.role(key, "supervisor", JIANGUO, "", "2024-03-01")
    secretary = next(row["person"] for row in world.roles
                     if row["role"] == "village_secretary" and row["place"] == JIANGUO and not row["to"])
    world.accounts.append({"person": REPRESENTATIVES[0], "login": "representative", "role_for_door": "representative"})
    for number, key in enumerate(TRUSTEES, 1):
        world.accounts.append({"person": key, "login": f"trustee-{number}", "role_for_door": "trustee"})
    world.accounts.append({"person": SUPERVISORS[0], "login": "authority", "role_for_door": "authority"})
    world.accounts.append({"person": secretary, "login": "jianguo", "role_for_door": "village_secretary"})


def door_villager(world):
    """The visitor's villager: a grandparent of 3组 with a telephone and a grandson at school."""
    found = [row["person"] for row in world.tagged("grand", "hz", 3, child="男") if row["phone"]]
    return world.by_key[min(found)]


# --- requests ---------------------------------------------------------------------------------

class Cast:
    """Who does what in the walk of one request."""

    def __init__(self, town, handlers, author):
        self.town, self.handlers, self.author = town, handlers[town], author

    def clerk(self, chance):
        return f"p-{self.town}-desk-{chance.choice([1, 1, 1, 2, 2, 3])}"

    def handler(self, office, chance):
        seats = self.handlers[office]
        return chance.choice(seats + seats[:1] * 2)  # the first seat of an office takes most

    def unit(self, name):
        return TOWNS[self.town][1] + name


def choose_author(world, entry, short, group, place, used):
    role = {"leader": "group_leader", "grid": "grid_worker"}.get(entry["who"])
    if role:
        under = place if role == "group_leader" else place[:12]
        found = [world.by_key[row["person"]] for row in world.roles
                 if row["role"] == role and row["place"].startswith(under) and not row["to"]]
    else:
        child = "女" if "孙女" in entry["text"] else "男" if "孙子" in entry["text"] else None
        found = (world.tagged(entry["who"], short, group, entry["age"], child)
                 or world.tagged(entry["who"], short, 0, entry["age"], child)
                 or world.tagged(entry["who"], short, 0, entry["age"]))
        at_counter = "窗口代记" in entry["text"]
        staff = {row["person"] for row in world.roles if row["role"] != "villager"}
        found = [row for row in found if row["person"] not in staff] or found
        found = [row for row in found if bool(row["phone"]) != at_counter] or found
    assert found, entry
    chance = random.Random("gongzhi demo author " + entry["text"])
    fewest = min(used.get(row["person"], 0) for row in found)
    author = chance.choice([row for row in found if used.get(row["person"], 0) == fewest])["person"]
    used[author] = used.get(author, 0) + 1
    return author


def make_requests(world, places, handlers, me):
    village_of = {row["name"]: row for row in places if row["kind"] == "village"
                  and row["parent"] in [town[0] for town in TOWNS.values()]}
    shorts = {short: code for code, short, *_ in people.VILLAGES}
    used, requests = {me: 100}, []
    for entry in flow.ENTRIES:
        at_group = re.fullmatch(r"([a-z]+)(\d+)", entry["where"])
        if at_group:
            short, group = at_group[1], int(at_group[2])
            code = shorts[short]
            place = f"{code}-Z{group:02d}"
        else:
            short, group = None, 0
            code = place = village_of[entry["where"]]["code"]
        town = next(key for key, value in TOWNS.items() if code.startswith(value[0][:9]))
        author = me if entry["who"] == "me" else choose_author(world, entry, short, group, place, used)
        chance = random.Random("gongzhi demo walk " + entry["text"])
        days_ago, hour, steps = flow.Walk(entry, Cast(town, handlers, author), chance).take()
        requests.append({"town": TOWNS[town][0], "place": place, "author": author, "kind": entry["kind"],
                         "topic": entry["topic"], "text": entry["text"], "spot": entry["spot"],
                         "days_ago": days_ago, "hour": hour, "steps": steps})
    return sorted(requests, key=lambda row: (-row["days_ago"], row["hour"], row["place"], row["text"]))


# --- writing ----------------------------------------------------------------------------------

def write(folder, name, rows):
    columns = COLUMNS[name].split()
    with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main(folder):
    places = make_places()
    world = people.World()
    for village in people.VILLAGES:
        world.village(*village)
    handlers = make_staff(world, places)
    make_villagers(world)
    me = door_villager(world)["person"]
    secretary = next(row["person"] for row in world.roles
                     if row["role"] == "village_secretary" and row["place"] == "500116106200" and not row["to"])
    for person, login, role in ((me, "villager", "villager"), ("p-yx-desk-1", "clerk", "desk"),
                                ("p-yx-cunjian-1", "handler", "handler"),
                                (secretary, "secretary", "village_secretary"),
                                ("p-yx-leader-1", "leader", "town_leader")):
        world.accounts.append({"person": person, "login": login, "role_for_door": role})
    requests = make_requests(world, places, handlers, me)
    make_representatives(world)  # after the requests, which choose among those without an office
    write(folder, "places", places)
    write(folder, "organisations", organisations.rows(people.VILLAGES, TOWNS))
    write(folder, "households", world.households)
    write(folder, "people", world.people)
    write(folder, "roles", world.roles)
    write(folder, "accounts", world.accounts)
    with open(folder / "requests.json", "w", encoding="utf-8", newline="") as file:
        json.dump(requests, file, ensure_ascii=False, indent=1)
        file.write("\n")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit("usage: make.py [FOLDER]")
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) == 2 else HERE)
