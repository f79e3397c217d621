"""What a captured call and a flow's return become: bindings, selectors, order, lines, and values that are refused."""

import contextlib
import dataclasses
import datetime
import decimal
import enum
import fractions
import pathlib
import uuid
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple, TypedDict

import attrs
import pytest
from returns.result import Success

from captures import compiled, line_of, refused, refused_value, round_trip
from cascades_sdk.compiler import build_dag_from_flow, flow, task
from cascades_sdk.encoding import dag_to_json
from cascades_sdk.errors import InvalidValueError, SourceLine
from cascades_sdk.graph import (
    MAX_LITERAL_BYTES,
    InputReference,
    ListBinding,
    Literal,
    NodeReference,
    ObjectBinding,
    _limits,
)
from cascades_sdk.values import MAX_DEPTH, FrozenDict


@task
def keep(value: Any) -> Any:
    return value


@task
def number(n: int = 1) -> int:
    return n


@task
def everything(a: Any, /, b: Any = 2, *rest: Any, c: Any = 3, **more: Any) -> Any:
    return [a, b, list(rest), c, dict(more)]


@task
def pair() -> tuple[int, str]:
    return 1, "one"


class Point(NamedTuple):
    x: int
    at: tuple[int, str]


class Record(TypedDict):
    name: str
    ends: tuple[int, int]


@task
def point() -> Point:
    return Point(1, (2, "two"))


@task
def record() -> Record:
    return {"name": "n", "ends": (1, 2)}


# -- bindings -------------------------------------------------------------------------------------------


def test_literals_references_and_inputs_are_told_apart() -> None:
    @flow
    def three(n: int) -> Any:
        keep(3)
        keep("node-0")
        keep({"node": "node-0"})
        keep(number())
        return keep(n)

    bindings = [node.arguments[0][1] for node in compiled(three).nodes if node.task == "keep"]
    assert bindings == [
        Literal(3),
        Literal("node-0"),
        Literal(FrozenDict({"node": "node-0"})),
        NodeReference(3),
        InputReference("n"),
    ]


def test_flows_that_differ_in_a_literal_differ_in_their_documents() -> None:
    documents = set()
    for literal in (1, True, "1", 1.5, None, [1], {"1": 1}):

        @flow
        def one(value: Any) -> Any:
            return keep(value)

        documents.add(dag_to_json(compiled(one, {"value": literal})))
    assert len(documents) == 7


def test_the_order_of_arguments_and_of_lists_is_in_the_document() -> None:
    def first() -> Any:
        return [everything("a", "b"), keep(["a", "b"]), everything(number(1), number(2))]

    def second() -> Any:
        return [everything("b", "a"), keep(["a", "b"]), everything(number(1), number(2))]

    def third() -> Any:
        return [everything("a", "b"), keep(["b", "a"]), everything(number(1), number(2))]

    def fourth() -> Any:
        one, two = number(1), number(2)
        return [everything("a", "b"), keep(["a", "b"]), everything(two, one)]

    documents = {dag_to_json(compiled(flow(name="one")(each))) for each in (first, second, third, fourth)}
    assert len(documents) == 4


def test_the_order_in_which_keys_were_written_is_not_in_the_document() -> None:
    # An object of the model has no order, so a task must not look at one.
    def first(n: int) -> Any:
        return [keep({"a": 1, "b": 2}), keep({"b": n, "a": 1})]

    def second(n: int) -> Any:
        return [keep({"b": 2, "a": 1}), keep({"a": 1, "b": n})]

    documents = {dag_to_json(compiled(flow(name="one")(each))) for each in (first, second)}
    assert len(documents) == 1


def test_references_are_found_in_lists_and_dicts_however_deep() -> None:
    @flow
    def nested(n: int) -> Any:
        one = number(1)
        return keep({"b": [one, {"deep": (n, [one])}], "a": [1, 2]})

    node = compiled(nested).nodes[1]
    assert node.arguments == (
        (
            "value",
            ObjectBinding(
                (
                    ("a", Literal((1, 2))),
                    (
                        "b",
                        ListBinding(
                            (
                                NodeReference(0),
                                ObjectBinding(
                                    (("deep", ListBinding((InputReference("n"), ListBinding((NodeReference(0),))))),)
                                ),
                            )
                        ),
                    ),
                )
            ),
        ),
    )
    assert node.dependencies == (0, 0)


