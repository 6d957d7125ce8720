"""Names, dates and numbers for invented people. No list here was taken from real persons."""

SURNAMES = {
    "hz": "黄黄黄黄黄黄陈陈陈李李李张张王王刘刘周周杨杨罗罗唐邓何胡曾彭蒋夏龚赖石代余付程江涂邹",
    "fd": "谭谭谭秦秦秦向向冉冉陈陈李李张王刘杨周罗余付孙郎隆黎汪熊马游湛",
}
# the middle sign, then the last; older and middle-aged men carry a middle sign of their generation
MALE_OLD = ("德光国正世朝天大永昌明清云兴", "明华荣贵全富发祥安林才福成元权忠禄银顺友生伦")
FEMALE_OLD = ("素光朝正大世天国永明德昌成", "珍碧芬秀琼英群华芳容玉兰菊莲蓉书")
MALE_MIDDLE = ("建小中文长家洪世应学仁元开", "军勇平华兵刚明洪伟波林江川海松彬权祥")
FEMALE_MIDDLE = ("小晓红天春秋丽大开元洪世", "琴梅燕霞玲容群艳芳英蓉会利娟萍碧秀")
MALE_YOUNG = ("俊浩子宇梓一泽明嘉思锦佳", "杰宇轩豪涵辰睿阳鑫航毅博然铭")
FEMALE_YOUNG = ("欣梓雨思佳子诗语紫梦可一", "怡涵婷琪彤萱瑶妍颖琳悦冉宁")

# well-known names that the lists above could spell by accident
NOT_THESE = {"黄坤明", "张国清", "刘国中", "陈文清", "王小洪", "王文涛", "张德江", "周永康", "张军", "李强", "李小鹏",
             "陈建华", "王建军", "罗永浩", "杨洪波", "胡明轩", "王一博", "陈建军", "周小川", "黄明", "李小平", "邓小平",
             "杨元元", "李国英", "何平", "胡春华", "刘家义", "杨子琪", "陈小平", "张艺兴", "王俊凯", "刘浩存", "陈伟霆"}

GIVEN = {("男", "old"): MALE_OLD, ("女", "old"): FEMALE_OLD, ("男", "middle"): MALE_MIDDLE,
         ("女", "middle"): FEMALE_MIDDLE, ("男", "young"): MALE_YOUNG, ("女", "young"): FEMALE_YOUNG}


def surname(chance, area):
    return chance.choice(SURNAMES[area])


def full_name(chance, family, sex, born):
    age_group = "old" if born < 1966 else "middle" if born < 1997 else "young"
    middle, last = GIVEN[sex, age_group]
    while True:
        a, b = chance.choice(middle), chance.choice(last)
        if a != b and family not in (a, b) and family + a + b not in NOT_THESE:
            return family + a + b


def check_digit(seventeen):
    """GB 11643-1999."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(w * int(d) for w, d in zip(weights, seventeen)) % 11]


class Numbers:
    """Hands out identity numbers and telephone numbers that nobody else in the demo has."""

    def __init__(self):
        self.taken = set()
        self.phones = 0

    def identity(self, chance, district, birth, sex):
        while True:
            sequence = chance.randint(1, 999)
            if sequence % 2 != (sex == "男"):
                continue
            number = f"{district}{birth.replace('-', '')}{sequence:03d}"
            if number not in self.taken:
                self.taken.add(number)
                return number + check_digit(number)

    def phone(self):
        self.phones += 1
        return f"1990000{self.phones * 7919 % 10000:04d}"
