"""What each part of a graph is in the document, one level at a time.

Decided here: the keys of the document, for every writer but the one of JSON text, which writes them without a detour
(:mod:`cascades_sdk.encoding._writing`); a law holds the two together. Parts of a part stay what they
are, so that a writer asks for their form when it meets them: nothing recurses here, and no whole structure is built.
Never here: bytes, and the order of keys.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from cascades_sdk.graph import (
    NO_OPTIONS,
    Branch,
    Call,
    Choice,
    Dag,
    FlowInput,
    Group,
    Guard,
    InputReference,
    ListBinding,
    Literal,
    Map,
    NodeReference,
    ObjectBinding,
    Parameter,
    TaskDefinition,
    TaskOptions,
)
from cascades_sdk.values import FrozenValue

__all__ = ["DOCUMENT_KIND", "Form", "forms"]

#: The domain separation and the version of the document.
DOCUMENT_KIND: Final = "cascades/dag@1"

Form: TypeAlias = Callable[[Any], dict[str, Any]]


def forms(value: Callable[[FrozenValue], Any], ordinals: Iterator[int]) -> Mapping[type, Form]:
    """The form of each class of parts. ``value`` says what a writer wants of a value of the model.

    ``ordinals`` number the nodes as a writer meets them: in their order, each once. So nothing is kept for each node
    beside what is written; ten thousand objects more, and Python's collector looks at all that there is once more.
    """

    def document(dag: Dag) -> dict[str, Any]:
        form: dict[str, Any] = {
            "inputs": dag.inputs,
            "kind": DOCUMENT_KIND,
            "name": dag.name,
            "nodes": dag.nodes,
            "returns": dag.returns,
            "tasks": {task.name: task for task in dag.tasks},
        }
        if dag.groups:
            form["groups"] = dag.groups
        return form

    def group(group: Group) -> dict[str, Any]:
        form: dict[str, Any] = {"name": group.name, "nodes": _ids(group.nodes)}
        if group.parent is not None:
            form["parent"] = group.parent
        if group.guard is not None:
            form["guard"] = group.guard
        return form

    def flow_input(entry: FlowInput) -> dict[str, Any]:
        return {"name": entry.name, **default(entry.default)}

    def default(literal: Literal | None) -> dict[str, Any]:
        return {} if literal is None else {"default": value(literal.value)}

    def parameter(parameter: Parameter) -> dict[str, Any]:
        return {"kind": parameter.kind, "name": parameter.name, **default(parameter.default)}

    def definition(task: TaskDefinition) -> dict[str, Any]:
        form = {"importable": task.importable, "parameters": task.parameters, "reference": task.reference}
        return {**form, **options(task.options)}

    def options(options: TaskOptions) -> dict[str, Any]:
        declared = options.declared()
        return {"options": {name: value(declared[name]) for name in declared}} if declared else {}

    def node(node: Call | Map) -> dict[str, Any]:
        kind = "call" if type(node) is Call else "map"
        form: dict[str, Any] = {"id": f"node-{next(ordinals)}", "kind": kind, "task": node.task}
        if node.arguments:
            form["arguments"] = dict(node.arguments)
        if node.after:
            form["after"] = _ids(node.after)
        if node.options is not NO_OPTIONS:
            form.update(options(node.options))
        return form

    def choice(choice: Choice) -> dict[str, Any]:
        form: dict[str, Any] = {"id": f"node-{next(ordinals)}", "kind": "choice", "then": choice.then}
        if choice.otherwise is not None:
            form["otherwise"] = choice.otherwise
        return form

    def node_reference(binding: NodeReference) -> dict[str, Any]:
        if binding.path:
            return {"node": f"node-{binding.node}", "path": binding.path}
        return {"node": f"node-{binding.node}"}

    def input_reference(binding: InputReference) -> dict[str, Any]:
        return {"input": binding.name, "path": binding.path} if binding.path else {"input": binding.name}

    return {
        Dag: document,
        Group: group,
        FlowInput: flow_input,
        Parameter: parameter,
        TaskDefinition: definition,
        Call: node,
        Map: node,
        Choice: choice,
        Guard: lambda guard: {"branch": guard.branch, "condition": guard.condition},
        Branch: lambda branch: {"group": branch.group, "returns": branch.returns},
        NodeReference: node_reference,
        Literal: lambda binding: {"literal": value(binding.value)},
        InputReference: input_reference,
        ListBinding: lambda binding: {"list": binding.items},
        ObjectBinding: lambda binding: {"object": dict(binding.entries)},
    }


def _ids(nodes: tuple[int, ...]) -> list[str]:
    return [f"node-{node}" for node in nodes]
