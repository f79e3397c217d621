"""What a request asks for: a decision about it that touches no run yet.

Decided here: paths, methods, who may ask, the cursors of a stream, and answers that a plane was told to give.
Never here: what a body may be, and how a run is accepted or followed.

The paths are those of the contract's rows; every other path is answered 404.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias, Union
from urllib.parse import parse_qsl, unquote

import attrs

from cascades_sdk.contract import (
    CLONE_CATALOG_WORKFLOW,
    GET_PUBLIC_API_VERSION,
    OPERATIONS,
    STREAM_RUN_TELEMETRY,
    SUBMIT_WORKFLOW_RUN,
    Operation,
)
from cascades_sdk.testing.plane._events import Reply, Request
from cascades_sdk.testing.plane._faults import BODILESS
from cascades_sdk.testing.plane._integrations import Saving, provider_of, saving, tried
from cascades_sdk.testing.plane._state import PlaneState
from cascades_sdk.testing.plane._submission import Cloning, Submission, cloning, refusal, submission
from cascades_sdk.testing.plane._telemetry import cursor_from
from cascades_sdk.types import wire_keys
from cascades_sdk.values import FrozenDict, FrozenValue

__all__ = ["MAX_BODY", "Decision", "Watching", "decided", "least_body", "operation_at"]

#: How large the body of a request may be, in bytes.
MAX_BODY: Final = 1024 * 1024


@attrs.frozen
class Watching:
    """A request for the stream of a run, which may or may not exist."""

    run_id: str
    since: int | None
    task_since: int | None


Decision: TypeAlias = Union[Reply, Submission, Watching, Cloning, Saving]  # noqa: UP007

_STAMP: Final = re.compile("[0-9]{1,18}")

_PATHS: Final[Mapping[str, Operation[Any]]] = {operation.path: operation for operation in OPERATIONS}


def operation_at(target: str) -> tuple[Operation[Any] | None, str]:
    """The operation that a target names, whatever the method, and the run id that stands in its path."""
    path = target.partition("?")[0]
    parts = path.split("/")
    if len(parts) == 5 and parts[:3] == ["", "api", "runs"] and parts[4] == "stream" and parts[3]:
        return STREAM_RUN_TELEMETRY, unquote(parts[3])
    return (None if "{" in path else _PATHS.get(path)), ""


def decided(state: PlaneState, request: Request, operation: Operation[Any] | None, run_id: str) -> Decision:
    """What a request asks for, or the answer that it gets at once."""
    connection = request.connection
    if operation is None:
        return Reply(connection, 404, refusal("Not found", "this local control plane has no such path"))
    if request.method != operation.method:
        body = refusal("Method not allowed", f"this path takes {operation.method}")
        return Reply(connection, 405, body, (("Allow", operation.method),))
    if operation.auth == "cookie" and not state.session_shown(request.headers):
        return Reply(connection, 401, refusal("Unauthorized", "send the session cookie"))
    if len(request.body) > MAX_BODY:
        return Reply(connection, 413, refusal("Content too large", f"a body has at most {MAX_BODY} bytes"))
    if operation is GET_PUBLIC_API_VERSION:
        return Reply(connection, 200, FrozenDict({"apiVersion": "v1"}))
    if operation is SUBMIT_WORKFLOW_RUN:
        return submission(state, connection, request.body)
    if operation is CLONE_CATALOG_WORKFLOW:
        return cloning(state, connection, request.body)
    if operation is STREAM_RUN_TELEMETRY:
        return _watching(state, request, run_id)
    if operation.body is None:
        return tried(state, connection, provider_of(operation))
    return saving(state, connection, provider_of(operation), request.body)


def _watching(state: PlaneState, request: Request, run_id: str) -> Watching:
    # Where a cursor is given twice, the last one counts.
    cursors = dict(parse_qsl(request.target.partition("?")[2]))
    last_id = next((value for name, value in request.headers if name == "last-event-id"), "")
    heard = int(last_id) if state.latitude.event_ids and _STAMP.fullmatch(last_id) else None
    since, task_since = cursor_from(cursors.get("since")), cursor_from(cursors.get("taskSince"))
    return Watching(run_id, heard if since is None else since, heard if task_since is None else task_since)


def least_body(operation: Operation[Any], status: int) -> FrozenDict:
    """The least that the contract asks of the body of this status, or of any body where it asks nothing."""
    if status in BODILESS:
        return FrozenDict()
    schema = dict(operation.errors).get(status)
    if schema is None:
        return refusal("Failure", "this local control plane was told to fail")
    return FrozenDict({key.name: _least(key) for _, key in wire_keys(schema) if key.required})


def _least(key: Any) -> FrozenValue:
    # What is required of an error's body is a word of an enum, or a text.
    return key.enum[0] if key.enum else "this local control plane was told to fail"
