"""Submit, wait, and chains of both: functions that take the client as an argument.

Decided here: the public names. Never here: how a run is followed, or what a status means.

``submit_and_wait`` and its kin answer an ``Outcome``, for a ``match``. What is made to be chained is annotated
``Result``: :func:`submit`, :func:`wait`, :func:`require_success`, :func:`expect_definition`, as in
``submit(client)(body).bind(wait(client)).bind(require_success)``; :func:`as_outcome` closes a chain, :func:`as_future`
opens an async one, along which steps that are not async are bound by ``.bind_result``.

Events are told as ``RunStreamEvent``; :func:`details_of` answers what one says, as a closed sum: :class:`RunSnapshot`,
:class:`LogRow`, :class:`TaskRow`, :class:`StreamTrouble`, or :class:`OtherEvent` for types that are not known here.
"""

from cascades_sdk.pipelines._chains import as_future, as_outcome, submit, wait, wait_async
from cascades_sdk.pipelines._many import submit_and_wait_many, submit_and_wait_many_async
from cascades_sdk.pipelines._steps import (
    clone_and_submit,
    clone_and_submit_async,
    expect_definition,
    require_success,
)
from cascades_sdk.pipelines._streams import as_server_sent_event, follow_run, follow_run_async
from cascades_sdk.pipelines._waiting import (
    submit_and_wait,
    submit_and_wait_async,
    wait_for_completion,
    wait_for_completion_async,
)
from cascades_sdk.protocol.details import (
    EventDetails,
    LogRow,
    OtherEvent,
    RunSnapshot,
    StreamTrouble,
    TaskRow,
    details_of,
)
from cascades_sdk.protocol.following import RunOutcome, RunProgress, TaskProgress

__all__ = [
    "EventDetails",
    "LogRow",
    "OtherEvent",
    "RunOutcome",
    "RunProgress",
    "RunSnapshot",
    "StreamTrouble",
    "TaskProgress",
    "TaskRow",
    "as_future",
    "as_outcome",
    "as_server_sent_event",
    "clone_and_submit",
    "clone_and_submit_async",
    "details_of",
    "expect_definition",
    "follow_run",
    "follow_run_async",
    "require_success",
    "submit",
    "submit_and_wait",
    "submit_and_wait_async",
    "submit_and_wait_many",
    "submit_and_wait_many_async",
    "wait",
    "wait_async",
    "wait_for_completion",
    "wait_for_completion_async",
]
