"""Executing a read graph on a Dask cluster: for those who outgrow one machine and have no control plane.

``execute(client, dag, inputs)`` gives Dask one future for each node and answers that of the flow's result; Dask runs
what is ready, anywhere. Retries that a task declares are Dask's retries. Workers import the tasks by the references of
the document. Calls, maps and choices; async tasks are not run here.
"""

from collections.abc import Mapping
from importlib import import_module
from inspect import BoundArguments, signature
from operator import attrgetter
from typing import Any

from distributed import Client, Future

from cascades_sdk.graph import Choice, Dag, InputReference, ListBinding, Literal, Map, NodeReference, ObjectBinding
from cascades_sdk.values import thaw


def value_of(binding: Any, inputs: Mapping[str, Any], nodes: Mapping[int, Any]) -> Any:
    """What a binding stands for; nodes and inputs are there already."""
    match binding:
        case Literal(value):
            return thaw(value)
        case ListBinding(items):
            return [value_of(each, inputs, nodes) for each in items]
        case ObjectBinding(entries):
            return {key: value_of(each, inputs, nodes) for key, each in entries}
        case NodeReference(node, path):
            value = nodes[node]
        case InputReference(name, path):
            value = inputs[name]
    for selector in path:
        value = value[selector]
    return value


def run(reference: str, parameters: Any, node: Any, guards: Any, inputs: Any, nodes: dict[int, Any]) -> Any:
    """A call or a map, on a worker; nothing where a guard says that its branch is not taken."""
    if any(value_of(guard.condition, inputs, nodes) is not guard.branch for guard in guards):
        return None
    module, _, name = reference.partition(":")
    function: Any = attrgetter(name)(import_module(module)).function

    def called(arguments: Any) -> Any:
        bound = BoundArguments(signature(function), arguments)
        return function(*bound.args, **bound.kwargs)

    given = {each.name: thaw(each.default.value) for each in parameters if each.default}
    given |= {name: value_of(binding, inputs, nodes) for name, binding in node.arguments}
    if isinstance(node, Map):
        return [called(given | {parameters[0].name: item}) for item in given[parameters[0].name]]
    return called(given)


def choose(condition: Any, choice: Choice, inputs: Any, nodes: dict[int, Any]) -> Any:
    """What the branch answers that was taken."""
    taken = choice.then if value_of(condition, inputs, nodes) else choice.otherwise
    return None if taken is None else value_of(taken.returns, inputs, nodes)


def execute(client: Client, dag: Dag, inputs: Mapping[str, Any]) -> Future:
    """The future of the flow's result."""
    given = {each.name: thaw(each.default.value) for each in dag.inputs if each.default} | dict(inputs)
    futures: dict[int, Future] = {}
    for ordinal, (node, upstream) in enumerate(zip(dag.nodes, dag.upstream, strict=True)):
        around = {each: futures[each] for each in upstream}
        if isinstance(node, Choice):
            futures[ordinal] = client.submit(choose, dag.condition_of(node), node, given, around, pure=False)
            continue
        task = dag.definitions[node.task]
        retries = node.options.retries if node.options.retries is not None else task.options.retries
        futures[ordinal] = client.submit(
            *(run, task.reference, task.parameters, node, dag.guards[ordinal], given, around),
            retries=retries or 0,
            pure=False,
        )
    return client.submit(value_of, dag.returns, given, futures, pure=False)
