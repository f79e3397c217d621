"""The value model by example: what freezes to what, what is refused, and how frozen values behave."""

import copy
import datetime
import decimal
import enum
import io
import pathlib
import pickle
import uuid
from collections import OrderedDict, UserDict, namedtuple
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import attrs
import pytest

from cascades_sdk.values import (
    MAX_DEPTH,
    MAX_SAFE_INTEGER,
    FrozenDict,
    Refusal,
    RefusedValueError,
    freeze,
    is_named_tuple,
    json_pointer,
    number_text,
    same_value,
    shown,
    sorted_names,
    thaw,
)


class Point(NamedTuple):
    x: float
    y: float


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Text(str):
    __slots__ = ()


@dataclass
class Order:
    id: int


@attrs.frozen
class Person:
    name: str


class Mute:
    def __repr__(self) -> str:
        raise RuntimeError


def nested(depth: int) -> Any:
    value: Any = 0
    for level in range(depth):
        value = [value] if level % 2 else {"k": value}
    return value


@pytest.mark.parametrize(
    "value", [None, True, False, 0, -1, MAX_SAFE_INTEGER, -MAX_SAFE_INTEGER, 0.5, "", "text", "é😀"]
)
def test_a_scalar_of_the_model_is_its_own_frozen_form(value: Any) -> None:
    frozen = freeze(value)
    assert frozen == value
    assert type(frozen) is type(value)


@pytest.mark.parametrize(
    ("value", "frozen"),
    [(1.0, 1), (-0.0, 0), (float(MAX_SAFE_INTEGER), MAX_SAFE_INTEGER), (2.0**53, 2.0**53), (1e300, 1e300)],
)
def test_a_float_that_is_a_safe_integer_becomes_it(value: float, frozen: float) -> None:
    answer = freeze(value)
    assert answer == frozen
    assert type(answer) is type(frozen)


def test_lists_tuples_and_named_tuples_become_tuples() -> None:
    assert freeze([1, (2, [3]), Point(4, 5)]) == (1, (2, (3,)), (4, 5))
    assert freeze(namedtuple("Old", "a b")(1, 2)) == (1, 2)


def test_a_subclass_of_a_named_tuple_is_refused() -> None:
    class Point3(Point):
        pass

    assert is_named_tuple(Point)
    assert not is_named_tuple(Point3)
    assert isinstance(freeze(Point3(1, 2)), Refusal)


def test_the_keys_of_an_object_are_put_in_utf16_order() -> None:
    frozen = freeze({"\U0001f600": 1, "\uffff": 2, "b": 3, "a": 4})
    assert isinstance(frozen, FrozenDict)
    assert list(frozen) == ["a", "b", "\U0001f600", "\uffff"]
    assert sorted_names(["\U0001f600", "\uffff"]) != sorted(["\U0001f600", "\uffff"])


def test_sixty_four_containers_may_enclose_each_other_and_no_more() -> None:
    assert not isinstance(freeze(nested(MAX_DEPTH)), Refusal)
    refusal = freeze(nested(MAX_DEPTH + 1))
    assert isinstance(refusal, Refusal)
    assert refusal.pointer.count("/") == MAX_DEPTH
    assert (refusal.problem, refusal.advice) == ("nested deeper than 64 (or a cycle)", "flatten the value")
    assert isinstance(freeze([nested(MAX_DEPTH)]), Refusal)
    assert isinstance(freeze({"k": nested(MAX_DEPTH)}), Refusal)


def _doubled(value: Any, times: int) -> Any:
    for _ in range(times):
        value = [value, {"a": value}]
    return value


def test_what_is_shared_many_times_is_frozen_once_and_stays_shared() -> None:
    frozen: Any = freeze(_doubled(0, 32))  # written out, it is four thousand million items
    assert type(frozen) is tuple
    assert frozen[0][0] is frozen[0][0]
    shared = [1, [2]]
    first, second = freeze([shared, shared])  # type: ignore[misc]
    assert first is second
    assert first == (1, (2,))


def test_what_is_shared_is_refused_where_it_stands_too_deep() -> None:
    shared: Any = [[]]
    outer: Any = shared
    for _ in range(MAX_DEPTH - 2):
        outer = [shared, outer]
    assert not isinstance(freeze(outer), Refusal)
    assert "nested deeper" in str(freeze([shared, outer]))
    assert isinstance(freeze(_doubled(0, 33)), Refusal)


def test_what_is_small_and_holds_much_is_shown_by_its_beginnings() -> None:
    assert shown(_doubled(0, 60)).startswith("[[[[...], {...}]")
    assert len(shown([[1] * 100] * 100)) <= 80


