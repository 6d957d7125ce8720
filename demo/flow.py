"""The walks a request of the demo can take, and ask(), with which the text files write a request down.

A walk is written as words joined by "+": how the matter went, then how it ended.

  on the way   slow             answered long after the legal day
               late_dispatch    lay a whole day at the desk
               more / refused   the office asked for more time; the desk said yes / no
               pause:GROUND     suspended and resumed
               back             returned by the first office, dispatched again
               reopen           answered, reopened by the author, answered again
  ended        yes5 … yes1      rated "solved" with that grade (5 = 非常满意)
               no5 … no1        rated "not solved" with that grade
               silent           answered long ago, never rated: the system lets it lapse
               decline          not taken up, with a ground
  still open   waiting, waiting_late, returned      at the desk
               assigned, unsigned                   at the office, in time or late
               working, overdue, granted, reopened  in work, in time or late
               asking           an extension waits for the desk
               suspend:GROUND   suspended
               answered         waiting for the author

Hours are kept in quarters. Offices and desk of the demo work every day of the week from 8:30 to 18:00 (the
desk dispatches until late), because "today" is only known when the demo is started.
"""
import math

ENTRIES = []


def ask(where, who, kind, topic, office, spot, text, walk, answer="", *, age=None,
        more=None, refuse=None, back=None, again=None, ground=None, reason=None):
    """One request. `more` = (reason, workdays), `back` = (ground, reason, unit to suggest, right office),
    `again` = (why reopened, second answer), `ground` and `reason` belong to a decline."""
    ENTRIES.append({"where": where, "who": who, "kind": kind, "topic": topic, "office": office, "spot": spot,
                    "text": text, "walk": walk, "answer": answer, "age": age, "more": more, "refuse": refuse,
                    "back": back, "again": again, "ground": ground, "reason": reason})


OPEN_DAYS = {"waiting": (1, 1), "waiting_late": (2, 6), "returned": (1, 3), "assigned": (1, 1), "unsigned": (8, 20),
             "working": (2, 4), "overdue": (20, 40), "granted": (4, 7), "asking": (3, 4), "suspend": (6, 45),
             "answered": (6, 9), "reopened": (10, 16)}


# hours of filing; an hour named twice is twice as likely
EVENING = [15, 16, 17, 18, 19, 20]
MORNING = [8, 8, 9, 9, 9, 10, 10, 10, 11, 11, 12, 13, 14, 14, 15, 15, 16]
DAY = [8, 9, 9, 10, 10, 10, 11, 11, 12, 13, 14, 14, 15, 15, 16, 17, 18, 19, 20]


