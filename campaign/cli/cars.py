"""`campaign find`, `story`, `resolve`: single cars."""

from __future__ import annotations

from typing import Annotated

import typer

from campaign.cli import attempts
from campaign.cli.events import show_events, told
from campaign.cli.failures import Stop
from campaign.cli.invocation import Run, command
from campaign.cli.language import lang, tr
from campaign.cli.naming import car_named, vin_named
from campaign.cli.parameters import AsJson, VinText, argument, option
from campaign.cli.show import as_json, line, percent, table
from campaign.domain.people import Right
from campaign.wording import order_word, status_word

MOST_FOUND = 50


def _find(
    run: Run,
    text: Annotated[str, argument("TEXT", "Any part of a VIN.", "车架号的任意部分。")],
    json: AsJson = False,
) -> None:
    run.need(Right.VIEW)
    vins = run.services.views.find(text.strip().upper(), MOST_FOUND)
    with run.services.store.read() as uow:
        cars, fleet = uow.cars.latest(vins), uow.fleet.known(vins)
    if json:
        as_json(
            [
                {
                    "vin": vin,
                    "site": fleet[vin].site,
                    "version": fleet[vin].version,
                    "slot": fleet[vin].slot,
                    "campaign": cars[vin].campaign if vin in cars else None,
                    "status": cars[vin].status if vin in cars else None,
                }
                for vin in vins
            ]
        )
        return
    if not vins:
        raise Stop(
            tr(
                "no car of the fleet has “{text}” in its VIN",
                "车队中没有车架号含“{text}”的车辆",
                text=text[:40],
            )
        )
    columns = ("VIN", tr("campaign", "活动"), tr("status", "状态"), tr("slot", "车位"), tr("version", "版本"))
    rows = [
        (
            vin,
            cars[vin].campaign if vin in cars else None,
            status_word(cars[vin].status, lang()) if vin in cars else None,
            fleet[vin].slot,
            fleet[vin].version,
        )
        for vin in vins
    ]
    table(columns, rows)
    if len(vins) == MOST_FOUND:
        line(tr("The first {n}; type more to narrow it.", "仅列出前 {n} 辆；请多输入几位。", n=MOST_FOUND))


def _story(run: Run, vin: VinText, json: AsJson = False) -> None:
    run.need(Right.VIEW)
    found = car_named(run, vin)
    named = vin_named(run, vin)
    events = run.services.views.story(named)
    if json:
        as_json(
            {"vin": named, "vehicle": found.vehicle, "car": found.car, "events": [told(e) for e in events]}
        )
        return
    vehicle, car = found.vehicle, found.car
    if vehicle is not None:
        order = vehicle.order_no or order_word(vehicle.order_state, lang())
        line(
            f"{named}  {vehicle.version}  {vehicle.model} {vehicle.variant}  {vehicle.slot or ''}  {order}".rstrip()
        )
    if car is not None:
        soc = "-" if car.soc is None else percent(car.soc.tenths)
        line(f"{car.campaign}/B{car.batch_no:03d}  {status_word(car.status, lang())}  SOC {soc}")
    show_events(events, run.zone, with_vin=False)


def _resolve(
    run: Run,
    vin: VinText,
    reason: Annotated[str, option("--reason", "What was found out.", "查明的情况。")],
) -> None:
    actor = run.need(Right.RESOLVE)
    car = run.services.resolving.resolve(actor, vin_named(run, vin), reason)
    line(
        tr(
            "{vin}: the car reports {version}; it is {status} now.",
            "{vin}：车辆报告 {version}，现状态为{status}。",
            vin=car.vin,
            version=car.read_back,
            status=status_word(car.status, lang()),
        )
    )


def register(app: typer.Typer) -> None:
    """`campaign find`, `story`, `attempts`, `evidence`, `resolve`."""
    command(app, "find", tr("Cars by a part of the VIN.", "按部分车架号查找。"))(_find)
    command(app, "story", tr("Everything that happened to a car.", "车辆的全部经过。"))(_story)
    attempts.register(app)
    command(
        app, "resolve", tr("Settle an unknown flash by a fresh read-back.", "以重新回读判定结果不明的刷写。")
    )(_resolve)
