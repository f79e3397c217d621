"""Submitting a run and following it to its end, in front of a person.

Decided here: what is printed, in which order, and the exit code of a run. Never here: waiting.
"""

import json
import os
from typing import TypeVar

from returns.result import Failure
from rich.console import Console

from cascades_sdk.cli._boards import board_for
from cascades_sdk.cli._trouble import Trouble, one_line
from cascades_sdk.client import CascadesClient
from cascades_sdk.errors import AuthenticationError, CascadesSDKError, Outcome
from cascades_sdk.pipelines import wait_for_completion
from cascades_sdk.protocol.following import RunOutcome
from cascades_sdk.values import FrozenDict, FrozenValue, thaw
from cascades_sdk.views import printable

__all__ = ["followed", "settled"]

_T = TypeVar("_T")


def followed(console: Console, client: CascadesClient, workflow_id: str, context: FrozenDict, timeout: float) -> int:
    """Submit a run, show it as it goes on, and how it ends.

    Returns:
        The exit code: 0 for SUCCESS, 1 for FAILED or CANCELLED.

    Raises:
        Trouble: the run was not accepted, or could not be followed to its end.
    """
    body = {"workflowId": workflow_id, "context": thaw(context)}
    accepted = settled(client.submit_workflow_run(body))
    tasks = "1 task" if accepted.task_runs == 1 else f"{accepted.task_runs} tasks"
    console.print(printable(f"run {accepted.run_id} of {accepted.workflow_id}: {tasks}"))
    with board_for(console, os.environ.get("NO_COLOR", "")) as board:
        waited = wait_for_completion(client, accepted.run_id, timeout, on_event=board.heard)
    outcome = settled(waited)
    console.print(_report(outcome, accepted.definition_hash))
    return 0 if outcome.status == "SUCCESS" else 1


def settled(outcome: Outcome[_T, CascadesSDKError]) -> _T:
    """The value of an outcome.

    Raises:
        Trouble: it is a failure.
    """
    if isinstance(outcome, Failure):
        problem = outcome.failure()
        if isinstance(problem, AuthenticationError):
            # The library's advice is for those who write Python.
            raise Trouble(f"{problem.operation}: the session cookie was refused (status {problem.status})")
        raise Trouble(one_line(problem))
    return outcome.unwrap()


def _report(outcome: RunOutcome, digest: str) -> str:
    problem = outcome.event.data.get("error")
    shown = f"error   {one_line(str(problem))}" if problem is not None else _pretty(outcome.result)
    return f"{shown}\nstatus  {outcome.status}\ndigest  {printable(digest)}"


def _pretty(value: FrozenValue) -> str:
    """JSON that fits on a page: the members of an object one per line, each of them on one line."""
    if not isinstance(value, FrozenDict):
        return printable(json.dumps(thaw(value), ensure_ascii=False))
    members = (
        f"  {json.dumps(name, ensure_ascii=False)}: {json.dumps(thaw(member), ensure_ascii=False)}"
        for name, member in value.items()
    )
    return "{\n" + ",\n".join(map(printable, members)) + "\n}"
