"""Invents the households and people of the demo, and the staff who serve them."""
import datetime
import random

import names

# Ages are counted at this date, so that a rebuilt demo is the same demo.
AS_OF = datetime.date(2026, 11, 1)
ROLES_FROM = "2024-01-01"

# code of the village, short name in keys, name, groups, households
VILLAGES = [
    ("500116106200", "hz", "黄庄村", 10, 600),
    ("500230109221", "jg", "建国村", 5, 36),
    ("500230109224", "fd", "方斗山村", 4, 32),
    ("500230109006", "jin", "金刚社区", 2, 14),
    ("500230109008", "wen", "汶溪社区", 2, 14),
]

# how a household is made up, and how many in a hundred are
KINDS = {"alone": 13, "couple": 20, "one_away": 8, "grand": 17, "young": 12, "three": 10, "middle": 20}


def age_of(person):
    birth = datetime.date.fromisoformat(person["birth"])
    return AS_OF.year - birth.year - ((AS_OF.month, AS_OF.day) < (birth.month, birth.day))


WITH_OFFICE_PHONE = ("handler", "grid_worker", "village_secretary")  # numbers that no telephone in Chongqing has


class World:
    """Everything make.py writes about people."""

    def __init__(self):
        self.offices = 0
        self.numbers = names.Numbers()
        self.people, self.households, self.roles, self.accounts = [], [], [], []
        self.by_key = {}

    # --- one person ---
    def person(self, chance, key, family, sex, age, household="", relation="", place="", area="hz", phone=None):
        # nobody is born after the lists came in, 200 days before the demo's first day
        birth = AS_OF - datetime.timedelta(days=max(age * 365.25 + chance.randint(0, 360), 190))
        born = birth.year
        district = "500116" if area == "hz" else "500230"
        birth = birth.isoformat()
        if phone is None:
            likely = 0.15 if age >= 78 else 0.55 if age >= 68 else 0.97 if age >= 18 else 0.5
            phone = age >= 14 and chance.random() < likely
        row = {"person": key, "name": names.full_name(chance, family, sex, born), "sex": sex, "birth": birth,
               "id_number": "" if age < 1 else self.numbers.identity(chance, district, birth, sex),
               "phone": self.numbers.phone() if phone else "", "household": household, "relation": relation,
               "place": place}
        row["age"], row["away"] = age_of(row), False
        self.people.append(row)
        self.by_key[key] = row
        return row

    def role(self, person, role, place, organisation="", begin=ROLES_FROM, end=""):
        office = ""
        if role in WITH_OFFICE_PHONE:
            self.offices += 1
            office = f"023-0001{self.offices:04d}"
        self.roles.append({"person": person, "role": role, "place": place, "organisation": organisation,
                           "from": begin, "to": end, "office_phone": office})

    # --- one village of households ---
    def village(self, code, short, name, groups, households):
        area = "hz" if short == "hz" else "fd"
        kinds = [kind for kind, share in KINDS.items() for _ in range(share)]
        serial = 0
        for number in range(1, households + 1):
            chance = random.Random(f"gongzhi demo household {code} {number}")
            group = (number - 1) * groups // households + 1
            in_group = number - (households * (group - 1) + groups - 1) // groups
            first_of_group = in_group <= len(KINDS)
            kind = list(KINDS)[in_group - 1] if first_of_group else chance.choice(kinds)
            household = f"{code}-{number:04d}"
            place = f"{code}-Z{group:02d}"
            family, other = names.surname(chance, area), names.surname(chance, area)
            head = None
            for relation, sex, age, away, surname in members(chance, kind, family, other):
                serial += 1
                key = f"p-{short}-{serial:04d}"
                row = self.person(chance, key, surname, sex, age, household, relation, place, area)
                row.update(away=away, kind=kind, village=short, group=group, home=place)
                if away:
                    row["phone"] = row["phone"] or self.numbers.phone()
                head = head or key
            label = f"第{group}居民小组" if name.endswith("社区") else f"{group}组"
            self.households.append({"household": household, "place": place, "address": f"{name}{label}{in_group}号",
                                    "head": head})

    # --- looking for somebody ---
    def tagged(self, tag, village, group, age=None, child=None):
        """People of a village (and group, if not 0) who could have said what a text says."""
        found = []
        for row in self.people:
            if row.get("village") != village or (group and row["group"] != group):
                continue
            if fits(row, tag) and (age is None or age[0] <= row["age"] <= age[1]):
                if child is None or self.has_child(row, child):
                    found.append(row)
        return found

    def has_child(self, row, sex):
        return any(other["household"] == row["household"] and other["age"] < 18 and other["sex"] == sex
                   for other in self.people if other.get("village") == row["village"])


