"""The audit log."""

TEXTS = {
    "title": ("Audit log", "审计日志"),
    "chain": ("Chain", "日志链"),
    "site": ("site", "场地"),
    "verify": ("Verify the chains", "校验日志链"),
    "whole": ("Every chain is whole", "所有日志链完整"),
    "broken": ("Chain {chain} is broken at row {seq}: {why}", "日志链 {chain} 在第 {seq} 行断裂：{why}"),
    "why_gap": ("a row is missing", "缺少一行"),
    "why_previous": ("it does not follow the row before it", "与前一行不衔接"),
    "why_digest": ("its content was changed", "内容被篡改"),
    "why_head": ("rows at the end are missing", "末尾缺少记录"),
    "older": ("Older", "更早"),
    "newest": ("Newest", "最新"),
    "none": ("Nothing is recorded in this chain yet", "该日志链尚无记录"),
    "row": ("Row", "行"),
    "when": ("When", "时间"),
    "what": ("What", "事件"),
    "who": ("Who", "人员"),
    "subject": ("Car or batch", "车辆或批次"),
    "why": ("Reason", "原因"),
    "seal": ("Seal", "封印"),
}
