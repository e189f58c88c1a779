"""`campaign batch`: the list, a batch's evidence, and the signature of QA."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from campaign.cli.invocation import Run, command
from campaign.cli.language import lang, tr
from campaign.cli.naming import batch_named, campaign_named, vin_named
from campaign.cli.parameters import AsJson, MaybeCode, argument, option
from campaign.cli.sessions import ask_password
from campaign.cli.show import as_json, line, moment, percent, table
from campaign.domain.batch import Batch
from campaign.domain.people import Right
from campaign.domain.signoff import Decision
from campaign.wording import batch_word, decision_word, say, status_word, touch_word

if TYPE_CHECKING:
    from campaign.domain.signoff import SignOff
    from campaign.services.quality import BatchReview

BatchName = Annotated[str, argument("BATCH", "B007, 7, or CODE/B007.", "B007、7 或 代码/B007。")]
Vins = Annotated[list[str] | None, option("--vin", "Only this car; may be repeated.", "仅此车；可重复。")]
MOST_EXCEPTIONS = 40


def _list(
    run: Run,
    code: MaybeCode = None,
    ready: Annotated[bool, option("--ready", "Only those that wait for QA.", "仅待质检。")] = False,
    json: AsJson = False,
) -> None:
    run.need(Right.VIEW)
    named = campaign_named(run, code).code
    if ready:
        batches = run.services.quality.queue(named)
    else:
        with run.services.store.read() as uow:
            batches = uow.batches.all(named)
    if json:
        as_json([_told(batch) for batch in batches])
        return
    columns = (
        tr("batch", "批次"), tr("state", "状态"), tr("cars", "车辆"), tr("planned start", "计划开始"),
        tr("planned end", "计划结束"), tr("cars by status", "各状态车辆"),
    )  # fmt: skip
    table(columns, [_row(run, batch) for batch in batches], right=(2,))


def _row(run: Run, batch: Batch) -> tuple[object, ...]:
    counts = ", ".join(
        f"{status_word(status, lang())} {n}" for status, n in (batch.counts or {}).items() if n
    )
    start, end = moment(batch.planned_start, run.zone), moment(batch.planned_end, run.zone)
    return batch.name, batch_word(batch.status, lang()), batch.size, start, end, counts


def _told(batch: Batch) -> dict[str, Any]:
    return {
        "no": batch.no,
        "name": batch.name,
        "status": batch.status,
        "size": batch.size,
        "planned_start": batch.planned_start,
        "planned_end": batch.planned_end,
        "opened_at": batch.opened_at,
        "cars": batch.counts or {},
    }


def _show(run: Run, batch: BatchName, json: AsJson = False) -> None:
    actor = run.need(Right.VIEW)
    code, no = batch_named(run, batch)
    review = run.services.quality.evidence(actor, code, no)
    if json:
        as_json(_review(review))
        return
    _show_head(review)
    _show_exceptions(run, review)
    line()
    columns = ("VIN", tr("status", "状态"), tr("read-back", "回读"), "SOC", tr("read at", "读取时间"),
               tr("tries", "次数"), tr("worked on by", "作业人员"))  # fmt: skip
    touched: dict[str, list[str]] = {}
    for touch in review.evidence.touches:
        touched.setdefault(touch.vin, []).append(f"{touch.person} {touch_word(touch.touch, lang())}")
    rows = [
        (
            car.vin,
            status_word(car.status, lang()),
            car.read_back,
            percent(None if car.soc is None else car.soc.tenths),
            moment(None if car.soc is None else car.soc.at, run.zone),
            car.attempts,
            ", ".join(touched.get(car.vin, ())),
        )
        for car in review.evidence.cars
    ]
    table(columns, rows, right=(3, 5))
    for signed in review.evidence.sign_offs:
        _show_signed(run, signed)


def _show_head(review: BatchReview) -> None:
    batch = review.evidence.batch
    line(
        tr(
            "{name}: {state}, {cars} cars, {n} with exceptions; evidence {hash}",
            "{name}：{state}，{cars} 辆，{n} 辆有异常；证据 {hash}",
            name=batch.name,
            state=batch_word(batch.status, lang()),
            cars=len(review.evidence.cars),
            n=len(review.exceptions),
            hash=review.seen_hash[:12],
        )
    )


def _show_exceptions(run: Run, review: BatchReview) -> None:
    for vin, reasons in review.exceptions[:MOST_EXCEPTIONS]:
        for reason in reasons:
            line(f"! {vin}  {say(reason, lang(), run.zone)}")
    if len(review.exceptions) > MOST_EXCEPTIONS:
        line(tr("... and {n} more", "……另有 {n} 辆", n=len(review.exceptions) - MOST_EXCEPTIONS))


def _show_signed(run: Run, signed: SignOff) -> None:
    void = "" if signed.voided_at is None else tr(" - void: {why}", "——已作废：{why}", why=signed.void_why)
    line(
        tr(
            "{decision} by {person} at {at}: {cars} cars{reason}{void}",
            "{person} 于 {at} {decision}：{cars} 辆{reason}{void}",
            decision=decision_word(signed.decision, lang()),
            person=signed.person,
            at=moment(signed.at, run.zone),
            cars=signed.cars,
            reason=f" - {signed.reason}" if signed.reason else "",
            void=void,
        )
    )


def _review(review: BatchReview) -> dict[str, Any]:
    return {
        "batch": _told(review.evidence.batch),
        "seen_hash": review.seen_hash,
        "may_approve": review.verdict.allowed,
        "reasons": [say(reason, lang()) for reason in review.verdict.reasons],
        "exceptions": [
            {"vin": vin, "reasons": [say(r, lang()) for r in rs]} for vin, rs in review.exceptions
        ],
        "cars": [
            {
                "vin": car.vin,
                "status": car.status,
                "read_back": car.read_back,
                "soc": car.soc,
                "attempts": car.attempts,
            }
            for car in review.evidence.cars
        ],
        "touches": review.evidence.touches,
        "sign_offs": review.evidence.sign_offs,
    }


def _decide(run: Run, batch: str, vins: Sequence[str] | None, reason: str, decision: Decision) -> None:
    """Show what is signed, ask for the password again, and sign over the hash of what was shown."""
    actor = run.need(Right.SIGN)
    code, no = batch_named(run, batch)
    review = run.services.quality.evidence(actor, code, no)
    _show_head(review)
    _show_exceptions(run, review)
    chosen = [vin_named(run, text) for text in dict.fromkeys(vins)] if vins else None
    quality = run.services.quality
    act = quality.approve if decision is Decision.APPROVE else quality.reject
    signed = act(
        actor,
        code,
        no,
        password=ask_password(actor.id),
        seen_hash=review.seen_hash,
        vins=chosen,
        reason=reason,
    )
    _show_signed(run, signed)


def _approve(
    run: Run,
    batch: BatchName,
    vins: Vins = None,
    reason: Annotated[
        str, option("--reason", "A remark, kept with the signature.", "备注，随签字保存。")
    ] = "",
) -> None:
    _decide(run, batch, vins, reason, Decision.APPROVE)


def _reject(
    run: Run,
    batch: BatchName,
    reason: Annotated[str, option("--reason", "Why; the cars go to rework.", "原因；车辆转入返工。")],
    vins: Vins = None,
) -> None:
    _decide(run, batch, vins, reason, Decision.REJECT)


def register(app: typer.Typer) -> None:
    """`campaign batch list|show|approve|reject`."""
    batch = typer.Typer(help=tr("Batches and QA's signature.", "批次与质检签字。"), no_args_is_help=True)
    command(batch, "list", tr("Batches of a campaign.", "活动的批次。"))(_list)
    command(batch, "show", tr("A batch's evidence, exceptions first.", "批次证据，异常在前。"))(_show)
    command(batch, "approve", tr("Sign a batch, or single cars.", "批准批次或单车。"))(_approve)
    command(batch, "reject", tr("Send a batch, or single cars, to rework.", "驳回批次或单车，转入返工。"))(
        _reject
    )
    app.add_typer(batch, name="batch")
