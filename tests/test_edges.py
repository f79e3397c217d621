"""Checked edges: each row of the table, and what an author is told."""

import collections.abc as abc
import enum
import sys
import typing
from typing import Annotated, Any, Literal, NamedTuple, NewType, NotRequired, Optional, Protocol, TypedDict, TypeVar

import pytest
from returns.result import Success

from captures import compiled, line_of, refused
from cascades_sdk.compiler import Flow, build_dag_from_flow, flow, task
from cascades_sdk.compiler._edges import AnyOf, may_hold, mismatch, parts_taken

T = TypeVar("T")
UserId = NewType("UserId", int)


class Point(NamedTuple):
    x: float
    y: int


class Named(TypedDict):
    name: str


class Aged(TypedDict):
    name: str
    age: int


class Coded(TypedDict):
    name: int


class Perhaps(TypedDict, total=False):
    name: int


class Marked(TypedDict):
    name: "NotRequired[int]"


class Tree(TypedDict):
    value: int
    children: "list[Tree]"


class OtherTree(TypedDict):
    value: str
    children: "list[OtherTree]"


class Endless(TypedDict):
    inside: "Endless"


class Unresolved(TypedDict):
    name: int
    other: "Nowhere"  # type: ignore[name-defined]  # noqa: F821


class Colour(enum.Enum):
    RED = "red"


class Sized(Protocol):
    def __len__(self) -> int: ...


class TypeAliasType:
    """What ``type X = ...`` makes on Python 3.12 and later, as far as it is looked at."""

    def __init__(self) -> None:
        self.__value__: Any = None


Loop = TypeAliasType()
Loop.__value__ = typing.Union[int, Loop]  # type: ignore[valid-type]  # noqa: UP007
Nested = TypeAliasType()
Nested.__value__ = tuple[int, Nested]  # type: ignore[valid-type]


#: row of the table: (produced, taken) that may be, and that cannot be
ROWS: dict[str, tuple[list[tuple[Any, Any]], list[tuple[Any, Any]]]] = {
    "scalars share a kind of value": (
        [(bool, int), (int, bool), (int, float), (float, int), (bool, float), (str, str), (None, type(None))],
        [(int, str), (str, float), (None, int), (str, bool), (bool, None)],
    ),
    "a literal is a value": (
        [(Literal["a"], str), (Literal[1], float), (Literal[True], int), (Literal["a", "b"], Literal["b", "c"])],
        [(Literal["a"], int), (Literal["a"], Literal["b"]), (Literal[1], Literal[True]), (Literal[1], bool)],
    ),
    "a literal of None is None": ([(Literal[None, 1], None)], [(Literal[None], int)]),
    "lists of any length share the empty one": (
        [(list[int], list[str]), (list[int], tuple[int, ...]), (tuple[int, ...], abc.Sequence[str]), (list, list[int])],
        [(list[int], int), (list[int], dict[str, int])],
    ),
    "parts meet the items of a list": (
        [(tuple[int, str], list[Any]), (Point, list[float]), (tuple[()], list[int]), (list[float], Point)],
        [(tuple[int, str], list[int]), (list[str], Point), (Point, tuple[str, ...])],
    ),
    "lists of fixed length are as long and meet in each part": (
        [(tuple[int, int], Point), (Point, tuple[float, float]), (tuple[()], tuple[()])],
        [(tuple[int], tuple[int, int]), (tuple[int, str], Point), (tuple[()], tuple[int])],
    ),
    "a tuple that is open in part is a list": (
        [(tuple[int, *tuple[str, ...]], list[bytes])],
        [(tuple[int, *tuple[str, ...]], int)],
    ),
    "objects with any keys share the empty one": (
        [(dict[str, int], dict[str, str]), (dict, abc.Mapping[str, int]), (dict[int, int], Perhaps)],
        [(dict[str, int], str), (abc.Mapping[str, int], list[int])],
    ),
    "required keys meet the entries of an object": (
        [(Named, dict[str, str]), (dict[str, str], Aged | Named), (Perhaps, dict[str, str]), (Marked, dict[str, str])],
        [(Named, dict[str, int]), (dict[str, str], Coded), (Aged, dict[str, str])],
    ),
    "records are open, and meet in the keys that one requires": (
        [(Named, Aged), (Aged, Named), (Perhaps, Marked), (Named, Tree)],
        [(Named, Coded), (Perhaps, Named), (Named, Perhaps), (Named, Marked)],
    ),
    "a record is known as far as it can be resolved": (
        [(Unresolved, Coded), (Unresolved, dict[str, int])],
        [(Unresolved, Named), (Unresolved, dict[str, str])],
    ),
    "a text is a sequence": (
        [(str, abc.Sequence[str]), (str, abc.Iterable[str]), (Literal["a"], abc.Collection[str]), (str, abc.Sequence)],
        [(str, list[str]), (str, abc.MutableSequence[str]), (int, abc.Iterable[int]), (str, abc.Mapping[str, str])],
    ),
    "a dict is a collection": (
        [(dict[str, int], abc.Iterable[str]), (Named, abc.Collection[str])],
        [(dict[str, int], abc.Sequence[str])],
    ),
    "a union is one of its members": (
        [(int | None, str | None), (Optional[int], float), (typing.Union[int, list[int]], list[str]), (int | Any, str)],  # noqa: UP007, UP045
        [(int | None, str), (int | str, list[int] | dict[str, int]), (AnyOf((int, None)), str)],
    ),
    "what says nothing may be anything": (
        [
            *[(each, int) for each in (Any, object, T, Colour, Sized, bytes, complex, set[int], "text", type[int])],
            *[(str, each) for each in (Any, object, T, Colour, Sized, Literal[Colour.RED], abc.Callable, typing.Never)],
        ],
        [],
    ),
    "wrappers are looked through": (
        [(Annotated[int, "unit"], UserId), (UserId, float), (typing.List[int], typing.Tuple[int, ...])],  # noqa: UP006
        [(UserId, str), (Annotated[int, []], Annotated[str, []]), (typing.List, typing.Dict)],  # noqa: UP006
    ),
    "types that contain themselves end": (
        [(Tree, Tree), (Endless, Endless), (Loop, bool), (Nested, Nested), (Nested, list[Any])],
        [(Tree, OtherTree), (Loop, str), (Nested, list[int]), (Nested, str)],
    ),
}

