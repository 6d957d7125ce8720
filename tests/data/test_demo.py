#!/usr/bin/env python3
"""Tests the data files of demo/: codes, keys, references, numbers, walks, and that make.py writes the same bytes again.

    python3 tests/data/test_demo.py        exit code 0 if all pass; the last line is "N passed, N failed"
"""
import csv
import datetime
import json
import pathlib
import re
import subprocess
import sys
import tempfile
from collections import Counter

DEMO = pathlib.Path(__file__).resolve().parents[2] / "demo"
FILES = ["places", "organisations", "households", "people", "roles", "accounts"]
COLUMNS = {"places": "code,name,kind,parent,longitude,latitude,valid_from,valid_to,desk_address,desk_hours,desk_phone",
           "organisations": "code,name,kind,place,credit_code", "households": "household,place,address,head",
           "people": "person,name,sex,birth,id_number,phone,household,relation,place",
           "roles": "person,role,place,organisation,from,to,office_phone", "accounts": "person,login,role_for_door"}

# The flow of design.md section 5: move -> (from, to, who, what it asks)
MOVES = {
    "dispatch": ("filed", "assigned", "desk", {"handler"}),
    "decline": ("filed", "closed", "desk", {"ground", "reason"}),
    "sign": ("assigned", "working", "handler", set()),
    "return": ("assigned", "filed", "handler", {"ground", "reason", "suggest_unit"}),
    "suspend": ("working", "suspended", "handler", {"ground"}),
    "resume": ("suspended", "working", "handler", set()),
    "ask_more_time": ("working", "asking", "handler", {"reason", "workdays"}),
    "grant": ("asking", "working", "desk", set()),
    "refuse": ("asking", "working", "desk", {"reason"}),
    "answer": ("working", "answered", "handler", {"result"}),
    "rate": ("answered", "closed", "author", {"solved", "grade"}),
    "reopen": ("answered", "working", "author", {"reason"}),
}
MOST = {"return": 2, "ask_more_time": 1, "reopen": 1}
SILENCE_HOURS = 10 * 24  # after so long without a word the system closes an answered request
GROUNDS = {"decline": {"other_area", "court_procedure", "already_petition", "secret", "already_settled", "against_law"},
           "return": {"not_my_duty", "not_my_area", "unclear"},
           "suspend": {"force_majeure", "person_unreachable", "waiting_other_body"}}

passed = failed = 0


def check(what, wrong):
    """`wrong` lists what breaks the rule; nothing in it means passed."""
    global passed, failed
    wrong = list(wrong)
    if wrong:
        failed += 1
        print(f"FAILED {what}: {len(wrong)} wrong, first: {wrong[0]}")
    else:
        passed += 1


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def doubles(values):
    return [value for value, count in Counter(values).items() if count > 1]


def right_check_digit(number):
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(w * int(d) for w, d in zip(weights, number)) % 11] == number[17]


def is_date(text):
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


data = {name: read(DEMO / f"{name}.csv") for name in FILES}
requests = json.loads((DEMO / "requests.json").read_text(encoding="utf-8"))
places = {row["code"]: row for row in data["places"]}
people = {row["person"]: row for row in data["people"]}
households = {row["household"]: row for row in data["households"]}
organisations = {row["code"]: row for row in data["organisations"]}


def under(place, ancestor):
    while place and place != ancestor:
        place = places[place]["parent"]
    return place == ancestor


def test_shape():
    for name in FILES:
        first = (DEMO / f"{name}.csv").read_text(encoding="utf-8").split("\n", 1)[0]
        check(f"columns of {name}", [first] if first != COLUMNS[name] else [])
    for name, key in (("places", "code"), ("organisations", "code"), ("organisations", "name"),
                      ("households", "household"), ("people", "person"), ("accounts", "login"),
                      ("accounts", "person")):
        check(f"{key} of {name} unique", doubles(row[key] for row in data[name]))
    check("roles unique", doubles(tuple(row.values()) for row in data["roles"]))
    check("filled identity numbers unique", doubles(row["id_number"] for row in data["people"] if row["id_number"]))
    check("filled telephones unique", doubles(row["phone"] for row in data["people"] if row["phone"]))