def test_a_container_without_references_is_one_literal() -> None:
    @flow
    def plain() -> Any:
        return keep([1, {"a": (2, [])}, {}])

    assert compiled(plain).nodes[0].arguments[0][1] == Literal((1, FrozenDict({"a": (2, ())}), FrozenDict()))


def test_a_named_tuple_that_holds_a_reference_is_a_list() -> None:
    @flow
    def named(n: int) -> Any:
        return keep(Point(n, (1, "one")))

    assert compiled(named).nodes[0].arguments[0][1] == ListBinding((InputReference("n"), Literal((1, "one"))))


def test_arguments_are_bound_by_the_signature_of_the_task_and_defaults_stand_in_the_definition() -> None:
    @flow
    def calls(n: int) -> Any:
        everything(1)
        everything(1, c=n, b=5)
        everything(1, 2, 3, n, x=n, a=4)
        return number()

    first, second, third, last = compiled(calls).nodes
    assert first.arguments == (("a", Literal(1)),)
    assert second.arguments == (("a", Literal(1)), ("b", Literal(5)), ("c", InputReference("n")))
    assert third.arguments == (
        ("a", Literal(1)),
        ("b", Literal(2)),
        ("rest", ListBinding((Literal(3), InputReference("n")))),
        ("more", ObjectBinding((("a", Literal(4)), ("x", InputReference("n"))))),
    )
    assert last.arguments == ()
    assert [parameter.default for parameter in compiled(calls).tasks[0].parameters] == [
        None,
        Literal(2),
        None,
        Literal(3),
        None,
    ]


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("missing_argument", lambda: keep()),
        ("unknown_argument", lambda: keep(1, 2)),
        ("unknown_argument", lambda: keep(1, other=2)),
        ("repeated_argument", lambda: keep(1, value=2)),
    ],
    ids=["missing", "too many", "unknown", "twice"],
)
def test_a_call_that_does_not_bind_is_an_error_at_the_call(code: str, call: Any) -> None:
    @flow
    def wrong() -> Any:
        try:
            return call()
        except Exception:
            return number()

    error = refused(wrong)
    assert (error.code, error.task, error.flow) == (code, "keep", "wrong")
    assert error.source is not None
    assert error.source.file == __file__


def test_the_same_upstream_used_twice_keeps_both_slots() -> None:
    @flow
    def twice() -> Any:
        one = number()
        return everything(one, one)

    node = compiled(twice).nodes[1]
    assert node.arguments == (("a", NodeReference(0)), ("b", NodeReference(0)))
    assert (node.dependencies, node.upstream) == ((0, 0), (0,))


def test_an_argument_is_recorded_as_it_was_at_the_call() -> None:
    @flow
    def changing(n: int) -> Any:
        values: list[Any] = [1]
        keep(values)
        values.append(n)
        return keep(values)

    first, second = compiled(changing).nodes
    assert first.arguments[0][1] == Literal((1,))
    assert second.arguments[0][1] == ListBinding((Literal(1), InputReference("n")))


def test_each_node_knows_the_line_of_its_call() -> None:
    @flow
    def lines(n: int) -> Any:
        number(1)  # first
        return [
            number(2),  # second
            keep(
                n  # a later line of the third
            ),
        ]

    assert [node.source for node in compiled(lines).nodes] == [
        SourceLine(__file__, line_of(lines, "# first")),
        SourceLine(__file__, line_of(lines, "# second")),
        SourceLine(__file__, line_of(lines, "keep(")),
    ]


# -- selectors and several outputs ---------------------------------------------------------------------------


def test_selectors_are_paths_of_keys_and_indexes() -> None:
    @flow
    def selecting(n: Any) -> Any:
        got = keep(n["k"][0]["z"])
        return [got["k"]["z"], got[0], got['a"/b~'], n[2]]

    dag = compiled(selecting)
    assert dag.nodes[0].arguments[0][1] == InputReference("n", ("k", 0, "z"))
    assert dag.returns == ListBinding(
        (
            NodeReference(0, ("k", "z")),
            NodeReference(0, (0,)),
            NodeReference(0, ('a"/b~',)),
            InputReference("n", (2,)),
        )
    )