class Walk:
    """Builds the steps of one request; `now` is the hour counted from midnight of the day of filing."""

    def __init__(self, entry, people, chance):
        self.entry, self.people, self.chance = entry, people, chance
        self.steps = []
        ending = entry["walk"].split("+")[-1].split(":")[0]
        late_in_day = ending == "waiting"
        self.hour = chance.choice(EVENING if late_in_day else MORNING if ending == "assigned" else DAY)
        self.now = float(self.hour)

    def between(self, low, high):
        return self.chance.randint(math.ceil(low * 4), math.floor(high * 4)) / 4

    def in_office(self, at):
        """The first moment from `at` on at which an office is open."""
        day, hour = divmod(at, 24)
        if hour < 8.5:
            return day * 24 + self.between(8.5, 10)
        if hour > 18:
            return (day + 1) * 24 + self.between(8.5, 10)
        return at

    def step(self, move, by, at, **more):
        self.steps.append({"move": move, "after_hours": at - self.now, "by": by, **more})
        self.now = at

    # --- the moves ---
    def dispatch(self, office, wait=None):
        at = self.now + (wait if wait is not None else self.between(0.25, 1.75))
        self.handler = self.people.handler(office, self.chance)
        self.dispatched = at
        self.step("dispatch", self.people.clerk(self.chance), at, handler=self.handler)

    def sign(self):
        self.step("sign", self.handler, self.in_office(self.now + self.between(0.25, 5)))

    def answer(self, text, low=None, high=None):
        if low is None:
            low, high = (3, 20) if self.entry["kind"] == "consult" else (5, 72)
        self.step("answer", self.handler, self.in_office(self.now + self.between(low, high)), result=text)

    def ask_more_time(self):
        reason, workdays = self.entry["more"]
        low, high = (2, 8) if self.entry["kind"] == "consult" else (20, 50)
        self.step("ask_more_time", self.handler, self.in_office(self.now + self.between(low, high)),
                  reason=reason, workdays=workdays)
        return workdays

    def desk_says(self, move, **more):
        self.step(move, self.people.clerk(self.chance), self.in_office(self.now + self.between(1, 6)), **more)

    def suspend(self, ground):
        self.step("suspend", self.handler, self.in_office(self.now + self.between(4, 28)), ground=ground)

    def give_back(self):
        ground, reason, unit, right = self.entry["back"]
        self.step("return", self.handler, self.in_office(self.now + self.between(0.5, 4)), ground=ground,
                  reason=reason, suggest_unit=self.people.unit(unit))
        return right

    def author_at(self, low, high):
        at = self.now + self.between(low, high)
        day, hour = divmod(at, 24)
        return at if 7 <= hour <= 21 else (day + (hour > 21)) * 24 + self.between(7, 9)

    def reopen(self):
        self.step("reopen", self.people.author, self.author_at(20, 90), reason=self.entry["again"][0])

    # --- a whole walk ---
    def take(self):
        """Walks, and returns (days_ago, hour, steps)."""
        entry = self.entry
        *way, ending = entry["walk"].split("+")
        way = dict((word.split(":") + [None])[:2] for word in way)
        ending, _, ground = ending.partition(":")
        if ending == "decline":
            self.step("decline", self.people.clerk(self.chance), self.now + self.between(0.5, 1.75),
                      ground=entry["ground"], reason=entry["reason"])
        elif ending not in ("waiting", "waiting_late"):
            self.through_the_office(way, ending, ground)
        needed = math.ceil(self.now / 24)
        low, high = OPEN_DAYS.get(ending, (max(needed + 1, 4), 150))
        if ending == "silent":
            low = needed + 14
        return max(self.chance.randint(low, high), needed), self.hour, self.steps

    def through_the_office(self, way, ending, ground):
        entry = self.entry
        self.dispatch(entry["office"], self.between(25, 29) if "late_dispatch" in way else None)
        if ending == "returned" or "back" in way:
            right = self.give_back()
            if ending == "returned":
                return
            self.dispatch(right)
        if ending in ("assigned", "unsigned"):
            return
        self.sign()
        if ending in ("working", "overdue"):
            return
        if ending in ("asking", "granted") or "more" in way or "refused" in way:
            workdays = self.ask_more_time()
            if ending == "asking":
                return
            if "refused" in way:
                self.desk_says("refuse", reason=entry["refuse"])
                self.answer(entry["answer"], 3, 24)
            else:
                self.desk_says("grant")
                if ending == "granted":
                    return
                self.answer(entry["answer"], 24 * (workdays - 2), 24 * (workdays - 1))
        elif ending == "suspend" or "pause" in way:
            self.suspend(ground or way.get("pause"))
            if ending == "suspend":
                return
            self.step("resume", self.handler, self.in_office(self.now + self.between(72, 290)))
            self.answer(entry["answer"], 4, 36)
        elif "slow" in way:
            self.answer(entry["answer"], 24 * 14, 24 * 18)
        else:
            self.answer(entry["answer"])
        if ending == "reopened" or "reopen" in way:
            self.reopen()
            if ending == "reopened":
                return
            self.answer(entry["again"][1], 24, 90)
        if ending[:-1] in ("yes", "no"):
            self.step("rate", self.people.author, self.author_at(1, 100), solved=ending.startswith("yes"),
                      grade=int(ending[-1]))
