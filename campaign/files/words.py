"""The texts of reading lists, by reason code: what is wrong and what to do, English and Chinese side by side.

Words in braces are facts that the finding carries.
"""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES = ("en", "zh")

_ROWS: dict[str, tuple[str, str]] = {
    "vin_empty": ("no VIN", "没有车架号"),
    "vin_number": (
        "a number, not a VIN: a spreadsheet keeps 15 digits only",
        "这是数字而不是车架号：表格软件只保留15位数字",
    ),
    "vin_length": ("{detail} characters instead of 17", "应为17位，实际{detail}位"),
    "vin_forbidden_letter": ("{detail} never occurs in a VIN", "车架号中不会出现 {detail}"),
    "vin_characters": ("characters that no VIN has: {detail}", "含有车架号不允许的字符：{detail}"),
    "vin_repeated": ("{detail} seventeen times is no VIN", "17个{detail}不是车架号"),
    "vin_check_digit": (
        "the check digit (ninth character) should be {detail}",
        "校验位（第9位）应为 {detail}",
    ),
    "vin_repaired": ("read as {vin} ({repairs})", "已读作 {vin}（{repairs}）"),
    "duplicate_same": ("the same data as row {first}; kept once", "与第{first}行相同，只保留一条"),
    "duplicate_different": (
        "{key} occurs again with other data: {others}",
        "{key} 重复出现且数据不同：{others}",
    ),
    "slot_twice": ("slot {slot} is taken twice: {others}", "车位 {slot} 被占用两次：{others}"),
    "cell_error": ("the cell shows an error", "单元格显示错误"),
    "row_shifted": ("more cells than the header names: the values are shifted", "单元格多于表头：数据已错位"),
    "version_empty": ("no software version", "没有软件版本"),
    "version_number": (
        "a number or date, not a version: the spreadsheet changed it",
        "这是数字或日期，不是版本号：表格软件改动了它",
    ),
    "version_unreadable": ("not a software version", "不是软件版本"),
    "gauge_unknown": ("not a gauge", "无法识别的电量来源"),
    "soc_empty": ("no SOC", "没有电量"),
    "soc_not_a_number": ("not an SOC", "不是电量数值"),
    "soc_out_of_range": ("an SOC is between 0 and 100 %", "电量应在 0 到 100 % 之间"),
    "soc_fraction": (
        "between 0 and 1 without a percent sign: percent, or a share?",
        "0到1之间且没有百分号：是百分数还是小数？",
    ),
    "date_ambiguous": ("day or month first?", "日在前还是月在前？"),
    "date_unreadable": ("not a date", "不是日期"),
    "date_impossible": ("no such day, or outside 2000 to 2099", "日期不存在，或不在2000至2099年之间"),
    "order_missing": ("no order number", "没有订单号"),
    "order_without_vin": ("an order without a VIN: bound to no car", "订单没有车架号：未绑定车辆"),
    "priority_unreadable": ("not a priority", "不是优先级"),
    "vin_unknown": ("this VIN is not in the fleet", "车队中没有此车架号"),
    "vin_near_twin": ("looks like {twin}", "与 {twin} 相似"),
}

_FILES: dict[str, tuple[str, str]] = {
    "file_empty": ("the file is empty", "文件是空的"),
    "file_missing": ("the file cannot be opened: {why}", "无法打开文件：{why}"),
    "file_too_large": (
        "{size_mb} MB are more than the {limit_mb} MB allowed",
        "文件{size_mb} MB，超过上限{limit_mb} MB",
    ),
    "zip_bomb": (
        "it unpacks to {size_mb} MB, more than a list can need",
        "解压后{size_mb} MB，超出名单的合理大小",
    ),
    "sheet_too_wide": (
        "sheet {sheet} reaches to {corner}: {cells} cells",
        "工作表{sheet}延伸到{corner}：{cells}个单元格",
    ),
    "zip_broken": ("the workbook is damaged", "工作簿已损坏"),
    "not_a_workbook": ("a {kind}, not a list", "这是{kind}，不是名单"),
    "password": ("the workbook is protected by a password", "工作簿有密码保护"),
    "not_text": (
        "neither a workbook nor text in UTF-8, UTF-16 or GB18030",
        "既不是工作簿，也不是UTF-8、UTF-16或GB18030文本",
    ),
    "csv_broken": ("the text is not a table: {why}", "文本不是表格：{why}"),
    "no_header": ("no row names the columns ({needed})", "没有找到列名所在的行（{needed}）"),
    "column_twice": ("columns {columns} both say {field}", "列{columns}都是{field}"),
    "no_rows": ("there is a header but no row below it", "只有表头，没有数据行"),
    "formulas": (
        "{count} formulas without a saved value, the first in {place}",
        "{count}个公式没有保存结果，第一个在{place}",
    ),
}