def test_a_tuple_of_known_length_is_unpacked() -> None:
    @flow
    def unpacking() -> Any:
        one, two = pair()
        first, *others = point()
        return [one, two, first, others]

    assert compiled(unpacking).returns == ListBinding(
        (
            NodeReference(0, (0,)),
            NodeReference(0, (1,)),
            NodeReference(1, (0,)),
            ListBinding((NodeReference(1, (1,)),)),
        )
    )


def _matched(x: Any) -> Any:
    match x:
        case [_, _, _]:
            return "three"
        case [first, second]:
            return [second, first]
        case _:
            return "else"


@pytest.mark.parametrize(
    "unpack",
    [
        lambda x: [*x],
        list,
        tuple,
        lambda x: (lambda *parts: parts)(*x),
        lambda x: everything(*x),
        lambda x: [part for part in x],  # noqa: C416
        lambda x: dict(enumerate(x))[1],
        lambda x: [list(each) for each in zip(x, [1, 2], strict=True)],
        lambda x: [keep(part) for part in x][::-1],
        lambda x: {"length": len(x), "last": x[len(x) - 1]},
        _matched,
    ],
    ids=[
        *("a display", "list", "tuple", "star arguments", "star arguments of a task", "a comprehension", "enumerate"),
        *("zip", "calls", "length", "a sequence pattern"),
    ],
)
def test_a_tuple_of_known_length_is_unpacked_in_every_way_that_python_has(unpack: Callable[[Any], Any]) -> None:
    @flow
    def unpacking() -> Any:
        return [unpack(pair()), unpack(point())]

    tasks = {"pair": pair, "point": point, "keep": keep, "everything": everything}
    evaluated, called = round_trip(unpacking, tasks=tasks)
    assert evaluated == called


def test_parts_of_parts_are_unpacked_by_their_annotations() -> None:
    @flow
    def deeper(given: dict[str, tuple[int, int]], listed: list[Point]) -> Any:
        x, (a, b) = point()
        left, right = record()["ends"]
        lower, upper = given["k"]
        return [x, a, b, left, right, lower, upper, listed[3].at[1]]

    returns = compiled(deeper).returns
    assert isinstance(returns, ListBinding)
    assert returns.items == (
        NodeReference(0, (0,)),
        NodeReference(0, (1, 0)),
        NodeReference(0, (1, 1)),
        NodeReference(1, ("ends", 0)),
        NodeReference(1, ("ends", 1)),
        InputReference("given", ("k", 0)),
        InputReference("given", ("k", 1)),
        InputReference("listed", (3, 1, 1)),
    )


def test_the_fields_of_a_named_tuple_are_selected_by_name() -> None:
    @flow
    def by_name() -> Any:
        got = point()
        return {"x": got.x, "n": got.at[0]}

    assert round_trip(by_name, tasks={"point": point}) == ('{"n":2,"x":1}', '{"n":2,"x":1}')


@pytest.mark.parametrize("annotation", [list[int], tuple[int, ...], dict[str, int], int, Any, "Unresolvable"], ids=str)
def test_a_result_of_unknown_length_is_not_unpacked(annotation: Any) -> None:
    def some() -> Any:
        return []

    some.__annotations__["return"] = annotation
    listing = task(some)

    @flow
    def unpacking() -> Any:
        one, _ = listing()
        return one

    error = refused(unpacking)
    assert (error.code, error.task) == ("iteration", "some")
    assert "tuple of known length" in error.advice


# -- returns ---------------------------------------------------------------------------------------------