MAY_BE = [pytest.param(*pair, id=f"{row} {at}") for row, (may, _) in ROWS.items() for at, pair in enumerate(may)]
CANNOT = [pytest.param(*pair, id=f"{row} {at}") for row, (_, cannot) in ROWS.items() for at, pair in enumerate(cannot)]


@pytest.mark.parametrize(("produced", "taken"), MAY_BE)
def test_what_may_be_is_allowed(produced: Any, taken: Any) -> None:
    assert mismatch(produced, taken) is None
    assert mismatch(taken, produced) is None


@pytest.mark.parametrize(("produced", "taken"), CANNOT)
def test_what_cannot_be_is_told(produced: Any, taken: Any) -> None:
    assert mismatch(produced, taken) is not None
    assert mismatch(taken, produced) is not None


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the statement is new in Python 3.12")
def test_the_statement_type_is_looked_through() -> None:
    names: dict[str, Any] = {}
    exec("type Json = int | list[Json]\ntype Loop = Loop | str\ntype Generic[T] = list[T]", names)
    assert mismatch(names["Json"], float) is None
    assert mismatch(names["Json"], str) is not None
    assert mismatch(names["Loop"], names["Json"]) is not None
    assert mismatch(names["Generic"][int], str) is None


@pytest.mark.parametrize(
    ("annotation", "token", "may_be"),
    [
        (list[int], 7, True),
        (list[int], "a", False),
        (tuple[int, ...], 7, True),
        (tuple[int, str], 1, True),
        (tuple[int, str], 2, False),
        (Point, 1, True),
        (Point, 2, False),
        (dict[str, int], "a", True),
        (dict[str, int], 0, False),
        (dict, 0, False),
        (Named, "name", True),
        (Named, "of another class", True),
        (Named, 0, False),
        (str, 3, True),
        (str, "a", False),
        (Literal["ab", 3], 1, True),
        (Literal["ab", 3], 2, False),
        (Literal["ab"], "a", False),
        (abc.Sequence[int], 0, True),
        (abc.Sequence[int], "a", False),
        (abc.Iterable[int], "a", True),
        (int, 0, False),
        (int, "a", False),
        (bool, 0, False),
        (float, 0, False),
        (None, 0, False),
        (list[int] | None, 0, True),
        (list[int] | dict[str, int], "a", True),
        (int | None, 0, False),
        (UserId, 0, False),
        (Annotated[int, "metres"], 0, False),
        (T, 0, True),
        (object, "a", True),
        (Any, "a", True),
    ],
    ids=str,
)
def test_a_part_is_selected_only_of_what_may_have_it(annotation: Any, token: str | int, may_be: bool) -> None:
    assert may_hold(annotation, token) is may_be

    def whole() -> Any:
        return None

    whole.__annotations__["return"] = annotation
    produced = task(whole)

    @flow
    def selecting() -> Any:
        return produced()[token]  # here

    outcome = build_dag_from_flow(selecting)
    assert isinstance(outcome, Success) is may_be
    if not may_be:
        error = refused(selecting)
        assert (error.code, error.task) == ("selector", "whole")
        assert error.problem.startswith(f"node-0 has no part {token!r}: it is annotated as ")
        assert error.source is not None
        assert error.source.line == line_of(selecting, "# here")


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (int, "int"),
        (None, "None"),
        (type(None), "None"),
        (Point, "Point"),
        (list[int], "list[int]"),
        (abc.Sequence[int], "Sequence[int]"),
        (Optional[int], "Optional[int]"),  # noqa: UP045
        (AnyOf((list[int], None)), "list[int] | None"),
    ],
)
def test_a_type_is_told_as_its_author_wrote_it(annotation: Any, text: str) -> None:
    told = mismatch(annotation, bool if annotation not in (int, Optional[int]) else str)  # noqa: UP045
    assert told is not None
    # Python 3.14 tells an Optional as the union that it is.
    assert (
        told.removesuffix(" is never str").removesuffix(" is never bool").replace("int | None", "Optional[int]") == text
    )


