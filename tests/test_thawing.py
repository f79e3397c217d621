"""What annotations bring back of what the value model folds together; and what they say of parts."""

import collections.abc
import typing
from collections.abc import Sequence
from typing import (
    Annotated,
    Any,
    Generic,
    Literal,
    NamedTuple,
    NewType,
    NotRequired,
    Optional,
    TypedDict,
    TypeVar,
    Union,
)

import pytest

from cascades_sdk.compiler._shapes import UNKNOWN, hints_of, part_of, parts_of, plain_annotation
from cascades_sdk.evaluation._thawing import thawing_for, thawings_of
from cascades_sdk.values import FrozenValue, freeze

Seconds = NewType("Seconds", float)
T = TypeVar("T")


class Point(NamedTuple):
    x: float
    label: str


class Single(NamedTuple):
    x: int


class Tree(NamedTuple):
    weight: float
    children: "list[Tree]"


class Record(TypedDict):
    weight: float
    at: NotRequired[Point]


class Named(TypedDict):
    name: tuple[int, ...]


class Linked(TypedDict):
    weight: float
    rest: "Linked | None"


class TypeAliasType:
    """What ``type X = ...`` makes on Python 3.12 and later, as far as it is looked at."""

    def __init__(self, value: Any) -> None:
        self.value = value

    @property
    def __value__(self) -> Any:
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


recursive = TypeAliasType(None)
recursive.value = Union[float, list[recursive]]  # type: ignore[valid-type]  # noqa: UP007


class Box(Generic[T]):
    pass


def thawed(annotation: Any, value: Any) -> Any:
    frozen: FrozenValue = freeze(value)  # type: ignore[assignment]
    return thawing_for(annotation)(frozen)


