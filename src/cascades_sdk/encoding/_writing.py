"""Canonical JSON of values and graphs (RFC 8785).

Decided here: the document's keys. What is empty or not declared is left out, so that a document may grow
without changing the bytes of what exists. Never here: rules about graphs; the constructor of a ``Dag`` has
kept them, which makes writing total.
"""

import hashlib
from collections.abc import Iterable, Sequence

from returns.result import Failure, Success

from cascades_sdk.encoding import _fast
from cascades_sdk.encoding._bindings import binding_json
from cascades_sdk.encoding._canonical import frozen_text, string_text
from cascades_sdk.encoding._forms import DOCUMENT_KIND
from cascades_sdk.errors import STACK_ADVICE, STACK_PROBLEM, InvalidValueError, Outcome, stack_safe
from cascades_sdk.graph import (
    NO_OPTIONS,
    Branch,
    Call,
    Choice,
    Dag,
    FlowInput,
    Group,
    Guard,
    TaskDefinition,
    TaskOptions,
    check_is_dag,
    node_id,
)
from cascades_sdk.values import FrozenValue, Refusal, freeze, sorted_names

__all__ = ["canonical_json", "dag_digest", "dag_to_json", "document_digest"]


@stack_safe(InvalidValueError("", STACK_PROBLEM, STACK_ADVICE))
def canonical_json(value: object) -> Outcome[str, InvalidValueError]:
    """The canonical JSON text of any value of the model, or of a :class:`~cascades_sdk.graph.Dag`.

    Linear in what is written, and not in what is there in memory: a container that stands in many places is written out
    in each of them, so a small value may have a large text.

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
    bytes, sooner. It needs 300 frames of the stack at most, where values nest 64 deep, and 60 where they do not nest;
    where the caller has left less, it raises ``RecursionError``.
    """
    check_is_dag(dag)
    accelerated = _fast.dag_bytes(dag)
    return _document(dag).encode() if accelerated is None else accelerated


def dag_digest(dag: Dag) -> str:
    """``sha256:`` and 64 hex digits over the canonical JSON: what ``sha256sum`` says of the file.

    Like :func:`dag_to_json` it needs 300 frames of the stack at most.
    """
    return document_digest(dag_to_json(dag))


def document_digest(document: bytes) -> str:
    """The digest of a graph whose canonical JSON is at hand: ``sha256:`` and 64 hex digits.

    ``document_digest(dag_to_json(dag))`` is ``dag_digest(dag)`` without writing the graph once more. What is not
    canonical has a digest of no graph; :func:`dag_from_json` tells.
    """
    return "sha256:" + hashlib.sha256(document).hexdigest()


def _document(dag: Dag) -> str:
    ids = [node_id(ordinal) for ordinal in range(len(dag.nodes))]
    entries = [
        f'"groups":{_list(_group(group, ids) for group in dag.groups)}' if dag.groups else "",
        f'"inputs":{_list(map(_input, dag.inputs))}',
        f'"kind":"{DOCUMENT_KIND}"',
        f'"name":{string_text(dag.name)}',
        f'"nodes":{_list(_nodes(dag, ids))}',
        f'"returns":{binding_json(dag.returns, ids)}',
        f'"tasks":{{{",".join(f"{string_text(task.name)}:{_definition(task)}" for task in dag.tasks)}}}',
    ]
    return _object(entries)


def _object(entries: Iterable[str]) -> str:
    """An object of entries that are in order already; empty ones are left out."""
    return "{" + ",".join(filter(None, entries)) + "}"


def _list(items: Iterable[str]) -> str:
    return "[" + ",".join(items) + "]"


def _group(group: Group, ids: Sequence[str]) -> str:
    guard = "" if group.guard is None else f'"guard":{_guard(group.guard, ids)}'
    return _object(
        (
            guard,
            f'"name":{string_text(group.name)}',
            f'"nodes":{_listed(group.nodes, ids)}',
            f'"parent":{group.parent}' if group.parent is not None else "",
        )
    )


def _guard(guard: Guard, ids: Sequence[str]) -> str:
    return f'{{"branch":{"true" if guard.branch else "false"},"condition":{binding_json(guard.condition, ids)}}}'


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


def _nodes(dag: Dag, ids: Sequence[str]) -> Iterable[str]:
    names = {task.name: _argument_names(task) for task in dag.tasks}
    texts = {task.name: string_text(task.name) for task in dag.tasks}
    for identity, node in zip(ids, dag.nodes, strict=True):
        if type(node) is Choice:
            yield _choice(node, identity, ids)
            continue
        given = dict(node.arguments)  # type: ignore[union-attr]  # a call or a map
        after = f'"after":{_listed(node.after, ids)},' if node.after else ""  # type: ignore[union-attr]
        task = node.task  # type: ignore[union-attr]
        plan = names[task]
        if len(plan) > 8 + 4 * len(given):  # a task may have many parameters of which each call binds few
            plan = [(name, string_text(name)) for name in sorted_names(given)]
        bound = [f"{text}:{binding_json(given[name], ids)}" for name, text in plan if name in given]
        arguments = f'"arguments":{{{",".join(bound)}}},' if bound else ""
        options = "" if node.options is NO_OPTIONS else _options(node.options)  # type: ignore[union-attr]
        yield (
            f'{{{after}{arguments}"id":"{identity}","kind":"{"call" if type(node) is Call else "map"}",'
            f'{options}{"," if options else ""}"task":{texts[task]}}}'
        )


def _choice(choice: Choice, identity: str, ids: Sequence[str]) -> str:
    otherwise = "" if choice.otherwise is None else f'"otherwise":{_branch(choice.otherwise, ids)},'
    return f'{{"id":"{identity}","kind":"choice",{otherwise}"then":{_branch(choice.then, ids)}}}'


def _branch(branch: Branch, ids: Sequence[str]) -> str:
    return f'{{"group":{branch.group},"returns":{binding_json(branch.returns, ids)}}}'


def _argument_names(task: TaskDefinition) -> list[tuple[str, str]]:
    """The names of a task's parameters and their texts, in RFC 8785 order: worked out once for all calls."""
    return [(name, string_text(name)) for name in sorted_names(parameter.name for parameter in task.parameters)]


def _listed(nodes: Iterable[int], ids: Sequence[str]) -> str:
    return "[" + ",".join([f'"{ids[node]}"' for node in nodes]) + "]"