def fits(row, tag):
    old_enough = row["age"] >= 18 and not row["away"]
    is_elder = row["relation"] in ("户主", "配偶")
    return {
        "alone": row["kind"] == "alone",
        "couple": row["kind"] == "couple",
        "grand": row["kind"] == "grand" and is_elder,
        "parent": row["kind"] in ("young", "three") and is_elder and old_enough,
        "worker": 20 <= row["age"] <= 59 and old_enough,
        "farmer": 38 <= row["age"] <= 70 and old_enough,
        "any": old_enough,
        "away": row["kind"] == "middle" and row["away"],
        "away_one": row["kind"] == "one_away" and row["away"],
        "leader": 42 <= row["age"] <= 66 and old_enough and row["relation"] == "户主" and bool(row["phone"]),
        "grid": 28 <= row["age"] <= 56 and old_enough and row["relation"] != "户主" and bool(row["phone"]),
    }[tag]


def members(chance, kind, family, other):
    """(relation, sex, age, away, surname) of each member, the head first."""
    man, woman = ("男", "女")
    if kind == "alone":
        return [("户主", chance.choice([man, woman, woman]), chance.randint(66, 91), False, family)]
    if kind == "couple":
        age = chance.randint(64, 84)
        return [("户主", man, age, False, family), ("配偶", woman, age - chance.randint(0, 5), False, other)]
    if kind == "one_away":
        age = chance.randint(62, 80)
        sex = chance.choice([man, man, woman])
        return [("户主", sex, age, False, family),
                ("子", man, age - chance.randint(23, 30), True, family if sex == man else other)]
    if kind == "grand":
        age = chance.randint(58, 72)
        son = max(28, age - chance.randint(23, 27))
        rows = [("户主", man, age, False, family), ("配偶", woman, age - chance.randint(0, 4), False, other),
                ("子", man, son, True, family)]
        if chance.random() < 0.85:
            rows.append(("儿媳", woman, son - chance.randint(0, 4), True, names.surname(chance, "hz")))
        for _ in range(chance.choice([1, 1, 2])):
            sex = chance.choice([man, woman])
            child = chance.randint(2, min(17, son - 22))
            rows.append(("孙子" if sex == man else "孙女", sex, child, False, family))
        return rows
    if kind == "middle":
        age = chance.randint(49, 63)
        rows = [("户主", man, age, False, family), ("配偶", woman, age - chance.randint(0, 4), False, other)]
        for _ in range(chance.choice([1, 1, 1, 2])):
            sex = chance.choice([man, woman])
            child = max(20, age - chance.randint(23, 29))
            rows.append(("子" if sex == man else "女", sex, child, True, family))
        return rows
    age = chance.randint(30, 47)
    rows = [("户主", man, age, kind == "young" and chance.random() < 0.3, family),
            ("配偶", woman, age - chance.randint(0, 4), False, other)]
    if kind == "three":
        rows.append(("父", man, age + chance.randint(23, 30), False, family))
        if chance.random() < 0.75:
            rows.append(("母", woman, age + chance.randint(21, 28), False, names.surname(chance, "hz")))
    for _ in range(chance.choice([1, 1, 2, 2])):
        sex = chance.choice([man, woman])
        child = chance.randint(0 if age < 36 else 3, min(17, age - 22))
        rows.append(("子" if sex == man else "女", sex, child, False, family))
    return rows
