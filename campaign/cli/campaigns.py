"""`campaign plan` and `campaign launch`: what would happen, and making it happen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from campaign.cli.failures import REFUSED, UNREACHABLE, Stop, complain
from campaign.cli.invocation import Run, command
from campaign.cli.language import lang, tr
from campaign.cli.moments import read_moment
from campaign.cli.parameters import AsJson, Why, argument, option
from campaign.cli.planning_file import STANDARD, plan_file
from campaign.cli.planning_words import told_remedies, working
from campaign.cli.show import as_json, line, moment, table
from campaign.domain.people import Right
from campaign.errors import FlowsUnreachable, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from campaign.domain.batch import Batch
    from campaign.domain.rules import CampaignRules
    from campaign.planning.remedies import Remedy
    from campaign.ports.records import PlannedBatch
    from campaign.services.planning import Preview
    from flows.rest import Run as FlowRun

Configured = Annotated[
    str | None, argument("CODE", "As configured; else the only one.", "配置中的活动代码；默认唯一的一个。")
]
File = Annotated[
    Path | None,
    option("--file", "A campaign file beside configs/.", "configs/ 之外的活动文件。"),
]
StartsAt = Annotated[
    str | None,
    option("--starts-at", "Site time; default now.", "场地时间；默认现在。", metavar="TIME"),
]

Snapshot = Annotated[
    str | None,
    option(
        "--snapshot",
        "Plan what a JSON file describes (docs/planning.md); - is standard input. Needs no sign-in.",
        "按 JSON 文件（见 docs/planning.md）排程；- 为标准输入。无需登录。",
        metavar="FILE",
    ),
]
Out = Annotated[
    str | None,
    option(
        "--out",
        "With --snapshot: write the plan as JSON; - is standard output.",
        "与 --snapshot 同用：将计划写为 JSON；- 为标准输出。",
        metavar="FILE",
    ),
]
Search = Annotated[
    float,
    option(
        "--search",
        "With --snapshot: look for a better plan so many seconds.",
        "与 --snapshot 同用：继续寻找更优计划的秒数。",
        metavar="SECONDS",
        min=0,
        max=86_400,
    ),
]
Seed = Annotated[
    int, option("--seed", "With --snapshot: of what is drawn by lot.", "与 --snapshot 同用：随机种子。")
]

MOST_BATCHES = 60


def rules_of(run: Run, code: str | None, file: Path | None) -> CampaignRules:
    """The rules as configured: by code, from a file, or the only campaign that there is. Raises Stop, BadFile."""
    from campaign.definitions import campaign_codes, find_campaign, load_campaign

    configs = run.settings.configs
    if file is not None:
        rules = load_campaign(file, configs).rules()
        if code is not None and code != rules.code:
            raise Stop(tr("{file} is about {found}, not {code}", "{file} 是 {found}，不是 {code}",
                          file=file, found=rules.code, code=code))  # fmt: skip
        return rules
    if code is None:
        codes = campaign_codes(configs)
        if len(codes) != 1:
            raise Stop(tr("which campaign? {codes}", "哪个活动？{codes}", codes=", ".join(codes) or configs))
        code = codes[0]
    return find_campaign(configs, code).rules()


def _zone(run: Run, rules: CampaignRules) -> ZoneInfo:
    return ZoneInfo(run.services.sites.get(rules.site).zone)


def _starts(run: Run, text: str | None, zone: ZoneInfo) -> datetime | None:
    now = run.services.clock.now()
    return None if text is None else read_moment(text, "--starts-at", now, zone, past=False)


def _plan(
    run: Run,
    *,
    code: Configured = None,
    file: File = None,
    starts_at: StartsAt = None,
    snapshot: Snapshot = None,
    out: Out = None,
    search: Search = 0.0,
    seed: Seed = 1,
    json: AsJson = False,
) -> None:
    if snapshot is not None:
        if code is not None or file is not None or starts_at is not None:
            raise Stop(tr("--snapshot says all by itself: leave out CODE, --file and --starts-at",
                          "--snapshot 已包含全部内容：请去掉 CODE、--file 和 --starts-at"))  # fmt: skip
        plan_file(snapshot, STANDARD if json and out is None else out, search=search, seed=seed)
        return
    if out is not None or search or seed != 1:
        raise Stop(tr("--out, --search and --seed go with --snapshot",
                      "--out、--search、--seed 须与 --snapshot 同用"))  # fmt: skip
    _preview(run, code, file, starts_at, json)


def _preview(run: Run, code: str | None, file: Path | None, starts_at: str | None, json: bool) -> None:
    from campaign.wording.plans import stage_word

    actor = run.need(Right.VIEW)
    rules = rules_of(run, code, file)
    zone = _zone(run, rules)
    starts = _starts(run, starts_at, zone)
    preview = run.services.planning.preview(actor, rules, starts)
    helps: tuple[Remedy, ...] = ()
    if preview.late:
        with working(tr("trying what would keep the promises", "正在尝试可按时的措施")):
            helps = run.services.planning.advice(actor, rules, starts)
    if json:
        as_json(_told(rules, preview) | {"remedies": helps})
        return
    line(
        tr(
            "{code}: {source} to {target}, {cars} cars in {batches} batches",
            "{code}：{source} 升级到 {target}，{cars} 辆车，{batches} 个批次",
            code=rules.code,
            source=rules.source,
            target=rules.target,
            cars=preview.cars,
            batches=len(preview.batches),
        )
    )
    line(
        tr(
            "{start} to {end}; {above} look full by their lists; {late} later than promised; most wait for: {stage}",
            "{start} 至 {end}；{above} 辆按名单已达门槛（需先读取）；{late} 辆晚于承诺；瓶颈：{stage}",
            start=moment(preview.starts_at, zone),
            end=moment(preview.ends_at, zone),
            above=preview.above_gate,
            late=preview.late,
            stage=stage_word(preview.binding, lang()),
        )
    )
    if preview.late:
        told_remedies(helps)
    left = _batch_table([(f"B{batch.no:03d}", batch) for batch in preview.batches], zone)
    if left:
        line(tr("... and {n} more; --json lists all", "……另有 {n} 个；--json 列出全部", n=left))


def _batch_table(batches: Sequence[tuple[str, PlannedBatch | Batch]], zone: ZoneInfo) -> int:
    """The first batches, by name, with their planned times; returns how many are left out."""
    columns = (
        tr("batch", "批次"),
        tr("cars", "车辆"),
        tr("planned start", "计划开始"),
        tr("planned end", "计划结束"),
    )
    shown = batches[:MOST_BATCHES]
    rows = [(name, b.size, moment(b.planned_start, zone), moment(b.planned_end, zone)) for name, b in shown]
    table(columns, rows, right=(1,))
    return len(batches) - len(shown)


def _told(rules: CampaignRules, preview: Preview) -> dict[str, object]:
    return {
        "campaign": rules.code,
        "source": str(rules.source),
        "target": str(rules.target),
        "cars": preview.cars,
        "above_gate": preview.above_gate,
        "late": preview.late,
        "binding": preview.binding,
        "starts_at": preview.starts_at,
        "ends_at": preview.ends_at,
        "batches": preview.batches,
    }


def _launch(
    run: Run,
    reason: Why,
    code: Configured = None,
    file: File = None,
    starts_at: StartsAt = None,
    direct: Annotated[
        bool,
        option("--direct", "Without Prefect, in this process.", "不经 Prefect，在本进程内启动。"),
    ] = False,
) -> None:
    actor = run.need(Right.RUN)
    rules = rules_of(run, code, file)
    zone = _zone(run, rules)
    starts = _starts(run, starts_at, zone)
    if direct:
        run.services.planning.launch(actor, rules, reason=reason, starts_at=starts)
    elif file is not None:
        raise Stop(tr("--file goes with --direct: a flow reads configs/ only",
                      "--file 须与 --direct 同用：流程只读取 configs/"))  # fmt: skip
    else:
        _through_flows(run, rules.code, actor.id, reason, starts)
    _launched(run, rules.code, zone, direct=direct)


def _through_flows(run: Run, code: str, planner: str, reason: str, starts: datetime | None) -> None:
    """Ask for the flow that launches, and wait for its end. Raises Stop, FlowsUnreachable."""
    from flows.starting import request_launch, wait_for

    form: dict[str, object] = {"campaign": code, "planner": planner, "reason": reason}
    if starts is not None:
        form |= {"start": "at a time", "starts_at": starts}

    def told(flow: FlowRun) -> None:
        complain(
            tr("flow run {name}: {state}", "流程运行 {name}：{state}", name=flow.name, state=flow.state_name)
        )

    try:
        asked = request_launch(run.settings, form)
        line(tr("Flow run {name}: {page}", "流程运行 {name}：{page}", name=asked.name, page=asked.page))
        ended = wait_for(run.settings, asked, tell=told)
    except (FlowsUnreachable, NotFound) as away:
        hint = tr("or launch without Prefect: --direct", "或不经 Prefect 启动：--direct")
        raise Stop(f"{away}; {hint}", UNREACHABLE) from away
    _judge(ended)


def _judge(ended: FlowRun) -> None:
    from flows.rest import StateType
    from flows.starting import REFUSED as BY_A_RULE

    if ended.state is StateType.COMPLETED:
        return
    for text in (ended.message or ended.state_name).splitlines():
        complain(tr("refused: {text}", "被拒绝：{text}", text=text))
    complain(ended.page)
    raise typer.Exit(REFUSED if ended.state_name == BY_A_RULE else UNREACHABLE)


def _launched(run: Run, code: str, zone: ZoneInfo, *, direct: bool) -> None:
    with run.services.store.read() as uow:
        batches = uow.batches.all(code)
    line(
        tr(
            "{code} is launched: {cars} cars in {batches} batches.",
            "{code} 已启动：{cars} 辆车，{batches} 个批次。",
            code=code,
            cars=sum(batch.size for batch in batches),
            batches=len(batches),
        )
    )
    if _batch_table([(batch.name, batch) for batch in batches], zone):
        line(tr("... `campaign batch list` shows all", "……`campaign batch list` 列出全部"))
    if direct:
        line(tr("`campaign up` carries it on.", "由 `campaign up` 继续推进。"))


def register(app: typer.Typer) -> None:
    """`campaign plan`, `campaign launch`."""
    command(app, "plan", tr("What a launch would do now.", "预览启动结果。"))(_plan)
    command(app, "launch", tr("Freeze the rules, plan, and start.", "冻结规则、排程并启动。"))(_launch)
