"""What makes a binding well formed where it stands.

Decided here: that references point backwards and that each argument has its one form. Never here: bytes.
Every check answers ``None`` or a :class:`~cascades_sdk.values.Refusal` whose pointer leads from the binding.
"""

from operator import lt
from typing import Any, Final

from cascades_sdk.graph._bindings import InputReference, ListBinding, Literal, NodeReference, ObjectBinding
from cascades_sdk.graph._definition_checks import is_text, is_tuple, literal_fault, under
from cascades_sdk.graph._limits import extent, overfull
from cascades_sdk.graph._literal import is_sound
from cascades_sdk.values import MAX_DEPTH, MAX_SAFE_INTEGER, Refusal, json_pointer, shown, utf16_order

__all__ = ["binding_fault", "is_plainly_sound"]


class _Held:
    """What the containers of one argument hold so far; it lives as long as one check."""

    __slots__ = ("characters", "parts")

    def __init__(self) -> None:
        self.parts = 1
        self.characters = 0

    def fault_with(self, parts: int, characters: int) -> Refusal | None:
        """Count more; why that is too much."""
        self.parts += parts
        self.characters += characters
        return overfull(self.parts, self.characters)


def is_plainly_sound(binding: object, ordinal: int) -> bool:
    """Whether one look tells that an argument has no fault, as it does of nearly all."""
    if type(binding) is Literal:
        return is_sound(binding)
    if type(binding) is not NodeReference:
        return False
    node: object = binding.node
    path: object = binding.path
    return type(node) is int and 0 <= node < ordinal and type(path) is tuple and not path


def binding_fault(
    binding: object, ordinal: int, inputs: frozenset[str], depth: int = 0, held: _Held | None = None
) -> Refusal | None:
    """The fault of a binding that stands at the node ``ordinal``, inside ``depth`` containers that hold so much."""
    if type(binding) is NodeReference:
        node: object = binding.node
        if type(node) is not int or not 0 <= node < ordinal:
            return Refusal("/node", "must refer to an earlier node")
        path: object = binding.path
        return None if type(path) is tuple and not path else _path_fault(path)
    if type(binding) is Literal:
        fault = literal_fault(binding)
        if fault is None and held is not None:
            fault = _fault_inside(binding, depth, held)
        return None if fault is None else fault.under("literal")
    if type(binding) is InputReference:
        name: object = binding.name
        if type(name) is not str or name not in inputs:
            return Refusal("/input", f"there is no input {shown(name)}")
        whole: object = binding.path
        return None if type(whole) is tuple and not whole else _path_fault(whole)
    if type(binding) is ListBinding:
        items: object = binding.items
        if not is_tuple(items):
            return Refusal("/list", "must be a tuple")
        return _container_fault("list", tuple(enumerate(items)), ordinal, inputs, depth, held)
    if type(binding) is ObjectBinding:
        entries: object = binding.entries
        return under(_entries_fault(entries), "object") or _container_fault(
            "object", entries, ordinal, inputs, depth, held
        )
    return Refusal("", "must be a Binding")


def _container_fault(
    word: str, entries: Any, ordinal: int, inputs: frozenset[str], depth: int, held: _Held | None
) -> Refusal | None:
    if depth >= MAX_DEPTH:
        return _too_deep()
    # Not a set of what was seen: a container that stands in many places is written in each of them.
    held = held or _Held()
    too_much = held.fault_with(len(entries), sum([len(key) for key, _ in entries]) if word == "object" else 0)
    if too_much is not None:
        return too_much
    constant = True
    for token, inner in entries:
        fault = binding_fault(inner, ordinal, inputs, depth + 1, held)
        if fault is not None:
            return fault.under(word, token)
        constant = constant and type(inner) is Literal
    return Refusal("", "a container without references is a literal") if constant else None


def _entries_fault(entries: object) -> Refusal | None:
    if not is_tuple(entries) or not set(map(type, entries)) <= _TUPLES or not set(map(len, entries)) <= _TWO:
        return Refusal("", "must be a tuple of pairs of a key and a binding")
    keys = [key for key, _ in entries]
    if set(map(type, keys)) <= _TEXTS and all(map(str.isascii, keys)) and all(map(lt, keys, keys[1:])):
        return None  # nearly all: ASCII sorts as its UTF-16 code units do
    previous: bytes | None = None
    for key in keys:
        if not is_text(key):
            return Refusal("", f"the key {shown(key)} is not text")
        order = utf16_order(key)
        if previous is not None and order <= previous:
            return Refusal(json_pointer([key]), "keys are in RFC 8785 order, each once")
        previous = order
    return None


def _fault_inside(literal: Literal, depth: int, held: _Held) -> Refusal | None:
    # Asked inside of containers only: outside, the value model bounds the depth, and the size of literals the rest.
    if type(literal.value) in _WEIGHTLESS:
        return None
    parts, characters, inner = extent(literal.value)
    return _too_deep() if depth + inner > MAX_DEPTH else held.fault_with(parts, characters)


_TUPLES: Final = frozenset({tuple})
_TEXTS: Final = frozenset({str})
_TWO: Final = frozenset({2})

#: The kinds of values that neither nest nor have characters.
_WEIGHTLESS: Final = frozenset({int, float, bool, type(None)})


def _too_deep() -> Refusal:
    return Refusal("", f"nested deeper than {MAX_DEPTH}", "flatten the argument")


def _path_fault(path: object) -> Refusal | None:
    if is_tuple(path) and len(path) <= MAX_DEPTH and all(map(_is_token, path)):
        return None
    return Refusal("/path", f"must be a tuple of keys and of indexes of at least 0, at most {MAX_DEPTH}")


def _is_token(token: object) -> bool:
    return 0 <= token <= MAX_SAFE_INTEGER if type(token) is int else is_text(token)
