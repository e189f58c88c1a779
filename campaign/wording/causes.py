"""Why a plan was made, or a car changed its place: a cause and what it is about, in one text."""

from __future__ import annotations

from campaign.domain.causes import Cause
from campaign.wording.words import Words, pick

CAUSES: dict[Cause, tuple[Words, Words]] = {
    Cause.LAUNCHED: (("launched: {what}", "启动：{what}"), ("first plan", "首次排程")),
    Cause.ASKED: (("{what}", "{what}"), ("a planner asked for it", "计划员要求")),
    Cause.DOWN: (("{what} down", "{what} 停用"), ("a point or station down", "充电桩或工位停用")),
    Cause.BACK: (("{what} back", "{what} 恢复"), ("a point or station back", "充电桩或工位恢复")),
    Cause.SITE: (("site changed: {what}", "场地变更：{what}"), ("the site changed", "场地变更")),
    Cause.HELD: (("{what} on hold", "{what} 已冻结"), ("a hold was set", "设置了冻结")),
    Cause.LIFTED: (("hold on {what} lifted", "{what} 已解除冻结"), ("a hold was lifted", "解除了冻结")),
    Cause.REWORK: (("rework: {what}", "返工：{what}"), ("rework", "返工")),
    Cause.ORDERS: (("orders: {what}", "订单：{what}"), ("orders changed", "订单变更")),
    Cause.SLOW: (
        ("{what} charging too slowly", "{what} 充电过慢"),
        ("a car charging too slowly", "车辆充电过慢"),
    ),
    Cause.SHIFT: (("shift change: {what}", "换班：{what}"), ("shift change", "换班")),
    Cause.RESUMED: (("resumed: {what}", "恢复进行：{what}"), ("the campaign was resumed", "活动已恢复")),
}
"""With what it is about, and without."""


def cause_say(why: str, lang: str) -> str:
    """`down ST-2` as a person reads it; what begins with no cause is a person's own words."""
    code, _, what = why.partition(" ")
    if code not in set(Cause):
        return why
    named, bare = CAUSES[Cause(code)]
    return pick(named, lang).format(what=what) if what else pick(bare, lang)
