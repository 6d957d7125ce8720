"""The organisations of the demo: those that the two newspaper articles name, and what a town office needs.

Real organisations carry no credit code here, because the articles print none and none may be made up for them.
"""
JIANGJIN, BAISHA, FENGDU, GAOJIA = "500116000000", "500116108000", "500230000000", "500230109000"
JIANGUO = "500230109221"

# the offices of each demo town and how many handlers 永兴镇 has in each; the usual ones, not a real town's chart
OFFICES = {"dangzheng": 1, "jingji": 1, "minsheng": 2, "pingan": 1, "cunjian": 2, "yingji": 1, "nongye": 1, "shehui": 1,
           "shebao": 1, "sifa": 1, "police": 1}
OFFICE_NAMES = {"dangzheng": "党政办公室", "jingji": "经济发展办公室", "minsheng": "民生服务办公室", "pingan": "平安建设办公室",
                "cunjian": "村建环保办公室", "yingji": "应急管理办公室", "nongye": "农业服务中心", "shehui": "社会事务办公室",
                "shebao": "劳动就业和社会保障服务所", "sifa": "司法所", "police": "派出所联络室"}

NAMED = [  # named in the articles
    ("weihao-law", "重庆伟豪(江津)律师事务所", "law_firm", JIANGJIN),
    ("jj-feigong", "江津区委非公工委", "committee", JIANGJIN),
    ("jj-alliance-consumer", "消费品工业党建联盟", "alliance", JIANGJIN),
    ("jj-alliance-equipment", "装备制造产业党建联盟", "alliance", JIANGJIN),
    ("jj-alliance-vehicle", "汽摩产业党建联盟", "alliance", JIANGJIN),
    ("jj-alliance-material", "材料产业党建联盟", "alliance", JIANGJIN),
    ("jj-alliance-emerging", "新兴产业党建联盟", "alliance", JIANGJIN),
    ("jj-sanxia-cable", "重庆三峡电线电缆科技股份有限公司", "enterprise", JIANGJIN),
    ("bs-jiangji", "重庆江记酒庄有限公司", "enterprise", BAISHA),
    ("bs-park", "白沙工业园", "department", BAISHA),
    ("jg-hengdu", "恒都农业", "enterprise", JIANGUO),
    ("jg-mingfu", "明富实业", "enterprise", JIANGUO),
    ("jg-zhuzhimeng", "猪之萌", "enterprise", JIANGUO),
    ("jg-fengzeyuan", "丰泽园", "enterprise", JIANGUO),
    ("gj-huayu", "华裕农科", "enterprise", GAOJIA),
    ("gj-wens", "温氏集团", "enterprise", GAOJIA),
    ("gj-nongfa", "丰都农发集团", "enterprise", GAOJIA),
    ("gj-grapes", "山中来葡萄园", "enterprise", GAOJIA),
    ("gj-wenxi-garden", "浪漫汶溪生态园", "enterprise", GAOJIA),
    ("gj-petition-group", "高家镇依法治理信访突出问题领导小组", "committee", GAOJIA),
]

COUNCILS = [  # the articles say "四会" of 高家镇 without naming the four; these are the usual four, set in 建国村
    ("jg-council-discussion", "建国村村民议事会"), ("jg-council-morality", "建国村道德评议会"),
    ("jg-council-ceremonies", "建国村红白理事会"), ("jg-council-drugs", "建国村禁毒禁赌会"),
]


def rows(villages, towns):
    found = list(NAMED)
    found += [(code, name, "council", JIANGUO) for code, name in COUNCILS]
    for code, short, name, *_ in villages:
        kind = "居民委员会" if name.endswith("社区") else "村民委员会"
        found.append((f"{short}-committee", name + kind, "committee", code))
        found.append((f"{short}-branch", f"中共{name}支部委员会", "branch", code))
    for town, (code, name) in towns.items():
        found.append((f"{town}-desk", f"{name}便民服务中心", "department", code))
        found += [(f"{town}-{office}", name + OFFICE_NAMES[office], "department", code) for office in OFFICES]
    return [{"code": code, "name": name, "kind": kind, "place": place, "credit_code": ""}
            for code, name, kind, place in found]
