"""Flows as catalog entries: compiled, written, and read back, because the document is what a plane knows.

Decided here: how a flow becomes a ``Workflow``. Never here: how it runs.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias, Union

from returns.result import Failure

from cascades_sdk.compiler import Flow, build_dag_from_flow
from cascades_sdk.encoding import dag_digest, dag_from_json, dag_to_json
from cascades_sdk.errors import fresh
from cascades_sdk.graph import Choice, Dag
from cascades_sdk.testing.plane._checks import check
from cascades_sdk.testing.plane._state import Workflow
from cascades_sdk.testing.plane._table import Table

__all__ = ["FlowLike", "catalog_from", "dag_of", "workflow_from"]

#: What a catalog may hold: a flow, its compiled graph, or the bytes of a document.
FlowLike: TypeAlias = Union["Flow[..., Any]", Dag, bytes]


def catalog_from(flows: Mapping[str, FlowLike]) -> Table[str, Workflow]:
    """The catalog of these flows, by id.

    Raises:
        CascadesSDKError: a flow does not compile, or bytes are no document.
    """
    given: object = flows
    check(isinstance(given, Mapping), "ControlPlane", "catalog", 'flows by workflow id, as in {"report": report}')
    entries = {workflow_id: workflow_from(workflow_id, flow) for workflow_id, flow in flows.items()}
    for workflow_id, entry in entries.items():
        expected = f"the bytes of a document for {workflow_id!r}: {entry.problem}"
        check(entry.problem is None, "ControlPlane", "catalog", expected)
    return Table(entries)


def workflow_from(workflow_id: str, flow: FlowLike) -> Workflow:
    """The catalog entry of a flow. Bytes that are no document make an entry that says so.

    Raises:
        CascadesSDKError: the flow does not compile.
    """
    document = flow if isinstance(flow, bytes) else dag_to_json(_compiled(flow))
    read = dag_from_json(document)
    if isinstance(read, Failure):
        return Workflow(workflow_id, document, problem=str(read.failure()))
    dag = read.unwrap()
    return Workflow(
        workflow_id,
        document,
        digest=dag_digest(dag),
        name=dag.name,
        tasks=tuple("choice" if isinstance(node, Choice) else node.task for node in dag.nodes),
        inputs=tuple(given.name for given in dag.inputs),
        required=tuple(given.name for given in dag.inputs if given.default is None),
    )


def dag_of(workflow: Workflow) -> Dag:
    """The graph that the document of a workflow says.

    Raises:
        CascadesSDKError: it says none.
    """
    read = dag_from_json(workflow.document)
    if isinstance(read, Failure):
        raise fresh(read.failure())
    return read.unwrap()


def _compiled(flow: "Flow[..., Any] | Dag") -> Dag:
    if isinstance(flow, Dag):
        return flow
    compiled = build_dag_from_flow(flow)
    if isinstance(compiled, Failure):
        raise fresh(compiled.failure())
    return compiled.unwrap()
