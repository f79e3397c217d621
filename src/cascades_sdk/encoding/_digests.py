"""The digest of each node: what it computes, wherever it stands.

Decided here: the recipe. It is the SHA-256 of the RFC 8785 text of one object, in which each reference is replaced
by the digest of what it points to. Positions, groups, source lines, doc texts, the flow's name, what inputs
default to, and where a task's function lives stand outside, so that a digest survives edits elsewhere.
Never here: the document and its digest.
"""

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

from cascades_sdk.encoding._bindings import binding_json
from cascades_sdk.encoding._canonical import frozen_text, string_text
from cascades_sdk.graph import (
    Binding,
    Call,
    Choice,
    Dag,
    Guard,
    Map,
    TaskDefinition,
    TaskOptions,
    check_is_dag,
)
from cascades_sdk.values import sorted_names

__all__ = ["NODE_KIND", "node_digests"]

#: The domain separation and the version of what a node's digest covers.
NODE_KIND: Final = "cascades/node@1"


def node_digests(dag: Dag) -> tuple[str, ...]:
    """The digest of each node, in the order of the nodes: ``sha256:`` and 64 hex digits; total.

    Of a call or a map it covers the task's name, its version and the other options as the call has them, the bindings,
    the defaults that the call relies on, and the digests of the nodes that it comes after; of a choice its condition
    and what its branches answer; of each the guards around it. Equal calls under equal guards share a digest.

    One pass: each node is written and hashed once, and refers to others by text of one length. What a definition gives
    to its calls is written once. It is hashed with each of them, because the recipe has it behind the arguments: what
    is hashed is the objects of the recipe, whole, at the speed of SHA-256. Like
    :func:`~cascades_sdk.encoding.dag_to_json` it needs 300 frames of the stack at most.
    """
    check_is_dag(dag)
    definitions = {task.name: _Definition(task) for task in dag.tasks}
    guards = dag.guards
    told: dict[int, str] = {}  # what guards say, by their identity: all nodes of a group share one tuple
    digests: list[str] = []
    for node, around in zip(dag.nodes, guards, strict=True):
        guarded = told.get(id(around)) if around else ""
        if guarded is None:
            guarded = told[id(around)] = _guards(around, digests)
        if type(node) is Choice:
            hashed = hashlib.sha256(_choice(node, dag.condition_of(node), guarded, digests).encode())
        else:
            hashed = _hashed_call(node, guarded, definitions[node.task], digests)  # type: ignore[arg-type, union-attr]  # no choice
        digests.append("sha256:" + hashed.hexdigest())
    return tuple(digests)


class _Definition:
    """What a definition gives to its calls: written once per definition, not once per call.

    Most calls of a task bind the same parameters and override nothing, or the same. A few such answers are kept: not
    all, because each may be as large as the definition.
    """

    __slots__ = ("defaults_beside", "options_with")

    def __init__(self, task: TaskDefinition) -> None:
        values = {each.name: each.default.value for each in task.parameters if each.default is not None}
        defaults = {name: f"{string_text(name)}:{frozen_text(values[name])}" for name in sorted_names(values)}
        declared = _texts(task.options)
        its_task = f'"task":{string_text(task.name)}'

        def defaults_beside(arguments: tuple[str, ...]) -> bytes:
            given = frozenset(arguments)
            return _member("defaults", [text for name, text in defaults.items() if name not in given]).encode()

        def options_with(overrides: TaskOptions) -> bytes:
            texts = {**declared, **_texts(overrides)}
            version = texts.pop("version", "")
            options = ",".join([texts[name] for name in sorted_names(texts)])
            members = (f'"options":{{{options}}}' if options else "", its_task, version)
            return f",{','.join(filter(None, members))}}}".encode()

        #: The defaults that a call with these arguments relies on, and the comma behind them.
        self.defaults_beside: Final = lru_cache(_KEPT)(defaults_beside)
        #: What a call with these overrides ends with: its options, the task and the version.
        self.options_with: Final = lru_cache(_KEPT)(options_with)


#: How many answers of each kind a definition keeps.
_KEPT: Final = 8


def _texts(options: TaskOptions) -> dict[str, str]:
    return {name: f'"{name}":{frozen_text(value)}' for name, value in options.declared().items()}


def _hashed_call(call: Call | Map, guards: str, definition: _Definition, digests: Sequence[str]) -> Any:
    """The hash of a call, whose members are in RFC 8785 order; empty ones are left out."""
    given = dict(call.arguments)
    arguments = [f"{string_text(name)}:{binding_json(given[name], digests)}" for name in sorted_names(given)]
    hashed = hashlib.sha256(f"{{{_after(call.after, digests)}{_member('arguments', arguments)}".encode())
    hashed.update(definition.defaults_beside(tuple(given)))
    hashed.update(f'{guards}"kind":"{NODE_KIND}","node":"{"call" if type(call) is Call else "map"}"'.encode())
    hashed.update(definition.options_with(call.options))
    return hashed


def _choice(choice: Choice, condition: Binding, guards: str, digests: Sequence[str]) -> str:
    otherwise = choice.otherwise
    members = (
        f'"condition":{binding_json(condition, digests)}',
        f'{guards}"kind":"{NODE_KIND}","node":"choice"',
        f'"otherwise":{binding_json(otherwise.returns, digests)}' if otherwise is not None else "",
        f'"then":{binding_json(choice.then.returns, digests)}',
    )
    return "{" + ",".join(filter(None, members)) + "}"


# -- members that may be left out, each with the comma behind it ---------------------------------------


def _guards(guards: tuple[Guard, ...], digests: Sequence[str]) -> str:
    """The guards around a node, outermost first."""
    listed = [
        f'{{"branch":{"true" if guard.branch else "false"},"condition":{binding_json(guard.condition, digests)}}}'
        for guard in guards
    ]
    return f'"guards":[{",".join(listed)}],'


def _member(name: str, entries: Iterable[str]) -> str:
    text = ",".join(entries)
    return f'"{name}":{{{text}}},' if text else ""


def _after(after: tuple[int, ...], digests: Sequence[str]) -> str:
    if not after:
        return ""
    # Nodes that share a digest are told as often as they are.
    listed = '","'.join(sorted(digests[node] for node in after))
    return f'"after":["{listed}"],'
