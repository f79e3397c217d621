"""Submitting a run and following it to its end, in front of a person.

Decided here: what is printed, in which order, the exit code of a run, and what Ctrl-C does. Never here: waiting.
"""

import json
import shlex
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import attrs
import click
from returns.result import Failure
from rich.console import Console

from cascades_sdk.cli._boards import Board, SilentBoard, board_for, can_draw, in_order
from cascades_sdk.cli._connection import Connection
from cascades_sdk.cli._options import told_as_json
from cascades_sdk.cli._trouble import ANSWER, MAYBE_DONE, Trouble, in_words, one_line, settled
from cascades_sdk.client import CancelToken, CascadesClient
from cascades_sdk.encoding import dag_digest
from cascades_sdk.errors import (
    ClientError,
    DeadlineExceededError,
    NotFoundError,
    WaitCancelledError,
    WaitPosition,
)
from cascades_sdk.graph import Dag
from cascades_sdk.pipelines import RunOutcome, wait_for_completion
from cascades_sdk.values import FrozenDict, FrozenValue, thaw
from cascades_sdk.views import printable

__all__ = ["INTERRUPTED", "Following"]

#: What a shell reports for a process that Ctrl-C has ended: 128 and the number of SIGINT.
INTERRUPTED: Final = 130

#: The same of SIGTERM.
_TERMINATED: Final = 143

#: Seconds that are left to a wait whose time the submission has taken: the run is there, and is told.
_SHORTEST: Final = 0.001

#: Messages of the log that are shown of a run that failed.
_LOG_LINES: Final = 5


@attrs.frozen
class Following:
    """How runs are followed: on which console, for how long, drawn as which graph, and whether only JSON is printed."""

    console: Console
    client: CascadesClient
    timeout: float
    dag: Dag | None = None
    json_wanted: bool = False
    #: Whether the run goes on where it is when this process ends.
    outlived: bool = True
    connection: Connection = attrs.Factory(Connection)

    def submitted(self, workflow_id: str, context: FrozenDict) -> int:
        """Submit a run, show it as it goes on, and how it ends.

        Returns:
            The exit code: 0 for SUCCESS, 1 for FAILED or CANCELLED, 130 after Ctrl-C, 143 after SIGTERM.

        Raises:
            Trouble: the run was not accepted, or could not be followed to its end.
        """
        body = {"workflowId": workflow_id, "context": thaw(context)}
        until = time.monotonic() + self.timeout
        with _signals(raised=True) as stopping:
            try:
                accepted = settled(self.client.submit_workflow_run(body, timeout=min(ANSWER, self.timeout)))
            except KeyboardInterrupt:
                return self._unanswered(stopping.code)
        tasks = "1 task" if accepted.task_runs == 1 else f"{accepted.task_runs} tasks"
        self._say(f"run {accepted.run_id} of {accepted.workflow_id}: {tasks}")
        if self.dag is not None and dag_digest(self.dag) != accepted.definition_hash:
            self._say("note: the graph that is drawn is not the definition of the run")
        left = max(until - time.monotonic(), _SHORTEST)
        return self._followed(WaitPosition(accepted.run_id), accepted.definition_hash, left)

    def resumed(self, position: WaitPosition) -> int:
        """Go on following a run from a position; what comes of it is as in :meth:`submitted`."""
        self._say(f"run {position.run_id}")
        if self.json_wanted or can_draw(self.console):
            # A picture, and a report, tell how all tasks stand, so all of it is asked for.
            position = WaitPosition(position.run_id)
        # The contract tells of which definition a run is in the answer to its submission, and nowhere else.
        return self._followed(position, None, self.timeout)

    def _followed(self, position: WaitPosition, digest: str | None, seconds: float) -> int:
        with _signals() as stopping, self._board() as board:
            self.connection.told_to(board.lost)
            waited = wait_for_completion(
                self.client,
                position.run_id,
                seconds,
                on_event=board.heard,
                cancel_token=stopping.token,
                resume_from=position,
            )
        if isinstance(waited, Failure):
            return self._given_up(waited.failure(), stopping.code)
        outcome = waited.unwrap()
        if self.json_wanted:
            told_as_json(_report(outcome, digest))
        else:
            self.console.print("\n".join(_told(outcome, digest)))
        return 0 if outcome.status == "SUCCESS" else 1

    def _given_up(self, problem: ClientError, code: int) -> int:
        if not isinstance(problem, WaitCancelledError):
            raise self._trouble(problem)
        if not self.outlived and code == INTERRUPTED:
            raise KeyboardInterrupt
        position = problem.position.text() if self.outlived else None
        if self.json_wanted:
            told_as_json({"interrupted": True, **({"position": position} if position else {})})
        elif position:
            how = f"the run goes on, and watching it with --resume {shlex.quote(position)}"
            click.echo(f"cascades: interrupted; {how}", err=True)
        return code

    def _unanswered(self, code: int) -> int:
        """A signal came when the submission was on its way."""
        if not self.outlived and code == INTERRUPTED:
            raise KeyboardInterrupt
        if self.json_wanted:
            told_as_json({"interrupted": True, **({"message": MAYBE_DONE} if self.outlived else {})})
        elif self.outlived:
            click.echo(f"cascades: interrupted, and the submission has no answer yet: {MAYBE_DONE}", err=True)
        return code

    def _trouble(self, problem: ClientError) -> Trouble:
        kind, position = type(problem).__name__, getattr(problem, "position", None)
        if isinstance(problem, DeadlineExceededError):
            # Of the time that was given, the submission has taken its part.
            problem = DeadlineExceededError(problem.operation, self.timeout, problem.position)
        line = in_words(problem)
        if isinstance(problem, DeadlineExceededError) and self.connection.trouble is not None:
            line += f"; last trouble: {self.connection.trouble}"
        # A position in hand, the wait can go on; not where there is no such run.
        if not isinstance(position, WaitPosition) or not self.outlived or isinstance(problem, NotFoundError):
            return Trouble(line, kind)
        return Trouble(f"{line}; go on with --resume {shlex.quote(position.text())}", kind, position=position.text())

    def _board(self) -> Board:
        return SilentBoard() if self.json_wanted else board_for(self.console, self.dag)

    def _say(self, line: str) -> None:
        if not self.json_wanted:
            self.console.print(printable(line))


