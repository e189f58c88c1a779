"""Settings of one installation, from the environment: `CAMPAIGN_` and the field's name in capitals.

Everything has a default that works on one machine; nothing secret has one. Sites, campaigns and people are in
`campaign.definitions`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from campaign.errors import BadInput

PREFIX = "CAMPAIGN_"
SHIPPED_CONFIGS = Path(__file__).resolve().parent.parent / "configs"
STORES = ("sqlite+pysqlite:///", "postgresql+psycopg://")
SECRET = frozenset({"database_url"})
"""Fields whose values are never repeated in a message: they may carry a password."""

Port = Annotated[int, Field(ge=1, le=65_535)]


def _default_configs() -> Path:
    here = Path("configs")
    return here if here.is_dir() else SHIPPED_CONFIGS


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _reachable(host: str) -> str:
    """An address to connect to, for one to listen on."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - read, not bound to


class Settings(BaseSettings):
    """One installation. `Settings.load()` reads it; every message names the variable."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, validate_default=True
    )

    home: Annotated[Path, AfterValidator(_absolute)] = Field(
        Path("var"), description="Folder of all that this installation writes; deleting it is a reset."
    )
    configs: Annotated[Path, AfterValidator(_absolute)] = Field(
        default_factory=_default_configs,
        description="Folder with sites/, campaigns/ and people/: ./configs, else the one that is shipped.",
    )
    database_url: str = Field(
        default_factory=lambda given: f"{STORES[0]}{given['home'] / 'campaign.db'}",
        repr=False,
        description="SQLAlchemy URL of the store: a SQLite file in home, or postgresql+psycopg://...",
    )

    host: str = Field(
        "127.0.0.1", min_length=1, description="Address on which the web page and the Prefect server listen."
    )
    web_port: Port = Field(8501, description="TCP port of the board and the pad.")
    prefect_port: Port = Field(4200, description="TCP port of the Prefect server that `campaign up` starts.")
    prefect_url: str = Field(
        default_factory=lambda given: f"http://{_reachable(given['host'])}:{given['prefect_port']}/api",
        pattern="^https?://",
        description="API address of the Prefect server; give it when the server runs on another machine.",
    )
    work_pool: str = Field(
        "yard", pattern="^[a-z0-9][a-z0-9-]*$", description="Prefect work pool of this site's workers."
    )

    advance_every_s: int = Field(
        60, ge=5, le=3_600, description="Seconds between two scheduled runs of the reconciler."
    )
    advance_run_s: int = Field(
        300,
        ge=1,
        le=86_400,
        description="Seconds after which a run of the reconciler ends by itself.",
    )
    lease_s: float = Field(
        15, ge=1, le=600, description="Seconds after which the lease of a dead reconciler is free again."
    )
    poll_s: float = Field(
        0.25, ge=0.01, le=60, description="Seconds between two looks at the change token in a run."
    )

    language: Literal["en", "zh"] = Field("en", description="Language of the command line and of new people.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least severe messages that are logged."
    )

    @field_validator("home")
    @classmethod
    def _home_is_a_folder(cls, home: Path) -> Path:
        if home.exists() and not home.is_dir():
            raise ValueError(f"{home} is a file - name a folder, it is made when missing")
        return home

    @field_validator("configs")
    @classmethod
    def _configs_exist(cls, configs: Path) -> Path:
        if not configs.is_dir():
            raise ValueError(f"there is no folder {configs} - name the one that holds sites/ and campaigns/")
        return configs

    @field_validator("database_url")
    @classmethod
    def _known_store(cls, url: str) -> str:
        if not url.startswith(STORES):
            raise ValueError(f"no database of a known kind - start it with {' or '.join(STORES)}")
        return url

    @field_validator("poll_s")
    @classmethod
    def _looks_within_the_lease(cls, poll_s: float, info: ValidationInfo) -> float:
        lease_s = info.data.get("lease_s")
        if lease_s is not None and poll_s > lease_s / 4:
            raise ValueError(f"{poll_s:g} s lets the lease of {lease_s:g} s lapse - at most a quarter of it")
        return poll_s

    @classmethod
    def load(cls, **given: Any) -> Self:
        """Read the environment; what is `given` goes before it. Raises BadInput in one line."""
        problems = list(_misspelled(cls))
        try:
            settings = cls(**given)
        except ValidationError as invalid:
            problems += filter(None, map(_told, invalid.errors(include_url=False)))
        if problems:
            raise BadInput("; ".join(problems))
        return settings

    @property
    def web_url(self) -> str:
        """Where a browser on this machine finds the board."""
        return f"http://{_reachable(self.host)}:{self.web_port}"

    @property
    def prefect_home(self) -> Path:
        """Prefect's own files and database: the truth about runs only."""
        return self.home / "prefect"

    @property
    def stations_home(self) -> Path:
        """The demo's stations: a folder each, with keys, journals and the virtual car."""
        return self.home / "stations"

    @property
    def logs(self) -> Path:
        """Log files of the parts that `campaign up` starts."""
        return self.home / "logs"

    @property
    def clock_file(self) -> Path:
        """The demo's clock; without this file the time is the machine's."""
        return self.home / "clock.json"

    @property
    def secrets_dir(self) -> Path:
        """Keys and the cookie secret, made on first use, readable by their owner only."""
        return self.home / "secrets"

    @property
    def files_vault(self) -> Path:
        """Files as they were handed in and as they were handed out."""
        return self.home / "files"


def variable(field: str) -> str:
    """The environment variable of a setting: `home` as CAMPAIGN_HOME."""
    return f"{PREFIX}{field.upper()}"


def _misspelled(settings: type[Settings]) -> Iterator[str]:
    """Variables that are nearly, but not quite, one of ours: else a typing error would be silent."""
    known = [variable(field) for field in settings.model_fields]
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            for close in get_close_matches(name, known, n=1, cutoff=0.88):
                yield f"{name}: is not a known setting - did you mean {close}?"


def _told(error: ErrorDetails) -> str:
    """`CAMPAIGN_WEB_PORT: 'x' should be ... - this is: ...`; empty for what only follows from another."""
    if error["type"] == "default_factory_not_called":
        return ""
    field = str(error["loc"][0])
    said = error["msg"].removeprefix("Value error, ").removeprefix("Input ").removeprefix("String ")
    if error["type"] == "value_error":
        return f"{variable(field)}: {said}"
    got = "it" if field in SECRET else repr(str(error["input"])[:60])
    return f"{variable(field)}: {got} {said} - {_described(field)}"


def _described(field: str) -> str:
    known = Settings.model_fields.get(field)
    return f"this is: {known.description}" if known and known.description else "remove it"