def test_a_flow_may_return_an_input_a_literal_a_structure_or_nothing() -> None:
    @flow
    def returning(n: int, what: str) -> Any:
        if what == "input":
            return n
        if what == "literal":
            return {"a": (1, None)}
        if what == "structure":
            return {"a": (n, [number()]), "b": 1}
        return None

    def returns(what: str) -> Any:
        return compiled(returning, {"what": what}).returns

    assert returns("input") == InputReference("n")
    assert returns("literal") == Literal(FrozenDict({"a": (1, None)}))
    assert returns("structure") == ObjectBinding(
        (("a", ListBinding((InputReference("n"), ListBinding((NodeReference(0),))))), ("b", Literal(1)))
    )
    assert returns("nothing") == Literal(None)


def test_a_return_that_is_no_value_names_the_flow_and_the_line_of_the_return() -> None:
    @flow
    def strange(n: int) -> Any:
        def inner() -> int:
            return 1

        if inner() == 2:
            return None
        with contextlib.nullcontext():
            try:
                return {  # here
                    "a": [n, {inner()}],
                }
            finally:
                inner()

    error = refused_value(strange)
    assert (error.pointer, error.subject) == ("/a/1", "return of flow 'strange'")
    assert error.source == SourceLine(__file__, line_of(strange, "# here"))


@flow
async def strange_at_the_top(n: int) -> Any:
    return {n: 1, "k": {1}} if type(n) is str else {1}  # here


def test_what_an_async_flow_returns_has_the_line_of_the_return_as_well() -> None:
    error = refused_value(strange_at_the_top)
    assert error.source == SourceLine(__file__, line_of(strange_at_the_top, "# here"))


def test_what_one_of_several_statements_returned_has_the_first_line_of_the_flow() -> None:
    @flow
    def several(n: int, again: bool) -> Any:
        if again:
            return 1
        return {1}

    error = refused_value(several, {"again": False})
    assert error.source == SourceLine(__file__, several.function.__code__.co_firstlineno)


def test_what_a_flow_without_a_statement_or_a_source_returns_has_its_first_line() -> None:
    names: dict[str, Any] = {}
    exec("def sourceless():\n    return {1}", names)
    short = flow(name="short")(lambda: {1})
    for subject in (flow(names["sourceless"]), short):
        error = refused_value(subject)
        code = subject.function.__code__
        assert error.source == SourceLine(code.co_filename, code.co_firstlineno)


def test_a_reference_of_another_capture_that_is_returned_has_the_line_of_the_return() -> None:
    kept: list[Any] = []

    @flow
    def lending(n: int) -> Any:
        kept.append(n)
        return n

    compiled(lending)

    @flow
    def returning() -> Any:
        answer = kept
        return answer[0]  # here

    assert refused(returning).source == SourceLine(__file__, line_of(returning, "# here"))


# -- order without data -----------------------------------------------------------------------------------


def test_after_orders_calls_without_passing_data() -> None:
    @flow
    def ordered(n: int) -> Any:
        one, two = keep(1), number(2)
        return number.after(two, one["part"]).after(two)(n)

    node = compiled(ordered).nodes[2]
    assert node.after == (0, 1)
    assert node.dependencies == (0, 1)
    assert node.arguments == (("n", InputReference("n")),)


@pytest.mark.parametrize("upstream", [1, None, [1]], ids=str)
def test_after_takes_outputs_of_tasks_only(upstream: Any) -> None:
    @flow
    def wrong() -> Any:
        return number.after(upstream)(1)

    error = refused(wrong)
    assert (error.code, error.task) == ("ordering", "number")
    assert error.problem == f"after() takes outputs of tasks, not {upstream!r}"


def test_after_an_input_is_refused() -> None:
    @flow
    def wrong(n: int) -> Any:
        return number.after(n)(1)

    error = refused(wrong)
    assert (error.code, error.problem) == ("ordering", "after() takes outputs of tasks, not input 'n'")


# -- the value model at the door -----------------------------------------------------------------------------


@dataclasses.dataclass
class Plain:
    n: int


@attrs.frozen
class Frozen:
    n: int


class Colour(enum.IntEnum):
    RED = 1


class Word(str):
    """A text as libraries subclass it."""

    __slots__ = ()


class Scalar(float):
    """A number as numpy subclasses it: ``numpy.float64`` is a float."""

    __slots__ = ()


class ndarray:  # noqa: N801 - the name is the point
    pass


