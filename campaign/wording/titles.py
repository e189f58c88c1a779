"""A few words for each reason, for headings and cells where the sentence would not fit: English, Chinese."""

from __future__ import annotations

from campaign.domain.reasons import Code
from campaign.wording.words import Words, pick

TITLES: dict[Code, Words] = {
    Code.SOC_MISSING: ("No SOC reading", "无 SOC 读数"),
    Code.SOC_STALE: ("SOC reading too old", "SOC 读数过期"),
    Code.SOC_BELOW: ("SOC below the gate", "SOC 低于门槛"),
    Code.SOC_UNREADABLE: ("SOC not readable", "SOC 无法识别"),
    Code.WRONG_STATUS: ("Not possible now", "当前状态不允许"),
    Code.ALREADY_DONE: ("Already recorded", "已有记录"),
    Code.TAKEN_BY: ("Somebody was first", "他人已先完成"),
    Code.NOT_STARTED: ("Never started", "从未开始"),
    Code.OUTCOME_UNKNOWN: ("Flash outcome unknown", "刷写结果不明"),
    Code.FLASH_RUNNING: ("Flash running", "正在刷写"),
    Code.TOO_MANY_ATTEMPTS: ("Too many attempts", "尝试次数过多"),
    Code.READ_BACK_MISSING: ("No read-back", "无版本回读"),
    Code.READ_BACK_DIFFERS: ("Wrong version read back", "回读版本不符"),
    Code.NOT_YET_CONFIRMED: ("Not confirmed yet", "尚未确认"),
    Code.HELD: ("On hold", "已冻结"),
    Code.ORDER_UNKNOWN: ("Order unknown", "订单未知"),
    Code.BATCH_NOT_APPROVED: ("Batch not approved", "批次未批准"),
    Code.BATCH_NOT_OPEN: ("Batch not open", "批次未开启"),
    Code.PILOT_NOT_APPROVED: ("Pilot not approved", "试点批次未批准"),
    Code.THRESHOLD: ("Too many failures", "失败超限"),
    Code.CAMPAIGN_STATE: ("Campaign not running", "活动未在进行"),
    Code.NO_FREE_POINT: ("No free charge point", "无空闲充电桩"),
    Code.POINT_TAKEN: ("Charge point taken", "充电桩被占用"),
    Code.POINT_UNKNOWN: ("Unknown charge point", "充电桩不存在"),
    Code.NOT_IN_CAMPAIGN: ("Not in a campaign", "不在活动中"),
    Code.VIN_UNKNOWN: ("VIN not in the fleet", "车队中无此 VIN"),
    Code.VIN_DIFFERS: ("Other data in the fleet", "与车队数据不符"),
    Code.SLOT_TAKEN: ("Slot taken", "车位被占用"),
    Code.VIN_UNREADABLE: ("Not a VIN", "VIN 无法识别"),
    Code.VIN_AMBIGUOUS: ("Several cars fit", "对应多辆车"),
    Code.SIGN_IN_ENDED: ("Sign-in ended", "登录已失效"),
    Code.TRY_AGAIN_LATER: ("Wait a moment", "请稍后再试"),
    Code.TOUCHED: ("Own work on this batch", "本人处理过该批次"),
    Code.SHARED_ACCOUNT: ("Shared account", "共用账号"),
    Code.PASSWORD_WRONG: ("Name or password wrong", "用户名或密码错误"),
    Code.REASON_MISSING: ("Reason missing", "缺少原因"),
    Code.CAR_NOT_READY: ("Car not flashed", "车辆未刷写完成"),
    Code.EVIDENCE_MISSING: ("Evidence missing", "缺少证据"),
    Code.CHANGED_SINCE: ("Changed meanwhile", "期间已有变更"),
    Code.NOTHING_TO_SIGN: ("Nothing to decide", "没有可判定的车辆"),
    Code.LACKS_RIGHT: ("Right missing", "缺少权限"),
    Code.NO_CARS: ("No car fits", "没有符合的车辆"),
    Code.WORK_DONE: ("Already worked on", "已有作业"),
    Code.ALREADY_LAUNCHED: ("Already launched", "已经启动"),
    Code.PACKAGE_UNKNOWN: ("No such package", "软件包不存在"),
    Code.PACKAGE_NOT_RELEASED: ("Package not released", "软件包未发布"),
    Code.PACKAGE_OBSOLETE: ("Package obsolete", "软件包已停用"),
    Code.PACKAGE_OTHER_VERSIONS: ("Package for other versions", "软件包版本不符"),
    Code.PACKAGE_UNTRUSTED: ("Key not trusted", "密钥不受信任"),
    Code.PACKAGE_BADLY_SIGNED: ("Signature wrong", "签名无效"),
    Code.PACKAGE_SHEET_DIFFERS: ("Sheet of another manifest", "签名单不符"),
    Code.PACKAGE_EXISTS: ("Package exists", "软件包已存在"),
    Code.PACKAGE_WRONG_STATE: ("Package in another state", "软件包状态不符"),
    Code.PACKAGE_FILE_MISSING: ("Package file missing", "缺少软件包文件"),
    Code.PACKAGE_FILE_DIFFERS: ("Package file differs", "软件包文件不符"),
    Code.PACKAGE_BLOCK_DIFFERS: ("Block checksum differs", "数据块校验和不符"),
    Code.KEY_KNOWN: ("Key known", "密钥已登记"),
    Code.KEY_REVOKED: ("Key revoked", "密钥已吊销"),
}


def title(code: Code, lang: str) -> str:
    """The reason in a few words."""
    return pick(TITLES[code], lang)
