"""Values of the model, and foreign values that freeze to them, as Hypothesis draws them."""

from typing import Any

from hypothesis import strategies as st

from cascades_sdk.values import MAX_SAFE_INTEGER, FrozenValue, freeze

#: Text that has a UTF-8 form. Few characters sort differently by UTF-16 units and by code points: they are drawn often.
texts = st.text(st.characters(codec="utf-8") | st.sampled_from('\ue000\uffff\U00010000\U0001f600"\\\n\x00\x7fé'))

integers = st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER)
floats = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**70), 2**70).map(float)
scalars = st.none() | st.booleans() | integers | floats | texts


def containers_of(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Lists, tuples and dicts of what is given."""
    return (
        st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple) | st.dictionaries(texts, inner, max_size=4)
    )


#: What users may hand in: it freezes.
foreign_values: st.SearchStrategy[Any] = st.recursive(scalars, containers_of, max_leaves=12)


def frozen(value: Any) -> FrozenValue:
    """The frozen form of what is known to have one."""
    answer: Any = freeze(value)
    return answer


frozen_values: st.SearchStrategy[FrozenValue] = foreign_values.map(frozen)

#: So few and so alike that two draws are often equal, and often nearly so.
alike_values: st.SearchStrategy[FrozenValue] = st.recursive(
    st.sampled_from([None, False, True, 0, 1, -1, 0.5, "", "0", "1", "true", "null"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
).map(frozen)

#: Numbers without an exponent and ASCII text: here the standard library writes what RFC 8785 asks for.
plain_ascii_values: st.SearchStrategy[FrozenValue] = st.recursive(
    st.none() | st.booleans() | integers | st.floats(0.001, 1e15) | st.text(st.characters(codec="ascii")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="ascii")), inner, max_size=4)
    ),
    max_leaves=8,
).map(frozen)
