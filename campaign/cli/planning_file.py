"""`campaign plan --snapshot FILE`: plan what a file describes. Needs neither an installation nor a sign-in."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from campaign.cli.failures import Stop
from campaign.cli.language import lang, tr
from campaign.cli.planning_words import At, told_late, told_remedies, working
from campaign.cli.show import line, table
from campaign.errors import BadFile

if TYPE_CHECKING:
    from campaign.planning.plan import Plan
    from campaign.planning.remedies import Remedy
    from campaign.planning.snapshot import Snapshot

STANDARD = "-"
MOST_BYTES = 200_000_000
LONG = 5_000
"""Cars from which on it is said that planning goes on."""
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """A plan with what it means: promises that nobody can keep, and what would help the others."""

    snapshot: Snapshot
    plan: Plan
    impossible: tuple[str, ...]
    remedies: tuple[Remedy, ...]


def plan_file(file: str, out: str | None, *, search: float, seed: int) -> None:
    """Plan, print a summary, and write the plan where it is asked for. Raises BadInput, BadFile, Stop."""
    from campaign.planning.document import snapshot_from

    snapshot = snapshot_from(read_json(file))
    answer = _answer(snapshot, search, seed)
    if out is not None:
        _write(out, json.dumps(_document(answer), ensure_ascii=False, indent=1) + "\n")
    if out != STANDARD:
        _summary(answer)


def read_json(file: str) -> Any:
    """What a file, or standard input, holds as JSON. Raises BadFile."""
    try:
        raw = sys.stdin.buffer.read(MOST_BYTES + 1) if file == STANDARD else _bytes(Path(file))
    except (OSError, ValueError) as away:
        raise BadFile(
            str(getattr(away, "strerror", None) or away), where=file, todo="name a file that can be read"
        ) from away
    if len(raw) > MOST_BYTES:
        raise BadFile(f"it has more than {MOST_BYTES:,} bytes", where=file, todo="plan fewer cars at once")
    try:
        return json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_once)
    except UnicodeDecodeError as broken:
        raise BadFile("it is not text in UTF-8", where=file, todo="save it as UTF-8") from broken
    except json.JSONDecodeError as broken:
        where = f"{file}, line {broken.lineno}, column {broken.colno}"
        raise BadFile(f"it is not JSON: {broken.msg}", where=where, todo="see docs/planning.md") from broken
    except (RecursionError, ValueError) as broken:
        raise BadFile("it is not JSON that can be read", where=file, todo="see docs/planning.md") from broken


def _bytes(path: Path) -> bytes:
    with path.open("rb") as opened:
        return opened.read(MOST_BYTES + 1)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose fields are there once: of two, JSON would silently take the last."""
    told: dict[str, Any] = {}
    for name, value in pairs:
        if name in told:
            raise BadFile("this field is there twice", where=ascii(name)[1:-1], todo="keep one of them")
        told[name] = value
    return told


def _answer(snapshot: Snapshot, search: float, seed: int) -> Answer:
    from campaign.planning.options import PlanOptions
    from campaign.planning.planner import plan
    from campaign.planning.remedies import impossible, remedies

    cars = len(snapshot.jobs)
    options = PlanOptions(seed=seed, search_s=search, watch=time.perf_counter)
    long = search >= 1 or cars >= LONG
    with working(tr("planning {cars} cars", "正在计划 {cars} 辆车", cars=cars), said=long):
        made = plan(snapshot, options)
    if not made.late_jobs:
        return Answer(snapshot, made, (), ())
    what = tr("{late} late: trying what helps", "{late} 辆逾期：正在尝试措施", late=len(made.late_jobs))
    with working(what, said=long):
        return Answer(snapshot, made, impossible(snapshot), remedies(snapshot, made))


def _write(out: str, text: str) -> None:
    if out == STANDARD:
        print(text, end="")
        return
    try:
        Path(out).write_text(text, encoding="utf-8")
    except (OSError, ValueError) as away:
        why = getattr(away, "strerror", None) or away
        raise Stop(tr("{out} cannot be written: {why}", "无法写入 {out}：{why}", out=out, why=why)) from away


def _document(answer: Answer) -> dict[str, object]:
    from campaign.planning.document import plan_to
    from campaign.wording.plans import minutes_text, remedy_text

    at = At(answer.snapshot)
    told = plan_to(
        answer.plan, start=answer.snapshot.start, say=lambda reason: minutes_text(reason, at.text, lang())
    )
    helps = [
        {
            "kind": remedy.kind.value,
            "stage": remedy.stage,
            "amount": remedy.amount,
            "late": remedy.late,
            "makespan": remedy.makespan,
            "text": remedy_text(remedy, lang()),
        }
        for remedy in answer.remedies
    ]
    return told | {"impossible": list(answer.impossible), "remedies": helps}


def _summary(answer: Answer) -> None:
    from campaign.planning.document.plans import ratio
    from campaign.wording.plans import stage_word

    snapshot, made, at = answer.snapshot, answer.plan, At(answer.snapshot)
    times = ratio(made)
    line(
        tr(
            "{cars} cars through {stages} stages: done {end} (minute {minute}), {ratio} times the shortest possible; "
            "{stage} binds",
            "{cars} 辆车，{stages} 道工序：{end} 完成（第 {minute} 分钟），为理论最短的 {ratio} 倍；瓶颈：{stage}",
            cars=len(made.jobs),
            stages=len(made.stages),
            end=at.text(made.makespan),
            minute=made.makespan,
            ratio="-" if times is None else f"{times:.4f}",
            stage=stage_word(made.binding, lang()) or "-",
        )
    )
    if snapshot.pilot or snapshot.pilot_size:
        line(tr("pilot approved {at}", "试点批次于 {at} 批准", at=at.text(made.gate)))
    line(tr("order: {rule}, {s:.2f} s", "排序规则：{rule}，{s:.2f} 秒", rule=made.rule, s=made.seconds))
    least = {bound.stage: bound.makespan for bound in made.bounds.stages}
    table(
        (tr("stage", "工序"), tr("machines", "设备"), tr("not before", "最早可能完成")),
        [
            (stage_word(stage.name, lang()), len(stage.machines), at.text(least[stage.name]))
            for stage in snapshot.stages
        ],
        right=(1,),
    )
    told_late(snapshot, made, answer.impossible, SHOWN)
    if made.late_jobs:
        told_remedies(answer.remedies)
