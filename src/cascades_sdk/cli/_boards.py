"""What is shown of a run while it goes on: a picture that changes in place on a terminal, plain lines everywhere else.

Decided here: layout and colours. Never here: how a run is followed, and how a graph is drawn.
"""

from types import TracebackType
from typing import Final, Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from cascades_sdk.graph import Dag, ordinal_of
from cascades_sdk.pipelines import TaskProgress
from cascades_sdk.protocol.telemetry import terminal_status, text_of
from cascades_sdk.types import RunStreamEvent
from cascades_sdk.views import Drawing, drawing_of, look_of, printable, statuses_of
from cascades_sdk.views._labels import legible
from cascades_sdk.views._statuses import NOT_BEGUN, NOT_RUN, tally

__all__ = ["Board", "LiveBoard", "PlainBoard", "SilentBoard", "board_for", "can_draw", "in_order"]

#: Task statuses that are not worth a line of their own.
_UNDER_WAY: Final = ("PENDING", "QUEUED", "RUNNING")

#: Lines of a terminal that are left to the tally, the log and the prompt.
_BESIDE: Final = 6

#: The lines of the log that are shown below the picture.
_LOG_LINES: Final = 3


class Board(Protocol):
    """A place where a run's events are shown; a context manager around the run."""

    def __enter__(self) -> "Board": ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def heard(self, event: RunStreamEvent) -> None:
        """Show what an event says."""
        ...

    def lost(self, trouble: str | None) -> None:
        """Show that the stream is lost, and is tried again; None: it is there again."""
        ...


def can_draw(console: Console) -> bool:
    """Whether there is a terminal that can draw, and whose user wants colours (https://no-color.org)."""
    return console.is_terminal and not console.is_dumb_terminal and not console.no_color


def board_for(console: Console, dag: Dag | None = None) -> "LiveBoard | PlainBoard":
    """The live board where it can be drawn; with the picture of the graph, where one is given and fits."""
    return LiveBoard(console, dag) if can_draw(console) else PlainBoard(console)


def in_order(task: TaskProgress) -> tuple[bool, int]:
    """What tasks are sorted by: node-2 before node-10; those of others stand behind, as they came."""
    ordinal = ordinal_of(task.id)
    return ordinal is None, ordinal or 0


def _task_of(event: RunStreamEvent) -> TaskProgress | None:
    """What a task row says, safe to print; ``None`` for other events."""
    if event.type != "task.update":
        return None
    told = (text_of(event.data, what) or "" for what in ("task_id", "task_name", "status"))
    return TaskProgress(*map(legible, told))


class _Around:
    """What a board does where it has nothing to do before and after."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


class SilentBoard(_Around):
    """Nothing is shown, because something else is printed at the end."""

    def __enter__(self) -> "SilentBoard":
        return self

    def heard(self, event: RunStreamEvent) -> None:
        """Show nothing."""

    def lost(self, trouble: str | None) -> None:
        """Show nothing."""


class PlainBoard(_Around):
    """One line for each task that has ended, and nothing else."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __enter__(self) -> "PlainBoard":
        return self

    def heard(self, event: RunStreamEvent) -> None:
        """Show the end of a task."""
        task = _task_of(event)
        if task is not None and task.status not in _UNDER_WAY:
            self._console.print(f"  {task.status:<9}  {task.id:<8}  {task.name}")

    def lost(self, trouble: str | None) -> None:
        """Show what happened."""
        self._console.print(f"  {_again(trouble)}")


class LiveBoard:
    """The graph, or where there is none to draw a list of the tasks that moved last; below it the end of the log."""

    def __init__(self, console: Console, dag: Dag | None = None) -> None:
        self._console = console
        self._dag = dag
        self._drawing = None if dag is None else _fitting(drawing_of(dag), console)
        self._tasks: dict[str, TaskProgress] = {}
        self._log: tuple[str, ...] = ()
        self._trouble: str | None = None
        self._ended = False
        # Drawn ten times a second in a thread of its own, however much is heard meanwhile.
        self._live = Live(console=console, get_renderable=self.picture, refresh_per_second=10)

    def __enter__(self) -> "LiveBoard":
        self._live.start()
        # Rich hides the cursor, and what stops or ends a process at once (Ctrl-Z, SIGKILL) would leave it so.
        self._console.show_cursor(True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._log, self._trouble = (), None
        self._live.stop()

    def heard(self, event: RunStreamEvent) -> None:
        """Show a task's new status, or a line of the log."""
        task = _task_of(event)
        if task is not None:
            # The task that moved last stands last.
            self._tasks.pop(task.id, None)
            self._tasks[task.id] = task
        elif event.type == "log.entry":
            self._log = (*self._log, printable(text_of(event.data, "message") or ""))[-_LOG_LINES:]
        else:
            self._ended = self._ended or terminal_status(event) is not None

    def lost(self, trouble: str | None) -> None:
        """Show it below the picture, until the stream is there again."""
        self._trouble = None if trouble is None else _again(trouble)

    def picture(self) -> Group:
        """What is shown now."""
        rows = self._list() if self._drawing is None or self._dag is None else self._graph(self._drawing, self._dag)
        log = [_line(line, "dim") for line in self._log]
        trouble = [] if self._trouble is None else [_line(self._trouble, "yellow")]
        return Group(*rows, *log, *trouble)

    def _graph(self, drawing: Drawing, dag: Dag) -> list[Text]:
        statuses = statuses_of(dag, self._moved())
        rows = []
        for line in drawing.lines:
            status = None if line.node is None else statuses.get(line.node)
            style = "" if status is None else look_of(status).terminal
            parts = ((line.before, "dim"), (line.mark_in(statuses), style), (line.label, style), (line.after, "dim"))
            rows.append(Text.assemble(*parts, no_wrap=True, overflow="crop"))
        return rows

    def _list(self) -> list[Text]:
        tasks = self._moved()
        fits = max(1, self._console.height - _BESIDE)
        cut = len(tasks) > fits
        shown = [task for task in tasks if task.status not in ("PENDING", NOT_RUN)][-fits:] if cut else tasks
        shown.sort(key=in_order)
        rows = [self._row(task) for task in shown]
        return rows if not cut else [*rows, _line(f" {tally(task.status or '' for task in tasks)}", "")]

    def _moved(self) -> list[TaskProgress]:
        # One step of the interpreter: tasks are heard of in another thread.
        moved = list(self._tasks.values())
        if not self._ended:
            return moved
        return [TaskProgress(task.id, task.name, _in_the_end(task.status or "")) for task in moved]

    def _row(self, task: TaskProgress) -> Text:
        look = look_of(task.status or "")
        told = Text.assemble((f" {look.mark} {task.status:<9}  ", look.terminal), (f"{task.id:<8}  ", "dim"))
        told.append(task.name or "")
        told.no_wrap, told.overflow = True, "ellipsis"
        return told


def _fitting(drawing: Drawing | None, console: Console) -> Drawing | None:
    """A drawing, if the terminal is large enough for it."""
    if drawing is None or drawing.width > console.width or len(drawing.lines) > console.height - _BESIDE:
        return None
    return drawing


def _in_the_end(status: str) -> str:
    """What is said of a status once the run has ended: what has not begun by then was not run."""
    return NOT_RUN if status in NOT_BEGUN else status


def _again(trouble: str | None) -> str:
    return "the stream is there again" if trouble is None else f"{trouble}; trying again"


def _line(text: str, style: str) -> Text:
    return Text(text, style=style, no_wrap=True, overflow="ellipsis")
