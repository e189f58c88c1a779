"""`campaign up`: everything for one site on one machine, watched until Ctrl-C.

Children are the Prefect server, a worker with the deployments registered, and the web page. Running flashes are on
their stations and belong to nobody here: no stop and no crash of ours touches them (rule 4).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import IO, TYPE_CHECKING
from urllib.request import urlopen

from campaign.cli.invocation import Run, command
from campaign.cli.language import tr
from campaign.cli.process_table import command_of, group_and_state, holder_of, port_is_free, with_variable
from campaign.cli.processes import ASK_S, Child, Supervisor, group_lives
from campaign.config import Settings, variable
from campaign.errors import SiteError

if TYPE_CHECKING:
    import typer

    from flows.tending import Tending

MARK = "YARD_UP_HOME"
"""The variable by which children that outlived their supervisor are known again."""
REGISTER_WITHIN_S = 90.0
Tell = Callable[[str], object]


class Running:
    """A started installation. `stop` ends it; as a context manager it does so by itself."""

    def __init__(self, supervisor: Supervisor, tending: Tending) -> None:
        self.supervisor, self._tending = supervisor, tending
        self._over = Event()
        self._threads = [
            Thread(target=supervisor.watch, args=(self._over,), name="supervisor", daemon=True),
            Thread(target=self._tend, name="tending", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop every child cleanly."""
        self._over.set()
        for thread in self._threads:
            thread.join(timeout=ASK_S)
        self.supervisor.stop()

    def _tend(self) -> None:
        from flows.tending import LOOK_EVERY_S

        while not self._over.wait(LOOK_EVERY_S):
            self._tending.look()


@contextmanager
def start_all(
    settings: Settings, *, extra: Sequence[Child] = (), tell: Tell = print, web: bool = True
) -> Iterator[Running]:
    """Start everything and keep it running inside the `with` block; `extra` children start first.

    Raises SiteError in one line: a port is taken, the folder cannot be written, a part does not become ready.
    """
    from flows import serving
    from flows.tending import Tending

    with only_one(settings.home):
        stop_leftovers(settings.home, tell)
        check_ports(settings, web=web)
        shutil.rmtree(serving.scratch(settings), ignore_errors=True)
        serving.scratch(settings).mkdir()
        tending = Tending(settings, tell)
        environment = serving.environment(settings) | {MARK: str(settings.home)}
        supervisor = Supervisor(settings.logs, settings.home, tell)
        running = Running(supervisor, tending)
        try:
            for child in extra:
                supervisor.start(child)
            supervisor.start(
                Child("prefect", serving.server_command(settings), environment, ready=tending.server_ready)
            )
            if web:
                supervisor.start(_web(settings, environment))
            _ready(supervisor, "prefect", tr("Prefect server", "Prefect 服务器"), tell)
            _register(settings, environment, tell)
            may_start = tending.before_worker
            supervisor.start(
                Child(
                    "worker", serving.worker_command(settings), environment, may_start, tending.worker_ready
                )
            )
            _ready(supervisor, "worker", tr("worker", "工作进程"), tell)
            for name in [*(child.name for child in extra), *(["web"] if web else [])]:
                _ready(supervisor, name, name, tell)
            yield running
        finally:
            running.stop()


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Hold the folder for this process. Raises SiteError when another supervisor has it, or it is not writable."""
    lock = _lock_file(home)
    lock.seek(0)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = lock.read().strip()
            raise SiteError(
                tr(
                    "`campaign up` already runs in {home} (process {pid}): stop it there, or name another {name}",
                    "`campaign up` 已在 {home} 运行（进程 {pid}）：请先停止，或另设 {name}",
                    home=home,
                    pid=holder,
                    name=variable("home"),
                )
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
    finally:
        lock.close()


def _lock_file(home: Path) -> IO[str]:
    check_home(home)
    return (home / "up.lock").open("a+", encoding="utf-8")


def check_home(home: Path) -> None:
    """Make the folder. Raises SiteError, with what to do, when it cannot be written."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=home).close()
    except OSError as refused:
        raise SiteError(
            tr(
                "{home} cannot be written ({why}): give yourself the right, or name another {name}",
                "无法写入 {home}（{why}）：请获取权限，或另设 {name}",
                home=home,
                why=refused.strerror,
                name=variable("home"),
            )
        ) from refused


