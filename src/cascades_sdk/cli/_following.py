"""Submitting a run and following it to its end, in front of a person.

Decided here: what is printed, in which order, the exit code of a run, and what Ctrl-C does. Never here: waiting.
"""

import json
import shlex
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import attrs
import click
from returns.result import Failure
from rich.console import Console

from cascades_sdk.cli._boards import Board, SilentBoard, board_for, can_draw
from cascades_sdk.cli._options import told_as_json
from cascades_sdk.cli._trouble import Trouble, one_line, settled
from cascades_sdk.client import CancelToken, CascadesClient
from cascades_sdk.encoding import dag_digest
from cascades_sdk.errors import ClientError, WaitCancelledError, WaitPosition
from cascades_sdk.graph import Dag
from cascades_sdk.pipelines import RunOutcome, wait_for_completion
from cascades_sdk.values import FrozenDict, FrozenValue, thaw
from cascades_sdk.views import printable

__all__ = ["INTERRUPTED", "Following"]

#: What a shell reports for a process that Ctrl-C has ended: 128 and the number of SIGINT.
INTERRUPTED: Final = 130

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

    def submitted(self, workflow_id: str, context: FrozenDict) -> int:
        """Submit a run, show it as it goes on, and how it ends.

        Returns:
            The exit code: 0 for SUCCESS, 1 for FAILED or CANCELLED, 130 after Ctrl-C.

        Raises:
            Trouble: the run was not accepted, or could not be followed to its end.
        """
        body = {"workflowId": workflow_id, "context": thaw(context)}
        accepted = settled(self.client.submit_workflow_run(body))
        tasks = "1 task" if accepted.task_runs == 1 else f"{accepted.task_runs} tasks"
        self._say(f"run {accepted.run_id} of {accepted.workflow_id}: {tasks}")
        if self.dag is not None and dag_digest(self.dag) != accepted.definition_hash:
            self._say("note: the graph that is drawn is not the definition of the run")
        return self._followed(WaitPosition(accepted.run_id), accepted.definition_hash)

    def resumed(self, position: WaitPosition) -> int:
        """Go on following a run from a position; what comes of it is as in :meth:`submitted`."""
        self._say(f"run {position.run_id}")
        if not self.json_wanted and can_draw(self.console):
            # A picture shows where all tasks stand, so all of it is asked for.
            position = WaitPosition(position.run_id)
        return self._followed(position, None)

    def _followed(self, position: WaitPosition, digest: str | None) -> int:
        with _ctrl_c() as token, self._board() as board:
            waited = wait_for_completion(
                self.client,
                position.run_id,
                self.timeout,
                on_event=board.heard,
                cancel_token=token,
                resume_from=position,
            )
        if isinstance(waited, Failure):
            return self._given_up(waited.failure())
        outcome = waited.unwrap()
        if self.json_wanted:
            told_as_json(_report(outcome, digest))
        else:
            self.console.print("\n".join(_told(outcome, digest)))
        return 0 if outcome.status == "SUCCESS" else 1

    def _given_up(self, problem: ClientError) -> int:
        position = getattr(problem, "position", None)
        kept = shlex.quote(position.text()) if isinstance(position, WaitPosition) and self.outlived else None
        if isinstance(problem, WaitCancelledError) and not self.outlived:
            raise KeyboardInterrupt
        if not isinstance(problem, WaitCancelledError):
            # A position in hand, the wait can go on.
            raise Trouble(one_line(problem) + (f"; go on with --resume {kept}" if kept else ""))
        if self.json_wanted:
            told_as_json({"interrupted": True, "position": problem.position.text()})
        else:
            click.echo(f"cascades: interrupted; the run goes on, and watching it with --resume {kept}", err=True)
        return INTERRUPTED

    def _board(self) -> Board:
        return SilentBoard() if self.json_wanted else board_for(self.console, self.dag)

    def _say(self, line: str) -> None:
        if not self.json_wanted:
            self.console.print(printable(line))


@contextmanager
def _ctrl_c() -> Iterator[CancelToken]:
    """A token that Ctrl-C cancels, so that the wait says how far it has come. A second Ctrl-C interrupts as ever."""
    token = CancelToken()
    before = signal.getsignal(signal.SIGINT)

    def cancel(_: int, __: Any) -> None:
        signal.signal(signal.SIGINT, before)
        token.cancel()

    # Whoever started this process may have chosen that it ignores the signal.
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, cancel)
    try:
        yield token
    finally:
        signal.signal(signal.SIGINT, before)


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
        "tasks": [{"id": task.id, "name": task.name, "status": task.status} for task in outcome.progress.tasks],
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