def test_places():
    regions = DEMO / "regions"
    real = {row["code"] + "000000": row["name"] for row in read(regions / "chongqing-areas.csv")}
    real |= {row["code"] + "000": row["name"] for row in read(regions / "towns-500116-500230.csv")}
    villages = {row["code"]: row["name"] for file in ("villages-500116.csv", "villages-500230.csv")
                for row in read(regions / file)}
    kinds = Counter(row["kind"] for row in data["places"])
    numbers = [kinds[kind] for kind in ("district", "town", "village")]
    check("all towns and villages", [numbers] if numbers != [2, 60, 639] else [])
    check("codes and names real", [row for row in data["places"] if row["kind"] in ("district", "town")
                                   and real.get(row["code"]) != row["name"]])
    check("village codes and names real",
          [row for row in data["places"] if row["kind"] == "village" and villages.get(row["code"]) not in
           (row["name"] + "村民委员会", row["name"] + "居民委员会")])
    form = {"district": r"\d{6}0{6}", "town": r"\d{9}000", "village": r"\d{12}", "group": r"\d{12}-Z\d\d",
            "grid": r"\d{15}"}
    check("form of codes", [row for row in data["places"] if not re.fullmatch(form[row["kind"]], row["code"])])
    above = {"district": "", "town": "district", "village": "town", "group": "village", "grid": "village"}
    check("parents", [row for row in data["places"]
                      if (places[row["parent"]]["kind"] if row["parent"] else "") != above[row["kind"]]])
    check("children carry the parent's code", [row for row in data["places"] if row["parent"]
                                              and not row["code"].startswith(row["parent"].rstrip("0")[:12])
                                              and not row["code"].startswith(row["parent"])])
    check("dates of places", [row for row in data["places"] if not is_date(row["valid_from"]) or row["valid_to"]])
    check("named villages have groups and grids",
          [code for code in ("500116106200", "500230109221", "500230109224", "500230109006", "500230109008")
           for kind in ("group", "grid") if (code, kind) not in {(row["parent"], row["kind"]) for row in data["places"]}])


def test_people():
    check("places of organisations", [row for row in data["organisations"] if row["place"] not in places])
    check("places of households", [row for row in data["households"]
                                   if places.get(row["place"], {}).get("kind") not in ("group", "grid")])
    check("heads live in their household", [row for row in data["households"]
                                            if people.get(row["head"], {}).get("household") != row["household"]
                                            or people[row["head"]]["relation"] != "户主"])
    check("households of people", [row for row in data["people"]
                                   if bool(row["household"]) != bool(row["relation"])
                                   or row["household"] and row["household"] not in households])
    check("one head each", doubles(row["household"] for row in data["people"] if row["relation"] == "户主"))
    check("places of people", [row for row in data["people"] if row["place"] not in places])
    check("sex, birth, name", [row for row in data["people"] if row["sex"] not in "男女" or not is_date(row["birth"])
                               or not 2 <= len(row["name"]) <= 30])
    numbered = [row for row in data["people"] if row["id_number"]]
    check("form of identity numbers", [row for row in numbered
                                       if not re.fullmatch(r"500(116|230)\d{11}[\dX]", row["id_number"])])
    check("check digits", [row for row in numbered if not right_check_digit(row["id_number"])])
    check("identity number agrees with birth and sex",
          [row for row in numbered if row["id_number"][6:14] != row["birth"].replace("-", "")
           or int(row["id_number"][16]) % 2 != (row["sex"] == "男") or row["id_number"][14:17] == "000"])
    check("telephones fictional", [row for row in data["people"]
                                   if row["phone"] and not re.fullmatch(r"1990000\d{4}", row["phone"])])
    hz = [row for row in data["households"] if row["household"].startswith("500116106200-")]
    folk = sum(row["household"].startswith("500116106200-") for row in data["people"])
    check("600 households in one village", [len(hz)] if len(hz) != 600 else [])
    check("about 1,900 people in them", [folk] if not 1800 <= folk <= 2000 else [])
    old = [row for row in data["people"] if row["birth"] < "1948"]
    with_phone = sum(bool(row["phone"]) for row in old)
    check("many old people have no telephone", [with_phone] if with_phone * 2 > len(old) else [])


