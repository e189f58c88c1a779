"""One word for each code of the domain: English first, Chinese second."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from campaign.domain.batch import BatchStatus
from campaign.domain.campaign import CampaignState
from campaign.domain.events import Kind
from campaign.domain.marks import MarkAnswer, MarkKind
from campaign.domain.package import PackageState
from campaign.domain.people import Right, Role
from campaign.domain.retry import Outcome
from campaign.domain.signoff import Decision, Touch
from campaign.domain.soc import Gauge
from campaign.domain.staging import StagingState
from campaign.domain.vehicle import OrderState, Status, Step

LANGUAGES = ("en", "zh")

Words = tuple[str, str]
"""English, Chinese."""

STATUSES: dict[Status, Words] = {
    Status.QUEUED: ("queued", "排队"),
    Status.CHARGING: ("charging", "充电中"),
    Status.CHARGED: ("charged", "已充电"),
    Status.FLASHING: ("flashing", "刷写中"),
    Status.FLASHED: ("flashed", "已刷写"),
    Status.APPROVED: ("approved", "已批准"),
    Status.RELEASED: ("released", "已放行"),
    Status.REWORK: ("rework", "返工"),
    Status.UNCERTAIN: ("uncertain", "结果不明"),
    Status.WITHDRAWN: ("withdrawn", "已撤出"),
}

STEPS: dict[Step, Words] = {
    Step.START_CHARGE: ("start charging", "开始充电"),
    Step.STOP_CHARGE: ("stop charging", "停止充电"),
    Step.CHARGED: ("charged", "充电完成"),
    Step.TOPPED_UP: ("topped up", "补充电完成"),
    Step.START_FLASH: ("start flashing", "开始刷写"),
    Step.NOT_STARTED: ("never started", "未曾开始"),
    Step.FLASH_PASSED: ("flash passed", "刷写成功"),
    Step.FLASH_FAILED: ("flash failed", "刷写失败"),
    Step.RIG_FAILED: ("station failed", "工位故障"),
    Step.LOST: ("outcome unknown", "结果未知"),
    Step.RESOLVE_PASSED: ("settled as passed", "判定为成功"),
    Step.RESOLVE_FAILED: ("settled as failed", "判定为失败"),
    Step.RETRY: ("try again", "重新刷写"),
    Step.REPORT_FAULT: ("report a fault", "报告故障"),
    Step.APPROVE: ("approve", "批准"),
    Step.REJECT: ("reject", "驳回"),
    Step.VOID: ("signature void", "签字作废"),
    Step.RELEASE: ("release", "放行"),
    Step.WITHDRAW: ("withdraw", "撤出"),
}

BATCHES: dict[BatchStatus, Words] = {
    BatchStatus.PLANNED: ("planned", "已计划"),
    BatchStatus.OPEN: ("in work", "进行中"),
    BatchStatus.READY: ("ready for QA", "待质检"),
    BatchStatus.APPROVED: ("approved", "已批准"),
    BatchStatus.CLOSED: ("closed", "已关闭"),
}

STATES: dict[CampaignState, Words] = {
    CampaignState.PLANNED: ("planned", "已计划"),
    CampaignState.RUNNING: ("running", "进行中"),
    CampaignState.PAUSED: ("paused", "已暂停"),
    CampaignState.STOPPED: ("stopped", "已停止"),
    CampaignState.COMPLETE: ("complete", "已完成"),
}

OUTCOMES: dict[Outcome, Words] = {
    Outcome.PASS: ("passed", "成功"),
    Outcome.FAIL: ("failed", "失败"),
    Outcome.ERROR: ("station error", "工位故障"),
    Outcome.TIMEOUT: ("timed out", "超时"),
    Outcome.ABORTED: ("aborted", "已中止"),
    Outcome.UNKNOWN: ("unknown", "结果未知"),
    Outcome.NEVER_STARTED: ("never started", "未曾开始"),
}

MARKS: dict[MarkKind, Words] = {
    MarkKind.CHARGING: ("charging started", "开始充电"),
    MarkKind.CHARGED: ("charged", "充电完成"),
    MarkKind.SOC: ("SOC reading", "读取 SOC"),
    MarkKind.FLASHED: ("flashed", "刷写完成"),
    MarkKind.FAILED: ("failed", "报告失败"),
    MarkKind.RETRY: ("try again", "重新刷写"),
}

ANSWERS: dict[MarkAnswer, Words] = {
    MarkAnswer.DONE: ("done", "完成"),
    MarkAnswer.DUPLICATE: ("already recorded", "已有记录"),
    MarkAnswer.REFUSED: ("refused", "被拒绝"),
    MarkAnswer.KEPT: ("kept", "已保留"),
}

ROLES: dict[Role, Words] = {
    Role.PLANNER: ("planner", "计划员"),
    Role.TECHNICIAN: ("technician", "技术员"),
    Role.LEAD: ("shift lead", "班组长"),
    Role.QA: ("QA engineer", "质检工程师"),
    Role.PRODUCT: ("product development", "产品开发"),
    Role.SALES: ("sales", "销售"),
    Role.RESIDENT: ("resident engineer", "驻厂工程师"),
    Role.MANAGER: ("manager", "经理"),
    Role.AUDITOR: ("auditor", "审计员"),
    Role.ADMIN: ("administrator", "管理员"),
}

RIGHTS: dict[Right, Words] = {
    Right.VIEW: ("look at the campaign", "查看活动"),
    Right.IMPORT: ("import lists", "导入清单"),
    Right.RUN: ("run campaigns", "管理升级活动"),
    Right.MARK: ("mark cars", "标记车辆"),
    Right.HOLD: ("set and lift holds", "设置和解除冻结"),
    Right.SIGN: ("sign batches", "批次签字"),
    Right.RESOLVE: ("settle unknown outcomes", "判定不明结果"),
    Right.ORDERS: ("set orders", "维护订单"),
    Right.PEOPLE: ("manage people", "管理人员"),
    Right.STATIONS: ("manage stations", "管理工位"),
    Right.AUDIT: ("read the audit log", "查看审计日志"),
    Right.PUBLISH: ("publish packages", "发布软件包"),
}

PACKAGES: dict[PackageState, Words] = {
    PackageState.DRAFT: ("draft", "草稿"),
    PackageState.RELEASED: ("released", "已发布"),
    PackageState.OBSOLETE: ("obsolete", "已停用"),
}

STAGINGS: dict[StagingState, Words] = {
    StagingState.WAITING: ("waiting", "等待"),
    StagingState.UPLOADING: ("uploading", "传输中"),
    StagingState.STAGED: ("staged", "已就位"),
    StagingState.FAILED: ("failed", "失败"),
}

GAUGES: dict[Gauge, Words] = {
    Gauge.DISPLAY: ("instrument display", "仪表显示"),
    Gauge.BMS: ("battery management system", "电池管理系统"),
}

ORDERS: dict[OrderState, Words] = {
    OrderState.UNKNOWN: ("unknown", "未知"),
    OrderState.KNOWN: ("ordered", "有订单"),
    OrderState.NONE: ("no order", "无订单"),
}

DECISIONS: dict[Decision, Words] = {
    Decision.APPROVE: ("approved", "批准"),
    Decision.REJECT: ("rejected", "驳回"),
}

TOUCHES: dict[Touch, Words] = {
    Touch.CHARGED: ("charged", "充电"),
    Touch.FLASHED: ("flashed", "刷写"),
    Touch.INSPECTED: ("inspected", "检查"),
    Touch.CORRECTED: ("corrected", "返修"),
}

KINDS: dict[Kind, Words] = {
    Kind.IMPORT_DONE: ("list imported", "清单已导入"),
    Kind.IMPORT_UNDONE: ("import undone", "导入已撤销"),
    Kind.PERSON_ADDED: ("person added", "新增人员"),
    Kind.PERSON_CHANGED: ("person changed", "人员变更"),
    Kind.PASSWORD_SET: ("password set", "设置密码"),
    Kind.SIGNED_IN: ("signed in", "登录"),
    Kind.SIGN_IN_REFUSED: ("sign-in refused", "登录被拒"),
    Kind.SITE_APPLIED: ("site layout applied", "场地布局已应用"),
    Kind.STATION_TRUSTED: ("station's host key trusted", "工位主机密钥已信任"),
    Kind.STATION_INSTALLED: ("station installed", "工位已安装"),
    Kind.STATION_DRAINED: ("station drained", "工位停止接新"),
    Kind.STATION_RESUMED: ("station resumed", "工位恢复接新"),
    Kind.ORDER_SET: ("order set", "订单已更新"),
    Kind.CAMPAIGN_PLANNED: ("campaign planned", "活动已计划"),
    Kind.CAMPAIGN_LAUNCHED: ("campaign launched", "活动已启动"),
    Kind.CAMPAIGN_PAUSED: ("campaign paused", "活动已暂停"),
    Kind.CAMPAIGN_RESUMED: ("campaign resumed", "活动已恢复"),
    Kind.CAMPAIGN_STOPPED: ("campaign stopped", "活动已停止"),
    Kind.CAMPAIGN_COMPLETE: ("campaign complete", "活动已完成"),
    Kind.THRESHOLD_TRIPPED: ("failure limit exceeded", "失败超限"),
    Kind.REPLANNED: ("planned anew", "已重新排程"),
    Kind.BATCH_PLANNED: ("batch planned", "批次已计划"),
    Kind.BATCH_OPENED: ("batch opened", "批次已开启"),
    Kind.SIGNED: ("batch signed", "批次已签字"),
    Kind.SIGNATURE_VOIDED: ("signature void", "签字作废"),
    Kind.POINT_GIVEN: ("charge point given", "分配充电桩"),
    Kind.POINT_FREED: ("charge point freed", "释放充电桩"),
    Kind.CAR: ("status changed", "状态变更"),
    Kind.SOC_READ: ("SOC read", "读取 SOC"),
    Kind.ATTEMPT_OPENED: ("given to a station", "分配工位"),
    Kind.ATTEMPT_STARTED: ("flash started", "刷写开始"),
    Kind.ATTEMPT_ENDED: ("flash ended", "刷写结束"),
    Kind.EVIDENCE_KEPT: ("flash journal kept", "刷写日志已存档"),
    Kind.EVIDENCE_LOST: ("flash journal lost", "刷写日志已丢失"),
    Kind.MARK_KEPT: ("mark kept", "标记已保留"),
    Kind.HOLD_SET: ("hold set", "设置冻结"),
    Kind.HOLD_LIFTED: ("hold lifted", "解除冻结"),
    Kind.PACKAGE_ADDED: ("package drafted", "软件包已起草"),
    Kind.PACKAGE_DROPPED: ("package draft dropped", "软件包草稿已删除"),
    Kind.PACKAGE_RELEASED: ("package released", "软件包已发布"),
    Kind.PACKAGE_OBSOLETE: ("package obsolete", "软件包已停用"),
    Kind.PACKAGE_STAGED: ("package at the station", "软件包已到达工位"),
    Kind.PACKAGE_LOST: ("package gone from the station", "工位上的软件包已丢失"),
    Kind.KEY_TRUSTED: ("signing key trusted", "签名密钥已信任"),
    Kind.KEY_REVOKED: ("signing key revoked", "签名密钥已吊销"),
}

# Short codes with which an ended attempt says why its car went where it went (domain.retry.Settlement).
WHYS: dict[str, Words] = {
    "start_without_end": ("it began and never reported an end", "已开始但从未报告结束"),
    "no_read_back": ("the car did not report its version", "车辆未报告版本"),
    "read_back_differs": ("the car reports another version than the target", "回读版本与目标不符"),
    "retry_on_rig_error": ("the station failed, not the car: tried again", "工位故障而非车辆故障：自动重试"),
    "at_target_but_failed": ("at the target version, yet the flash failed", "版本已达目标但刷写报告失败"),
    "station_said_no": ("the station says that it never began", "工位确认从未开始"),
    "nothing_written": ("it stopped before anything was written", "在写入任何内容之前已停止"),
}

_BY_TYPE: dict[type[StrEnum], Mapping[Any, Words]] = {
    Status: STATUSES,
    Step: STEPS,
    BatchStatus: BATCHES,
    CampaignState: STATES,
    Outcome: OUTCOMES,
    MarkKind: MARKS,
    MarkAnswer: ANSWERS,
    Role: ROLES,
    Right: RIGHTS,
    Gauge: GAUGES,
    OrderState: ORDERS,
    Decision: DECISIONS,
    Touch: TOUCHES,
    Kind: KINDS,
    PackageState: PACKAGES,
    StagingState: STAGINGS,
}


def pick(words: Words, lang: str) -> str:
    """The Chinese one for `zh`, the English one for anything else."""
    return words[1] if lang == "zh" else words[0]


def word(code: StrEnum, lang: str) -> str:
    """The word for a code of any enumeration of the domain. Raises KeyError for a foreign one."""
    return pick(_BY_TYPE[type(code)][code], lang)


def status_word(status: Status, lang: str) -> str:
    """Where a car stands."""
    return pick(STATUSES[status], lang)


def step_word(step: Step, lang: str) -> str:
    """What happened to a car."""
    return pick(STEPS[step], lang)


def batch_word(status: BatchStatus, lang: str) -> str:
    """Where a batch stands."""
    return pick(BATCHES[status], lang)


def state_word(state: CampaignState, lang: str) -> str:
    """Whether a campaign starts new work."""
    return pick(STATES[state], lang)


def outcome_word(outcome: Outcome, lang: str) -> str:
    """How an attempt ended."""
    return pick(OUTCOMES[outcome], lang)


def mark_word(kind: MarkKind, lang: str) -> str:
    """What a person says happened."""
    return pick(MARKS[kind], lang)


def answer_word(answer: MarkAnswer, lang: str) -> str:
    """What came of a mark."""
    return pick(ANSWERS[answer], lang)


def kind_word(kind: Kind, lang: str) -> str:
    """A line of the log."""
    return pick(KINDS[kind], lang)


def role_word(role: Role, lang: str) -> str:
    """A job in the plant."""
    return pick(ROLES[role], lang)


def right_word(right: Right, lang: str) -> str:
    """What a right allows."""
    return pick(RIGHTS[right], lang)


def gauge_word(gauge: Gauge, lang: str) -> str:
    """Where an SOC was read."""
    return pick(GAUGES[gauge], lang)


def order_word(state: OrderState, lang: str) -> str:
    """What sales said."""
    return pick(ORDERS[state], lang)


def decision_word(decision: Decision, lang: str) -> str:
    """What QA decided."""
    return pick(DECISIONS[decision], lang)


def touch_word(touch: Touch, lang: str) -> str:
    """How a person worked on a car."""
    return pick(TOUCHES[touch], lang)