@pytest.mark.parametrize(
    ("annotation", "token", "part"),
    [
        (list[int], 3, int),
        (tuple[int, str], 1, str),
        (tuple[int, str], 2, Any),
        (Point, 0, float),
        (dict[str, int], "k", int),
        (Named, "name", str),
        (Named, "other", Any),
        (list[int] | None, 0, int),
        (int, 0, Any),
        (int, "k", Any),
        (list[int], "k", Any),
        (Any, 0, Any),
    ],
)
def test_what_a_parameter_takes_in_a_container(annotation: Any, token: str | int, part: Any) -> None:
    assert parts_taken(annotation)(token) is part


@task
def number() -> int:
    return 1


@task
def text() -> str:
    return ""


@task
def pair() -> tuple[int, str]:
    return 1, ""


@task
def aged() -> Aged:
    return {"name": "", "age": 1}


@task
def takes(n: int = 0, /, s: str = "", *rest: int, items: list[int] = [], late: int = None, **more: str) -> None:  # type: ignore[assignment]  # noqa: B006, RUF013
    pass


@task
def takes_record(record: Aged | None = None, table: dict[str, list[int]] | list[int] = {}) -> None:  # noqa: B006
    pass


@task
def takes_unpacked(*rest: *tuple[int, ...], **more: typing.Unpack[Aged]) -> None:  # type: ignore[misc]
    pass


@task
def takes_unpacked_too(*rest: typing.Unpack[tuple[int, ...]]) -> None:  # noqa: UP044
    pass


@task
def untyped(n, s="", *rest, **more):  # type: ignore[no-untyped-def]
    pass