def test_roles():
    kinds = {"villager": {"group"}, "desk": {"town"}, "handler": {"town"}, "village_secretary": {"village"},
             "town_leader": {"town"}, "grid_worker": {"grid", "village"}, "group_leader": {"group"},
             "administrator": {"district"}, "representative": {"village"}, "supervisor": {"village"}}
    check("roles resolve", [row for row in data["roles"] if row["person"] not in people or row["place"] not in places
                            or row["organisation"] and row["organisation"] not in organisations])
    check("roles at the right kind of place", [row for row in data["roles"]
                                               if places[row["place"]]["kind"] not in kinds[row["role"]]])
    check("dates of roles", [row for row in data["roles"] if not is_date(row["from"]) or row["to"]
                             and (not is_date(row["to"]) or row["to"] < row["from"])
                             or row["from"] < places[row["place"]]["valid_from"]])
    open_roles = {(row["person"], row["role"]) for row in data["roles"] if not row["to"]}
    # Trustee and credential authority are roles in one ballot alone: whoever is one holds an office in the village.
    of_a_ballot = {"trustee": {"representative", "supervisor"}, "authority": {"supervisor"}}
    check("accounts hold the role of their door", [row for row in data["accounts"]
                                                   if not any((row["person"], role) in open_roles for role in
                                                              of_a_ballot.get(row["role_for_door"], {row["role_for_door"]}))])
    doors = {row["role_for_door"] for row in data["accounts"]}
    check("a door for each role", doors ^ {"villager", "desk", "handler", "village_secretary", "town_leader", "representative",
                                           "trustee", "authority"})


def walk(request):
    """The state a request ends in; raises ValueError where the walk is not legal."""
    state, counts, handler, now, answered_at = "filed", Counter(), None, float(request["hour"]), None
    for step in request["steps"]:
        move = step["move"]
        source, target, who, asks = MOVES[move]
        counts[move] += 1
        if state != source:
            raise ValueError(f"{move} from {state}")
        if counts[move] > MOST.get(move, 99):
            raise ValueError(f"{move} too often")
        if set(step) - {"move", "after_hours", "by"} != asks:
            raise ValueError(f"{move} asks {sorted(asks)}")
        if "ground" in asks and step["ground"] not in GROUNDS[move]:
            raise ValueError(f"ground {step['ground']}")
        if any(isinstance(step[ask], str) and not step[ask] for ask in asks):
            raise ValueError(f"{move} with an empty field")
        if step["after_hours"] <= 0:
            raise ValueError("time stands still")
        now += step["after_hours"]
        if who == "author" and step["by"] != request["author"] or who == "handler" and step["by"] != handler:
            raise ValueError(f"{move} by {step['by']}")
        if who == "desk" and (step["by"], "desk", request["town"]) not in ROLES_OPEN:
            raise ValueError(f"{step['by']} is not at the desk")
        if move == "dispatch":
            handler = step["handler"]
            if (handler, "handler", request["town"]) not in ROLES_OPEN:
                raise ValueError(f"{handler} is no handler there")
        if move == "answer":
            answered_at = now
        if who == "author" and now - answered_at >= SILENCE_HOURS:
            raise ValueError(f"{move} after the request has lapsed")
        if move == "rate" and (type(step["solved"]) is not bool or step["grade"] not in range(1, 6)):
            raise ValueError("rating")
        if move == "ask_more_time" and not 1 <= step["workdays"] <= 30:
            raise ValueError("workdays")
        state = target
    if now > request["days_ago"] * 24:
        raise ValueError("a step lies in the future")
    silent_for = request["days_ago"] * 24 - (answered_at or 0)
    if state == "answered" and silent_for >= SILENCE_HOURS:
        return "lapsed"
    return state


