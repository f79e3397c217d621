"""The digest of each node: what it computes, wherever it stands.

Decided here: the recipe. It is the SHA-256 of the RFC 8785 text of one object, in which each reference is replaced
by the digest of what it points to. Positions, groups, source lines, doc texts, the flow's name, what inputs
default to, and where a task's function lives stand outside, so that a digest survives edits elsewhere.
Never here: the document and its digest.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from cascades_sdk.encoding._bindings import binding_text
from cascades_sdk.encoding._canonical import frozen_text, string_text
from cascades_sdk.graph import (
    NO_OPTIONS,
    Binding,
    Call,
    Choice,
    Dag,
    Guard,
    Map,
    TaskDefinition,
    TaskOptions,
)
from cascades_sdk.values import FrozenValue, sorted_names

__all__ = ["NODE_KIND", "node_digests"]

#: The domain separation and the version of what a node's digest covers.
NODE_KIND: Final = "cascades/node@1"


def node_digests(dag: Dag) -> tuple[str, ...]:
    """The digest of each node, in the order of the nodes: ``sha256:`` and 64 hex digits; total.

    Of a call or a map it covers the task's name, its version and the other options as the call has them, the bindings,
    the defaults that the call relies on, and the digests of the nodes that it comes after; of a choice its condition
    and what its branches answer; of each the guards around it. Equal calls under equal guards share a digest.

    One pass: each node is written and hashed once, and refers to others by text of one length. What a
    definition gives to its calls is written once, and hashed with each of them. Like
    :func:`~cascades_sdk.encoding.dag_to_json` it needs 300 frames of the stack at most.
    """
    definitions = {task.name: _Definition(task) for task in dag.tasks}
    guards = dag.guards
    told: dict[int, str] = {}  # what guards say, by their identity: all nodes of a group share one tuple
    digests: list[str] = []
    for node, around in zip(dag.nodes, guards, strict=True):
        guarded = told.get(id(around)) if around else ""
        if guarded is None:
            guarded = told[id(around)] = _guards(around, digests)
        if type(node) is Choice:
            text = _choice(node, dag.condition_of(node), guarded, digests)
        else:
            text = _call(node, guarded, definitions[node.task], digests)  # type: ignore[arg-type, union-attr]  # no choice
        digests.append("sha256:" + hashlib.sha256(text.encode()).hexdigest())
    return tuple(digests)


class _Definition:
    """What a definition gives to its calls: written once per definition, not once per call."""

    __slots__ = ("all_defaults", "declared", "defaults", "options", "task")

    def __init__(self, task: TaskDefinition) -> None:
        defaults = {each.name: each.default.value for each in task.parameters if each.default is not None}
        self.task = f'"task":{string_text(task.name)}'
        self.defaults = {name: f"{string_text(name)}:{frozen_text(defaults[name])}" for name in sorted_names(defaults)}
        self.all_defaults = _member("defaults", self.defaults.values())
        self.declared = task.options.declared()
        self.options = _options(self.declared)

    def defaults_beside(self, arguments: Mapping[str, Binding]) -> str:
        """The defaults that a call with these arguments relies on."""
        if not arguments or not self.defaults:
            return self.all_defaults
        return _member("defaults", [text for name, text in self.defaults.items() if name not in arguments])

    def options_with(self, overrides: TaskOptions) -> tuple[str, str]:
        """The options that a call with these overrides has, and their version, as two members."""
        return self.options if overrides is NO_OPTIONS else _options({**self.declared, **overrides.declared()})


def _call(call: Call | Map, guards: str, definition: _Definition, digests: Sequence[str]) -> str:
    given = dict(call.arguments)
    arguments = [f"{string_text(name)}:{binding_text(given[name], digests)}" for name in sorted_names(given)]
    options, version = definition.options_with(call.options)
    members = (
        _after(call.after, digests),
        _member("arguments", arguments),
        definition.defaults_beside(given),
        guards,
        f'"kind":"{NODE_KIND}","node":"{"call" if type(call) is Call else "map"}"',
        options,
        definition.task,
        version,
    )
    # They are in RFC 8785 order; empty ones are left out.
    return "{" + ",".join(filter(None, members)) + "}"


def _choice(choice: Choice, condition: Binding, guards: str, digests: Sequence[str]) -> str:
    members = (
        f'"condition":{binding_text(condition, digests)}',
        guards,
        f'"kind":"{NODE_KIND}","node":"choice"',
        f'"otherwise":{binding_text(choice.otherwise.returns, digests)}' if choice.otherwise is not None else "",
        f'"then":{binding_text(choice.then.returns, digests)}',
    )
    return "{" + ",".join(filter(None, members)) + "}"


def _guards(guards: tuple[Guard, ...], digests: Sequence[str]) -> str:
    """The guards around a node, outermost first."""
    listed = [
        f'{{"branch":{"true" if guard.branch else "false"},"condition":{binding_text(guard.condition, digests)}}}'
        for guard in guards
    ]
    return f'"guards":[{",".join(listed)}]'


def _member(name: str, entries: Iterable[str]) -> str:
    """An object under a name, or nothing where it is empty."""
    text = ",".join(entries)
    return f'"{name}":{{{text}}}' if text else ""


def _after(after: tuple[int, ...], digests: Sequence[str]) -> str:
    if not after:
        return ""
    # Nodes that share a digest are told as often as they are.
    listed = '","'.join(sorted(digests[node] for node in after))
    return f'"after":["{listed}"]'


def _options(effective: dict[str, FrozenValue]) -> tuple[str, str]:
    entries = [f'"{name}":{frozen_text(effective[name])}' for name in sorted_names(effective) if name != "version"]
    version = f'"version":{frozen_text(effective["version"])}' if "version" in effective else ""
    return _member("options", entries), version