def same(left: Any, right: Any) -> bool:
    """Equal, and of the same types all the way down."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


CASES: list[tuple[Any, Any, Any]] = [
    # floats
    (float, 1.0, 1.0),
    (float, 1.5, 1.5),
    (float, True, True),
    (float, "x", "x"),
    (int, 1.0, 1),
    (Any, 1.0, 1),
    (Seconds, 2.0, 2.0),
    (Annotated[float, "seconds"], 2.0, 2.0),
    (TypeAliasType(float), 2.0, 2.0),
    (TypeAliasType(NameError("no such name")), 2.0, 2),
    # lists and dicts
    (list[float], [1, 2.5], [1.0, 2.5]),
    (list[float], {"a": 1}, {"a": 1}),
    (list[list[float]], [[1], [2]], [[1.0], [2.0]]),
    (list, [1], [1]),
    (typing.List[float], [1], [1.0]),  # noqa: UP006
    (typing.List, [1], [1]),  # noqa: UP006
    (typing.Dict, {"a": 1}, {"a": 1}),  # noqa: UP006
    (typing.Sequence[float], [1], [1.0]),
    (collections.abc.Sequence[float], [1], [1.0]),
    (collections.abc.Sequence[float], "text", "text"),
    (collections.abc.Iterable[float], [1], [1.0]),
    (collections.abc.Mapping[str, float], {"a": 1}, {"a": 1.0}),
    (dict[str, float], {"a": 1}, {"a": 1.0}),
    (dict[str, float], [1], [1]),
    (dict, {"a": 1}, {"a": 1}),
    # tuples
    (tuple, [1, [2]], (1, [2])),
    (typing.Tuple, [1, [2]], (1, [2])),  # noqa: UP006
    (tuple, "x", "x"),
    (tuple[float, ...], [1, 2], (1.0, 2.0)),
    (tuple[int, float], [1, 2], (1, 2.0)),
    (tuple[int, float], [1, 2, 3], [1, 2, 3]),
    (tuple[()], [], ()),
    (tuple[tuple[float]], [[1]], ((1.0,),)),
    (list[tuple[int, ...]], [[1], []], [(1,), ()]),
    # NamedTuples and TypedDicts
    (Point, [1, "a"], Point(1.0, "a")),
    (Point, [1], [1]),
    (Point, {"x": 1}, {"x": 1}),
    (Tree, [1, [[2, []]]], Tree(1.0, [Tree(2.0, [])])),
    (Record, {"weight": 1, "at": [2, "b"], "more": 3.0}, {"at": Point(2.0, "b"), "more": 3, "weight": 1.0}),
    (Record, [1], [1]),
    (
        Linked,
        {"weight": 1, "rest": {"weight": 2, "rest": None}},
        {"rest": {"rest": None, "weight": 2.0}, "weight": 1.0},
    ),
    (recursive, [1, [2]], [1.0, [2.0]]),
    # unions
    (Optional[float], 1, 1.0),  # noqa: UP045
    (float | None, None, None),
    (float | int, 1, 1),
    (float | str, 1, 1.0),
    (list[float] | None, [1], [1.0]),
    (tuple[float, float] | float, [1, 2], (1.0, 2.0)),
    (Point | dict[str, float], [1, "a"], Point(1.0, "a")),
    (Point | dict[str, float], {"a": 1}, {"a": 1.0}),
    (list | dict, {"a": 1}, {"a": 1}),
    (Record | list[int], {"weight": 1}, {"weight": 1.0}),
    (Union[Annotated[float, "metres"], None], 1, 1.0),  # noqa: UP007
    # what nothing is known of
    (Box[int], [1], [1]),
    ("a text that is no annotation", [1], [1]),
    (None, None, None),
]


@pytest.mark.parametrize(("annotation", "value", "expected"), CASES, ids=lambda one: str(one)[:40])
def test_a_value_comes_back_as_its_annotation_says(annotation: Any, value: Any, expected: Any) -> None:
    got = thawed(annotation, value)
    assert same(got, expected), got


def test_the_thawings_of_a_function_are_by_parameter() -> None:
    def function(x: float, y) -> Seconds:  # type: ignore[no-untyped-def]
        return Seconds(x)

    thawings = thawings_of(function)
    assert set(thawings) == {"x", "return"}
    assert same(thawings["x"](1), 1.0)


def test_annotations_that_cannot_be_resolved_say_nothing_and_take_no_other_along() -> None:
    def function(x: "NoSuchName", y: "float") -> None:  # type: ignore[name-defined]  # noqa: F821
        return None

    assert set(thawings_of(function)) == {"y", "return"}
    assert same(thawings_of(function)["y"](1), 1.0)
    assert hints_of(len) == {}


def test_annotations_that_only_the_stack_is_too_short_for_are_not_forgotten() -> None:
    class Deep:
        def __class_getitem__(cls, item: Any) -> Any:
            raise RecursionError

    def function(x: "float", y: "Deep[int]") -> None:
        return None

    def forgetful(x: "NoSuchName", y: "Deep[int]") -> None:  # type: ignore[name-defined]  # noqa: F821
        return None

    for each in (function, forgetful):
        each.__globals__["Deep"] = Deep
        try:
            with pytest.raises(RecursionError):
                hints_of(each)
        finally:
            del each.__globals__["Deep"]
    with pytest.raises(RecursionError):
        plain_annotation(TypeAliasType(RecursionError()))


def test_an_alias_that_stands_for_itself_says_nothing() -> None:
    alone, first, second = TypeAliasType(None), TypeAliasType(None), TypeAliasType(None)
    alone.value, first.value, second.value = alone, second, Annotated[first, "again"]
    for annotation in (alone, first, list[second]):  # type: ignore[valid-type]
        assert thawed(annotation, [1.0]) == [1]
        assert parts_of(annotation) is None


def test_the_sign_of_zero_does_not_come_back() -> None:
    # The model has one zero. A task that tells -0.0 from 0.0 (by repr, by copysign, by dividing) is none of its values.
    assert freeze(-0.0) == 0
    for annotation, value in ((float, -0.0), (list[float], [-0.0]), (tuple[float, ...], (-0.0,)), (Point, (-0.0, ""))):
        assert "-0.0" not in repr(thawed(annotation, value))
        assert "0.0" in repr(thawed(annotation, value))


def test_of_the_members_of_a_union_that_a_value_fits_the_first_comes_back() -> None:
    # A document has lists only, so which of the two it was is not in it.
    assert same(thawed(list[float] | tuple[float, ...], (1.0,)), [1.0])
    assert same(thawed(tuple[float, ...] | list[float], [1.0]), (1.0,))
    assert same(thawed(list[float | str] | Point, Point(1.0, "a")), [1.0, "a"])
    assert same(thawed(int | float, 1.0), 1)


FITTING: list[tuple[Any, Any, Any]] = [
    # by length
    (Point | Single, [1], Single(1)),
    (Single | Point, [1, "a"], Point(1.0, "a")),
    (tuple[int] | tuple[int, float], [1, 2], (1, 2.0)),
    (tuple[int, int] | tuple[float, float, float], [1, 2, 3], (1.0, 2.0, 3.0)),
    # by the kinds of parts
    (tuple[int, str] | list[int], [1, 2], [1, 2]),
    (tuple[int, str] | list[int], [1, "a"], (1, "a")),
    (tuple[int, str] | list[int], [], []),
    (list[int] | Point, [1, "a"], Point(1.0, "a")),
    (list[int] | tuple[float, ...], [1, 0.5], (1.0, 0.5)),
    (tuple[str] | tuple[bool], [True], (True,)),
    (tuple[None] | list[str], ["a"], ["a"]),
    (tuple[Literal["a"], float] | list[str | int], ["a", 1], ("a", 1.0)),
    (tuple[Literal["a"], float] | list[str | int], ["b", 1], ["b", 1]),
    # in parts of parts
    (tuple[tuple[str, int]] | list[tuple[float, int]], [[1, 1]], [(1.0, 1)]),
    (list[Point | Single] | None, [[1, "a"], [2]], [Point(1.0, "a"), Single(2)]),
    (dict[str, Point] | dict[str, tuple[int, ...]], {"a": [1, 2, 3]}, {"a": (1, 2, 3)}),
    (tuple[list[Single | Point]] | list[Any], [[[1, "a"]]], ([Point(1.0, "a")],)),
    (tuple[Sequence[str]] | list[str], ["text"], ("text",)),
    (tuple[Any, int] | list[Any], [{}, 1], ({}, 1)),
    # by keys
    (Record | Named, {"name": [1]}, {"name": (1,)}),
    (Record | Named, {"name": [1], "weight": 1}, {"name": [1], "weight": 1.0}),
    # members that are unions themselves, or that nothing is known of
    (NewType("Shape", Point | Single) | None, [1], Single(1)),  # type: ignore[valid-newtype]
    (Box[int] | tuple[int], [1], (1,)),
    (Box[int] | None, [1], [1]),
    # what fits no member takes the first whose length is right, and is plain where there is none
    (tuple[float, float] | Single | Point, [1, []], (1.0, [])),
    (Single | Point, [1, 2, 3], [1, 2, 3]),
    (Single | Point, {}, {}),
]


@pytest.mark.parametrize(("annotation", "value", "expected"), FITTING, ids=lambda one: str(one)[:60])
def test_the_first_member_of_a_union_that_the_value_fits_comes_back(annotation: Any, value: Any, expected: Any) -> None:
    got = thawed(annotation, value)
    assert same(got, expected), got


def test_a_union_that_contains_itself_is_thawed_in_as_many_steps_as_there_are_parts() -> None:
    # Each part fits neither member, and trying both anew at each depth would never end.
    nested = TypeAliasType(None)
    nested.value = Union[tuple[nested, ...], list[nested], int, nested]  # type: ignore[valid-type]  # noqa: UP007
    value: Any = "neither"
    for _ in range(60):
        value = [value]
    got = thawed(nested, value)
    for _ in range(60):
        assert type(got) is tuple
        (got,) = got
    assert got == "neither"
    linked = tuple[Linked, int] | list[Linked]
    record = {"weight": 1, "rest": {"weight": 2, "rest": None}}
    assert same(thawed(linked, [record]), [{"rest": {"rest": None, "weight": 2.0}, "weight": 1.0}])


# -- parts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("annotation", "parts"),
    [
        (tuple[int, str], (int, str)),
        (tuple[()], ()),
        (tuple[int, ...], None),
        (tuple, None),
        (typing.Tuple, None),  # noqa: UP006
        (Point, (float, str)),
        (Annotated[tuple[int], 1], (int,)),
        (NewType("Pair", tuple[int, int]), (int, int)),
        (list[int], None),
        (int, None),
        (UNKNOWN, None),
    ],
    ids=str,
)
def test_a_fixed_number_of_parts_is_known_of_tuples_and_named_tuples(annotation: Any, parts: Any) -> None:
    assert parts_of(annotation) == parts


@pytest.mark.parametrize(
    ("annotation", "token", "part"),
    [
        (tuple[int, str], 1, str),
        (tuple[int, str], 2, UNKNOWN),
        (tuple[int, ...], 7, int),
        (Point, 0, float),
        (list[int], 3, int),
        (typing.List, 3, UNKNOWN),  # noqa: UP006
        (collections.abc.Sequence[int], 3, int),
        (dict[str, int], "k", int),
        (dict[str, int], 0, UNKNOWN),
        (typing.Dict, "k", UNKNOWN),  # noqa: UP006
        (collections.abc.Mapping[str, int], "k", int),
        (Record, "weight", float),
        (Record, "other", UNKNOWN),
        (int, "k", UNKNOWN),
        (UNKNOWN, 0, UNKNOWN),
    ],
    ids=str,
)
def test_the_annotation_of_a_part_follows_from_that_of_the_whole(annotation: Any, token: Any, part: Any) -> None:
    assert part_of(annotation, token) is part


def test_named_tuples_without_resolvable_fields_have_parts_of_unknown_type() -> None:
    class Odd(NamedTuple):
        a: "NoSuchName"  # type: ignore[name-defined]  # noqa: F821

    assert parts_of(Odd) == (UNKNOWN,)


def test_a_plain_annotation_is_itself() -> None:
    assert plain_annotation(int) is int
    assert plain_annotation(NewType("A", NewType("B", Seconds))) is float  # type: ignore[valid-newtype]


def test_a_tuple_with_an_open_part_has_no_known_length_and_stays_a_tuple() -> None:
    for annotation in (tuple[int, *tuple[str, ...]], tuple[*tuple[int, ...], str]):
        assert parts_of(annotation) is None
        assert part_of(annotation, 2) is UNKNOWN
        thawed = thawing_for(annotation)
        assert thawed((1, "a", ("b",))) == (1, "a", ["b"])
        assert thawed("no tuple") == "no tuple"
