"""Canonical JSON of values and graphs (RFC 8785).

Decided here: the document's keys. What is empty or not declared is left out, so that a document may grow
without changing the bytes of what exists. Never here: rules about graphs; the constructor of a ``Dag`` has
kept them, which makes writing total.
"""

import hashlib
from collections.abc import Iterable

from returns.result import Failure, Success

from cascades_sdk.encoding import _fast
from cascades_sdk.encoding._canonical import frozen_text, string_text
from cascades_sdk.encoding._forms import DOCUMENT_KIND
from cascades_sdk.errors import InvalidValueError, Outcome
from cascades_sdk.graph import (
    NO_OPTIONS,
    Binding,
    Dag,
    FlowInput,
    Group,
    InputReference,
    ListBinding,
    Literal,
    NodeReference,
    TaskDefinition,
    TaskOptions,
)
from cascades_sdk.values import FrozenValue, Refusal, freeze, sorted_names

__all__ = ["canonical_json", "dag_digest", "dag_to_json"]


def canonical_json(value: object) -> Outcome[str, InvalidValueError]:
    """The canonical JSON text of any value of the model, or of a :class:`~cascades_sdk.graph.Dag`. Linear.

    Returns:
        ``Success(text)``, or ``Failure(InvalidValueError)`` with the pointer to what is not in the model.
    """
    if type(value) is Dag:
        return Success(dag_to_json(value).decode())
    frozen = freeze(value)
    if isinstance(frozen, Refusal):
        return Failure(InvalidValueError(frozen.pointer, frozen.problem, frozen.advice))
    return Success(frozen_text(frozen))


def dag_to_json(dag: Dag) -> bytes:
    """The canonical JSON of a graph (RFC 8785), UTF-8; total, linear.

    Equal graphs give equal bytes; different graphs give different bytes. With the extra ``fast`` they are the same
    bytes, sooner.
    """
    accelerated = _fast.dag_bytes(dag)
    return _document(dag).encode() if accelerated is None else accelerated


def dag_digest(dag: Dag) -> str:
    """``sha256:`` and 64 hex digits over the canonical JSON: what ``sha256sum`` says of the file."""
    return "sha256:" + hashlib.sha256(dag_to_json(dag)).hexdigest()


def _document(dag: Dag) -> str:
    entries = [
        f'"groups":{_list(map(_group, dag.groups))}' if dag.groups else "",
        f'"inputs":{_list(map(_input, dag.inputs))}',
        f'"kind":"{DOCUMENT_KIND}"',
        f'"name":{string_text(dag.name)}',
        f'"nodes":{_list(_calls(dag))}',
        f'"returns":{_binding(dag.returns)}',
        f'"tasks":{{{",".join(f"{string_text(task.name)}:{_definition(task)}" for task in dag.tasks)}}}',
    ]
    return _object(entries)


def _object(entries: Iterable[str]) -> str:
    """An object of entries that are in order already; empty ones are left out."""
    return "{" + ",".join(filter(None, entries)) + "}"


def _list(items: Iterable[str]) -> str:
    return "[" + ",".join(items) + "]"


def _group(group: Group) -> str:
    return _object(
        (
            f'"name":{string_text(group.name)}',
            f'"nodes":{_ids(group.nodes)}',
            f'"parent":{group.parent}' if group.parent is not None else "",
        )
    )


def _input(entry: FlowInput) -> str:
    default = f'"default":{frozen_text(entry.default.value)}' if entry.default is not None else ""
    return _object((default, f'"name":{string_text(entry.name)}'))


def _definition(task: TaskDefinition) -> str:
    parameters = _list(
        _object(
            (
                f'"default":{frozen_text(parameter.default.value)}' if parameter.default is not None else "",
                f'"kind":"{parameter.kind}"',
                f'"name":{string_text(parameter.name)}',
            )
        )
        for parameter in task.parameters
    )
    return _object(
        (
            f'"importable":{"true" if task.importable else "false"}',
            _options(task.options),
            f'"parameters":{parameters}',
            f'"reference":{string_text(task.reference)}',
        )
    )


def _options(options: TaskOptions) -> str:
    declared: dict[str, FrozenValue] = options.declared()
    if not declared:
        return ""
    entries = [f'"{name}":{frozen_text(declared[name])}' for name in sorted_names(declared)]
    return f'"options":{_object(entries)}'


def _calls(dag: Dag) -> Iterable[str]:
    names = {task.name: _argument_names(task) for task in dag.tasks}
    texts = {task.name: string_text(task.name) for task in dag.tasks}
    for ordinal, call in enumerate(dag.nodes):
        given = dict(call.arguments)
        after = f'"after":{_ids(call.after)},' if call.after else ""
        bound = [f"{text}:{_binding(given[name])}" for name, text in names[call.task] if name in given]
        arguments = f'"arguments":{{{",".join(bound)}}},' if bound else ""
        options = "" if call.options is NO_OPTIONS else _options(call.options)
        yield (
            f'{{{after}{arguments}"id":"node-{ordinal}","kind":"call",'
            f'{options}{"," if options else ""}"task":{texts[call.task]}}}'
        )


def _argument_names(task: TaskDefinition) -> list[tuple[str, str]]:
    """The names of a task's parameters and their texts, in RFC 8785 order: worked out once for all calls."""
    return [(name, string_text(name)) for name in sorted_names(parameter.name for parameter in task.parameters)]


def _ids(nodes: Iterable[int]) -> str:
    return "[" + ",".join([f'"node-{node}"' for node in nodes]) + "]"


def _binding(binding: Binding) -> str:
    kind = type(binding)
    if kind is NodeReference:
        path = f',"path":{frozen_text(binding.path)}' if binding.path else ""  # type: ignore[union-attr]  # by kind
        return f'{{"node":"node-{binding.node}"{path}}}'  # type: ignore[union-attr]
    if kind is Literal:
        value = binding.value  # type: ignore[union-attr]
        return f'{{"literal":{string_text(value) if type(value) is str else frozen_text(value)}}}'
    if kind is InputReference:
        path = f',"path":{frozen_text(binding.path)}' if binding.path else ""  # type: ignore[union-attr]
        return f'{{"input":{string_text(binding.name)}{path}}}'  # type: ignore[union-attr]
    if kind is ListBinding:
        return f'{{"list":[{",".join([_binding(item) for item in binding.items])}]}}'  # type: ignore[union-attr]
    entries = [f"{string_text(key)}:{_binding(inner)}" for key, inner in binding.entries]  # type: ignore[union-attr]
    return f'{{"object":{{{",".join(entries)}}}}}'