ROLES_OPEN = {(row["person"], row["role"], row["place"]) for row in data["roles"] if not row["to"]}


def test_requests():
    fields = {"town", "place", "author", "kind", "topic", "text", "spot", "days_ago", "hour", "steps"}
    check("fields of requests", [row for row in requests if set(row) != fields])
    check("kinds and topics", [row["text"] for row in requests
                               if row["kind"] not in ("consult", "help", "complaint", "report", "suggestion")
                               or row["topic"] not in ("education", "errands", "complaints", "safety")])
    check("days and hours", [row["text"] for row in requests
                             if row["days_ago"] not in range(1, 151) or row["hour"] not in range(8, 21)])
    check("places of requests lie in their town",
          [row["place"] for row in requests if row["place"] not in places or not under(row["place"], row["town"])])
    may_file = {row["person"] for row in data["roles"] if row["role"] in ("villager", "grid_worker") and not row["to"]}
    check("authors may file", [row["author"] for row in requests if row["author"] not in may_file])
    check("texts differ", doubles(row["text"] for row in requests))
    check("answers differ", doubles(step["result"] for row in requests for step in row["steps"] if "result" in step))
    check("texts filled", [row["place"] for row in requests if len(row["text"]) < 15 or not row["spot"]])
    check("nobody is named in a text or an answer",
          [name for row in requests for text in [row["text"]] + [step.get("result", "") for step in row["steps"]]
           for name in NAMES if name in text])
    check("no telephone or identity number in a text",
          [row["text"] for row in requests if re.search(r"\d{9}", row["text"])])
    ends, wrong = Counter(), []
    for row in requests:
        try:
            ends[walk(row)] += 1
        except (ValueError, KeyError) as problem:
            wrong.append(f"{row['text'][:20]}: {problem}")
    check("walks are legal", wrong)
    least = {"filed": 8, "assigned": 6, "working": 15, "asking": 5, "suspended": 5, "answered": 10, "closed": 100,
             "lapsed": 8}
    check("every state occurs often", [f"{state}: {ends[state]}" for state in least if ends[state] < least[state]])
    moves = Counter(step["move"] for row in requests for step in row["steps"])
    check("every move occurs", [move for move in MOVES if not moves[move]])
    grounds = {(step["move"], step["ground"]) for row in requests for step in row["steps"] if "ground" in step}
    check("every ground occurs", {(move, ground) for move in GROUNDS for ground in GROUNDS[move]} - grounds)
    rates = [step for row in requests for step in row["steps"] if step["move"] == "rate"]
    check("every grade occurs", set(range(1, 6)) - {step["grade"] for step in rates})
    check("solved and not solved occur", {True, False} - {step["solved"] for step in rates})
    towns = Counter(row["town"] for row in requests)
    check("both towns", [towns] if towns["500116106000"] < 140 or towns["500230109000"] < 45 else [])


def test_rebuilt():
    with tempfile.TemporaryDirectory() as folder:
        made = subprocess.run([sys.executable, str(DEMO / "make.py"), folder], capture_output=True, text=True)
        check("make.py runs", [made.stderr] if made.returncode else [])
        for name in [f"{name}.csv" for name in FILES] + ["requests.json"]:
            again = pathlib.Path(folder, name)
            same = again.exists() and again.read_bytes() == (DEMO / name).read_bytes()
            check(f"{name} is what make.py writes", [] if same else [name])


NAMES = {row["name"] for row in data["people"]}
test_shape()
test_places()
test_people()
test_roles()
test_requests()
test_rebuilt()
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