_NOTES: dict[str, tuple[str, str]] = {
    "note_encoding": ("read as {encoding}", "按{encoding}编码读取"),
    "note_titles": (
        "sheet {sheet}: header in row {row}; {count} rows above it skipped",
        "工作表{sheet}：表头在第{row}行，跳过上方{count}行",
    ),
    "note_no_header": (
        "no header: column {column} holds the VINs, other columns are not read",
        "没有表头：{column}列为车架号，其他列不读取",
    ),
    "note_hidden_rows": (
        "sheet {sheet}: {count} hidden rows were read too",
        "工作表{sheet}：{count}个隐藏行也已读取",
    ),
    "note_hidden_sheet": ("hidden sheet {sheet} was not read", "隐藏的工作表{sheet}未读取"),
    "note_sheet_skipped": (
        "sheet {sheet} was not read: no row names the columns",
        "工作表{sheet}未读取：没有列名",
    ),
    "note_ignored": ("sheet {sheet}: columns not used: {columns}", "工作表{sheet}：未使用的列：{columns}"),
    "note_merged": ("sheet {sheet}: {count} merged ranges filled", "工作表{sheet}：填充了{count}个合并区域"),
    "note_repeated_header": (
        "sheet {sheet}: {count} repeated header rows skipped",
        "工作表{sheet}：跳过{count}个重复表头",
    ),
    "note_duplicates": ("{count} rows repeat another row and count once", "{count}行与其他行重复，只计一次"),
    "note_no_version": ("no column for the software version", "没有软件版本列"),
    "note_old_xls": (
        "an old .xls: hidden rows and percent formats cannot be seen in it",
        "旧的.xls格式：无法识别隐藏行和百分比格式",
    ),
    "note_html": (
        "a web page saved as a workbook: its tables were read",
        "这是另存为工作簿的网页：已读取其中的表格",
    ),
    "note_look_alikes": (
        "look-alikes were searched for the first {count} unknown VINs only",
        "只为前{count}个未知车架号查找了相似项",
    ),
}

