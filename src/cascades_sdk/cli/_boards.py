"""What is shown of a run while it goes on: a live board on a terminal, plain lines everywhere else.

Decided here: layout and colours. Never here: how a run is followed.
"""

from types import TracebackType
from typing import Final, Protocol

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from cascades_sdk.protocol.telemetry import text_of
from cascades_sdk.types import RunStreamEvent
from cascades_sdk.views import printable

__all__ = ["Board", "LiveBoard", "PlainBoard", "board_for"]

_STYLES: Final = {"PENDING": "dim", "RUNNING": "yellow", "SUCCESS": "green", "FAILED": "red", "CANCELLED": "red"}

#: Task statuses that are not worth a line of their own.
_UNDER_WAY: Final = ("PENDING", "QUEUED", "RUNNING")


class Board(Protocol):
    """A place where a run's events are shown; a context manager around the run."""

    def __enter__(self) -> "Board": ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def heard(self, event: RunStreamEvent) -> None:
        """Show what an event says."""
        ...


def board_for(console: Console, no_color: str) -> "LiveBoard | PlainBoard":
    """The live board for a terminal that can draw and whose user wants colours (https://no-color.org)."""
    draws = console.is_terminal and not console.is_dumb_terminal and not no_color
    return LiveBoard(console) if draws else PlainBoard(console)


def _task_row(event: RunStreamEvent) -> tuple[str, str, str] | None:
    """The id, name and status that a task row says, safe to print; ``None`` for other events."""
    if event.type != "task.update":
        return None
    told = (text_of(event.data, what) or "" for what in ("task_id", "task_name", "status"))
    key, name, status = map(printable, told)
    return key, name, status


class PlainBoard:
    """One line for each task that has ended, and nothing else."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __enter__(self) -> "PlainBoard":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def heard(self, event: RunStreamEvent) -> None:
        """Show the end of a task."""
        row = _task_row(event)
        if row is not None and row[2] not in _UNDER_WAY:
            key, name, status = row
            self._console.print(f"  {status:<9}  {key:<8}  {name}")


class LiveBoard:
    """A table of the tasks that changes in place; where there are too many, of those that changed last."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, refresh_per_second=10)
        self._fits = max(1, console.height - 6)
        self._rows: dict[str, tuple[str, str]] = {}
        self._last_line = ""

    def __enter__(self) -> "LiveBoard":
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._last_line = ""
        self._live.update(self._drawn())
        self._live.stop()

    def heard(self, event: RunStreamEvent) -> None:
        """Show a task's new status, or a line of the log."""
        row = _task_row(event)
        if row is not None:
            key, name, status = row
            self._rows[key] = (name, status)
        elif event.type == "log.entry":
            self._last_line = printable(text_of(event.data, "message") or "")
        self._live.update(self._drawn())

    def _drawn(self) -> Table:
        # In the order of the ids, node-2 before node-10; they arrive in the order in which they changed last.
        ids = sorted(self._rows, key=lambda key: (len(key), key))
        rows = [(key, *self._rows[key]) for key in ids]
        if len(rows) > self._fits:
            rows = [row for row in rows if row[2] != "PENDING"][-self._fits :]
        table = Table.grid(padding=(0, 2))
        for key, name, status in rows:
            table.add_row(Text(f"  {status:<9}", style=_STYLES.get(status, "")), Text(key, style="dim"), Text(name))
        table.add_row("", "", Text(self._last_line, style="dim", overflow="ellipsis", no_wrap=True))
        return table