CALLS: dict[str, tuple[typing.Callable[[], Any], str | None]] = {
    "by position": (lambda: takes(text()), "parameter n cannot take node-0 of task 'text': str is never int"),
    "by name": (lambda: takes(1, s=number()), "parameter s cannot take node-0 of task 'number': int is never str"),
    "a part": (lambda: takes(pair()[1]), "parameter n cannot take node-0[1] of task 'pair': str is never int"),
    "a part that fits": (lambda: takes(pair()[0], pair()[1]), None),
    "a key": (lambda: takes(aged()["name"]), "node-0[\"name\"] of task 'aged'"),
    "unpacked": (lambda: takes(*pair(), text()), "parameter rest[0] cannot take"),
    "variadic": (lambda: takes(1, "", 2, text()), "parameter rest[1] cannot take"),
    "variadic by name": (lambda: takes(other=number()), "parameter more['other'] cannot take"),
    "variadic that fits": (lambda: takes(1, "", number(), other=text()), None),
    "in a list": (lambda: takes(items=[1, number(), text()]), "parameter items[2] cannot take"),
    "the first of two": (lambda: takes(items=[text(), text()]), "parameter items[0] cannot take node-0 "),
    "in a tuple in a dict": (lambda: takes_record(table={"k": (1, text())}), "parameter table['k'][1] cannot take"),
    "in a union": (lambda: takes_record(table=[aged()]), "parameter table[0] cannot take"),
    "in a record": (lambda: takes_record({"name": number(), "age": 1}), "parameter record['name'] cannot take"),
    "in a record that is open": (lambda: takes_record({"more": number()}), None),  # type: ignore[typeddict-unknown-key]
    "None by default": (lambda: takes(late=text()), "str is never int | None"),
    "a record of keywords": (lambda: takes_unpacked(name=number()), "parameter more['name'] cannot take"),
    "a tuple of positions is not looked into": (lambda: takes_unpacked(text(), name="", age=1), None),
    "nor in the older manner": (lambda: takes_unpacked_too(text()), None),  # type: ignore[arg-type]
    "no annotations": (lambda: untyped(text(), number(), pair(), k=[aged()]), None),
    "a literal is the checker's": (lambda: takes("no", s=1), None),  # type: ignore[arg-type]
    "a literal beside a reference": (lambda: takes(items=["no", number()]), None),
    "ordering carries no data": (lambda: takes.after(text())(1), None),
}


@pytest.mark.parametrize(("call", "problem"), CALLS.values(), ids=CALLS.keys())
def test_references_are_checked_wherever_they_stand_in_a_call(call: Any, problem: str | None) -> None:
    @flow
    def calling() -> Any:
        return call()

    if problem is None:
        compiled(calling)
    else:
        error = refused(calling)
        assert error.code == "type_mismatch"
        assert problem in error.problem
        assert error.task in ("takes", "takes_record", "takes_unpacked")
        assert "convert it in a task" in error.advice


def test_an_error_names_the_line() -> None:
    @flow
    def wrong() -> Any:
        found = number()
        return takes(0, found)  # here

    error = refused(wrong)
    assert error.source is not None
    assert (error.source.file, error.source.line) == (__file__, line_of(wrong, "# here"))
    assert str(error) == (
        f"{__file__}:{error.source.line}, flow 'wrong', task 'takes': parameter s cannot take node-0 of task 'number': "
        "int is never str; convert it in a task between the two, or correct the annotation that is wrong"
    )


def of_inputs() -> dict[str, tuple[Flow[..., Any], str | None]]:
    @flow
    def annotated(n: str) -> Any:
        return takes(n)  # type: ignore[arg-type]

    @flow
    def fitting(n: float) -> Any:
        return takes(n)  # type: ignore[arg-type]

    @flow
    def without(n) -> Any:  # type: ignore[no-untyped-def]
        return takes(n)

    @flow
    def none_by_default(n: str = None) -> Any:  # type: ignore[assignment]  # noqa: RUF013
        return takes(late=n)  # type: ignore[arg-type]

    @flow
    def none_in_a_part(n: tuple[str, int] = None) -> Any:  # type: ignore[assignment]  # noqa: RUF013
        return takes(late=n[0])  # type: ignore[arg-type]

    return {
        "annotated": (annotated, "input 'n': str is never int"),
        "fitting": (fitting, None),
        "without": (without, None),
        "None by default": (none_by_default, None),
        "None by default, in a part": (none_in_a_part, "input 'n'[0]: str is never int | None"),
    }


@pytest.mark.parametrize(("subject", "problem"), of_inputs().values(), ids=of_inputs().keys())
def test_inputs_of_flows_are_checked(subject: Flow[..., Any], problem: str | None) -> None:
    if problem is None:
        compiled(subject)
    else:
        assert problem in refused(subject).problem


def test_a_flow_that_swallows_a_mismatch_does_not_compile() -> None:
    @flow
    def stubborn() -> Any:
        try:
            takes(text())  # type: ignore[arg-type]
        except Exception:
            return number()

    assert refused(stubborn).code == "type_mismatch"


def test_the_output_of_an_async_task_has_the_type_that_is_awaited() -> None:
    @task
    async def later() -> str:
        return ""

    @flow
    async def wrong() -> Any:
        return takes(await later())  # type: ignore[arg-type]

    @flow
    async def right() -> Any:
        return takes(0, await later())

    assert refused(wrong).code == "type_mismatch"
    compiled(right)
