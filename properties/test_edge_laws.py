"""Laws of the checked edges, against values: where some value is annotated rightly by both sides, an edge is allowed.

The oracle knows nothing of forms: it enumerates small values of the model, and asks of each whether an annotation is
right about it, by a function of its own.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import product
from random import Random
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, NotRequired, TypedDict, Union, get_args, get_origin

from hypothesis import given
from hypothesis import strategies as st

from cascades_sdk.compiler._edges import mismatch
from loops import rounds, seeded


class Duo(NamedTuple):
    a: int
    b: str


class Wide(NamedTuple):
    a: float
    b: "str | None"
    c: list[int]


class Key(TypedDict):
    k: int


class Keys(TypedDict):
    k: "int | str"
    z: NotRequired[str]


class Free(TypedDict, total=False):
    k: str
    z: list[int]


RECORDS: dict[Any, tuple[dict[str, Any], frozenset[str]]] = {
    Key: ({"k": int}, frozenset({"k"})),
    Keys: ({"k": int | str, "z": str}, frozenset({"k"})),
    Free: ({"k": str, "z": list[int]}, frozenset()),
}
FIELDS: dict[Any, tuple[Any, ...]] = {Duo: (int, str), Wide: (float, str | None, list[int])}

SCALARS: tuple[Any, ...] = (None, True, False, 0, 1, 2, 0.5, "", "a", "b")
SMALL: tuple[Any, ...] = (*SCALARS, [], [1], ["a"], [0.5], {}, {"k": 1}, {"k": "a"})
VALUES: tuple[Any, ...] = (
    *SMALL,
    *([one] for one in SMALL),
    *([one, other] for one, other in product(SMALL, SMALL)),
    *([1, other, items] for other, items in product((None, "a"), ([], [1]))),
    *({"k": one} for one in SMALL),
    *({"k": one, "z": other} for one, other in product(SMALL, SMALL)),
    *({"z": one} for one in SMALL),
)


def fits(value: Any, annotation: Any) -> bool:
    """Whether an annotation is right about a value of the model."""
    kind, origin, arguments = type(value), get_origin(annotation), get_args(annotation)
    if annotation is Any:
        return True
    if annotation in (None, NoneType, bool, str):
        return kind is (NoneType if annotation is None else annotation)
    if annotation is int:
        return kind in (bool, int)
    if annotation is float:
        return kind in (bool, int, float)
    if origin in (Union, UnionType):
        return any(fits(value, member) for member in arguments)
    if origin is Literal:
        return any(type(each) is kind and each == value for each in arguments)
    if origin is Annotated:
        return fits(value, arguments[0])
    if annotation in FIELDS or (origin is tuple and (len(arguments) != 2 or arguments[1] is not Ellipsis)):
        parts = FIELDS.get(annotation, arguments)
        return kind is list and len(value) == len(parts) and all(map(fits, value, parts))
    if annotation in RECORDS:
        declared, required = RECORDS[annotation]
        return (
            kind is dict
            and all(key in value for key in required)
            and all(fits(value[key], declared[key]) for key in declared if key in value)
        )
    if origin in (dict, Mapping):
        return kind is dict and all(fits(each, arguments[1]) for each in value.values())
    if kind is str and origin in (Sequence, Collection, Iterable):
        return True  # of the empty text, at least, every annotation of its characters is right
    if kind is dict and origin in (Collection, Iterable):
        return True
    return kind is list and all(fits(each, arguments[0]) for each in value)


def an_annotation(random: Random, depth: int = 0) -> Any:
    """A random annotation."""
    scalars = (None, bool, int, float, str, Literal["a"], Literal["b", 1], Literal[True], Literal[None, 2])
    kind = random.randrange(12 if depth < 2 else 4)
    if kind < 4:
        return random.choice(scalars)
    if kind == 4:
        return random.choice((Duo, Wide, Key, Keys, Free, Any, Annotated[int, "unit"]))
    inside = [an_annotation(random, depth + 1) for _ in range(3)]
    if kind == 5:
        return tuple[*inside[: random.randrange(1, 4)]] if random.randrange(8) else tuple[()]
    if kind == 6:
        return random.choice((dict, Mapping))[str, inside[0]]
    if kind == 7:
        return tuple[inside[0], ...]
    if kind < 10:
        return Union[inside[0], inside[1]]  # noqa: UP007 - None | None is no union
    return random.choice((list, Sequence, Collection, Iterable))[inside[0]]


annotations = st.builds(an_annotation, st.randoms(use_true_random=False))


def some_value(left: Any, right: Any) -> Any:
    """A small value that both annotations are right about, in a list; else an empty one."""
    return next(([value] for value in VALUES if fits(value, left) and fits(value, right)), [])


class TestConservative:
    def test_what_some_value_can_be_is_allowed_in_a_long_loop(self) -> None:
        random = seeded(5)
        refused = nothing = 0
        for _ in rounds(3000):
            left, right = an_annotation(random), an_annotation(random)
            common = some_value(left, right)
            told = mismatch(left, right)
            assert told is None or not common, (left, right, common)
            refused += told is not None
            nothing += not common
        # And it is no empty promise: nearly all that no small value can be is told.
        assert refused > 0.9 * nothing
        assert refused > 300

    @given(annotations, annotations)
    def test_what_some_value_can_be_is_allowed(self, left: Any, right: Any) -> None:
        assert mismatch(left, right) is None or not some_value(left, right)


class TestLaws:
    @given(annotations)
    def test_an_output_may_be_what_it_is(self, annotation: Any) -> None:
        assert mismatch(annotation, annotation) is None

    @given(annotations, annotations)
    def test_the_two_sides_may_change_places(self, left: Any, right: Any) -> None:
        assert (mismatch(left, right) is None) == (mismatch(right, left) is None)

    @given(annotations, annotations, annotations)
    def test_a_union_is_allowed_exactly_where_a_member_is(self, left: Any, right: Any, other: Any) -> None:
        union = Union[left, other]  # noqa: UP007
        either = mismatch(left, right) is None or mismatch(other, right) is None
        assert (mismatch(union, right) is None) == either
        assert (mismatch(right, union) is None) == either

    @given(annotations, annotations)
    def test_what_a_container_must_hold_decides_as_it_does_alone(self, left: Any, right: Any) -> None:
        alone = mismatch(left, right) is None
        assert (mismatch(tuple[left, int], tuple[right, bool]) is None) == alone  # type: ignore[valid-type]
        assert (mismatch(tuple[left], list[right]) is None) == alone  # type: ignore[valid-type]
        assert mismatch(list[left], list[right]) is None  # type: ignore[valid-type]
