"""The DAG document that deployments know today, in canonical order.

Decided here: what such a document must hold to have an order at all. Never here: how a ``Dag`` is projected to
one (:func:`cascades_sdk.graph.deployed_document`).
"""

from collections.abc import Mapping
from typing import Any

from returns.result import Failure, Success

from cascades_sdk.errors import (
    STACK_ADVICE,
    STACK_PROBLEM,
    InvalidDocumentError,
    InvalidValueError,
    Outcome,
    stack_safe,
)
from cascades_sdk.graph import ordinal_of
from cascades_sdk.values import FrozenDict, FrozenValue, Refusal, freeze, json_pointer

__all__ = ["canonicalize_dag"]

_NODE_KEYS = ("dependencies", "id", "task_name")


class _Fault(Exception):
    def __init__(self, problem: str, *path: str | int) -> None:
        super().__init__(problem)
        self.problem, self.path = problem, path


@stack_safe(InvalidValueError("", STACK_PROBLEM, STACK_ADVICE, "DAG document"))
def canonicalize_dag(document: Mapping[str, Any]) -> Outcome[FrozenDict, InvalidValueError | InvalidDocumentError]:
    """A document of the form that deployments know, in canonical order.

    Keys are sorted, nodes are in the order of their ids, edges are in the order in which the dependencies of the
    nodes give rise to them, each once. Idempotent; what :func:`~cascades_sdk.graph.deployed_document`
    writes is canonical already. Linear.

    Returns:
        ``Success(FrozenDict)``; ``Failure(InvalidValueError)`` where the mapping holds what is no value; or
        ``Failure(InvalidDocumentError)`` with the pointer where it is no such document: a key that is
        missing or unknown, ids that do not count up from ``node-0``, a reference to a later or missing
        node, edges that are not those of the dependencies.
    """
    frozen = freeze(dict(document) if isinstance(document, Mapping) else document)
    if isinstance(frozen, Refusal):
        return Failure(InvalidValueError(frozen.pointer, frozen.problem, frozen.advice, "DAG document"))
    try:
        return Success(_canonical(frozen))
    except _Fault as fault:
        return Failure(InvalidDocumentError(fault.problem, pointer=json_pointer(fault.path)))


def _canonical(document: FrozenValue) -> FrozenDict:
    fields = _object(document, ("edges", "nodes"), ("entrypoints", "return_node"))
    by_position: dict[int, FrozenDict] = {}
    given = _list(fields["nodes"], "nodes")
    for at, item in enumerate(given):
        node = _object(item, _NODE_KEYS, (), "nodes", at)
        position = ordinal_of(node["id"])
        if position is None or position >= len(given) or position in by_position:
            raise _Fault("ids count up from node-0, each once", "nodes", at, "id")
        if type(node["task_name"]) is not str:
            raise _Fault("a task's name is text", "nodes", at, "task_name")
        for index, upstream in enumerate(_list(node["dependencies"], "nodes", at, "dependencies")):
            earlier = ordinal_of(upstream)
            if earlier is None or earlier >= position:
                raise _Fault("must be the id of an earlier node", "nodes", at, "dependencies", index)
        by_position[position] = node
    nodes = [by_position[position] for position in range(len(given))]
    _check_ends(fields, len(nodes))
    return FrozenDict({**fields, "edges": _edges(fields["edges"], nodes), "nodes": nodes})


def _check_ends(fields: FrozenDict, nodes: int) -> None:
    if "return_node" in fields:
        position = ordinal_of(fields["return_node"])
        if position is None or position >= nodes:
            raise _Fault("must be the id of a node", "return_node")
    expected = {"entrypoints": FrozenDict({"default": {"node": "node-0"}})} if nodes else {}
    if {key: fields[key] for key in fields if key == "entrypoints"} != expected:
        raise _Fault("the default entrypoint is the first node, and absent where there is none", "entrypoints")


def _edges(given: FrozenValue, nodes: list[FrozenDict]) -> list[FrozenValue]:
    arising: dict[tuple[Any, Any], None] = dict.fromkeys(
        (upstream, node["id"])
        for node in nodes
        for upstream in node["dependencies"]  # type: ignore[union-attr]  # a list by now
    )
    missing = set(arising)
    for at, item in enumerate(_list(given, "edges")):
        edge = _object(item, ("from", "to"), (), "edges", at)
        ends = edge["from"], edge["to"]
        if ends not in arising:
            raise _Fault("no dependency gives rise to this edge", "edges", at)
        missing.discard(ends)
    if missing:
        raise _Fault(f"the edge {min(missing)} is missing", "edges")
    return [FrozenDict({"from": source, "to": target}) for source, target in arising]


def _object(value: FrozenValue, required: tuple[str, ...], optional: tuple[str, ...], *path: str | int) -> FrozenDict:
    if type(value) is not FrozenDict:
        raise _Fault("must be an object", *path)
    for key in required:
        if key not in value:
            raise _Fault(f"the key {key!r} is missing", *path)
    for key in value:
        if key not in required and key not in optional:
            raise _Fault("this key is unknown", *path, key)
    return value


def _list(value: FrozenValue, *path: str | int) -> tuple[FrozenValue, ...]:
    if type(value) is not tuple:
        raise _Fault("must be a list", *path)
    return value