def check_ports(settings: Settings, *, web: bool = True) -> None:
    """Raise SiteError naming every taken port, who has it and what to do."""
    wanted = {"prefect_port": settings.prefect_port} | ({"web_port": settings.web_port} if web else {})
    taken = {field: port for field, port in wanted.items() if not port_is_free(settings.host, port)}
    if taken:
        raise SiteError("; ".join(_taken(settings.host, port, field) for field, port in taken.items()))


def _taken(host: str, port: int, field: str) -> str:
    pid = holder_of(port)
    who = tr("another process", "其他进程")
    if pid is not None:
        who = tr("process {pid} ({what})", "进程 {pid}（{what}）", pid=pid, what=command_of(pid))
    return tr(
        "port {host}:{port} is taken by {who}: stop it, or set {name} to a free port",
        "端口 {host}:{port} 已被{who}占用：请停止它，或将 {name} 设为空闲端口",
        host=host,
        port=port,
        who=who,
        name=variable(field),
    )


def stop_leftovers(home: Path, tell: Tell) -> None:
    """Stop what an earlier supervisor of this folder left behind when it was killed. Never a flash."""
    groups = {place[0] for pid in with_variable(MARK, str(home)) if (place := group_and_state(pid))}
    groups.discard(os.getpgid(0))
    if not groups:
        return
    tell(tr("stopping what an earlier run left behind ({n})", "停止上次遗留的进程（{n}）", n=len(groups)))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        for group in groups:
            with suppress(ProcessLookupError):
                os.killpg(group, number)
        deadline = time.monotonic() + ASK_S
        while groups and time.monotonic() < deadline:
            groups = {group for group in groups if group_lives(group)}
            time.sleep(0.1)


def _web(settings: Settings, environment: dict[str, str]) -> Child:
    at = ["--host", settings.host, "--port", str(settings.web_port)]

    def ready() -> bool:
        try:
            with urlopen(f"{settings.web_url}/_stcore/health", timeout=2) as answer:  # noqa: S310 - our own page
                return bool(answer.status == 200)
        except OSError:
            return False

    return Child("web", [sys.executable, "-m", "dashboard", *at], environment, ready=ready)


def _ready(supervisor: Supervisor, name: str, title: str, tell: Tell) -> None:
    seconds = supervisor.wait_ready(name)
    tell(tr("{title} is ready ({s:.0f} s)", "{title} 已就绪（{s:.0f} 秒）", title=title, s=seconds))


def _register(settings: Settings, environment: dict[str, str], tell: Tell) -> None:
    from flows.serving import register_command

    log = settings.logs / "register.log"
    with log.open("ab") as out:
        done = subprocess.run(
            register_command(),
            env=environment,
            cwd=settings.home,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            timeout=REGISTER_WITHIN_S,
            check=False,
        )
    if done.returncode != 0:
        last = log.read_text("utf-8", "replace").strip().splitlines()[-1:]
        raise SiteError(f"the flows could not be registered: {''.join(last)} - {log}")
    tell(tr("flows are registered", "流程已注册"))


def register(app: typer.Typer) -> None:
    """`campaign up`."""
    about = tr(
        "Start everything for this site and watch it until Ctrl-C.", "启动本场地的全部服务，直到 Ctrl-C。"
    )

    @command(app, "up", about, fresh=True)
    def up(run: Run) -> None:
        settings = run.settings
        check_home(settings.home)
        # the schema is made, or refused in one line, before anything starts
        if not any(person.password_hash for person in run.services.people.all()):
            _line(tr("nobody can sign in yet: `campaign init`", "尚无可登录人员：请运行 `campaign init`"))
        run.services.close()
        over = Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: over.set())
        with start_all(settings, tell=_line):
            _line(tr("board   {url}", "看板   {url}", url=settings.web_url))
            _line(tr("flows   {url}", "流程   {url}", url=settings.prefect_url.removesuffix("/api")))
            _line(
                tr(
                    "Ctrl-C stops everything; running flashes go on",
                    "Ctrl-C 停止全部；正在刷写的车辆不受影响",
                )
            )
            over.wait()
            _line(tr("stopping ...", "正在停止……"))
        _line(tr("stopped", "已停止"))


def _line(text: str) -> None:
    print(text, flush=True)
