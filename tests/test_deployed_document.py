"""The document of deployments in canonical order."""

import random
from typing import Any

import pytest
from returns.result import Failure, Success

from cascades_sdk.compiler import build_dag_from_flow, flow, task
from cascades_sdk.encoding import canonical_json, canonicalize_dag
from cascades_sdk.errors import InvalidDocumentError, InvalidValueError
from cascades_sdk.graph import deployed_document
from cascades_sdk.values import FrozenDict, thaw


@task
def add(a: int, b: int) -> int:
    return a + b


@task
def total(items: list[int]) -> int:
    return sum(items)


@flow
def diamond(n: int) -> int:
    first = add(n, 1)
    left = add(first, first)
    right = add(1, first)
    return total.after(first)([right, left, right])


def deployed(**changes: Any) -> dict[str, Any]:
    document: Any = thaw(deployed_document(build_dag_from_flow(diamond).unwrap()).unwrap())
    return {**document, **changes}


def test_the_projection_is_exactly_what_deployments_know() -> None:
    assert canonical_json(deployed()).unwrap() == (
        '{"edges":[{"from":"node-0","to":"node-1"},{"from":"node-0","to":"node-2"},'
        '{"from":"node-2","to":"node-3"},{"from":"node-1","to":"node-3"},{"from":"node-0","to":"node-3"}],'
        '"entrypoints":{"default":{"node":"node-0"}},'
        '"nodes":[{"dependencies":[],"id":"node-0","task_name":"add"},'
        '{"dependencies":["node-0","node-0"],"id":"node-1","task_name":"add"},'
        '{"dependencies":["node-0"],"id":"node-2","task_name":"add"},'
        '{"dependencies":["node-2","node-1","node-2","node-0"],"id":"node-3","task_name":"total"}],'
        '"return_node":"node-3"}'
    )


def test_a_flow_without_calls_has_no_entrypoint_and_no_return_node() -> None:
    @flow
    def nothing(n: int) -> list[int]:
        return [n]

    document = deployed_document(build_dag_from_flow(nothing).unwrap()).unwrap()

    assert document == FrozenDict({"nodes": [], "edges": []})
    assert canonicalize_dag(document) == Success(document)


def test_what_the_projection_writes_is_canonical_and_any_other_order_becomes_it() -> None:
    document = deployed()
    canonical = FrozenDict(document)
    assert canonicalize_dag(document) == Success(canonical)
    shuffling = random.Random(7)
    for _ in range(50):
        entries = list(document.items())
        shuffling.shuffle(entries)
        shuffled = dict(entries)
        shuffled["nodes"] = shuffling.sample(document["nodes"], len(document["nodes"]))
        shuffled["edges"] = shuffling.sample(document["edges"], len(document["edges"]))
        assert canonicalize_dag(shuffled) == Success(canonical)


def node(identity: Any, *dependencies: Any, name: Any = "t") -> dict[str, Any]:
    return {"id": identity, "task_name": name, "dependencies": list(dependencies)}


ENTRY = {"default": {"node": "node-0"}}


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ([], ""),
        ({"nodes": []}, ""),
        ({"nodes": [], "edges": [], "more": 1}, "/more"),
        ({"nodes": {}, "edges": []}, "/nodes"),
        ({"nodes": [], "edges": {}}, "/edges"),
        ({"nodes": [], "edges": [], "entrypoints": ENTRY}, "/entrypoints"),
        ({"nodes": [node("node-0")], "edges": []}, "/entrypoints"),
        ({"nodes": [], "edges": [], "entrypoints": None}, "/entrypoints"),
        ({"nodes": [], "edges": [], "return_node": "node-0"}, "/return_node"),
        ({"nodes": [], "edges": [], "return_node": 3}, "/return_node"),
        ({"nodes": [1], "edges": [], "entrypoints": ENTRY}, "/nodes/0"),
        ({"nodes": [node("node-1")], "edges": []}, "/nodes/0/id"),
        ({"nodes": [node("node-00")], "edges": []}, "/nodes/0/id"),
        ({"nodes": [node("node-0"), node("node-0")], "edges": []}, "/nodes/1/id"),
        ({"nodes": [node("node-0", name=3)], "edges": []}, "/nodes/0/task_name"),
        ({"nodes": [node("node-0", "node-0")], "edges": []}, "/nodes/0/dependencies/0"),
        ({"nodes": [node("node-0", [])], "edges": []}, "/nodes/0/dependencies/0"),
        (deployed(edges=[]), "/edges"),
        (deployed(edges=[{"from": "node-0", "to": "node-9"}]), "/edges/0"),
        (deployed(edges=[{"from": "node-0"}]), "/edges/0"),
    ],
)
def test_what_is_no_such_document_is_refused_with_the_pointer(document: Any, pointer: str) -> None:
    outcome = canonicalize_dag(document)

    assert isinstance(outcome, Failure)
    error = outcome.failure()
    assert isinstance(error, InvalidDocumentError)
    assert error.pointer == pointer


def test_what_is_no_value_is_refused_as_such() -> None:
    outcome = canonicalize_dag({"nodes": [{1}], "edges": []})

    assert isinstance(outcome, Failure)
    error = outcome.failure()
    assert isinstance(error, InvalidValueError)
    assert (error.pointer, error.subject) == ("/nodes/0", "DAG document")
