"""A list against the fleet: what the check digit cannot see."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Protocol, TypeVar

from campaign.domain.identity import Vin, VinFault, look_alikes, normal_vin_text
from campaign.files.cells import shown
from campaign.files.columns import Field
from campaign.files.row_list import PlacedRow, RejectedRow, RowList
from campaign.files.verdicts import Fault, Note, RowIssue, Verdict

MOST_SEARCHES = 2000  # some 0.2 ms each: a list of strangers must not take minutes

_FOLDED = str.maketrans(
    "BDSZG", "80526"
)  # letter and digit that eyes confuse; digit pairs are ordinary neighbours
_SEARCHED = frozenset(
    {
        VinFault.LENGTH,
        VinFault.FORBIDDEN,
        VinFault.CHARACTERS,
        VinFault.CHECK_DIGIT,
        Fault.VIN_UNKNOWN,
    }
)


class CarRow(PlacedRow, Protocol):
    """A row about a car."""

    @property
    def vin(self) -> Vin | None:
        """The car, if the row names one."""


C = TypeVar("C", bound=CarRow)


def judge_against_fleet(listing: RowList[C], fleet: Collection[str], *, must_be_known: bool) -> RowList[C]:
    """The list judged once more, knowing the fleet's VINs (a set: each is looked up).

    `must_be_known` (orders): a row whose VIN is not in the fleet is rejected. Otherwise (cars) a VIN that
    differs from another car's only by a letter that looks like a digit gets a warning. A wrong VIN gets the
    fleet's look-alike as suggestion.
    """
    rows, rejected, issues = listing.rows, listing.rejected, list(listing.issues)
    notes = listing.notes
    if must_be_known:
        strangers = [row for row in rows if row.vin is not None and row.vin not in fleet]
        if strangers:
            gone = {(row.sheet, row.row) for row in strangers}
            rows = [row for row in rows if (row.sheet, row.row) not in gone]
            sent = [RejectedRow(row.sheet, row.row, listing.cells_of(row)) for row in strangers]
            rejected = sorted([*rejected, *sent], key=lambda row: (row.sheet, row.row))
            issues += [_issue(listing, row, Verdict.REJECT, Fault.VIN_UNKNOWN) for row in strangers]
    else:
        issues += _near_twins(listing, fleet)
    suspects = sum(issue.code in _SEARCHED and not issue.suggestion for issue in issues)
    if suspects > MOST_SEARCHES:
        notes = (*notes, Note("note_look_alikes", {"count": MOST_SEARCHES}))
    return replace(listing, rows=rows, rejected=rejected, issues=_suggested(issues, fleet), notes=notes)


def _near_twins(listing: RowList[C], fleet: Collection[str]) -> Iterable[RowIssue]:
    """Rows whose VIN reads like another car's: in the fleet, or earlier in the list."""
    vins = [row.vin or "" for row in listing.rows]
    folds = _fold(vins)
    by_fold = dict(zip(reversed(folds), reversed(vins), strict=True)) | dict(
        zip(_fold(fleet), fleet, strict=True)
    )
    for row, vin, fold in zip(listing.rows, vins, folds, strict=True):
        if vin and by_fold[fold] != vin and vin not in fleet:
            yield _issue(listing, row, Verdict.WARN, Fault.VIN_NEAR_TWIN, by_fold[fold])


def _fold(vins: Collection[str]) -> list[str]:
    return "\n".join(vins).translate(_FOLDED).split("\n") if vins else []


def _issue(listing: RowList[C], row: C, severity: Verdict, code: Fault, twin: str = "") -> RowIssue:
    column = listing.letters.get((row.sheet, Field.VIN), "")
    return RowIssue(severity, row.sheet, row.row, column, row.vin, code, {"twin": twin} if twin else {})


def _suggested(issues: Iterable[RowIssue], fleet: Collection[str]) -> list[RowIssue]:
    done: list[RowIssue] = []
    left = MOST_SEARCHES
    for issue in issues:
        found: tuple[Vin, ...] = ()
        if issue.code in _SEARCHED and not issue.suggestion and left > 0:
            left -= 1
            found = look_alikes(_as_read(issue), fleet, most=1)
        done.append(replace(issue, suggestion=found[0]) if found else issue)
    return done


def _as_read(issue: RowIssue) -> str:
    """The raw text as the VIN reader normalised it."""
    return normal_vin_text(shown(issue.raw))
