"""What makes a binding well formed where it stands.

Decided here: that references point backwards and that each argument has its one form. Never here: bytes.
Every check answers ``None`` or a :class:`~cascades_sdk.values.Refusal` whose pointer leads from the binding.
"""

from typing import Any

from cascades_sdk.graph._bindings import InputReference, ListBinding, Literal, NodeReference, ObjectBinding
from cascades_sdk.graph._definition_checks import is_text, is_tuple, literal_fault, under
from cascades_sdk.values import MAX_DEPTH, MAX_SAFE_INTEGER, FrozenDict, Refusal, json_pointer, shown, utf16_order

__all__ = ["binding_fault"]


def binding_fault(binding: object, ordinal: int, inputs: frozenset[str], depth: int = 0) -> Refusal | None:
    """The fault of a binding that stands at the node ``ordinal``, inside ``depth`` containers."""
    if type(binding) is NodeReference:
        node: object = binding.node
        if type(node) is not int or not 0 <= node < ordinal:
            return Refusal("/node", "must refer to an earlier node")
        return _path_fault(binding.path)
    if type(binding) is Literal:
        return under(literal_fault(binding) or _depth_fault(binding, depth), "literal")
    if type(binding) is InputReference:
        name: object = binding.name
        if type(name) is not str or name not in inputs:
            return Refusal("/input", f"there is no input {shown(name)}")
        return _path_fault(binding.path)
    if type(binding) is ListBinding:
        items: object = binding.items
        if not is_tuple(items):
            return Refusal("/list", "must be a tuple")
        return _container_fault("list", tuple(enumerate(items)), ordinal, inputs, depth)
    if type(binding) is ObjectBinding:
        entries: object = binding.entries
        return under(_entries_fault(entries), "object") or _container_fault("object", entries, ordinal, inputs, depth)
    return Refusal("", "must be a Binding")


def _container_fault(word: str, entries: Any, ordinal: int, inputs: frozenset[str], depth: int) -> Refusal | None:
    if depth >= MAX_DEPTH:
        return _too_deep()
    constant = True
    for token, inner in entries:
        fault = binding_fault(inner, ordinal, inputs, depth + 1)
        if fault is not None:
            return fault.under(word, token)
        constant = constant and type(inner) is Literal
    return Refusal("", "a container without references is a literal") if constant else None


def _entries_fault(entries: object) -> Refusal | None:
    if not is_tuple(entries) or not all(is_tuple(pair) and len(pair) == 2 for pair in entries):
        return Refusal("", "must be a tuple of pairs of a key and a binding")
    previous: bytes | None = None
    for key, _ in entries:
        if not is_text(key):
            return Refusal("", f"the key {shown(key)} is not text")
        order = utf16_order(key)
        if previous is not None and order <= previous:
            return Refusal(json_pointer([key]), "keys are in RFC 8785 order, each once")
        previous = order
    return None


def _depth_fault(literal: Literal, depth: int) -> Refusal | None:
    # Outside of containers the value model has bounded the depth already.
    return _too_deep() if depth and depth + _depth(literal.value) > MAX_DEPTH else None


def _too_deep() -> Refusal:
    return Refusal("", f"nested deeper than {MAX_DEPTH}", "flatten the argument")


def _depth(value: object) -> int:
    if is_tuple(value):
        return 1 + max(map(_depth, value), default=0)
    if type(value) is FrozenDict:
        return 1 + max(map(_depth, value.values()), default=0)
    return 0


def _path_fault(path: object) -> Refusal | None:
    if (
        is_tuple(path)
        and len(path) <= MAX_DEPTH
        and all((type(token) is int and 0 <= token <= MAX_SAFE_INTEGER) or is_text(token) for token in path)
    ):
        return None
    return Refusal("/path", f"must be a tuple of keys and of indexes of at least 0, at most {MAX_DEPTH}")