@attrs.define
class _Stopping:
    """What ends the watching: the token that a signal cancels, and the exit code that it asks for."""

    token: CancelToken = attrs.Factory(CancelToken)
    code: int = INTERRUPTED


@contextmanager
def _signals(raised: bool = False) -> Iterator[_Stopping]:
    """Ctrl-C and SIGTERM cancel the wait, so that it says how far it has come. The second one ends as ever.

    What takes no token is ended by what is ``raised``: KeyboardInterrupt by both.
    """
    stopping = _Stopping()
    codes = {signal.SIGINT: INTERRUPTED, signal.SIGTERM: _TERMINATED}
    before = {number: signal.getsignal(number) for number in codes}

    def cancel(number: int, _: Any) -> None:
        signal.signal(number, before[signal.Signals(number)])
        stopping.code = codes[signal.Signals(number)]
        stopping.token.cancel()
        if raised:
            raise KeyboardInterrupt

    # Whoever started this process may have chosen that it ignores a signal.
    caught = [number for number in codes if before[number] in (signal.default_int_handler, signal.SIG_DFL)]
    for number in caught:
        signal.signal(number, cancel)
    try:
        yield stopping
    finally:
        for number in caught:
            signal.signal(number, before[number])


def _told(outcome: RunOutcome, digest: str | None) -> Iterator[str]:
    problem = outcome.event.data.get("error")
    if outcome.status != "SUCCESS":
        yield from (f"log     {one_line(message)}" for message in outcome.progress.log_tail[-_LOG_LINES:])
    yield f"error   {one_line(str(problem))}" if problem is not None else _pretty(outcome.result)
    yield f"status  {outcome.status}"
    if digest is not None:
        yield f"digest  {printable(digest)}"


def _report(outcome: RunOutcome, digest: str | None) -> dict[str, Any]:
    return {
        "run_id": outcome.run_id,
        "status": outcome.status,
        "result": thaw(outcome.result),
        "error": thaw(outcome.event.data.get("error")),
        "digest": digest,
        "tasks": [
            {"id": task.id, "name": task.name, "status": task.status}
            for task in sorted(outcome.progress.tasks, key=in_order)
        ],
    }


def _pretty(value: FrozenValue) -> str:
    """JSON that fits on a page: the members of an object one per line, each of them on one line."""
    if not isinstance(value, FrozenDict):
        return printable(json.dumps(thaw(value), ensure_ascii=False))
    members = (
        f"  {json.dumps(name, ensure_ascii=False)}: {json.dumps(thaw(member), ensure_ascii=False)}"
        for name, member in value.items()
    )
    return "{\n" + ",\n".join(map(printable, members)) + "\n}"
