"""The DAG document that deployments know today: which task comes after which.

Decided here: the projection, key by key, and that it knows calls only. Never here: arguments, options, groups and
inputs; this document has no place for them, so two different flows may share one. ``encoding`` writes the document that
says it all.
"""

from typing import Any

from returns.result import Failure, Success

from cascades_sdk.errors import STACK_ADVICE, STACK_PROBLEM, InvalidDagError, Outcome, stack_safe
from cascades_sdk.graph._bindings import NodeReference, node_id
from cascades_sdk.graph._dag import Dag
from cascades_sdk.graph._model import Call
from cascades_sdk.values import FrozenDict, json_pointer

__all__ = ["deployed_document"]


@stack_safe(InvalidDagError("", STACK_PROBLEM, STACK_ADVICE))
def deployed_document(dag: Dag) -> Outcome[FrozenDict, InvalidDagError]:
    """The nodes and edges of a graph, as deployments read them. Linear.

    ``nodes`` in the order of capture, each with one dependency for each reference, repeats kept; ``edges``
    without repeats; ``return_node`` where the flow returned the output of a node, whole; ``entrypoints``
    where there is a node to enter at.

    Returns:
        ``Success(document)``, or ``Failure(InvalidDagError)`` with the pointer to the first map or choice: a deployment
        that does not know them would run something else.
    """
    calls: list[Call] = []
    for ordinal, node in enumerate(dag.nodes):
        if type(node) is not Call:
            problem = f"deployments know calls only, and this is a {type(node).__name__.lower()}"
            return Failure(
                InvalidDagError(json_pointer(["nodes", ordinal]), problem, "give the document of dag_to_json")
            )
        calls.append(node)
    document: dict[str, Any] = {
        "edges": [
            {"from": node_id(upstream), "to": node_id(ordinal)}
            for ordinal, node in enumerate(calls)
            for upstream in node.upstream
        ],
        "nodes": [
            {
                "dependencies": [node_id(upstream) for upstream in node.dependencies],
                "id": node_id(ordinal),
                "task_name": node.task,
            }
            for ordinal, node in enumerate(calls)
        ],
    }
    if dag.nodes:
        document["entrypoints"] = {"default": {"node": node_id(0)}}
    if type(dag.returns) is NodeReference and not dag.returns.path:
        document["return_node"] = node_id(dag.returns.node)
    return Success(FrozenDict(document))
