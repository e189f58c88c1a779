"""Keys and signatures of packages: made and used at product development, trusted and revoked by the administrator."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from campaign.cli.invocation import Run, command
from campaign.cli.language import tr
from campaign.cli.package_texts import files_option, write_new
from campaign.cli.parameters import AsJson, Why, argument, option
from campaign.cli.show import as_json, line, moment, table
from campaign.domain.people import Right

PublicKey = Annotated[
    str, argument("PUBLIC_KEY", "64 hex digits, or a .pub file.", "64 位十六进制数字，或 .pub 文件。")
]


def _keygen(
    run: Run, file: Annotated[Path, argument("FILE", "Where the private key goes.", "私钥文件。")]
) -> None:
    from campaign.files.signing import make_key, public_file

    del run
    public = make_key(file)
    line(
        tr(
            "The private key is in {file}: it signs, and never leaves this machine.",
            "私钥在 {file} 中：用于签名，切勿离开本机。",
            file=file,
        )
    )
    line(
        tr(
            "The public key, for the administrator (also in {file}): {public}",
            "公钥，交给管理员（另存于 {file}）：{public}",
            file=public_file(file),
            public=public,
        )
    )


def _sign(
    run: Run,
    what: Annotated[str, argument("NAME|MANIFEST", "A draft here, or a file.", "此处的草稿，或清单文件。")],
    key: Annotated[Path, option("--key", "The private key's file.", "私钥文件。", metavar="FILE")],
    out: Annotated[
        Path | None,
        option("--out", "Where the signed sheet goes; else NAME.sheet.json.", "签名单文件；默认 名称.sheet.json。",
               metavar="SHEET"),
    ] = None,
    files: Annotated[Path | None, files_option()] = None,
) -> None:  # fmt: skip
    from campaign.domain.package import digest_of
    from campaign.files.signing import sign_text

    name, text = _text_of(run, what, files)
    signed = sign_text(text, key)
    sheet = out or Path(f"{name}.sheet.json")
    write_new(sheet, signed.to_text().encode())
    line(
        tr(
            "{sheet} signs {name}, digest {digest}. Next: `campaign package release {name} --sheet {sheet}`",
            "{sheet} 已为 {name} 签名，摘要 {digest}。下一步：`campaign package release {name} --sheet {sheet}`",
            sheet=sheet,
            name=name,
            digest=digest_of(signed),
        )
    )


def _text_of(run: Run, what: str, files: Path | None) -> tuple[str, str]:
    """(name, canonical text) of a file where there is one, which needs no installation; else of a draft here."""
    from campaign.files.manifest_file import read_manifest

    path = Path(what)
    if path.suffix in (".yaml", ".yml", ".json") or path.is_file():
        manifest = read_manifest(path, files or path.parent).manifest
        return manifest.name, manifest.to_text()
    run.need(Right.VIEW)
    package = run.services.packages.get(what)
    return package.name, package.text


def _trust(
    run: Run,
    key: PublicKey,
    name: Annotated[str, option("--name", "Whose key it is.", "密钥归属。", metavar="TEXT")],
) -> None:
    from campaign.files.signing import read_public

    trusted = run.services.packages.trust_key(run.actor, read_public(key), name)
    line(
        tr(
            "Packages signed by {name} ({key}) are taken from now on. Stations: run `campaign station install` again.",
            "自现在起接受 {name}（{key}）签名的软件包。各工位：请重新运行 `campaign station install`。",
            name=trusted.name,
            key=trusted.key,
        )
    )


def _revoke(run: Run, key: PublicKey, reason: Why) -> None:
    from campaign.files.signing import read_public

    revoked = run.services.packages.revoke_key(run.actor, read_public(key), reason)
    line(
        tr(
            "Nothing signed by {name} is taken any more; its packages are on hold where they are used. "
            "Stations: run `campaign station install` again.",
            "不再接受 {name} 的签名；其软件包在使用处已冻结。各工位：请重新运行 `campaign station install`。",
            name=revoked.name,
        )
    )


def _keys(run: Run, json: AsJson = False) -> None:
    run.need(Right.VIEW)
    keys = run.services.packages.trusted_keys()
    if json:
        as_json(keys)
        return
    if not keys:
        line(
            tr(
                "No key is trusted yet: `campaign package trust PUBLIC_KEY --name TEXT`",
                "尚未信任任何密钥：`campaign package trust 公钥 --name 名称`",
            )
        )
        return
    columns = (
        tr("key", "密钥"),
        tr("whose", "归属"),
        tr("trusted", "信任"),
        tr("by", "人员"),
        tr("revoked", "吊销"),
    )
    rows = [
        (
            key.key,
            key.name,
            moment(key.trusted.at, run.zone),
            key.trusted.by,
            ""
            if key.revoked is None
            else f"{moment(key.revoked.at, run.zone)}, {key.revoked.by}: {key.revoke_why}",
        )
        for key in keys
    ]
    table(columns, rows)


def register_signing(app: typer.Typer) -> None:
    """`campaign package keygen|sign`."""
    command(app, "keygen", tr("Make a key pair to sign with.", "生成签名密钥对。"))(_keygen)
    command(app, "sign", tr("Sign a manifest with a private key.", "用私钥签署清单。"))(_sign)


def register_trust(app: typer.Typer) -> None:
    """`campaign package trust|revoke|keys`."""
    command(app, "trust", tr("Take packages signed with a key.", "接受某密钥签名的软件包。"))(_trust)
    command(app, "revoke", tr("Take nothing signed with it any more.", "不再接受某密钥的签名。"))(_revoke)
    command(app, "keys", tr("Whose signatures count.", "有效的签名密钥。"))(_keys)
