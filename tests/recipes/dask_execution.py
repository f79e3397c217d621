"""Executing a read graph on a Dask cluster: for those who outgrow one machine and have no control plane.

``execute(client, dag, inputs)`` gives Dask one future for each node and answers that of the flow's result; Dask runs
what is ready, anywhere. Each node becomes a graph of its own, in which other nodes are inputs, and a worker evaluates
it: so calls, maps, choices and async tasks mean what they mean to ``evaluate``, and fail with its errors. Retries that
a task declares are Dask's retries. Workers import the tasks by the references of the document.
"""

from collections.abc import Mapping
from typing import Any

import attrs
from distributed import Client, Future

from cascades_sdk import raise_on_failure
from cascades_sdk.evaluation import evaluate
from cascades_sdk.graph import (
    Choice,
    Dag,
    FlowInput,
    InputReference,
    ListBinding,
    NodeReference,
    ObjectBinding,
    object_binding,
    references_of,
)


def apart(binding: Any) -> Any:
    """A binding in which other nodes are inputs, of names that no parameter has."""
    match binding:
        case NodeReference(node, path):
            return InputReference(f"node {node}", path)
        case ListBinding(items):
            return ListBinding(tuple(map(apart, items)))
        case ObjectBinding(entries):
            return ObjectBinding(tuple((key, apart(each)) for key, each in entries))
    return binding


def graph_of(bindings: Mapping[str, Any], returns: Any, **parts: Any) -> Dag:
    """The graph of one part, whose inputs are what its bindings refer to."""
    named = {each.name for binding in bindings.values() for each in references_of(binding)}
    return Dag("part", tuple(map(FlowInput, sorted(named))), returns=returns, **parts)


def graph_of_value(binding: Any) -> Dag:
    return graph_of({"value": apart(binding)}, apart(binding))


def graph_of_node(dag: Dag, node: Any) -> Dag:
    arguments = {name: apart(binding) for name, binding in node.arguments}
    alone = attrs.evolve(node, arguments=tuple(arguments.items()), after=())
    return graph_of(arguments, NodeReference(0), tasks=(dag.definitions[node.task],), nodes=(alone,))


def worked_out(graph: Dag, guards: Any, inputs: Mapping[str, Any], nodes: Mapping[int, Any]) -> Any:
    """The value of a part, on a worker; nothing where a guard says that its branch is not taken."""
    values = {**inputs, **{f"node {node}": value for node, value in nodes.items()}}

    def value_of(graph: Dag) -> Any:
        return raise_on_failure(evaluate(graph, {each.name: values[each.name] for each in graph.inputs}))

    for condition, branch in guards:
        decided = value_of(condition)
        if type(decided) is not bool:
            raise TypeError(f"the condition is {decided!r}; let a task answer exactly a bool")
        if decided is not branch:
            return None
    return value_of(graph)


def either(one: Any, other: Any) -> Any:
    """What a choice answers: of the branch that is not taken there is nothing."""
    return other if one is None else one


def execute(client: Client, dag: Dag, inputs: Mapping[str, Any]) -> Future:
    """The future of the flow's result. Inputs that are missing or unknown raise what ``evaluate`` answers."""
    whole = object_binding({each.name: InputReference(each.name) for each in dag.inputs})
    given = raise_on_failure(evaluate(Dag(dag.name, dag.inputs, returns=whole), inputs))
    futures: dict[int, Future] = {}

    def submitted(graph: Dag, upstream: Any, guards: Any = (), retries: int | None = None) -> Future:
        around = {each: futures[each] for each in upstream}
        return client.submit(worked_out, graph, guards, given, around, retries=retries or 0, pure=False)

    for ordinal, (node, upstream) in enumerate(zip(dag.nodes, dag.upstream, strict=True)):
        guards = [(graph_of_value(guard.condition), guard.branch) for guard in dag.guards[ordinal]]
        if isinstance(node, Choice):
            condition = graph_of_value(dag.condition_of(node))
            answers = [
                submitted(graph_of_value(branch.returns), upstream, [*guards, (condition, branch is node.then)])
                for branch in node.branches
            ]
            futures[ordinal] = client.submit(either, answers[0], answers[-1], pure=False)
            continue
        task = dag.definitions[node.task]
        retries = task.options.retries if node.options.retries is None else node.options.retries
        futures[ordinal] = submitted(graph_of_node(dag, node), upstream, guards, retries)
    returned = {each.node for each in references_of(dag.returns) if isinstance(each, NodeReference)}
    return submitted(graph_of_value(dag.returns), returned)
