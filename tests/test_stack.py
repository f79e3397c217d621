"""Near the end of the caller's stack: an outcome is an outcome, and what is total needs as much as it says."""

import sys
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from returns.result import Failure, Success

from cascades_sdk.compiler import build_dag_from_flow, build_dag_from_flow_json, flow, task
from cascades_sdk.diff import dag_diff
from cascades_sdk.encoding import (
    _fast,
    canonical_cbor,
    canonical_json,
    canonicalize_dag,
    dag_digest,
    dag_from_cbor,
    dag_from_json,
    dag_to_cbor,
    dag_to_json,
    node_digests,
)
from cascades_sdk.errors import CompileError
from cascades_sdk.evaluation import evaluate
from cascades_sdk.graph import (
    Binding,
    Call,
    Dag,
    FlowInput,
    InputReference,
    ListBinding,
    Literal,
    NodeReference,
    Parameter,
    TaskDefinition,
    dag,
    deployed_document,
    object_binding,
)
from cascades_sdk.values import MAX_DEPTH, FrozenDict, thaw

#: What the docstrings promise: for values that do not nest, and for those that nest as deep as they may.
SHALLOW, DEEP = 60, 300


def with_frames_left(left: int, run: Callable[[], Any]) -> Any:
    """What is answered where ``run`` calls one function, for which so many more frames fit on the stack."""
    # Two more are the last frame on the way down, and that of `run`. How many there are is tried: native code counts,
    # too, and is seen nowhere.
    return _down(_room() - left - 2, run)


def _room() -> int:
    """How many frames fit on the stack of the caller."""
    try:
        return 1 + _room()
    except RecursionError:
        return 0


def _down(frames: int, run: Callable[[], Any]) -> Any:
    return run() if frames <= 0 else _down(frames - 1, run)


def nested(value: Any, container: Callable[[Any], Any], levels: int = MAX_DEPTH) -> Any:
    for _ in range(levels):
        value = container(value)
    return value


def graph(literal: Any, binding: Binding) -> Dag:
    step = TaskDefinition("t", "m:t", True, (Parameter("a"),))
    calls = Call("t", (("a", Literal(literal)),)), Call("t", (("a", binding),))
    return Dag("f", (FlowInput("x", Literal(literal)),), (step,), calls, (), NodeReference(1))


@task(name="t")
def same(a: Any) -> Any:
    return a


@flow
def shallow_flow(x: Any) -> Any:
    return same([same([1, {"k": 2}]), x])


@flow
def deep_flow(x: Any) -> Any:
    return same(nested(same(nested(1, lambda inner: [inner], MAX_DEPTH)), lambda inner: {"k": inner}, MAX_DEPTH))


@attrs.frozen
class Case:
    """A graph, another, a value and a flow, and how many frames are enough for all that is done with them."""

    graph: Dag
    other: Dag
    value: Any
    flow: Any
    frames: int


CASES = {
    "values that do not nest": Case(
        graph((1, FrozenDict({"k": 2})), ListBinding((NodeReference(0), InputReference("x")))),
        graph((1, FrozenDict({"k": 3})), ListBinding((NodeReference(0), Literal(1), InputReference("x")))),
        [1, {"k": 0.5}],
        shallow_flow,
        SHALLOW,
    ),
    "lists as deep as they may be": Case(
        graph(nested(1, lambda inner: (inner,)), nested(NodeReference(0), lambda inner: ListBinding((inner,)))),
        graph(nested(2, lambda inner: (inner,)), nested(InputReference("x"), lambda inner: ListBinding((inner,)))),
        nested(1, lambda inner: [inner]),
        deep_flow,
        DEEP,
    ),
    "objects as deep as they may be": Case(
        graph(
            nested(1, lambda inner: FrozenDict.of_frozen({"k": inner})),
            nested(NodeReference(0), lambda inner: object_binding({"k": inner})),
        ),
        graph(
            nested(2, lambda inner: FrozenDict.of_frozen({"k": inner})),
            nested(InputReference("x"), lambda inner: object_binding({"k": inner})),
        ),
        nested(1, lambda inner: {"k": inner}),
        deep_flow,
        DEEP,
    ),
}


@pytest.fixture(params=["with orjson where it is there", "without orjson"])
def _accelerator(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "without orjson":
        monkeypatch.setattr(_fast, "orjson", None)


def outcomes(case: Case) -> dict[str, Callable[[], Any]]:
    text, packed = dag_to_json(case.graph), dag_to_cbor(case.graph)
    # Written anew, with nothing known of its parts.
    fresh = dag_from_json(text).unwrap()
    passing = Dag("f", (FlowInput("x", case.graph.inputs[0].default),), returns=InputReference("x"))
    deployed: Any = thaw(deployed_document(case.graph).unwrap())
    return {
        "canonical_json": lambda: canonical_json(case.value),
        "canonical_json of a graph": lambda: canonical_json(case.graph),
        "canonical_cbor": lambda: canonical_cbor(case.value),
        "canonical_cbor of a graph": lambda: canonical_cbor(case.graph),
        "dag_from_json": lambda: dag_from_json(text),
        "dag_from_json, lenient": lambda: dag_from_json(b" " + text, strict=False),
        "dag_from_cbor": lambda: dag_from_cbor(packed),
        "dag": lambda: dag(fresh.name, fresh.inputs, fresh.tasks, fresh.nodes, fresh.groups, fresh.returns),
        "deployed_document": lambda: deployed_document(case.graph),
        "canonicalize_dag": lambda: canonicalize_dag(deployed),
        "build_dag_from_flow": lambda: build_dag_from_flow(case.flow),
        "build_dag_from_flow_json": lambda: build_dag_from_flow_json(case.flow),
        "evaluate": lambda: evaluate(passing),
    }


@pytest.mark.usefixtures("_accelerator")
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_answers_outcomes_answers_one_however_little_of_the_stack_is_left(case: Case) -> None:
    for name, run in outcomes(case).items():
        whole = run()
        assert isinstance(whole, Success), name
        # Fewer than eight are what a tracer of lines needs for itself, where one is at work.
        for left in (*range(8 if sys.gettrace() else 1, SHALLOW), *range(SHALLOW, case.frames, 7)):
            outcome = with_frames_left(left, run)
            if isinstance(outcome, Failure):
                error = outcome.failure()
                assert isinstance(error, CompileError), (name, left)
                assert "recursion" in str(error), (name, left, error)
            else:
                assert outcome == whole, (name, left)
        assert with_frames_left(case.frames, run) == whole, name


@pytest.mark.usefixtures("_accelerator")
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_total_needs_no_more_frames_than_it_says(case: Case) -> None:
    totals: list[Callable[[], Any]] = [
        lambda: dag_to_json(case.graph),
        lambda: dag_to_cbor(case.graph),
        lambda: dag_digest(case.graph),
        lambda: node_digests(case.graph),
        lambda: (dag_diff(case.graph, case.other), str(dag_diff(case.graph, case.other))),
        lambda: dag_diff(case.other, case.graph),
        lambda: (case.graph == case.other, hash(case.graph)),
    ]
    for run in totals:
        assert with_frames_left(case.frames, run) == run()


@pytest.mark.parametrize("function", [dag_to_json, dag_to_cbor, dag_digest, node_digests, dag_diff])
def test_it_is_said(function: Callable[..., Any]) -> None:
    assert f"{DEEP} frames" in (function.__doc__ or "")
