"""The sign-in page, which speaks both languages at once."""

TEXTS = {
    "title": ("Sign in", "登录"),
    "person": ("Name", "用户名"),
    "password": ("Password", "密码"),
    "go": ("Sign in", "登录"),
    "missing": ("Type your name and your password.", "请输入用户名和密码。"),
    "form_old": ("The form was too old. Try again.", "表单已过期，请重试。"),
    "unreachable": (
        "The data cannot be reached right now. Try again in a minute.",
        "暂时无法读取数据，请稍后重试。",
    ),
    "cookies": ("This page needs cookies to keep you signed in.", "登录需要启用 Cookie。"),
}
