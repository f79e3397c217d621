"""Whether a request for a run or a copy is in order: its body, its workflow, its inputs.

Decided here: the codes and bodies of the statuses 400, 404 and 503 of such a request.
Never here: the run, and the copy.
"""

from typing import Final

import attrs

from cascades_sdk.protocol.bodies import read_json
from cascades_sdk.testing.plane._events import Reply
from cascades_sdk.testing.plane._state import PlaneState, Workflow
from cascades_sdk.types import WorkflowCloneRequest, fault_of, refusal_text
from cascades_sdk.values import FrozenDict, FrozenValue, Refusal, freeze, json_pointer

__all__ = ["Cloning", "Submission", "cloning", "engine_unavailable", "refusal", "run_not_found", "submission"]

_KEYS: Final = ("workflowId", "context")

_SEND_JSON: Final = "send JSON as RFC 8259 has it, in UTF-8"


@attrs.frozen
class Submission:
    """A run request that is in order. ``inputs`` are what the context has for the flow's inputs."""

    workflow: Workflow
    inputs: FrozenDict


@attrs.frozen
class Cloning:
    """A request for a copy that is in order."""

    workflow: Workflow


@attrs.frozen
class _Fault:
    code: str
    message: str
    pointer: str = ""


def submission(state: PlaneState, connection: int, body: bytes) -> Submission | Reply:
    """The run that a body asks for, or the 400 or 404 that it gets. An empty body asks for the default."""
    asked = _object_from(body) if body else FrozenDict()
    if isinstance(asked, _Fault):
        return _bad_request(state, connection, asked)
    key, context = str(asked.get("workflowId", state.default)), asked.get("context", FrozenDict())
    workflow = _workflow(state, connection, key)
    if isinstance(workflow, Reply):
        return workflow
    assert isinstance(context, FrozenDict)
    lacking = next((name for name in workflow.required if name not in context), None)
    if lacking is not None:
        message = f"the flow needs {lacking!r} in the context"
        return _bad_request(state, connection, _Fault("missing_input", message, "/context"))
    # A context may hold more than the flow asks for: it is the run's, and the inputs are taken from it.
    inputs = {name: context[name] for name in workflow.inputs if name in context}
    frozen = freeze(inputs)
    if isinstance(frozen, Refusal):
        # JSON has integers that the value model has not; where no input needs them, they are nobody's concern.
        fault = _Fault("invalid_input", f"{frozen.problem}; {frozen.advice}", frozen.under("context").pointer)
        return _bad_request(state, connection, fault)
    return Submission(workflow, FrozenDict(inputs))


def cloning(state: PlaneState, connection: int, body: bytes) -> Cloning | Reply:
    """The copy that a body asks for, or the 400 or 404 that it gets. The contract gives this 400 no schema."""
    asked = _read(body)
    fault = asked if isinstance(asked, Refusal) else fault_of(WorkflowCloneRequest, asked)
    if fault is not None:
        return Reply(connection, 400, refusal("Bad request", f"{fault.pointer}: {refusal_text(fault)}"))
    assert isinstance(asked, FrozenDict)  # anything else has a fault
    workflow = _workflow(state, connection, str(asked["catalogItemId"]))
    return workflow if isinstance(workflow, Reply) else Cloning(workflow)


def _workflow(state: PlaneState, connection: int, key: str) -> Workflow | Reply:
    """The workflow that a key names, or its 404."""
    workflow = state.workflow(key)
    if workflow is not None and workflow.problem is None:
        return workflow
    reason = "not_found" if workflow is None else "invalid_definition"
    missing = {"error": "Workflow not found", "reason": reason, "workflowId": key}
    return Reply(connection, 404, FrozenDict(missing))


def refusal(error: str, message: str) -> FrozenDict:
    """A body for the statuses that the contract gives no schema."""
    return FrozenDict({"error": error, "message": message})


def run_not_found(connection: int) -> Reply:
    """The 404 of a stream."""
    return Reply(connection, 404, refusal("Run not found", "it was never accepted here, or it is forgotten"))


def engine_unavailable(state: PlaneState, connection: int) -> Reply:
    """The 503 of a plane none of whose remembered runs has ended."""
    body = {
        "error": "Execution engine unavailable",
        "message": f"{state.max_runs} runs are under way, and this local control plane has no queue",
    }
    if state.latitude.engine_reason:
        body["reason"] = "worker_queue_required"
    return Reply(connection, 503, FrozenDict(body))


def _bad_request(state: PlaneState, connection: int, fault: _Fault) -> Reply:
    body = {"error": "Workflow validation failed"}
    explained = {"code": fault.code, "message": fault.message, "details": {"pointer": fault.pointer}}
    return Reply(connection, 400, FrozenDict(body | explained if state.latitude.explained else body))


def _read(body: bytes) -> FrozenValue | Refusal:
    """The value of a body. What is wrong with one is told to whoever sent it: a reader of answers is told otherwise."""
    value = read_json(body)
    return attrs.evolve(value, advice=_SEND_JSON) if isinstance(value, Refusal) and value.advice else value


def _object_from(body: bytes) -> FrozenDict | _Fault:
    value = _read(body)
    if isinstance(value, Refusal):
        return _Fault("invalid_json", refusal_text(value), value.pointer)
    if not isinstance(value, FrozenDict):
        return _Fault("invalid_json", "expected an object")
    return _fault_of(value) or value


def _fault_of(asked: FrozenDict) -> _Fault | None:
    unknown = next((key for key in asked if key not in _KEYS), None)
    if unknown is not None:
        return _Fault("unknown_key", f"there is no key {unknown!r:.80}", json_pointer([unknown]))
    if type(asked.get("workflowId", "")) is not str:
        return _Fault("invalid_workflow_id", "expected a string", "/workflowId")
    if not isinstance(asked.get("context", FrozenDict()), FrozenDict):
        return _Fault("invalid_context", "expected an object", "/context")
    return None
