"""What runs, copies and streams of workflows send and answer.

Decided here: names, kinds and enums of these bodies. Never here: how a body is checked.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import attrs

from cascades_sdk.errors import ValidationError
from cascades_sdk.types._wire import Shape, WireRequest, frozen_body, key, refusal_text
from cascades_sdk.values import FrozenDict, Refusal

__all__ = [
    "ApiVersionResponse",
    "RunStreamEvent",
    "WorkflowCloneRequest",
    "WorkflowCloneResponse",
    "WorkflowEngineUnavailable",
    "WorkflowNotFound",
    "WorkflowRunAccepted",
    "WorkflowRunRequestBody",
    "WorkflowValidationError",
]

_EMPTY = FrozenDict()


def _frozen_context(value: Mapping[str, Any] | None) -> FrozenDict | None:
    if value is None:
        return None
    frozen = frozen_body(value)
    if isinstance(frozen, FrozenDict):
        return frozen
    refusal = frozen if isinstance(frozen, Refusal) else Refusal("", "not an object", "pass a dict")
    refusal = refusal.under("context")
    raise ValidationError("submitWorkflowRun", refusal_text(refusal), pointer=refusal.pointer)


@attrs.frozen
class WorkflowRunRequestBody(WireRequest):
    """What to run, and with which inputs. Without ``workflow_id`` the bundled demo workflow runs.

    Raises:
        ValidationError: ``workflow_id`` is no text, or ``context`` is not an object of JSON values.
    """

    SHAPE: ClassVar[Shape] = Shape("submitWorkflowRun", closed=True)

    workflow_id: str | None = attrs.field(default=None, metadata=key("workflowId", required=False))
    context: FrozenDict | None = attrs.field(
        default=None, converter=_frozen_context, metadata=key("context", "object", required=False)
    )


@attrs.frozen
class WorkflowCloneRequest(WireRequest):
    """Which item of the catalog to copy.

    Raises:
        ValidationError: ``catalog_item_id`` is no text.
    """

    SHAPE: ClassVar[Shape] = Shape("cloneCatalogWorkflow", closed=True)

    catalog_item_id: str = attrs.field(metadata=key("catalogItemId"))


@attrs.frozen
class WorkflowCloneResponse:
    """The copy: ``catalog_item_id`` (``db-`` and the row's id) is what runs it."""

    catalog_item_id: str = attrs.field(metadata=key("catalogItemId"))
    workflow_row_id: str = attrs.field(metadata=key("workflowRowId"))
    definition_id: str = attrs.field(metadata=key("definitionId"))
    name: str = attrs.field(metadata=key("name"))
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class ApiVersionResponse:
    """The version of the API that a deployment speaks."""

    api_version: Literal["v1"] = attrs.field(metadata=key("apiVersion", "string", "v1"))
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class WorkflowRunAccepted:
    """A run was accepted: its id, what it runs (with the hash of the definition), and how it is executed."""

    run_id: str = attrs.field(metadata=key("runId"))
    workflow_id: str = attrs.field(metadata=key("workflowId"))
    workflow_definition_snapshot_id: str = attrs.field(metadata=key("workflowDefinitionSnapshotId"))
    definition_hash: str = attrs.field(metadata=key("definitionHash"))
    message: str = attrs.field(metadata=key("message"))
    task_runs: int = attrs.field(metadata=key("taskRuns", "integer"))
    execution_mode: Literal["queued", "inline"] = attrs.field(
        metadata=key("executionMode", "string", "queued", "inline")
    )
    catalog_item_id: str | None = attrs.field(default=None, metadata=key("catalogItemId", required=False))
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class WorkflowValidationError:
    """The body of a 400: the workflow or its inputs were refused."""

    error: Literal["Workflow validation failed"] = attrs.field(
        metadata=key("error", "string", "Workflow validation failed")
    )
    code: str | None = attrs.field(default=None, metadata=key("code", required=False))
    message: str | None = attrs.field(default=None, metadata=key("message", required=False))
    details: FrozenDict | None = attrs.field(default=None, metadata=key("details", "object", required=False))
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class WorkflowNotFound:
    """The body of a 404: no such workflow, or its definition is not usable."""

    error: Literal["Workflow not found"] = attrs.field(metadata=key("error", "string", "Workflow not found"))
    reason: Literal["not_found", "invalid_definition"] = attrs.field(
        metadata=key("reason", "string", "not_found", "invalid_definition")
    )
    workflow_id: str = attrs.field(metadata=key("workflowId"))
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class WorkflowEngineUnavailable:
    """The body of a 503: the execution engine takes no runs now."""

    error: Literal["Execution engine unavailable"] = attrs.field(
        metadata=key("error", "string", "Execution engine unavailable")
    )
    message: str = attrs.field(metadata=key("message"))
    reason: Literal["worker_queue_required"] | None = attrs.field(
        default=None, metadata=key("reason", "string", "worker_queue_required", required=False)
    )
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class RunStreamEvent:
    """One event of a run's telemetry. ``type`` may be a word that this version does not know."""

    type: str = attrs.field(metadata=key("type"))
    data: FrozenDict = attrs.field(metadata=key("data", "object"))
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)
