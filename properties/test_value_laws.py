"""Laws of the value model: one frozen form, type-strict equality, and the number text of RFC 8785."""

import json
import struct
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from cascades_sdk.encoding import canonical_json
from cascades_sdk.testing.strategies import outside_values, outsiders
from cascades_sdk.values import (
    FrozenDict,
    Refusal,
    freeze,
    number_text,
    same_value,
    sorted_names,
    thaw,
    utf16_order,
)
from strategies_of_values import alike_values, floats, foreign_values, frozen_values, integers, texts


def canonical(value: object) -> str:
    return canonical_json(value).unwrap()


class TestFreezing:
    @given(foreign_values)
    def test_what_is_frozen_freezes_to_itself(self, value: Any) -> None:
        once: Any = freeze(value)
        assert same_value(freeze(once), once)  # type: ignore[arg-type]

    @given(frozen_values)
    def test_thawing_is_undone_by_freezing(self, value: Any) -> None:
        assert same_value(freeze(thaw(value)), value)  # type: ignore[arg-type]

    @given(foreign_values)
    def test_what_is_thawed_is_plain_and_the_same_value(self, value: Any) -> None:
        thawed = thaw(freeze(value))  # type: ignore[arg-type]
        assert canonical(thawed) == canonical(value)
        assert json.loads(json.dumps(thawed)) == thawed

    @given(st.dictionaries(texts, foreign_values, max_size=5), st.randoms(use_true_random=False))
    def test_the_order_of_keys_is_irrelevant(self, value: dict[str, Any], random: Any) -> None:
        names = list(value)
        random.shuffle(names)
        shuffled = {name: value[name] for name in names}
        assert list(FrozenDict(shuffled)) == list(FrozenDict(value))
        assert FrozenDict(shuffled) == FrozenDict(value)

    @given(st.lists(foreign_values, max_size=5))
    def test_lists_and_tuples_are_one_kind(self, value: list[Any]) -> None:
        assert same_value(freeze(value), freeze(tuple(value)))  # type: ignore[arg-type]

    @given(integers)
    def test_an_integral_float_is_the_integer(self, value: int) -> None:
        assert same_value(freeze(float(value)), value)  # type: ignore[arg-type]
        assert type(freeze(float(value))) is int

    @given(frozen_values)
    def test_every_frozen_value_hashes(self, value: Any) -> None:
        assert hash(value) == hash(freeze(thaw(value)))

    @given(st.lists(texts))
    def test_names_are_sorted_by_their_utf16_units(self, names: list[str]) -> None:
        assert sorted_names(names) == sorted(names, key=utf16_order)


class TestSameness:
    @given(alike_values, alike_values)
    def test_values_are_the_same_exactly_when_their_canonical_texts_are(self, left: Any, right: Any) -> None:
        assert same_value(left, right) == (canonical(left) == canonical(right))

    @given(frozen_values, frozen_values)
    def test_so_for_values_that_have_nothing_in_common(self, left: Any, right: Any) -> None:
        assert same_value(left, right) == (canonical(left) == canonical(right))

    @given(alike_values, alike_values)
    def test_the_same_values_hash_alike(self, left: Any, right: Any) -> None:
        if same_value(left, right):
            assert hash(left) == hash(right)


class TestRefusing:
    #: One witness of each kind that is refused.
    witnesses = outsiders()

    @given(witnesses, st.lists(texts | st.integers(0, 2), max_size=5))
    def test_a_refusal_leads_to_what_was_refused_and_names_the_way_out(self, witness: Any, path: Any) -> None:
        value = witness
        for token in reversed(path):
            value = {token: value} if type(token) is str else [*[0] * token, value]
        refusal = freeze(value)
        assert isinstance(refusal, Refusal)
        assert refusal.advice
        assert refusal == freeze(witness).under(*path)  # type: ignore[union-attr]

    @given(outside_values())
    def test_what_is_just_outside_of_the_model_is_refused(self, value: Any) -> None:
        assert isinstance(freeze(value), Refusal)

    @given(st.recursive(foreign_values | witnesses, lambda inner: st.lists(inner, min_size=1, max_size=3)))
    def test_whatever_is_given_freezes_or_is_refused(self, value: Any) -> None:
        answer = freeze(value)
        if not isinstance(answer, Refusal):
            assert same_value(freeze(answer), answer)  # type: ignore[arg-type]


#: RFC 8785, Appendix B: the bits of a binary64 number and its text.
APPENDIX_B = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("ffefffffffffffff", "-1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"),
    ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]


def binary64(bits: str) -> float:
    number: float = struct.unpack(">d", bytes.fromhex(bits))[0]
    return number


class TestNumbers:
    @pytest.mark.parametrize(("bits", "text"), APPENDIX_B)
    def test_a_published_number_has_its_published_text(self, bits: str, text: str) -> None:
        assert canonical(binary64(bits)) == text

    @pytest.mark.parametrize("bits", ["7fffffffffffffff", "7ff0000000000000"])
    def test_a_published_error_is_refused(self, bits: str) -> None:
        assert isinstance(freeze(binary64(bits)), Refusal)

    @given(integers | floats)
    def test_the_text_is_that_of_another_implementation(self, number: float) -> None:
        normal: Any = freeze(number)
        assert number_text(normal).encode() == rfc8785.dumps(normal)

    @given(integers | floats)
    def test_the_text_reads_back_to_the_number(self, number: float) -> None:
        normal: Any = freeze(number)
        assert same_value(freeze(float(number_text(normal))), normal)  # type: ignore[arg-type]

    @given(st.binary(min_size=8, max_size=8))
    def test_so_for_any_eight_bytes(self, bits: bytes) -> None:
        normal: Any = freeze(struct.unpack(">d", bits)[0])
        if not isinstance(normal, Refusal):
            assert number_text(normal).encode() == rfc8785.dumps(normal)


class TestCanonicalText:
    @given(foreign_values)
    def test_the_text_is_that_of_another_implementation(self, value: Any) -> None:
        assert canonical(value).encode() == rfc8785.dumps(thaw(freeze(value)))  # type: ignore[arg-type]

    @given(foreign_values)
    def test_reading_the_text_gives_the_value(self, value: Any) -> None:
        # Every number is read as binary64, whatever its token looks like.
        read = json.loads(canonical(value), parse_int=float)
        assert same_value(freeze(read), freeze(value))  # type: ignore[arg-type]