def _cycle() -> Any:
    value: dict[str, Any] = {"children": []}
    value["children"].extend({"parent": value, "twin": value} for _ in range(3))
    return value


def _nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


OUTSIDE: dict[str, tuple[Any, str]] = {
    "a set": ({1}, "sorted(...)"),
    "a frozenset": (frozenset({1}), "sorted(...)"),
    "bytes": (b"x", "base64"),
    "a datetime": (datetime.datetime(2026, 1, 1), "isoformat()"),
    "a date": (datetime.date(2026, 1, 1), "isoformat()"),
    "a timedelta": (datetime.timedelta(1), "total_seconds()"),
    "a dataclass": (Plain(1), "a dict of its fields"),
    "an attrs class": (Frozen(1), "a dict of its fields"),
    "a Decimal": (decimal.Decimal("1.5"), "str(...)"),
    "a Fraction": (fractions.Fraction(1, 3), "str(...)"),
    "a UUID": (uuid.UUID(int=1), "str(...)"),
    "a path": (pathlib.PurePosixPath("/x"), "str(...)"),
    "an enum": (Colour.RED, ".value"),
    "a str subclass": (Word("x"), "str(...)"),
    "a numpy-like scalar": (Scalar(1.5), "float(...)"),
    "a numpy-like array": (ndarray(), "tolist()"),
    "an OrderedDict": (OrderedDict(a=1), "dict(...)"),
    "a function": (len, "pass None, a bool"),
    "a lambda": (lambda: 1, "name it by a str"),
    "a task": (number, "call it"),
    "a task in a container": ([{"k": number}], "call it"),
    "a flow": (flow(number.function), "call it"),
    "a set beside a task": ([{1}, number], "sorted"),
    "an object": (object(), "pass None, a bool"),
    "a range": (range(3), "list(...)"),
    "a generator": ((n for n in [1]), "list(...)"),
    "a complex number": (1j, "two parts"),
    "a big integer": (2**53, "as a str"),
    "NaN": (float("nan"), "pass None"),
    "an infinity": (float("inf"), "pass None"),
    "a lone surrogate": ("\ud800", "errors='replace'"),
    "a key that is no text": ({1: 2}, "use str keys"),
    "a key with a lone surrogate": ({"\udfff": 2}, "errors='replace'"),
    "a value that is too deep": (_nested(MAX_DEPTH + 1), "flatten"),
    "a cycle": (_cycle(), "flatten"),
    "a text that is too long": ("x" * MAX_LITERAL_BYTES, "store it"),
    "a list that is too long": (["x" * 1000] * 300, "store it"),
    "a frozen object that is too long": (FrozenDict({"k": "x" * MAX_LITERAL_BYTES}), "store it"),
    "a frozen object of too many": (FrozenDict({f"k{at}": at for at in range(30_000)}), "store it"),
    "a frozen object of too much in a list": ([FrozenDict({"x" * MAX_LITERAL_BYTES: None})], "store it"),
    "a list in a frozen object": (FrozenDict({"k": ["x" * 1000] * 300}), "store it"),
}


@pytest.mark.parametrize(("value", "way_out"), OUTSIDE.values(), ids=OUTSIDE)
def test_a_value_outside_of_the_model_is_refused_with_pointer_and_way_out(value: Any, way_out: str) -> None:
    @flow
    def alone() -> Any:
        return keep(value)  # here

    @flow
    def beside(n: int) -> Any:
        try:
            return keep([n, {"k": value}])
        except InvalidValueError:
            return None

    error = refused_value(alone)
    assert error.pointer.startswith("/value")
    assert way_out in error.advice
    assert error.subject == "task 'keep'"
    assert error.source == SourceLine(__file__, line_of(alone, "# here"))
    assert refused_value(beside).pointer.startswith("/value")


@pytest.mark.parametrize("depth", [MAX_DEPTH, MAX_DEPTH - 1])
def test_a_value_of_the_greatest_depth_is_a_value(depth: int) -> None:
    @flow
    def deep(n: int) -> Any:
        return [keep(_nested(depth)), n]

    assert len(compiled(deep).nodes) == 1


