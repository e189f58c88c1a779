"""A complete sentence for every reason: what stands in the way, what helps, who can lift it (rule 12)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from campaign.domain.campaign import CampaignState
from campaign.domain.identity import VinFault
from campaign.domain.marks import MarkKind
from campaign.domain.package import PackageState
from campaign.domain.people import Right, Role
from campaign.domain.reasons import Code, Reason
from campaign.domain.signoff import Touch
from campaign.domain.soc import Gauge
from campaign.domain.vehicle import Status, Step
from campaign.wording.faults import fault_text
from campaign.wording.flash_faults import held_text
from campaign.wording.words import Words, pick, role_word, word

SENTENCES: dict[Code, Words] = {
    Code.SOC_MISSING: (
        "There is no SOC reading from the {gauge}. Read it and enter it.",
        "没有{gauge}的 SOC 读数。请读取并录入。",
    ),
    Code.SOC_STALE: (
        "The SOC reading is {age_h} h old, at most {max_h} h is allowed. Read it again.",
        "SOC 读数已过 {age_h} 小时，最多允许 {max_h} 小时。请重新读取。",
    ),
    Code.SOC_BELOW: (
        "SOC is {soc}, the gate is {gate}. Charge the car on.",
        "SOC 为 {soc}，门槛为 {gate}。请继续充电。",
    ),
    Code.SOC_UNREADABLE: (
        "The SOC “{raw}” cannot be read. Type it as shown, for example 27.0.",
        "无法识别 SOC “{raw}”。请按显示输入，例如 27.0。",
    ),
    Code.WRONG_STATUS: (
        "The car is “{status}”; “{step}” is not possible from there.",
        "车辆状态为“{status}”，此时不能“{step}”。",
    ),
    Code.ALREADY_DONE: (
        "This is recorded already: “{step}” by {by} at {at}.",
        "已有记录：{by} 于 {at} “{step}”。",
    ),
    Code.TAKEN_BY: (
        "{by} was first: “{what}” at {at}.",
        "{by} 已先于 {at} “{what}”。",
    ),
    Code.NOT_STARTED: (
        "No flash was ever started on this car, so it cannot be marked flashed.",
        "该车从未开始刷写，不能标记为已刷写。",
    ),
    Code.OUTCOME_UNKNOWN: (
        "Nobody knows whether the control unit was written. It is quarantined until a fresh read-back.",
        "无法确定控制器是否已被写入。在重新回读之前，车辆保持隔离。",
    ),
    Code.FLASH_RUNNING: (
        "Station {station} is flashing the car. A running flash is never interrupted; it ends by itself.",
        "工位 {station} 正在刷写该车。进行中的刷写不会被中断，会自行结束。",
    ),
    Code.TOO_MANY_ATTEMPTS: (
        "The car was tried {attempts} times; the campaign allows {limit}.",
        "该车已尝试 {attempts} 次，活动最多允许 {limit} 次。",
    ),
    Code.READ_BACK_MISSING: (
        "The car has not reported its version: there is no read-back.",
        "车辆尚未报告版本：没有回读结果。",
    ),
    Code.READ_BACK_DIFFERS: (
        "The car reports {read}; the target is {target}.",
        "车辆报告的版本为 {read}，目标版本为 {target}。",
    ),
    Code.NOT_YET_CONFIRMED: (
        "Your mark is kept. Station {station} has not finished; the car's own read-back decides.",
        "您的标记已保留。工位 {station} 尚未结束，以车辆回读为准。",
    ),
    Code.HELD: (
        "{by} put a hold on {scope} {target}: {why}.",
        "{by} 冻结了{scope} {target}：{why}。",
    ),
    Code.ORDER_UNKNOWN: (
        "It is not known whether the car has an order. Say which, or say that it has none.",
        "不清楚该车是否有订单。请指明订单，或注明无订单。",
    ),
    Code.BATCH_NOT_APPROVED: (
        "Batch {batch} is not approved.",
        "批次 {batch} 尚未批准。",
    ),
    Code.BATCH_NOT_OPEN: (
        "Batch {batch} is not open yet; it is planned for {at}.",
        "批次 {batch} 尚未开启，计划时间为 {at}。",
    ),
    Code.PILOT_NOT_APPROVED: (
        "The pilot batch is not approved yet; until then other cars may charge but not be flashed.",
        "试点批次尚未批准，在此之前其他车辆只能充电，不能刷写。",
    ),
    Code.THRESHOLD: (
        "{failed} of the last {ended} flashes failed, more than the campaign allows. New starts wait.",
        "最近 {ended} 次刷写中有 {failed} 次失败，超过活动限值。新的刷写暂停开始。",
    ),
    Code.CAMPAIGN_STATE: (
        "The campaign is {state}: no new work starts.",
        "活动{state}：不再开始新的作业。",
    ),
    Code.NO_FREE_POINT: (
        "No charge point is free.",
        "没有空闲的充电桩。",
    ),
    Code.POINT_TAKEN: (
        "Charge point {point} is taken by {vin}.",
        "充电桩 {point} 正被 {vin} 占用。",
    ),
    Code.POINT_UNKNOWN: (
        "There is no charge point {point} at this site.",
        "本场地没有充电桩 {point}。",
    ),
    Code.NOT_IN_CAMPAIGN: (
        "{vin} is not in a campaign.",
        "{vin} 不在任何升级活动中。",
    ),
    Code.VIN_UNKNOWN: (
        "{vin} is not in the fleet.[ Similar: {like}.]",
        "车队中没有 {vin}。[相近的有：{like}。]",
    ),
    Code.VIN_DIFFERS: (
        "{vin} is in the fleet with other data: {version}[, slot {slot}]. Say which is right.",
        "{vin} 已在车队中，但数据不同：{version}[，车位 {slot}]。请确认以哪个为准。",
    ),
    Code.SLOT_TAKEN: (
        "Slot {slot} holds {vin}.",
        "车位 {slot} 已停有 {vin}。",
    ),
    Code.VIN_UNREADABLE: (
        "“{raw}” cannot be read. {fault}[ Similar: {like}.]",
        "无法识别“{raw}”。{fault}[相近的有：{like}。]",
    ),
    Code.VIN_AMBIGUOUS: (
        "“{raw}” fits several cars: {like}. Type more characters.",
        "“{raw}”对应多辆车：{like}。请多输入几位。",
    ),
    Code.SIGN_IN_ENDED: (
        "Your sign-in has ended. Sign in again.",
        "登录已失效，请重新登录。",
    ),
    Code.TRY_AGAIN_LATER: (
        "Too many wrong tries. Wait {seconds} s, then try again.",
        "错误次数过多。请等待 {seconds} 秒后再试。",
    ),
    Code.TOUCHED: (
        "{person} worked on {vin} ({what}) and cannot sign its batch. Another person must.",
        "{person} 处理过 {vin}（{what}），不能为其批次签字，须由他人签字。",
    ),
    Code.SHARED_ACCOUNT: (
        "{person} is a shared account; a signature needs a named person.",
        "{person} 是共用账号，签字必须由具名人员完成。",
    ),
    Code.PASSWORD_WRONG: (
        "Name or password is wrong.",
        "用户名或密码不正确。",
    ),
    Code.REASON_MISSING: (
        "A reason is missing. Say why.",
        "缺少原因，请说明原因。",
    ),
    Code.CAR_NOT_READY: (
        "{vin} is “{status}”; only a flashed car can be decided on.",
        "{vin} 的状态为“{status}”，只有已刷写的车辆才能判定。",
    ),
    Code.EVIDENCE_MISSING: (
        "Evidence is missing for {vin}: {what}.",
        "{vin} 缺少证据：{what}。",
    ),
    Code.CHANGED_SINCE: (
        "This has changed since you looked: {what}. Look again, then decide.",
        "在您查看之后已有变更：{what}。请重新查看后再决定。",
    ),
    Code.NOTHING_TO_SIGN: (
        "Batch {batch} has no car to decide on.",
        "批次 {batch} 没有可判定的车辆。",
    ),
    Code.LACKS_RIGHT: (
        "{person} has no right to {right}.",
        "{person} 没有“{right}”的权限。",
    ),
    Code.NO_CARS: (
        "No car at site {site} is at {version} and free for a campaign. Import the list first.",
        "场地 {site} 没有版本为 {version} 且可参加活动的车辆。请先导入清单。",
    ),
    Code.WORK_DONE: (
        "{vin} was worked on already, so its import cannot be undone.",
        "{vin} 已有作业记录，其导入不能撤销。",
    ),
    Code.ALREADY_LAUNCHED: (
        "Campaign {campaign} is launched already.",
        "升级活动 {campaign} 已经启动。",
    ),
    Code.PACKAGE_UNKNOWN: (
        "There is no package {package} here. Draft and release it first.",
        "没有软件包 {package}。请先起草并发布。",
    ),
    Code.PACKAGE_NOT_RELEASED: (
        "Package {package} is a draft. Sign and release it first.",
        "软件包 {package} 仍是草稿。请先签名并发布。",
    ),
    Code.PACKAGE_OBSOLETE: (
        "Package {package} is obsolete: {why}. Use another one.",
        "软件包 {package} 已停用：{why}。请改用其他软件包。",
    ),
    Code.PACKAGE_OTHER_VERSIONS: (
        "Package {package} goes {brings}, wanted is {wanted}.",
        "软件包 {package} 用于 {brings}，所需为 {wanted}。",
    ),
    Code.PACKAGE_UNTRUSTED: (
        "The key {key} is not trusted here. Trust it first, or sign with one that is.",
        "密钥 {key} 在此不受信任。请先信任该密钥，或改用受信任的密钥签名。",
    ),
    Code.PACKAGE_BADLY_SIGNED: (
        "The signature on package {package} is wrong: sheet and key do not belong together. Sign again.",
        "软件包 {package} 的签名无效：签名单与密钥不符。请重新签名。",
    ),
    Code.PACKAGE_SHEET_DIFFERS: (
        "The sheet signs another manifest than that of package {package}. Sign the draft as it is here.",
        "签名单所签的清单与软件包 {package} 的清单不同。请对此处的草稿签名。",
    ),
    Code.PACKAGE_EXISTS: (
        "There is a package {package} already ({package_state}). Choose another name, or drop the draft.",
        "软件包 {package} 已存在（{package_state}）。请另取名称，或删除该草稿。",
    ),
    Code.PACKAGE_WRONG_STATE: (
        "Package {package} is {package_state}; this is not possible from there.",
        "软件包 {package} 的状态为“{package_state}”，此时不能这样操作。",
    ),
    Code.PACKAGE_FILE_MISSING: (
        "File {file} of the manifest is missing. Put it into the folder.",
        "缺少清单中的文件 {file}。请放入文件夹。",
    ),
    Code.PACKAGE_FILE_DIFFERS: (
        "File {file} is not the one of the manifest: size or checksum differ. Take the right one.",
        "文件 {file} 与清单不符：大小或校验和不同。请使用正确的文件。",
    ),
    Code.PACKAGE_BLOCK_DIFFERS: (
        "The checksum of block {block} of {ecu} is not that of its file. Correct the manifest.",
        "{ecu} 的数据块 {block} 的校验和与其文件不符。请更正清单。",
    ),
    Code.KEY_KNOWN: (
        "The key {key} is trusted already, by {by}.",
        "密钥 {key} 已由 {by} 信任。",
    ),
    Code.KEY_REVOKED: (
        "The key {key} was revoked by {by} and stays so. Make a new key pair.",
        "密钥 {key} 已由 {by} 吊销，不能恢复。请生成新的密钥对。",
    ),
}

_LIFTED: Words = (" Who can lift it: {who}.", "可处理人员：{who}。")
_BETWEEN: Words = (", ", "、")
_OPTIONAL = re.compile(r"\[([^\]]*)\]")
_VIN_FAULTS = frozenset(fault.value for fault in VinFault)
_NAME = re.compile(r"\{(\w+)\}")

# Parameters that are codes themselves, and the enumerations that they come from.
_CODED: dict[str, tuple[type[StrEnum], ...]] = {
    "status": (Status,),
    "step": (Step, MarkKind),
    "gauge": (Gauge,),
    "state": (CampaignState,),
    "package_state": (PackageState,),
    "right": (Right,),
    "what": (Touch, MarkKind, Step),
}

# Words that are codes without an enumeration: what a hold is on, what is missing or has changed.
PLAIN: dict[str, dict[str, Words]] = {
    "scope": {
        "car": ("car", "车辆"),
        "batch": ("batch", "批次"),
        "station": ("station", "工位"),
        "point": ("charge point", "充电桩"),
        "campaign": ("campaign", "升级活动"),
        "package": ("package", "软件包"),
    },
    "what": {
        "soc": ("the SOC reading", "SOC 读数"),
        "batch": ("the batch", "批次"),
        "car": ("the car", "车辆"),
        "campaign": ("the campaign", "升级活动"),
        "station": ("the station", "工位"),
    },
}


def say(reason: Reason, lang: str, zone: ZoneInfo | None = None) -> str:
    """The whole sentence with who can lift it. Times are shown in `zone`, else in UTC and named so."""
    told = _Known({name: _told(name, value, lang, zone) for name, value in reason.params if value})
    text = _filled(pick(SENTENCES[reason.code], lang), told)
    if not reason.lifted_by:
        return text
    return text + pick(_LIFTED, lang).format(who=roles_text(reason.lifted_by, lang))


def say_all(reasons: Iterable[Reason], lang: str, zone: ZoneInfo | None = None) -> list[str]:
    """A sentence for each reason, in order."""
    return [say(reason, lang, zone) for reason in reasons]


def _filled(text: str, told: _Known) -> str:
    """The sentence; a part in square brackets only where all that it names is known."""
    kept = _OPTIONAL.sub(lambda part: part[1] if set(_NAME.findall(part[1])) <= told.keys() else "", text)
    return kept.format_map(told)


class _Known(dict[str, str]):
    """A parameter that the rule did not give is shown as unknown, never as a broken sentence."""

    def __missing__(self, name: str) -> str:
        return "—"


def _told(name: str, value: str, lang: str, zone: ZoneInfo | None) -> str:
    if name == "fault":
        return fault_text(VinFault(value), lang) if value in _VIN_FAULTS else value
    for coded in _CODED.get(name, ()):
        if value in {member.value for member in coded}:
            return word(coded(value), lang)
    plain: Mapping[str, Words] = PLAIN.get(name, {})
    if value in plain:
        return pick(plain[value], lang)
    if name == "at":
        return _moment(value, zone)
    return held_text(value, lang).rstrip(".。") if name == "why" else value


def _moment(text: str, zone: ZoneInfo | None) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if zone is None:
        return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def roles_text(roles: Iterable[Role], lang: str) -> str:
    """Roles as a list in a sentence."""
    return pick(_BETWEEN, lang).join(role_word(role, lang) for role in roles)