_ADVICE: dict[str, tuple[str, str]] = {
    "vin_empty": ("write or scan the 17 characters", "请填写或扫描17位车架号"),
    "vin_number": ("format the column as text and enter the VIN again", "请将该列设为文本格式后重新输入"),
    "vin_length": ("compare with the plate on the car", "请与车辆铭牌核对"),
    "vin_forbidden_letter": ("write 1 for I, 0 for O and Q", "I 应为 1，O 和 Q 应为 0"),
    "vin_characters": ("only 0-9 and A-Z without I, O, Q", "只允许 0-9 和 A-Z（不含 I、O、Q）"),
    "vin_repeated": ("scan the car", "请扫描车辆"),
    "vin_check_digit": ("compare with the plate on the car", "请与车辆铭牌核对"),
    "vin_repaired": ("nothing to do", "无需处理"),
    "duplicate_same": ("nothing to do", "无需处理"),
    "duplicate_different": ("keep the right row, delete the other", "保留正确的一行，删除其他行"),
    "slot_twice": ("look which car stands there", "请到现场核对车位"),
    "row_shifted": (
        "put the value that holds the delimiter in quotes, or save the list as .xlsx",
        "请将含分隔符的内容加引号，或另存为 .xlsx",
    ),
    "cell_error": ("mend the formula, or paste the value", "请修正公式或粘贴数值"),
    "version_empty": ("read it from the car before planning", "计划前请从车上读取"),
    "version_number": (
        "format the column as text and write it like VBV4.5.3C",
        "请设为文本格式，写成 VBV4.5.3C",
    ),
    "version_unreadable": ("write it like VBV4.5.3C, or add an alias", "写成 VBV4.5.3C，或添加别名"),
    "gauge_unknown": ("write display or bms", "请写“显示”或“BMS”"),
    "soc_empty": ("read it from the car", "请从车上读取"),
    "soc_not_a_number": ("write it like 27.0", "写成 27.0"),
    "soc_out_of_range": ("read it from the car again", "请重新从车上读取"),
    "soc_fraction": ("write it with a percent sign, like 50%", "请加上百分号，例如 50%"),
    "date_ambiguous": (
        "give --date-order (ymd, dmy or mdy), or write it like 2021-01-07",
        "请用 --date-order 指定（ymd、dmy 或 mdy），或写成 2021-01-07",
    ),
    "date_unreadable": ("write it like 2021-01-07", "写成 2021-01-07"),
    "date_impossible": ("write it like 2021-01-07", "写成 2021-01-07"),
    "order_missing": ("write the order number, or none", "填写订单号；没有则写“无”"),
    "order_without_vin": ("add the VIN when it is known", "确定车辆后补充车架号"),
    "priority_unreadable": ("write high, normal or low", "写“高”、“中”或“低”"),
    "vin_unknown": ("import the car first, or correct the VIN", "请先导入车辆，或更正车架号"),
    "vin_near_twin": ("compare both with the plates on the cars", "请与两辆车的铭牌核对"),
    "file_empty": ("send the list itself", "请发送名单文件"),
    "file_missing": ("check the path and the rights", "请检查路径和权限"),
    "file_too_large": ("split it, or delete what is no list", "请拆分文件或删除无关内容"),
    "zip_bomb": (
        "delete empty formatted rows and columns, and save again",
        "请删除空白的格式化行列后重新保存",
    ),
    "sheet_too_wide": (
        "delete the stray cells right of and below the list, and save again",
        "请删除名单右侧和下方的多余单元格后重新保存",
    ),
    "zip_broken": ("open it in a spreadsheet program and save it again", "请用表格软件打开并重新保存"),
    "not_a_workbook": ("save the list as .xlsx or .csv", "请另存为 .xlsx 或 .csv"),
    "password": ("save it without a password", "请取消密码后保存"),
    "not_text": ("save the list as .xlsx, or as CSV in UTF-8", "请另存为 .xlsx 或 UTF-8 编码的CSV"),
    "csv_broken": ("save the list as .xlsx", "请另存为 .xlsx"),
    "no_header": ("write the column names in the first row", "请在第一行写列名"),
    "column_twice": ("rename or delete one of them", "请重命名或删除其中一列"),
    "no_rows": ("send the list with its rows", "请发送包含数据行的名单"),
    "formulas": (
        "open it in a spreadsheet program, save values, and send it again",
        "请用表格软件打开、保存数值后重新发送",
    ),
}

_PARTS: dict[str, tuple[str, str]] = {
    "width": ("full-width characters", "全角字符"),
    "invisible": ("invisible characters", "不可见字符"),
    "blanks": ("blanks", "空格"),
    "case": ("lower case", "小写"),
    "stars": ("bar code stars", "条码星号"),
    "label": ("label", "标签文字"),
    "joiners": ("hyphens", "连字符"),
    "import mark": ("import mark", "进口标识"),
    "zip": ("zip archive", "压缩包"),
    "archive": ("archive", "压缩包"),
    "pdf": ("PDF", "PDF文件"),
    "picture": ("picture", "图片"),
    "database": ("database", "数据库"),
    "xml": ("XML file", "XML文件"),
    "html": ("web page without a table", "没有表格的网页"),
}
_MEANT = ("did you mean {suggestion}? ", "是否为 {suggestion}？")
TEXTS: Mapping[str, tuple[str, str]] = {**_ROWS, **_FILES, **_NOTES}
ADVICE: Mapping[str, tuple[str, str]] = _ADVICE


def say(code: str, language: str, facts: Mapping[str, object]) -> str:
    """The text of a reason code in "en" or "zh". A tuple among the facts names parts that have words, too."""
    at = LANGUAGES.index(language)
    said = {
        name: ", ".join(_PARTS[part][at] for part in fact) if isinstance(fact, tuple) else fact
        for name, fact in facts.items()
    }
    return TEXTS[code][at].format_map(said)


def advise(code: str, language: str, facts: Mapping[str, object], suggestion: str) -> str:
    """What to do about it, in "en" or "zh"; "" for a note."""
    at = LANGUAGES.index(language)
    meant = _MEANT[at].format(suggestion=suggestion) if suggestion else ""
    return meant + ADVICE[code][at].format_map(facts) if code in ADVICE else meant