@pytest.mark.parametrize("wrapped", [lambda inner: [inner], lambda inner: {"k": inner}], ids=["lists", "objects"])
def test_what_stands_as_deep_as_values_may_survives_the_round_trip(wrapped: Callable[[Any], Any]) -> None:
    def deep(value: Any, depth: int) -> Any:
        for _ in range(depth):
            value = wrapped(value)
        return value

    @flow
    def flowing(n: int) -> Any:
        everything(deep(n, MAX_DEPTH), deep([], MAX_DEPTH - 1), deep(n, MAX_DEPTH - 1), x=deep(n, MAX_DEPTH - 1))
        return [deep(n, MAX_DEPTH - 1), deep([], MAX_DEPTH - 2)]

    evaluated, called = round_trip(flowing, rest={"n": 1}, tasks={"everything": lambda *_, **__: 0})
    assert evaluated == called


def test_a_literal_of_exactly_the_limit_survives_the_round_trip_and_one_byte_more_is_refused() -> None:
    @flow
    def alone(text: str) -> Any:
        return keep(text)

    @flow
    def beside(n: int, text: str) -> Any:
        return keep([n, {"k": [text]}])

    exact = "x" * (MAX_LITERAL_BYTES - 2)
    for subject, text, rest, pointer in ((alone, exact, {}, "/value"), (beside, exact[:-8], {"n": 1}, "/value/1")):
        evaluated, called = round_trip(subject, {"text": text}, rest, {"keep": keep})
        assert evaluated == called
        error = refused_value(subject, {"text": text + "x"})
        assert (error.pointer, "262145 bytes" in error.problem) == (pointer, True)


def test_references_may_stand_as_deep_as_values() -> None:
    def wrapped(value: Any, depth: int) -> Any:
        for _ in range(depth):
            value = {"k": value}
        return value

    @flow
    def deep(n: int, depth: int) -> Any:
        return keep(wrapped(n, depth))

    assert len(compiled(deep, {"depth": MAX_DEPTH}).nodes) == 1
    error = refused_value(deep, {"depth": MAX_DEPTH + 1})
    assert (error.pointer, error.advice) == ("/value", "flatten the value")


def test_keys_are_no_literal_of_their_own_so_their_sum_may_be_large() -> None:
    @flow
    def many(n: int) -> Any:
        return keep({f"{at:0200}": n for at in range(2000)})

    assert len(compiled(many).nodes) == 1


def test_a_literal_list_beside_a_reference_is_measured_as_one() -> None:
    parts = ["x" * 1000] * 300

    @flow
    def in_list(n: int) -> Any:
        return keep([n, parts])

    @flow
    def in_object(n: int) -> Any:
        return keep({"n": n, "k": {"parts": parts}})

    assert refused_value(in_list).pointer == "/value/1"
    assert refused_value(in_object).pointer == "/value/k"


def test_values_that_python_folds_together_are_one_value() -> None:
    @flow
    def folded(value: Any) -> Any:
        return keep(value)

    documents = {dag_to_json(compiled(folded, {"value": value})) for value in (0, 0.0, -0.0)}
    assert len(documents) == 1
    assert compiled(folded, {"value": Point(1, (2, "a"))}).nodes[0].arguments[0][1] == Literal((1, (2, "a")))


def test_a_literal_is_never_taken_for_a_reference() -> None:
    @flow
    def marked(value: Any) -> Any:
        number(1)
        return keep(value)

    for literal in ("node-0", {"node": 0}, {"ref": "node-0", "path": []}, ["node-0"], {"literal": 1}):
        got = round_trip(marked, {"value": literal}, tasks={"keep": keep, "number": number})
        assert got[0] == got[1]


def test_what_went_wrong_first_is_told_also_where_values_are_refused() -> None:
    @flow
    def twice() -> Any:
        for wrong in ({1}, b""):
            try:
                keep(wrong)
            except InvalidValueError:
                pass
        return 0

    error = build_dag_from_flow(twice).failure()
    assert isinstance(error, InvalidValueError)
    assert "set" in error.problem


# -- values that are small in memory and large where they are written -----------------------------------------


def _in_a_list(value: Any) -> Any:
    return [value, value]


