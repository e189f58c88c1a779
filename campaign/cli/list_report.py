"""What a look at a list found, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from campaign.cli.invocation import Run
from campaign.cli.language import lang, tr
from campaign.cli.show import line, moment, table

if TYPE_CHECKING:
    from campaign.cli.looking import Look
    from campaign.ports.records import ImportRecord

MOST_SHOWN = 40


def show(run: Run, look: Look, rejects: Path | None, *, everything: bool) -> None:
    """For people: the counts, what stands out, where the rejected rows are, whether it came before."""
    listing = look.listing
    line(
        tr(
            "{file}: {total} rows - accept {accepted}, warn {warned}, reject {rejected}, repeated {repeated}",
            "{file}：共 {total} 行——接受 {accepted}，警告 {warned}，拒绝 {rejected}，重复 {repeated}",
            file=listing.file_name,
            total=listing.total,
            accepted=listing.accepted,
            warned=listing.warned,
            rejected=len(listing.rejected),
            repeated=listing.repeated,
        )
    )
    if look.already is None:
        for note in listing.notes:
            line(f"  {note.text(lang())}")
        _show_issues(look, everything=everything)
        if rejects is not None:
            line(tr("Rejected rows with their reasons: {file}", "被拒的行及原因：{file}", file=rejects))
        if look.same:
            line(tr("{n} rows are known already and say the same.", "{n} 行已存在且内容一致。", n=look.same))
    else:
        line(
            tr(
                "This very file was taken in before, as import {id} at {at} by {by}: nothing is done again.",
                "该文件此前已导入（编号 {id}，{at}，{by}）：不会重复执行。",
                id=look.already.id,
                at=moment(look.already.at, run.zone),
                by=look.already.by,
            )
        )


def _show_issues(look: Look, *, everything: bool) -> None:
    rows = list(_issue_rows(look))
    shown = rows if everything else rows[:MOST_SHOWN]
    if shown:
        columns = (
            tr("sheet", "工作表"), tr("row", "行"), tr("column", "列"), tr("value", "原值"), tr("verdict", "结论"),
            tr("reason", "原因"), tr("what to do", "处理建议"),
        )  # fmt: skip
        table(columns, shown, right=(1,))
    if len(rows) > len(shown):
        line(
            tr(
                "... and {n} more remarks: --all shows them",
                "……另有 {n} 条备注：--all 全部显示",
                n=len(rows) - len(shown),
            )
        )


def _issue_rows(look: Look) -> Iterator[tuple[object, ...]]:
    """Rejects first, then warnings, then remarks; each with its place."""
    from campaign.files.cells import shown
    from campaign.files.verdicts import Verdict

    words = {
        Verdict.REJECT: tr("reject", "拒绝"),
        Verdict.WARN: tr("warn", "警告"),
        Verdict.ACCEPT: tr("accept", "接受"),
    }
    for verdict, word in words.items():
        for issue in look.listing.issues:
            if issue.severity is verdict:
                raw = shown(issue.raw)[:40]
                yield (
                    issue.sheet,
                    issue.row,
                    issue.column,
                    raw,
                    word,
                    issue.message(lang()),
                    issue.advice(lang()),
                )


def told(look: Look, rejects: Path | None, done: ImportRecord | None) -> dict[str, Any]:
    """For programs."""
    listing = look.listing
    return {
        "file": listing.file_name,
        "sha256": listing.sha256,
        "total": listing.total,
        "accepted": listing.accepted,
        "warned": listing.warned,
        "rejected": len(listing.rejected),
        "repeated": listing.repeated,
        "same": look.same,
        "already_imported_as": None if look.already is None else look.already.id,
        "import": None if done is None else done.id,
        "rejects_file": None if rejects is None else str(rejects),
        "notes": [note.text(lang()) for note in listing.notes],
        "rows": [
            {
                "sheet": issue.sheet,
                "row": issue.row,
                "column": issue.column,
                "raw": None if issue.raw is None else str(issue.raw),
                "verdict": issue.severity,
                "code": issue.reason_code,
                "reason": issue.message(lang()),
                "todo": issue.advice(lang()),
                "suggestion": issue.suggestion,
            }
            for issue in listing.issues
        ],
    }
