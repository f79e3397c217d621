"""The bodies of the contract as frozen classes: snake_case here, the contract's camelCase on the wire.

Decided here: names, kinds, enums, which keys are required, and what may stand in a request.
Never here: reading bytes, statuses, sending.

A response keeps the whole received body, frozen, as ``.wire``, with the keys that this version does not
know. A request is checked where it is made: a constructor raises :class:`ValidationError`.
"""

from collections.abc import Mapping
from typing import Any, Literal

import attrs

from cascades_sdk.errors import ValidationError
from cascades_sdk.values import FrozenDict, FrozenValue, Refusal, freeze

__all__ = [
    "ApiVersionResponse",
    "RunStreamEvent",
    "WireKey",
    "WorkflowEngineUnavailable",
    "WorkflowNotFound",
    "WorkflowRunAccepted",
    "WorkflowRunRequestBody",
    "WorkflowValidationError",
    "wire_keys",
]

Kind = Literal["string", "integer", "object"]

_EMPTY = FrozenDict()


@attrs.frozen
class WireKey:
    """How one key stands in the contract: its name, its kind, and the words it may hold (none: any)."""

    name: str
    kind: Kind
    required: bool = True
    enum: tuple[str, ...] = ()


def _key(name: str, kind: Kind, *enum: str, required: bool = True) -> dict[str, WireKey]:
    return {"wire": WireKey(name, kind, required, enum)}


def wire_keys(schema: type) -> tuple[tuple[str, WireKey], ...]:
    """The wire keys of a class of this module, each with the name of its field, in the order of the class."""
    return tuple((field.name, field.metadata["wire"]) for field in attrs.fields(schema) if "wire" in field.metadata)


def _frozen_object(value: Mapping[str, Any] | None) -> FrozenDict | None:
    if value is None:
        return None
    frozen = freeze(dict(value)) if isinstance(value, Mapping) else Refusal("", "not an object", "pass a dict")
    if isinstance(frozen, Refusal):
        refusal = frozen.under("context")
        raise ValidationError("submitWorkflowRun", f"{refusal.problem}; {refusal.advice}", pointer=refusal.pointer)
    assert isinstance(frozen, FrozenDict)
    return frozen


def _text(_: object, __: "attrs.Attribute[str | None]", value: str | None) -> None:
    if value is not None and (type(value) is not str or isinstance(freeze(value), Refusal)):
        raise ValidationError("submitWorkflowRun", f"expected text, found {value!r:.40}", pointer="/workflowId")


@attrs.frozen
class WorkflowRunRequestBody:
    """What to run, and with which inputs. Without ``workflow_id`` the bundled demo workflow runs.

    Raises:
        ValidationError: ``workflow_id`` is no text, or ``context`` is not an object of JSON values.
    """

    workflow_id: str | None = attrs.field(
        default=None, validator=_text, metadata=_key("workflowId", "string", required=False)
    )
    context: FrozenDict | None = attrs.field(
        default=None, converter=_frozen_object, metadata=_key("context", "object", required=False)
    )

    @property
    def wire(self) -> FrozenDict:
        """The body in wire case; what is None is absent."""
        given: dict[str, FrozenValue] = {"workflowId": self.workflow_id, "context": self.context}
        return FrozenDict({name: value for name, value in given.items() if value is not None})


@attrs.frozen
class ApiVersionResponse:
    """The version of the API that a deployment speaks."""

    api_version: Literal["v1"] = attrs.field(metadata=_key("apiVersion", "string", "v1"))
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class WorkflowRunAccepted:
    """A run was accepted: its id, what it runs (with the hash of the definition), and how it is executed."""

    run_id: str = attrs.field(metadata=_key("runId", "string"))
    workflow_id: str = attrs.field(metadata=_key("workflowId", "string"))
    workflow_definition_snapshot_id: str = attrs.field(metadata=_key("workflowDefinitionSnapshotId", "string"))
    definition_hash: str = attrs.field(metadata=_key("definitionHash", "string"))
    message: str = attrs.field(metadata=_key("message", "string"))
    task_runs: int = attrs.field(metadata=_key("taskRuns", "integer"))
    execution_mode: Literal["queued", "inline"] = attrs.field(
        metadata=_key("executionMode", "string", "queued", "inline")
    )
    catalog_item_id: str | None = attrs.field(default=None, metadata=_key("catalogItemId", "string", required=False))
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class WorkflowValidationError:
    """The body of a 400: the workflow or its inputs were refused."""

    error: Literal["Workflow validation failed"] = attrs.field(
        metadata=_key("error", "string", "Workflow validation failed")
    )
    code: str | None = attrs.field(default=None, metadata=_key("code", "string", required=False))
    message: str | None = attrs.field(default=None, metadata=_key("message", "string", required=False))
    details: FrozenDict | None = attrs.field(default=None, metadata=_key("details", "object", required=False))
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class WorkflowNotFound:
    """The body of a 404: no such workflow, or its definition is not usable."""

    error: Literal["Workflow not found"] = attrs.field(metadata=_key("error", "string", "Workflow not found"))
    reason: Literal["not_found", "invalid_definition"] = attrs.field(
        metadata=_key("reason", "string", "not_found", "invalid_definition")
    )
    workflow_id: str = attrs.field(metadata=_key("workflowId", "string"))
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class WorkflowEngineUnavailable:
    """The body of a 503: the execution engine takes no runs now."""

    error: Literal["Execution engine unavailable"] = attrs.field(
        metadata=_key("error", "string", "Execution engine unavailable")
    )
    message: str = attrs.field(metadata=_key("message", "string"))
    reason: Literal["worker_queue_required"] | None = attrs.field(
        default=None, metadata=_key("reason", "string", "worker_queue_required", required=False)
    )
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class RunStreamEvent:
    """One event of a run's telemetry. ``type`` may be a word that this version does not know."""

    type: str = attrs.field(metadata=_key("type", "string"))
    data: FrozenDict = attrs.field(metadata=_key("data", "object"))
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)