def _in_an_object(value: Any) -> Any:
    return {"left": value, "right": value}


def _doubled(value: Any, times: int, around: Callable[[Any], Any]) -> Any:
    for _ in range(times):
        value = around(value)
    return value


@pytest.mark.parametrize("around", [_in_a_list, _in_an_object], ids=["lists", "objects"])
@pytest.mark.parametrize("times", [22, MAX_DEPTH])
def test_a_value_that_shares_one_part_many_times_is_refused_at_once(around: Callable[[Any], Any], times: int) -> None:
    # Written out, 64 doublings are more items than any machine has memory for.
    shared = _doubled(0, times, around)

    @flow
    def literal() -> Any:
        return keep(shared)  # here

    @flow
    def symbolic(n: int) -> Any:
        return keep(_doubled(n, times, around))

    @flow
    def returned(n: int) -> Any:
        return {"k": n, "z": _doubled(0, times - 1, around)}

    @flow
    def defaulted(n: Any = shared) -> Any:
        return n

    @flow
    def by_default_of_a_task() -> Any:
        @task
        def local(value: Any = shared) -> Any:
            return value

        return local()

    for subject, pointer in (
        (literal, "/value"),
        (symbolic, "/value"),
        (returned, ""),
        (defaulted, "/n"),
        (by_default_of_a_task, "/value"),
    ):
        error = refused_value(subject)
        assert error.pointer == pointer
        assert "store it" in error.advice, subject
    assert refused_value(literal).source == SourceLine(__file__, line_of(literal, "# here"))


def test_a_plain_call_takes_values_that_share_parts() -> None:
    shared = _doubled([], 5000, _in_a_list)
    assert keep(shared) is shared


def test_a_shared_part_of_a_literal_stands_in_each_of_its_places() -> None:
    @flow
    def sharing() -> Any:
        return keep(_doubled(0, 3, _in_a_list))

    assert compiled(sharing).nodes[0].arguments[0][1] == Literal((((0, 0), (0, 0)), ((0, 0), (0, 0))))


def test_one_argument_holds_parts_and_characters_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    @flow
    def holding(n: Any, rest: list[Any]) -> Any:
        keep([n])
        return keep([n, rest])

    def fits(*rest: Any) -> bool:
        outcome = build_dag_from_flow(holding, {"rest": list(rest)})
        assert isinstance(outcome, Success) or isinstance(outcome.failure(), InvalidValueError)
        return isinstance(outcome, Success)

    # The argument, n, the list and its items; what stands inside of literals counts, and so do texts and keys.
    monkeypatch.setattr(_limits, "MAX_PARTS", 7)
    assert fits(1, 2, 3, 4)
    assert fits([1, 2], {})
    assert fits({"a": [1, 2]})
    assert not fits(1, 2, 3, 4, 5)
    assert not fits([1, 2], {"k": 3})
    assert not fits({"a": [1, 2, 3]})
    monkeypatch.setattr(_limits, "MAX_CHARACTERS", 6)
    assert fits("abc", "def")
    assert fits("", {"abc": "def"})
    assert fits("\U0001f600" * 6)
    assert not fits("abc", "defg")
    assert not fits({"abc": "d"}, {"ef": "g"})
    assert not fits({"abcdefg": 1})


def test_a_large_argument_with_references_fits() -> None:
    @flow
    def holding(n: Any) -> Any:
        return keep([n, *[0] * 100_000, *["x" * 100_000] * 100])

    assert len(compiled(holding).nodes) == 1


class Boastful(NamedTuple):
    """Iterates over what it does not hold."""

    x: int
    y: int

    def __iter__(self) -> Any:
        return iter([["made", "up"] for _ in range(5)])


def test_a_named_tuple_is_what_it_holds() -> None:
    @flow
    def boasting(n: Any) -> Any:
        return [keep(Boastful(1, 2)), keep(Boastful(n, 2))]

    dag = compiled(boasting)
    assert dag.nodes[0].arguments[0][1] == Literal((1, 2))
    assert dag.nodes[1].arguments[0][1] == ListBinding((InputReference("n"), Literal(2)))
