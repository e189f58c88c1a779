"""What is wrong with a typed VIN or SOC, and what to do: English first, Chinese second."""

from __future__ import annotations

from campaign.domain.identity import VinFault
from campaign.domain.soc import SocFault
from campaign.wording.words import Words, pick

FAULTS: dict[VinFault | SocFault, Words] = {
    VinFault.EMPTY: ("No VIN. Scan or type the 17 characters.", "没有 VIN。请扫描或输入 17 位字符。"),
    VinFault.NUMBER: (
        "This is a number, not a VIN: spreadsheets lose digits after the fifteenth. Format the cell as text.",
        "这是数字而不是 VIN：表格会丢失第十五位之后的数字。请把单元格设为文本。",
    ),
    VinFault.LENGTH: (
        "A VIN has 17 characters. Scan the plate again or type all of them.",
        "VIN 应为 17 位。请重新扫描铭牌或完整输入。",
    ),
    VinFault.FORBIDDEN: (
        "I, O and Q never occur in a VIN: probably 1 or 0. Compare with the plate.",
        "VIN 中不会出现 I、O、Q：可能是 1 或 0。请与铭牌核对。",
    ),
    VinFault.CHARACTERS: (
        "There are characters that no VIN has. Only 0-9 and A-Z without I, O, Q.",
        "含有 VIN 中不存在的字符。只能用 0-9 和 A-Z（不含 I、O、Q）。",
    ),
    VinFault.REPEATED: (
        "The same character seventeen times is no VIN. Scan the car.",
        "同一字符重复 17 次不是 VIN。请扫描车辆。",
    ),
    VinFault.CHECK_DIGIT: (
        "The check digit (ninth character) is wrong. Compare with the plate on the car.",
        "校验位（第九位）不正确。请与车上铭牌核对。",
    ),
    SocFault.EMPTY: ("No SOC. Type it as the display shows it.", "没有 SOC。请按仪表显示输入。"),
    SocFault.NOT_A_NUMBER: (
        "This is not a number. Type the SOC like 27.0.",
        "这不是数字。请按 27.0 的形式输入 SOC。",
    ),
    SocFault.OUT_OF_RANGE: ("An SOC lies between 0 and 100 %.", "SOC 应在 0 到 100 % 之间。"),
    SocFault.FRACTION: (
        "Half a percent or 50 %? Type the percent as shown, for example 50.",
        "是百分之零点几还是百分之几十？请按显示的百分数输入，例如 50。",
    ),
}


def fault_text(fault: VinFault | SocFault, lang: str) -> str:
    """A sentence for a person who typed or scanned it."""
    return pick(FAULTS[fault], lang)
