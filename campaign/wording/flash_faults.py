"""Why a flash did not pass, as people read it: what happened, and what to do now. English first, Chinese second.

A part in square brackets is said only where the station told all that it names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from campaign.domain.events import Fact, Kind
from campaign.domain.flash_faults import FlashFault, read_note
from campaign.domain.soc import Gauge, format_soc
from campaign.wording.words import WHYS, Words, gauge_word, pick

Params = Mapping[str, str] | Iterable[tuple[str, str]]
F = FlashFault

TITLES: dict[FlashFault, Words] = {
    F.WRONG_CAR: ("Another car on the cable", "线缆接错车辆"),
    F.WRONG_VERSION: ("Not at the source version", "车辆版本不是源版本"),
    F.PACKAGE_UNFIT: ("Package does not fit", "软件包不适用"),
    F.SOC_BELOW: ("SOC below the gate", "SOC 低于门槛"),
    F.SOC_UNREADABLE: ("SOC not readable", "SOC 无法读取"),
    F.VOLTS_BELOW: ("12 V too low", "12 V 电压过低"),
    F.PRECONDITIONS: ("Preconditions refused", "前提条件被拒"),
    F.REFUSED: ("Request refused", "请求被拒"),
    F.PROGRAMMING_FAILED: ("Writing failed", "写入失败"),
    F.CHECKSUM_REFUSED: ("Checksum wrong", "校验和错误"),
    F.DEPENDENCIES_REFUSED: ("Dependencies refused", "依赖检查未通过"),
    F.DIFFERS: ("Not as specified", "与规定不符"),
    F.SILENT: ("Car stopped answering", "车辆停止应答"),
    F.NO_CAR: ("No car answers", "没有车辆应答"),
    F.INTERFACE_LOST: ("Vehicle interface lost", "车辆接口中断"),
    F.PACKAGE_MISSING: ("Package not at the station", "工位缺少软件包"),
    F.PACKAGE_DAMAGED: ("Package damaged", "软件包已损坏"),
    F.PACKAGE_UNTRUSTED: ("Package not trusted", "软件包不受信任"),
    F.DISK_FULL: ("Station's disk full", "工位磁盘已满"),
    F.TOOL_FAILED: ("Flash tool failed", "刷写工具失败"),
    F.TOOL_MISSING: ("Flash tool missing", "缺少刷写工具"),
    F.TOOL_SILENT: ("Flash tool hangs", "刷写工具无响应"),
    F.BROKEN: ("Station broke down", "工位程序故障"),
}

SENTENCES: dict[FlashFault, Words] = {
    F.WRONG_CAR: (
        "Car {found} is on the cable, not {expected}. Find out which car stands at the station, connect the"
        " right one, then lift the station's hold.",
        "线缆上是车辆 {found}，而不是 {expected}。请查明工位上是哪辆车，接好正确的车辆，再解除工位冻结。",
    ),
    F.WRONG_VERSION: (
        "The car is at {found}, not at {source}; this package does not start from there. Check the car's"
        " history, then try again or withdraw it.",
        "车辆版本为 {found}，不是 {source}；该软件包不能从此版本开始。请核查车辆履历，然后重新刷写或撤出。",
    ),
    F.PACKAGE_UNFIT: (
        "Unit {ecu} has {field} {actual}, the package is for {specified}; nothing was written. Check which"
        " variant the car is, and tell product development.",
        "控制器 {ecu} 的{field}为 {actual}，软件包要求 {specified}；未写入任何内容。请核对车辆配置，并告知产品开发。",
    ),
    F.SOC_BELOW: (
        "The station itself read SOC {soc} on the {gauge}, the gate is {gate}; nothing was written. The car goes"
        " back to charging.",
        "工位在{gauge}读得 SOC 为 {soc}，门槛为 {gate}；未写入任何内容。车辆返回充电。",
    ),
    F.SOC_UNREADABLE: (
        "The station could not read the SOC from the {gauge}; nothing was written. Switch the ignition on, check"
        " the plug, then try again.",
        "工位无法从{gauge}读取 SOC；未写入任何内容。请接通点火开关、检查插头，然后重新刷写。",
    ),
    F.VOLTS_BELOW: (
        "The 12 V battery has {volts}, at least {min} is needed; nothing was written. Connect a 12 V charger,"
        " then try again.",
        "12 V 蓄电池电压为 {volts}，至少需要 {min}；未写入任何内容。请连接 12 V 充电器，然后重新刷写。",
    ),
    F.PRECONDITIONS: (
        "Unit {ecu} says that it may not be programmed now[ ({nrc} {name})]; nothing was written. Gear in P,"
        " doors and charge flap closed, ignition on; then try again.",
        "控制器 {ecu} 报告当前不允许编程[（{nrc} {name}）]；未写入任何内容。请挂 P 挡、关好车门和充电口盖、"
        "接通点火开关，然后重新刷写。",
    ),
    F.REFUSED: (
        "Unit {ecu} refused a request[ (service {service}, {nrc} {name})]. Try once more; if it refuses again,"
        " tell product development.",
        "控制器 {ecu} 拒绝了请求[（服务 {service}，{nrc} {name}）]。请再试一次；若再次被拒，请告知产品开发。",
    ),
    F.PROGRAMMING_FAILED: (
        "Writing to unit {ecu} failed[ in block {block}][ ({nrc} {name})]. Check 12 V and plug, then try again;"
        " if it fails once more, tell product development.",
        "写入控制器 {ecu} 失败[，数据块 {block}][（{nrc} {name}）]。请检查 12 V 电压和插头后重新刷写；"
        "若再次失败，请告知产品开发。",
    ),
    F.CHECKSUM_REFUSED: (
        "Unit {ecu} found a wrong checksum[ over block {block}] after writing. Try again; if it comes back, tell"
        " product development.",
        "写入后控制器 {ecu} 校验和错误[，数据块 {block}]。请重新刷写；若再次出现，请告知产品开发。",
    ),
    F.DEPENDENCIES_REFUSED: (
        "Unit {ecu} says that its parts do not fit together. Do not move the car; tell product development.",
        "控制器 {ecu} 报告各软件部分互不匹配。请勿移动车辆，并告知产品开发。",
    ),
    F.DIFFERS: (
        "After the flash {count} values are not as specified[; the first: {ecu} {field} is {actual}, should be"
        " {specified}]. Compare the table, then try again or tell product development.",
        "刷写后有 {count} 项与规定不符[；首项：{ecu} {field}为 {actual}，应为 {specified}]。请对照表格，"
        "然后重新刷写或告知产品开发。",
    ),
    F.SILENT: (
        "Unit {ecu} stopped answering[ during “{step}”]. Leave the car as it is, check cable, ignition and 12 V,"
        " then read it back.",
        "控制器 {ecu} 停止应答[（步骤“{step}”）]。请保持车辆现状，检查线缆、点火开关和 12 V 电压，然后回读。",
    ),
    F.NO_CAR: (
        "No car answers at this station. Check that the cable is plugged in and the ignition is on, then try again.",
        "该工位没有车辆应答。请检查线缆是否插好、点火开关是否接通，然后重新刷写。",
    ),
    F.INTERFACE_LOST: (
        "The station lost its vehicle interface[: {what}]. Check its cable and power; replace it if it happens"
        " again.",
        "工位与车辆接口的连接中断[：{what}]。请检查接口线缆和供电；若再次发生请更换。",
    ),
    F.PACKAGE_MISSING: (
        "Files of the package are not at this station[ ({file})]; nothing was written. They are brought there"
        " again by themselves.",
        "该工位缺少软件包文件[（{file}）]；未写入任何内容。系统会自动重新传输。",
    ),
    F.PACKAGE_DAMAGED: (
        "A file of the package is not what was signed[ ({file})]; nothing was written. The package is held:"
        " compare it with its release, then lift the hold.",
        "软件包文件与签名内容不一致[（{file}）]；未写入任何内容。软件包已冻结：请与发布版本核对，再解除冻结。",
    ),
    F.PACKAGE_UNTRUSTED: (
        "The station does not trust the package's signature[ (key {key})]; nothing was written. The package is"
        " held: find out who signed it before anything else.",
        "工位不信任软件包的签名[（密钥 {key}）]；未写入任何内容。软件包已冻结：请先查明签名人。",
    ),
    F.DISK_FULL: (
        "The station's disk is full. Free space there, then try again.",
        "工位磁盘已满。请清理磁盘空间，然后重新刷写。",
    ),
    F.TOOL_FAILED: (
        "The tool {tool} ended with exit status {exit_status}[: {line}]. Read its lines in the raw journal, then"
        " try again or ask its maker.",
        "工具 {tool} 以退出码 {exit_status} 结束[：{line}]。请在原始日志中查看其输出，然后重新刷写或咨询供应商。",
    ),
    F.TOOL_MISSING: (
        "The tool {tool} is not installed at this station. Install it, or correct the station's settings.",
        "该工位未安装工具 {tool}。请安装，或更正工位设置。",
    ),
    F.TOOL_SILENT: (
        "The tool {tool} has said nothing for {seconds} s and was not stopped. Look at the station before"
        " anybody touches the car.",
        "工具 {tool} 已 {seconds} 秒没有输出，系统未将其停止。请先到工位查看，任何人不要动车。",
    ),
    F.BROKEN: (
        "The station failed in a way that nobody foresaw[: {what}]. Send the raw journal to the administrator.",
        "工位出现未预见的故障[：{what}]。请将原始日志发给管理员。",
    ),
}

_UNKNOWN: Words = (
    "The station reports “{code}”[ ({told})], which this program has no text for. Read the raw journal, and"
    " update the program.",
    "工位报告“{code}”[（{told}）]，本程序没有相应说明。请查看原始日志，并更新程序。",
)

FIELDS: dict[str, Words] = {
    "part_number": ("part number", "零件号"),
    "software": ("software", "软件版本"),
    "hardware": ("hardware", "硬件号"),
    "coding": ("coding", "编码"),
    "version": ("version", "版本"),
    "address": ("address", "地址"),
    "hardware_version": ("hardware version", "硬件版本"),
    "serial": ("serial number", "序列号"),
    "attempts": ("programming attempts", "编程次数"),
}
"""What a control unit is compared in."""

_OPTIONAL = re.compile(r"\[([^\]]*)\]")
_NAME = re.compile(r"\{(\w+)\}")


def fault_title(code: str, lang: str) -> str:
    """A few words for a heading; a code that is not known here stands as it is."""
    return pick(TITLES[FlashFault(code)], lang) if code in set(FlashFault) else code


def fault_say(code: str, params: Params, lang: str) -> str:
    """What happened and what to do now, whole; a code that is not known here is told in its own words."""
    given = dict(params)
    if code in set(FlashFault):
        told = {name: _told(name, value, lang) for name, value in given.items() if value}
        return _filled(pick(SENTENCES[FlashFault(code)], lang), told)
    told = {"code": code, "told": ", ".join(f"{name} {value}" for name, value in given.items())}
    return _filled(pick(_UNKNOWN, lang), {name: text for name, text in told.items() if text})


def settlement_text(why: str, lang: str) -> str:
    """Why an attempt ended as it did: a short code, a fault, or a note of one; any other text as it is."""
    if why in WHYS:
        return pick(WHYS[why], lang)
    return fault_title(why, lang) if why in set(FlashFault) else held_text(why, lang)


def reason_text(fact: Fact, lang: str) -> str:
    """Why something happened, for a line of the log. What a station wrote for its own log is left to the log."""
    if fact.kind is not Kind.ATTEMPT_ENDED:
        return settlement_text(fact.reason, lang)
    if code := fact.data.get("fault"):
        return fault_say(str(code), fact.data.get("params") or {}, lang)
    return settlement_text(str(fact.data.get("why") or ""), lang)


def held_text(why: str, lang: str) -> str:
    """Why something is on hold: the system's own reason as a sentence, a person's words as they are."""
    noted = read_note(why)
    return why if noted is None else fault_say(*noted, lang)


def held_title(why: str, lang: str) -> str:
    """The same in a few words, where the sentence would not fit."""
    noted = read_note(why)
    return why if noted is None else fault_title(noted[0], lang)


def field_word(field: str, lang: str) -> str:
    """A field of a control unit."""
    return pick(FIELDS[field], lang) if field in FIELDS else field


def _told(name: str, value: str, lang: str) -> str:
    if name in ("soc", "gate"):
        return format_soc(int(value)) if value.isdecimal() else f"{value} %"
    if name in ("volts", "min"):
        return f"{value} V"
    if name == "gauge" and value in set(Gauge):
        return gauge_word(Gauge(value), lang)
    if name == "step":
        return flash_step_word(value, lang)
    return field_word(value, lang) if name == "field" else value


def _filled(text: str, told: Mapping[str, str]) -> str:
    kept = _OPTIONAL.sub(lambda part: part[1] if set(_NAME.findall(part[1])) <= told.keys() else "", text)
    return _NAME.sub(lambda found: told.get(found[1], "—"), kept)


STEPS: dict[str, Words] = {
    "stage": ("copying the package", "传输软件包"),
    "package": ("checking the package", "检查软件包"),
    "identify": ("identifying the car", "识别车辆"),
    "preconditions": ("checking preconditions", "检查前提条件"),
    "dtcs": ("reading fault memory", "读取故障存储"),
    "quiet": ("quieting the other units", "静默其他控制器"),
    "session": ("opening the session", "进入编程会话"),
    "unlock": ("unlocking", "安全解锁"),
    "security": ("unlocking", "安全解锁"),
    "fingerprint": ("writing the fingerprint", "写入指纹"),
    "erase": ("erasing", "擦除"),
    "transfer": ("writing", "写入"),
    "checksum": ("checking what was written", "核对写入内容"),
    "dependencies": ("checking dependencies", "检查依赖"),
    "reset": ("restarting the units", "重启控制器"),
    "verify": ("verifying", "校验"),
    "compare": ("comparing with the specification", "与规定对比"),
    "read_back": ("reading back", "回读"),
    "tool": ("tool at work", "工具运行中"),
    "tool_silent": ("tool says nothing", "工具无输出"),
}
"""Steps of a flash as the drivers name them; a vendor's tool may name others."""


def flash_step_word(step: str, lang: str) -> str:
    """A step of a flash; one that is not known here stands as it is."""
    known, _, unit = step.partition(" ")
    if known not in STEPS:
        return step
    return f"{pick(STEPS[known], lang)} {unit}".rstrip()
