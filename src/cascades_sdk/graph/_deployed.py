"""The DAG document that deployments know today: which task comes after which.

Decided here: the projection, key by key. Never here: arguments, options, groups and inputs; this document has
no place for them, so two different flows may share one. ``encoding`` writes the document that says it all.
"""

from typing import Any

from cascades_sdk.graph._bindings import NodeReference, node_id
from cascades_sdk.graph._dag import Dag
from cascades_sdk.values import FrozenDict

__all__ = ["deployed_document"]


def deployed_document(dag: Dag) -> FrozenDict:
    """The nodes and edges of a graph, as deployments read them. Linear.

    ``nodes`` in the order of capture, each with one dependency for each reference, repeats kept; ``edges``
    without repeats; ``return_node`` where the flow returned the output of a node, whole; ``entrypoints``
    where there is a node to enter at.
    """
    document: dict[str, Any] = {
        "edges": [
            {"from": node_id(upstream), "to": node_id(ordinal)}
            for ordinal, node in enumerate(dag.nodes)
            for upstream in node.upstream
        ],
        "nodes": [
            {
                "dependencies": [node_id(upstream) for upstream in node.dependencies],
                "id": node_id(ordinal),
                "task_name": node.task,
            }
            for ordinal, node in enumerate(dag.nodes)
        ],
    }
    if dag.nodes:
        document["entrypoints"] = {"default": {"node": node_id(0)}}
    if type(dag.returns) is NodeReference and not dag.returns.path:
        document["return_node"] = node_id(dag.returns.node)
    return FrozenDict(document)
