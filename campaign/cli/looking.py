"""A list looked at: read from its file, judged against the fleet, ready to be taken in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from campaign.domain.reasons import Reason, because
from campaign.files.fleet_match import judge_against_fleet
from campaign.files.order_list import read_order_list
from campaign.files.row_list import ReadOptions, RejectedRow, RowList
from campaign.files.vehicle_list import read_vehicle_list
from campaign.files.verdicts import RowIssue, Verdict
from campaign.services.intake import Checked, Finding, Listed, ListedCar, ListedOrder
from campaign.wording import say

if TYPE_CHECKING:
    from campaign.cli.invocation import Run
    from campaign.ports.records import ImportRecord


@dataclass(frozen=True, slots=True)
class Look:
    """A dry run's result. `listing` includes what the fleet says; `take_in` writes `to_write` rows."""

    file: Path
    listing: RowList[Any]
    to_write: int
    same: int
    already: ImportRecord | None
    take_in: Callable[[], ImportRecord]


@dataclass(frozen=True, slots=True)
class FleetIssue(RowIssue):
    """What the fleet says against a row, in the words of the reason."""

    told: tuple[Reason, ...] = ()

    def message(self, language: str = "en") -> str:
        """The reason's sentence."""
        return " ".join(say(because(reason.code, **dict(reason.params)), language) for reason in self.told)

    def advice(self, language: str = "en") -> str:
        """Who can settle it: the end of the whole sentence."""
        whole = " ".join(say(reason, language) for reason in self.told)
        return whole.removeprefix(self.message(language)).strip()


def look_at_vehicles(run: Run, file: Path, site: str, options: ReadOptions) -> Look:
    """Read and judge a list of cars. Raises UnreadableList, NotAllowed."""
    listing = judge_against_fleet(read_vehicle_list(file, options), _fleet(run, site), must_be_known=False)
    intake, actor = run.services.intake, run.actor
    listed: Listed[ListedCar] = Listed(listing.file_name, listing.sha256, listing.rows)
    checked = intake.check_vehicles(actor, listed, site)
    return _look(file, listing, checked, lambda: intake.import_vehicles(actor, listed, site).record)


def look_at_orders(run: Run, file: Path, site: str, options: ReadOptions) -> Look:
    """Read and judge a list of orders. Raises UnreadableList, NotAllowed."""
    listing = judge_against_fleet(read_order_list(file, options), _fleet(run, site), must_be_known=True)
    intake, actor = run.services.intake, run.actor
    listed: Listed[ListedOrder] = Listed(listing.file_name, listing.sha256, listing.rows)
    checked = intake.check_orders(actor, listed, site)
    return _look(file, listing, checked, lambda: intake.import_orders(actor, listed, site).record)


def _fleet(run: Run, site: str) -> set[str]:
    with run.services.store.read() as uow:
        return set(uow.fleet.vins(site))


def _look(
    file: Path, listing: RowList[Any], checked: Checked[Any], take_in: Callable[[], ImportRecord]
) -> Look:
    judged = _with_findings(listing, checked.findings)
    return Look(file, judged, len(checked.new), checked.same, checked.already, take_in)


def _with_findings(listing: RowList[Any], findings: Sequence[Finding]) -> RowList[Any]:
    """The list with what the fleet says: refused rows go to the rejects, as they were sent."""
    if not findings:
        return listing
    issues = [
        FleetIssue(
            Verdict.REJECT if found.rejects else Verdict.WARN, found.sheet, found.row, "", found.vin,
            found.reason.code, dict(found.reason.params), "", (found.reason,),
        )
        for found in findings
    ]  # fmt: skip
    refused = {(found.sheet, found.row) for found in findings if found.rejects}
    sent = [
        RejectedRow(row.sheet, row.row, listing.cells_of(row))
        for row in listing.rows
        if (row.sheet, row.row) in refused
    ]
    return replace(
        listing,
        rows=[row for row in listing.rows if (row.sheet, row.row) not in refused],
        rejected=sorted([*listing.rejected, *sent], key=lambda row: (row.sheet, row.row)),
        issues=[*listing.issues, *issues],
    )