class Boastful(NamedTuple):
    """Iterates over what it does not hold."""

    x: int
    y: int

    def __iter__(self) -> Any:
        return iter([["made", "up"] for _ in range(5)])


def test_a_named_tuple_freezes_to_what_it_holds() -> None:
    assert freeze(Boastful(1, 2)) == (1, 2)


def test_a_cycle_is_refused_as_too_deep() -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    assert "a cycle" in str(freeze(cycle))
    loop: dict[str, Any] = {}
    loop["k"] = loop
    assert "a cycle" in str(freeze(loop))


@pytest.mark.parametrize(
    ("value", "problem", "advice"),
    [
        (2**53, "beyond 2**53 - 1", "pass it as a str"),
        (-(2**53), "beyond 2**53 - 1", "pass it as a str"),
        (float("nan"), "nan is not a finite number", "pass None"),
        (float("-inf"), "-inf is not a finite number", "pass None"),
        ("a\ud800", "'a\\ud800' has a lone surrogate", "errors='replace'"),
        ({1, 2}, "a set", "sorted(...)"),
        (frozenset(), "a frozenset", "sorted(...)"),
        (b"", "a bytes", "base64"),
        (bytearray(), "a bytearray", "base64"),
        (datetime.datetime(2026, 1, 1), "a datetime", "isoformat()"),
        (datetime.date(2026, 1, 1), "a date", "isoformat()"),
        (datetime.timedelta(1), "a timedelta", "total_seconds()"),
        (decimal.Decimal(1), "a Decimal", "str(...)"),
        (Fraction(1, 2), "a Fraction", "str(...)"),
        (uuid.UUID(int=1), "a UUID", "str(...)"),
        (pathlib.Path("a"), "Path", "str(...)"),
        (Colour.RED, "a Colour", "pass its .value"),
        (Level.HIGH, "a Level", "pass its .value"),
        (1j, "a complex", "a list of its two parts"),
        (range(3), "a range", "list(...)"),
        ((n for n in ()), "a generator", "list(...)"),
        (nested, "a function", "name it by a str"),
        (io.BytesIO(), "a BytesIO", "the path or the text"),
        (Order(1), "an Order", "a dict of its fields"),
        (Person("a"), "a Person", "a dict of its fields"),
        (Text("a"), "a Text", "pass str(...) of it"),
        (OrderedDict(), "an OrderedDict", "pass dict(...) of it"),
        (UserDict(), "a UserDict", "pass None, a bool"),
        (object(), "an object", "pass None, a bool"),
        ({1: 2}, "the key 1 is an int", "use str keys"),
        ({Text("a"): 2}, "the key 'a' is a Text", "use str keys"),
        ({"\ud800": 2}, "lone surrogate", "base64 text"),
    ],
)
def test_what_is_not_in_the_model_is_refused_with_the_way_out(value: Any, problem: str, advice: str) -> None:
    refusal = freeze(value)
    assert isinstance(refusal, Refusal)
    assert refusal.pointer == ""
    assert problem in refusal.problem
    assert advice in refusal.advice
    assert freeze({"a/b": [0, value]}) == refusal.under("a/b", 1)
    assert freeze([{"~": value}]) == refusal.under(0, "~")


def test_a_key_that_cannot_be_shown_is_refused_all_the_same() -> None:
    assert "the key a Mute is a Mute" in str(freeze({Mute(): 1}))
    assert "the key an int is an int" in str(freeze({10**5000: 1}))


def test_a_long_value_is_cut_where_it_is_shown() -> None:
    assert shown("x" * 200) == "'" + "x" * 79


def test_a_refusal_reads_as_pointer_problem_and_advice() -> None:
    assert str(Refusal("/a", "is wrong", "make it right")) == "/a: is wrong; make it right"
    assert str(Refusal("", "is wrong")) == "(the value itself): is wrong"
    assert Refusal("/b", "is wrong").under("a", 0) == Refusal("/a/0/b", "is wrong")


def test_a_refusal_shows_no_control_characters() -> None:
    refusal = freeze({"a\x1b[2J": {1}})
    assert isinstance(refusal, Refusal)
    assert (refusal.pointer, str(refusal).partition(":")[0]) == ("/a\x1b[2J", r"/a\x1b[2J")


