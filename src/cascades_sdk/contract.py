"""The operations of the HTTP contract as data: one frozen row for each.

Decided here: identity, method, path, who may call, what is sent, and what each documented status answers.
Never here: functions that send, host names, what is tried again.

``tests/test_operations.py`` walks these rows against ``contracts/api.yaml``.
"""

from typing import Any, Final, Generic, Literal, TypeVar

import attrs

from cascades_sdk.types import (
    ApiVersionResponse,
    RunStreamEvent,
    WorkflowEngineUnavailable,
    WorkflowNotFound,
    WorkflowRunAccepted,
    WorkflowRunRequestBody,
    WorkflowValidationError,
)

__all__ = [
    "GET_PUBLIC_API_VERSION",
    "OPERATIONS",
    "STREAM_RUN_TELEMETRY",
    "SUBMIT_WORKFLOW_RUN",
    "Body",
    "Operation",
]

_T = TypeVar("_T")


@attrs.frozen
class Body:
    """The body of a request: its class, and whether a key outside of it is refused (``closed``)."""

    schema: type
    required: bool
    closed: bool


@attrs.frozen
class Operation(Generic[_T]):
    """One operation. ``answer`` is the class of a 200's body, in the media type ``media``.

    ``errors`` lists the other documented statuses, each with the class of its body, or None for no body schema.
    """

    id: str
    method: Literal["GET", "POST"]
    path: str
    answer: type[_T]
    auth: Literal["none", "cookie"] = "cookie"
    body: Body | None = None
    query: tuple[str, ...] = ()
    media: Literal["application/json", "text/event-stream"] = "application/json"
    errors: tuple[tuple[int, type | None], ...] = ()


GET_PUBLIC_API_VERSION: Final = Operation(
    id="getPublicApiVersion",
    method="GET",
    path="/api/system/version",
    answer=ApiVersionResponse,
    auth="none",
)

SUBMIT_WORKFLOW_RUN: Final = Operation(
    id="submitWorkflowRun",
    method="POST",
    path="/api/workflows/run",
    answer=WorkflowRunAccepted,
    body=Body(WorkflowRunRequestBody, required=False, closed=True),
    errors=(
        (400, WorkflowValidationError),
        (401, None),
        (404, WorkflowNotFound),
        (503, WorkflowEngineUnavailable),
    ),
)

STREAM_RUN_TELEMETRY: Final = Operation(
    id="streamRunTelemetry",
    method="GET",
    path="/api/runs/{id}/stream",
    answer=RunStreamEvent,
    query=("since", "taskSince"),
    media="text/event-stream",
    errors=((401, None), (404, None)),
)

#: Every operation that this version speaks, in the order of the contract.
OPERATIONS: Final[tuple[Operation[Any], ...]] = (
    GET_PUBLIC_API_VERSION,
    SUBMIT_WORKFLOW_RUN,
    STREAM_RUN_TELEMETRY,
)
