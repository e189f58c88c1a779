"""`campaign orders set`: what sales says about single cars."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from campaign.cli.failures import Stop
from campaign.cli.invocation import Run, command
from campaign.cli.language import tr
from campaign.cli.naming import vin_named
from campaign.cli.parameters import VinTexts, Why, option
from campaign.cli.show import line
from campaign.domain.people import Right
from campaign.domain.vehicle import OrderState
from campaign.errors import BadInput


def _set(
    run: Run,
    vins: VinTexts,
    reason: Why,
    order: Annotated[str | None, option("--order", "Order number.", "订单号。", metavar="NUMBER")] = None,
    none: Annotated[bool, option("--none", "The cars have no order, for certain.", "确认没有订单。")] = False,
    promised: Annotated[
        str | None, option("--promised", "Such as 2026-12-01.", "如 2026-12-01。", metavar="DATE")
    ] = None,
    weight: Annotated[
        int, option("--weight", "How much being late hurts.", "迟交的影响程度。", min=0, max=100)
    ] = 1,
) -> None:
    from campaign.ports.records import OrderFact

    actor = run.need(Right.ORDERS)
    number = (order or "").strip() or None
    if (number is None) != none:
        raise Stop(
            tr("give --order NUMBER, or --none: one of the two", "请给出 --order 订单号 或 --none，二者选一")
        )
    if none and promised is not None:
        raise Stop(tr("--promised goes with --order: without an order nothing is promised",
                      "--promised 须与 --order 同用：没有订单就没有承诺日期"))  # fmt: skip
    state = OrderState.NONE if none else OrderState.KNOWN
    day = _day(promised)
    facts = [OrderFact(vin_named(run, text), state, number, day, weight) for text in dict.fromkeys(vins)]
    run.services.intake.set_orders(actor, facts, reason)
    for fact in facts:
        told = fact.order_no or tr("no order", "无订单")
        line(f"{fact.vin}  {told}" + (f"  {fact.promised}" if fact.promised else ""))


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text.strip().replace("/", "-"))
    except ValueError:
        what = tr("“{text}” is not a date", "“{text}”不是日期", text=text[:40])
        raise BadInput(
            what, where="--promised", todo=tr("write it like 2026-12-01", "写成 2026-12-01")
        ) from None


def register(app: typer.Typer) -> None:
    """`campaign orders set`."""
    orders = typer.Typer(help=tr("Demand orders.", "需求订单。"), no_args_is_help=True)
    command(
        orders,
        "set",
        tr("Say which order cars have, or that they have none.", "登记车辆的订单或确认无订单。"),
    )(_set)
    app.add_typer(orders, name="orders")
