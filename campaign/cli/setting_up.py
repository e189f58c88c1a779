"""First steps and the administrator's work: `init`, `people`, `site`."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campaign.cli.failures import Stop
from campaign.cli.invocation import Run, command, interactive
from campaign.cli.language import lang, tr
from campaign.cli.parameters import AsJson, argument, option
from campaign.cli.sessions import PASSWORD, ask_new_password
from campaign.cli.show import as_json, line, table
from campaign.domain.people import SYSTEM, Actor, Right, Role
from campaign.domain.site import SiteLayout
from campaign.wording import roles_text

if TYPE_CHECKING:
    from campaign.ports.records import Person

Generate = Annotated[
    bool, option("--generate", "Make a password and print it once.", "生成密码并只显示一次。")
]


def configured_people(folder: Path) -> list[Person]:
    """Everybody under `configs/people/`, or in one file. Raises BadFile."""
    from campaign.definitions import load_people
    from campaign.ports.records import Person

    files = [folder] if folder.is_file() else _yaml(folder / "people")
    return [
        Person(who.id, who.name, who.name_zh, frozenset(who.roles), who.language, who.shared)
        for file in files
        for who in load_people(file).people
    ]


def configured_sites(folder: Path) -> list[SiteLayout]:
    """Every site under `configs/sites/`. Raises BadFile."""
    from campaign.definitions import load_site

    return [load_site(file).layout() for file in _yaml(folder / "sites")]


def _yaml(folder: Path) -> list[Path]:
    found = sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])
    if not found:
        raise Stop(
            tr(
                "{folder} holds no .yaml file: write one, or name the folder around it in CAMPAIGN_CONFIGS",
                "{folder} 中没有 .yaml 文件：请编写，或用 CAMPAIGN_CONFIGS 指定上级目录",
                folder=folder,
            )
        )
    return found


def _init(
    run: Run,
    admin: Annotated[
        str | None,
        option("--admin", "The administrator to start with.", "首位管理员。", metavar="PERSON"),
    ] = None,
    generate: Generate = False,
) -> None:
    people, sites = configured_people(run.settings.configs), configured_sites(run.settings.configs)
    services = run.services
    able = [who.id for who in services.people.all() if Role.ADMIN in who.roles and who.password_hash]
    if able:
        line(
            tr(
                "{home} is set up already; {who} can sign in: `campaign sign-in {first}`.",
                "{home} 已初始化；{who} 可以登录：`campaign sign-in {first}`。",
                home=run.settings.home,
                who=", ".join(able),
                first=able[0],
            )
        )
        return
    first = _administrator(people, admin)
    password = _first_password(first, generate)
    for layout in sites:
        _apply_site(run, SYSTEM, layout)
    _apply_people(run, SYSTEM, people)
    chosen = password or secrets.token_urlsafe(12)
    services.people.set_password(SYSTEM, first, chosen)
    if password is None:
        _tell_password(first, chosen)
    line(tr("Next: `campaign sign-in {who}`, then `campaign people password PERSON --generate` for everybody else,",
            "下一步：`campaign sign-in {who}`，再用 `campaign people password 人员编号 --generate` 为其他人设密码，",
            who=first))  # fmt: skip
    line(tr("and `campaign up` to start the board and the flows.", "并用 `campaign up` 启动看板和流程。"))


def _administrator(people: list[Person], wanted: str | None) -> str:
    admins = [who.id for who in people if Role.ADMIN in who.roles]
    if wanted in admins:
        return str(wanted)
    if wanted is None and len(admins) == 1:
        return admins[0]
    known = ", ".join(admins) or tr("none", "无")
    raise Stop(
        tr(
            "which administrator? --admin PERSON, one of: {known} (as in the people files)",
            "由哪位管理员开始？请用 --admin 指定：{known}（见人员文件）",
            known=known,
        )
    )


def _first_password(person: str, generate: bool) -> str | None:
    """Given, typed, or None to generate one where nobody can type."""
    if generate:
        return None
    given = os.environ.get(PASSWORD)
    if given:
        return given
    return ask_new_password(person) if interactive() else None


def _tell_password(person: str, password: str) -> None:
    line(
        tr(
            "Password of {person}, shown only now: {password}",
            "{person} 的密码，仅显示一次：{password}",
            person=person,
            password=password,
        )
    )


def _apply_site(run: Run, actor: Actor, layout: SiteLayout) -> None:
    changed = run.services.sites.apply(actor, layout)
    line(
        tr(
            "Site {code}: {points} charge points, {stations} stations, {slots} slots - {what}",
            "场地 {code}：充电桩 {points} 个，工位 {stations} 个，车位 {slots} 个——{what}",
            code=layout.code,
            points=len(layout.points),
            stations=len(layout.stations),
            slots=len(layout.slots),
            what=_changed(changed),
        )
    )


def _apply_people(run: Run, actor: Actor, people: list[Person]) -> None:
    changed = run.services.people.apply(actor, people)
    line(tr("People: {n} in the files, {changed} new or changed", "人员：文件中 {n} 人，新增或变更 {changed} 人",
            n=len(people), changed=changed))  # fmt: skip


def _changed(changed: bool) -> str:
    return tr("applied", "已应用") if changed else tr("as it was", "无变化")


def _people_list(run: Run, json: AsJson = False) -> None:
    run.need(Right.VIEW)
    people = run.services.people.all()
    if json:
        as_json(
            [
                {
                    "id": who.id,
                    "name": who.name,
                    "name_zh": who.name_zh,
                    "roles": sorted(who.roles),
                    "language": who.language,
                    "shared": who.shared,
                    "active": who.active,
                    "can_sign_in": who.active and who.password_hash is not None,
                }
                for who in people
            ]
        )
        return
    columns = (tr("id", "编号"), tr("name", "姓名"), tr("roles", "角色"), tr("sign-in", "登录"))
    rows = [
        (
            who.id,
            who.name_zh if lang() == "zh" else who.name,
            roles_text(sorted(who.roles), lang()),
            _can(who),
        )
        for who in people
    ]
    table(columns, rows)


def _can(who: Person) -> str:
    if not who.active or who.password_hash is None:
        return tr("no password yet", "尚无密码") if who.active else tr("left", "已离职")
    return tr("shared account", "共用账号") if who.shared else tr("yes", "可以")


def _people_apply(
    run: Run,
    file: Annotated[
        Path | None,
        argument(
            None, "A people file; else all under configs/people.", "人员文件；默认 configs/people 下全部。"
        ),
    ] = None,
) -> None:
    _apply_people(run, run.actor, configured_people(_existing(file) or run.settings.configs))


def _existing(file: Path | None) -> Path | None:
    if file is not None and not file.is_file():
        raise Stop(tr("there is no file {file}: check the path", "没有文件 {file}：请检查路径", file=file))
    return file


def _people_password(
    run: Run,
    persons: Annotated[list[str], argument("PERSON...", "Person ids.", "人员编号。")],
    generate: Generate = False,
) -> None:
    actor = run.actor
    for person in persons:
        if not generate:
            run.services.people.set_password(actor, person, ask_new_password(person))
            line(tr("Password of {person} set.", "{person} 的密码已设置。", person=person))
            continue
        password = secrets.token_urlsafe(12)
        run.services.people.set_password(actor, person, password)
        _tell_password(person, password)


def _site_apply(
    run: Run,
    code: Annotated[str | None, argument(None, "Site code; else every one.", "场地代码；默认全部。")] = None,
) -> None:
    from campaign.definitions import find_site

    actor, configs = run.actor, run.settings.configs
    for layout in [find_site(configs, code).layout()] if code else configured_sites(configs):
        _apply_site(run, actor, layout)


def _site_show(run: Run, code: Annotated[str, argument(None, "Site code.", "场地代码。")]) -> None:
    run.need(Right.VIEW)
    layout = run.services.sites.get(code)
    line(f"{layout.code}  {layout.names.in_language(lang())}  {layout.zone}")
    per_circuit = {c.name: [p.name for p in layout.points if p.circuit == c.name] for c in layout.circuits}
    rows = [
        (tr("circuit", "回路"), c.name, f"{c.limit_kw:g} kW, {_span(per_circuit[c.name])}")
        for c in layout.circuits
    ]
    rows += [
        (tr("station", "工位"), s.name, f"{s.user}@{s.host}:{s.port}" if s.host else "-")
        for s in layout.stations
    ]
    rows += [
        (tr("shift", "班次"), s.code, f"{s.start:%H:%M}-{s.end:%H:%M}{' QA' if s.qa else ''}")
        for s in layout.shifts
    ]
    rows.append((tr("slots", "车位"), str(len(layout.slots)), _span(list(layout.slots))))
    if layout.charging is not None:
        by = layout.charging
        details = f"{by.onboard_kw:g} kW, {by.efficiency:g}, {by.connect_min} min, {by.celsius:g} °C"
        rows.append((tr("charging", "充电"), f"{by.battery_kwh:g} kWh", details))
    table((tr("what", "项目"), tr("name", "名称"), tr("details", "详情")), rows)


def _span(names: list[str]) -> str:
    return f"{names[0]}..{names[-1]}" if len(names) > 1 else "".join(names)


def register(app: typer.Typer) -> None:
    """`campaign init`, `campaign people ...`, `campaign site ...`."""
    command(
        app,
        "init",
        tr("Set up a new installation: site, people, administrator.", "初始化：场地、人员、管理员。"),
        fresh=True,
    )(_init)
    people = typer.Typer(help=tr("People and their passwords.", "人员与密码。"), no_args_is_help=True)
    command(people, "list", tr("Everybody, with roles.", "所有人员及角色。"))(_people_list)
    command(people, "apply", tr("Take in the people files.", "应用人员文件。"))(_people_apply)
    command(people, "password", tr("Set passwords.", "设置密码。"))(_people_password)
    app.add_typer(people, name="people")
    site = typer.Typer(help=tr("The site's layout.", "场地布局。"), no_args_is_help=True)
    command(site, "apply", tr("Take in the site files.", "应用场地文件。"))(_site_apply)
    command(site, "show", tr("Points, stations and shifts as applied.", "已应用的充电桩、工位和班次。"))(
        _site_show
    )
    app.add_typer(site, name="site")
