"""Values of the model, values that freeze to them, and values just outside.

Decided here: what is drawn often, because it is where encoders go wrong. Never here: what the model is.
"""

import math
from typing import Any, Final

from hypothesis import strategies as st

from cascades_sdk.values import MAX_SAFE_INTEGER, FrozenValue, freeze

__all__ = [
    "alike_values",
    "floats",
    "frozen_values",
    "integers",
    "json_values",
    "outside_values",
    "outsiders",
    "plain_ascii_values",
    "texts",
]

#: Few characters sort differently by UTF-16 units and by code points: these are drawn often, with what is escaped.
_TELLING: Final = '\ue000\uffff\U00010000\U0001f600"\\\n\x00\x7fé'


def texts() -> st.SearchStrategy[str]:
    """Text of the model: all that has a UTF-8 form. Leaves out lone surrogates. Shrinks to the empty text."""
    return st.text(st.characters(codec="utf-8") | st.sampled_from(_TELLING))


def integers() -> st.SearchStrategy[int]:
    """Every integer of the model: to 2^53 - 1 on both sides. Shrinks to 0."""
    return st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER)


def floats() -> st.SearchStrategy[float]:
    """Finite floats, integral ones that freeze to an int among them. Leaves out NaN and infinities."""
    return st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**70), 2**70).map(float)


def scalars() -> st.SearchStrategy[Any]:
    """Values of the model that hold no others."""
    return st.none() | st.booleans() | integers() | floats() | texts()


def json_values(*, max_leaves: int = 12) -> st.SearchStrategy[Any]:
    """What users may hand in, in plain Python: scalars, lists, tuples and dicts, each of which freezes.

    Leaves out NamedTuples (lists to the model), values that are deep (the model ends at 64) and values that are large.
    Shrinks to ``None``.
    """
    return st.recursive(scalars(), _containers_of, max_leaves=max_leaves)


def _containers_of(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(texts(), inner, max_size=4)
    )


def frozen_values() -> st.SearchStrategy[FrozenValue]:
    """The frozen forms of :func:`json_values`: what graphs hold."""
    return json_values().map(_frozen)


def _frozen(value: Any) -> FrozenValue:
    frozen: Any = freeze(value)  # what is drawn here has a frozen form
    return frozen  # type: ignore[no-any-return]


def alike_values() -> st.SearchStrategy[FrozenValue]:
    """Frozen values so few and so alike that two draws are often equal, and often nearly so: ``0``, ``"0"``, ``False``.

    Leaves out all others: for laws about pairs.
    """
    return st.recursive(
        st.sampled_from([None, False, True, 0, 1, -1, 0.5, "", "0", "1", "true", "null"]),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
        max_leaves=4,
    ).map(_frozen)


def plain_ascii_values() -> st.SearchStrategy[FrozenValue]:
    """Frozen values of which the standard library writes what RFC 8785 asks for, when it sorts the keys.

    Leaves out numbers that are written with an exponent, and text beyond ASCII.
    """
    ascii_texts = st.text(st.characters(codec="ascii"))
    return st.recursive(
        st.none() | st.booleans() | integers() | st.floats(0.001, 1e15) | ascii_texts,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ascii_texts, inner, max_size=4),
        max_leaves=8,
    ).map(_frozen)


#: One of each kind that the model refuses, alone.
_OUTSIDERS: Final[tuple[Any, ...]] = (
    *(2**53, -(2**53), 10**400, math.nan, math.inf, -math.inf, "\ud800", b"bytes", {1, 2}, 1j, object()),
    *({1: "key"}, {"\udfff": "key"}, type("Text", (str,), {})("a")),
)


def outsiders() -> st.SearchStrategy[Any]:
    """Values that the model refuses by themselves, one of each kind. Leaves out cycles, and what is too deep."""
    return st.sampled_from(_OUTSIDERS)


def outside_values() -> st.SearchStrategy[Any]:
    """Values just outside of the model: each holds, somewhere, one thing that is refused. Shrinks to ``2**53``."""
    return st.recursive(
        outsiders(),
        lambda inner: st.one_of(
            st.tuples(st.lists(scalars(), max_size=2), inner).map(lambda parts: [*parts[0], parts[1]]),
            st.tuples(texts(), inner).map(lambda parts: {parts[0]: parts[1]}),
        ),
        max_leaves=3,
    )
