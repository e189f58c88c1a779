"""A PostgreSQL cluster of our own: a temporary folder, a free loopback port, gone afterwards."""

from __future__ import annotations

import itertools
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from tests.servers.needs import find_program, missing
from tests.servers.process import ServerFailed, die_with_us, free_port, stop_process, wait_until_ready

PACKAGE = "postgresql"
SETTINGS = {
    # The data is thrown away: nothing needs to survive a power cut.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "timezone": "UTC",
    "log_min_duration_statement": "-1",
}


def need_postgres() -> Path:
    """The folder of PostgreSQL's server programs (newest version), or the test ends here."""
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda program: float(program.parents[1].name), default=None)
    initdb = newest or find_program("initdb")
    if initdb is None:
        missing("PostgreSQL's server", PACKAGE)
    return initdb.resolve().parent


def unprivileged_user() -> str | None:
    """Whom the server runs as: PostgreSQL refuses root. None means ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


@dataclass(slots=True)
class PostgresCluster:
    """A running cluster. Make databases with `database()`; they vanish with the cluster."""

    folder: Path
    port: int
    password: str
    process: subprocess.Popen[bytes]
    _names: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _templates: dict[str, str] = field(default_factory=dict)

    def url(self, database: str) -> str:
        """A SQLAlchemy URL of one database, with the password in it."""
        return f"postgresql+psycopg://owner:{self.password}@127.0.0.1:{self.port}/{database}"

    def database(self, template: str = "template0") -> str:
        """Create an empty database, or a copy of `template` (see `template()`); returns its name."""
        name = f"t{next(self._names)}"
        self._admin(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
        return name

    def template(self, name: str, prepare: Callable[[str], None]) -> str:
        """Prepare a database once per cluster, by `prepare(url)`, to be copied by `database(template=...)`.

        `prepare` must close its connections: PostgreSQL copies only a database that nobody uses.
        """
        if name not in self._templates:
            database = self.database()
            prepare(self.url(database))
            self._templates[name] = database
        return self._templates[name]

    def drop(self, database: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self._admin(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def stop(self) -> None:
        """Stop the server at once (fast shutdown) and remove its files."""
        stop_process(self.process, signal.SIGINT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _admin(self, statement: sql.Composed) -> None:
        url = self.url("postgres").replace("+psycopg", "")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement)


def start_postgres() -> PostgresCluster:
    """Make a cluster and start it; about two seconds. Another port is tried when one was taken meanwhile."""
    programs = need_postgres()
    user = unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="campaign-pg-"))
    try:
        password = _init_cluster(programs, folder, user)
        for _ in range(2):
            try:
                return _start_server(programs, folder, user, password)
            except ServerFailed as failed:
                if "Address already in use" not in str(failed):
                    raise
        return _start_server(programs, folder, user, password)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


@contextmanager
def running_postgres() -> Iterator[PostgresCluster]:
    """`start_postgres`, stopped at the end."""
    cluster = start_postgres()
    try:
        yield cluster
    finally:
        cluster.stop()


def _init_cluster(programs: Path, folder: Path, user: str | None) -> str:
    password = secrets.token_hex(16)
    secret = folder / "password"
    secret.write_text(password)
    if user:
        account = pwd.getpwnam(user)
        for path in (folder, secret):
            os.chown(path, account.pw_uid, account.pw_gid)
    command = [
        str(programs / "initdb"), "--pgdata", str(folder / "data"), "--username", "owner", "--no-sync",
        "--encoding", "UTF8", "--locale", "C", "--auth", "scram-sha-256", "--pwfile", str(secret),
    ]  # fmt: skip
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, **_as(user))
    secret.unlink()
    if done.returncode:
        raise ServerFailed(f"initdb ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return password


def _start_server(programs: Path, folder: Path, user: str | None, password: str) -> PostgresCluster:
    port = free_port()
    settings = SETTINGS | {
        "port": str(port),
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": str(folder),
    }
    options = [text for name, value in settings.items() for text in ("-c", f"{name}={value}")]
    command = [*die_with_us("INT"), str(programs / "postgres"), "-D", str(folder / "data"), *options]
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output, **_as(user))
    cluster = PostgresCluster(folder, port, password, process)
    try:
        wait_until_ready(process, lambda: _answers(cluster), log)
    except BaseException:
        stop_process(process, signal.SIGINT)
        raise
    return cluster


def _answers(cluster: PostgresCluster) -> bool:
    try:
        with psycopg.connect(cluster.url("postgres").replace("+psycopg", ""), connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False


def _as(user: str | None) -> dict[str, object]:
    """Arguments of subprocess that run a program as `user`, with that user's groups only."""
    if user is None:
        return {}
    account = pwd.getpwnam(user)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
