"""What a long command shows while it works: bars on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TaskProgressColumn, TextColumn

LINE_EVERY_S = 5.0


class Steps:
    """One step after the other, each with a bar when its length is known. Use as a context manager."""

    def __init__(self) -> None:
        self._bars: Progress | None = None
        self._task: TaskID | None = None
        self._text = ""
        self._said_at = 0.0
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        self._draw()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    @contextmanager
    def interlude(self) -> Iterator[None]:
        """The step is done; what is printed inside stays above the steps to come."""
        self._finish()
        self._stop()
        yield
        self._draw()

    def _draw(self) -> None:
        if sys.stdout.isatty():
            columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
            self._bars = Progress(*columns, TextColumn("{task.fields[note]}"))
            self._bars.start()

    def _stop(self) -> None:
        if self._bars is not None:
            self._bars.stop()
        self._bars, self._task = None, None

    def begin(self, text: str, total: float | None = None) -> None:
        """The next step; the one before is done."""
        self._finish()
        self._text, self._said_at = text, time.monotonic()
        if self._bars is not None:
            self._task = self._bars.add_task(text, total=total, note="")
        else:
            print(f"{self._seconds():4.0f} s  {text}", flush=True)

    def move(self, done: float, note: str = "") -> None:
        """How far the step is, of its total."""
        if self._bars is not None and self._task is not None:
            self._bars.update(self._task, completed=done, note=note)
        elif time.monotonic() - self._said_at >= LINE_EVERY_S:
            self._said_at = time.monotonic()
            print(f"{self._seconds():4.0f} s  {self._text}: {note}", flush=True)

    def say(self, text: str) -> None:
        """A line that stays."""
        if self._bars is not None:
            self._bars.console.print(text, highlight=False, markup=False)
        else:
            print(f"{self._seconds():4.0f} s  {text}", flush=True)

    def _finish(self) -> None:
        """A step without a length is full when it is done; one with a length stands where it stood."""
        if self._bars is not None and self._task is not None:
            if self._bars.tasks[self._bars.task_ids.index(self._task)].total is None:
                self._bars.update(self._task, total=1, completed=1)
            self._bars.stop_task(self._task)

    def _seconds(self) -> float:
        return time.monotonic() - self._began
