"""People and roles."""

TEXTS = {
    "title": ("People", "人员"),
    "active": ("active", "在职"),
    "inactive": ("inactive", "停用"),
    "shared": ("shared account", "共用账号"),
    "no_password": ("no password: cannot sign in", "未设密码：无法登录"),
    "change": ("Change", "修改"),
    "change_title": ("{name}", "{name}"),
    "new_password": ("New password (at least 8 characters)", "新密码（至少 8 位）"),
    "again": ("The same again", "再次输入"),
    "differ": ("The two passwords differ.", "两次输入的密码不一致。"),
    "save_roles": ("Save roles", "保存角色"),
    "save_password": ("Set password", "设置密码"),
    "saved": ("Saved", "已保存"),
    "is_active": ("May sign in", "允许登录"),
    "you": ("you", "本人"),
}
