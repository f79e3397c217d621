"""A ``Dag`` as its canonical document.

Decided here: the document's keys. What is empty or not declared is left out, so that a document may grow
without changing the bytes of what exists. Never here: rules about graphs; the constructor of a ``Dag`` has
kept them, which makes writing total.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

from cascades_sdk.encoding._canonical import frozen_text, string_text
from cascades_sdk.graph import (
    Binding,
    Call,
    Dag,
    FlowInput,
    Group,
    InputReference,
    ListBinding,
    Literal,
    NodeReference,
    Path,
    TaskDefinition,
    TaskOptions,
)
from cascades_sdk.values import FrozenValue, sorted_names

__all__ = ["DOCUMENT_KIND", "dag_digest", "dag_to_json"]

#: The domain separation and the version of the document.
DOCUMENT_KIND: Final = "cascades/dag@1"


def dag_to_json(dag: Dag) -> bytes:
    """The canonical JSON of a graph (RFC 8785), UTF-8; total, linear.

    Equal graphs give equal bytes; different graphs give different bytes.
    """
    entries = [
        f'"groups":{_list(map(_group, dag.groups))}' if dag.groups else "",
        f'"inputs":{_list(map(_input, dag.inputs))}',
        f'"kind":"{DOCUMENT_KIND}"',
        f'"name":{string_text(dag.name)}',
        f'"nodes":{_list(_call(ordinal, node) for ordinal, node in enumerate(dag.nodes))}',
        f'"returns":{_binding(dag.returns)}',
        f'"tasks":{{{",".join(f"{string_text(task.name)}:{_definition(task)}" for task in dag.tasks)}}}',
    ]
    return _object(entries).encode()


def dag_digest(dag: Dag) -> str:
    """``sha256:`` and 64 hex digits over the canonical JSON: what ``sha256sum`` says of the file."""
    return "sha256:" + hashlib.sha256(dag_to_json(dag)).hexdigest()


def _object(entries: Iterable[str]) -> str:
    """An object of entries that are in order already; empty ones are left out."""
    return "{" + ",".join(filter(None, entries)) + "}"


def _list(items: Iterable[str]) -> str:
    return "[" + ",".join(items) + "]"


def _group(group: Group) -> str:
    return _object(
        (
            f'"name":{string_text(group.name)}',
            f'"nodes":{_list(f"{chr(34)}node-{node}{chr(34)}" for node in group.nodes)}',
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


def _call(ordinal: int, call: Call) -> str:
    after = _list(f'"node-{node}"' for node in call.after)
    ordered = call.arguments if len(call.arguments) < 2 else _in_order(call.arguments)
    arguments = ",".join([f"{string_text(name)}:{_binding(binding)}" for name, binding in ordered])
    return _object(
        (
            f'"after":{after}' if call.after else "",
            f'"arguments":{{{arguments}}}' if arguments else "",
            f'"id":"node-{ordinal}","kind":"call"',
            _options(call.options),
            f'"task":{string_text(call.task)}',
        )
    )


def _in_order(arguments: tuple[tuple[str, Binding], ...]) -> list[tuple[str, Binding]]:
    by_name = dict(arguments)
    return [(name, by_name[name]) for name in sorted_names(by_name)]


def _binding(binding: Binding) -> str:
    kind = type(binding)
    if kind is NodeReference:
        return f'{{"node":"node-{binding.node}"{_path(binding.path)}}}'  # type: ignore[union-attr]  # by kind
    if kind is Literal:
        return f'{{"literal":{frozen_text(binding.value)}}}'  # type: ignore[union-attr]
    if kind is InputReference:
        return f'{{"input":{string_text(binding.name)}{_path(binding.path)}}}'  # type: ignore[union-attr]
    if kind is ListBinding:
        return f'{{"list":{_list(map(_binding, binding.items))}}}'  # type: ignore[union-attr]
    entries = [f"{string_text(key)}:{_binding(inner)}" for key, inner in binding.entries]  # type: ignore[union-attr]
    return f'{{"object":{{{",".join(entries)}}}}}'


def _path(path: Path) -> str:
    return f',"path":{frozen_text(path)}' if path else ""