def test_a_pointer_escapes_its_tokens() -> None:
    assert json_pointer([]) == ""
    assert json_pointer(["", "a/b", "m~n", 0]) == "//a~1b/m~0n/0"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (-7, "-7"),
        (0.5, "0.5"),
        (1e15 + 0.5, "1000000000000000.5"),
        (2.0**53, "9007199254740992"),
        (1e16, "10000000000000000"),
        (1.5e16, "15000000000000000"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (-1.5e300, "-1.5e+300"),
        (0.0001, "0.0001"),
        (0.00001, "0.00001"),
        (0.0000015, "0.0000015"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (-1.25e-7, "-1.25e-7"),
    ],
)
def test_a_number_is_written_as_ecmascript_writes_it(number: float, text: str) -> None:
    assert number_text(number) == text


class TestAFrozenDict:
    def test_it_is_a_mapping(self) -> None:
        frozen = FrozenDict({"b": [1], "a": {"c": None}})
        assert isinstance(frozen, Mapping)
        assert dict(frozen) == {"a": FrozenDict({"c": None}), "b": (1,)}
        assert frozen["b"] == (1,)
        assert ("a" in frozen, "z" in frozen, len(frozen), frozen.get("z", 5)) == (True, False, 2, 5)

    def test_without_content_it_is_empty(self) -> None:
        assert FrozenDict() == FrozenDict({})
        assert len(FrozenDict()) == 0

    def test_any_mapping_is_taken_once_and_then_its_own(self) -> None:
        source = UserDict(a=[1])
        frozen = FrozenDict(source)
        source["a"].append(2)
        source["b"] = 1
        assert frozen == FrozenDict({"a": [1]})

    def test_equality_is_type_strict(self) -> None:
        assert FrozenDict({"a": 1}) == FrozenDict({"a": 1.0})
        assert FrozenDict({"a": 1}) != FrozenDict({"a": True})
        assert FrozenDict({"a": [0]}) != FrozenDict({"a": [False]})
        assert FrozenDict({"a": 1}) != FrozenDict({"b": 1})
        assert FrozenDict({"a": 1}) != {"a": 1}

    def test_it_hashes_the_same_each_time(self) -> None:
        frozen = FrozenDict({"a": [1, {"b": 2}]})
        assert hash(frozen) == hash(frozen) == hash(FrozenDict({"a": [1, {"b": 2}]}))
        # Others have others, so that a set of them is found in at once.
        assert len({hash(FrozenDict({"a": number})) for number in range(100)}) == 100
        assert len({frozen, FrozenDict({"a": [1, {"b": 2}]})}) == 1

    def test_it_cannot_be_changed(self) -> None:
        frozen: Any = FrozenDict({"a": 1})
        with pytest.raises(AttributeError, match="immutable"):
            frozen._content = {}
        with pytest.raises(AttributeError, match="immutable"):
            del frozen._content
        with pytest.raises(TypeError):
            frozen["a"] = 2

    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_it_survives_pickling(self, protocol: int) -> None:
        frozen = FrozenDict({"b": [1], "a": {"c": None}})
        assert pickle.loads(pickle.dumps(frozen, protocol)) == frozen

    def test_its_copy_is_itself(self) -> None:
        frozen = FrozenDict({"a": [1]})
        assert copy.copy(frozen) is frozen
        assert copy.deepcopy([frozen])[0] is frozen

    def test_it_shows_what_it_holds(self) -> None:
        assert repr(FrozenDict({"b": 1, "a": [True]})) == "FrozenDict({'a': (True,), 'b': 1})"

    def test_what_cannot_be_frozen_raises_where_it_is_made(self) -> None:
        with pytest.raises(RefusedValueError) as raised:
            FrozenDict({"a": {1}})
        assert raised.value.refusal.pointer == "/a"
        assert str(raised.value).startswith("/a: a set")
        twin = pickle.loads(pickle.dumps(raised.value))
        assert twin.refusal == raised.value.refusal


def test_thawing_gives_a_fresh_plain_value_each_time() -> None:
    frozen: Any = freeze({"a": [1, {"b": ()}], "c": None})
    first, second = thaw(frozen), thaw(frozen)
    assert first == second == {"a": [1, {"b": []}], "c": None}
    assert first is not second
    assert type(first) is dict
    first["a"].append(2)  # type: ignore[union-attr,call-overload,index]
    assert thaw(frozen) == second


@pytest.mark.parametrize(
    ("left", "right"),
    [(1, True), (0, False), ("1", 1), ((), FrozenDict()), ((1,), (True,)), ((1,), (1, 2)), (None, False)],
)
def test_values_that_python_finds_equal_or_alike_are_not_the_same(left: Any, right: Any) -> None:
    assert same_value(left, left)
    assert same_value(right, right)
    assert not same_value(left, right)
    assert not same_value(right, left)
