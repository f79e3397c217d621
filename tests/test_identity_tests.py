"""Whether a parameter is None cannot be known before it has a value, so a flow that asks is refused."""

import dis
import re
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from captures import compiled, line_of, refused, swallowing
from cascades_sdk.compiler import flow, task, when
from cascades_sdk.compiler._identity_tests import identity_tests_of, reading_of
from cascades_sdk.graph import InputReference


@task
def load(limit: Any) -> int:
    return 1


def _if_none(limit: Any = None) -> Any:
    if limit is None:  # here
        return load(1)
    return load(limit)


def _if_not_none(limit: Any = None) -> Any:
    if limit is not None:  # here
        return load(limit)
    return load(1)


def _turned_round(limit: Any = None) -> Any:
    if None is limit:  # here
        return load(1)
    return load(limit)


def _while_none(limit: Any = None) -> Any:
    while limit is None:  # here
        load(1)


def _while_not_none(limit: Any = None) -> Any:
    while limit is not None:  # here
        load(1)


def _conditional_expression(limit: Any = None) -> Any:
    return load(1 if limit is None else limit)  # here


def _a_value(limit: Any = None) -> Any:
    return load([1, limit is None])  # here


def _and(limit: Any = None, other: int = 1) -> Any:
    return load(3) if other is None or limit is None else load(limit)  # here


def _is_true(limit: Any = None) -> Any:
    return load(1) if limit is True else load(limit)  # here


def _is_not_false(limit: Any = None) -> Any:
    return load(1) if limit is not False else load(limit)  # here


def _is_ellipsis(limit: Any = None) -> Any:
    return load(1) if limit is ... else load(limit)  # here


def _case_none(limit: Any = None) -> Any:
    match limit:
        case None:  # here
            return load(1)
        case _:
            return load(limit)


def _case_true(limit: Any = None) -> Any:
    match limit:
        case True:  # here
            return load(1)
        case _:
            return load(limit)


def _cases(limit: Any = None) -> Any:
    match limit:
        case None | True | False:  # here
            return load(1)
        case _:
            return load(limit)


def _keyword_only(*, limit: Any = None) -> Any:
    return load(1) if limit is None else load(limit)  # here


def _positional_only(limit: Any = None, /) -> Any:
    return load(1) if limit is None else load(limit)  # here


def _default_filled_in(limit: Any = None) -> Any:
    if limit is None:  # here
        limit = 10
    return load(limit)


def _before_a_loop_that_assigns(limit: Any = None) -> Any:
    if limit is None:  # here
        load(1)
    for limit in (1, 2):
        load(limit)


def _named(limit: Any = None) -> Any:
    if (seen := limit) is None:  # here
        return load(1)
    return load(seen)


def _in_a_comprehension(limit: Any = None) -> Any:
    return [load(n) for n in (1, 2) if limit is None]  # here


def _in_a_lambda(limit: Any = None) -> Any:
    branch = lambda: load(1) if limit is None else load(2)  # here  # noqa: E731
    return branch()


def _in_two_inner_functions(limit: Any = None) -> Any:
    def outer() -> Any:
        def inner() -> Any:
            return load(1) if limit is None else load(2)  # here

        return inner()

    return outer()


def _beside_an_inner_function(limit: Any = None) -> Any:
    def inner() -> Any:
        return load(limit)

    return load(1) if limit is None else inner()  # here


def _in_a_loop(limit: Any = None) -> Any:
    for n in (1, 2):
        if limit is not None and n == 1:  # here
            load(n)


CERTAIN: tuple[Callable[..., Any], ...] = (
    *(_if_none, _if_not_none, _turned_round, _while_none, _while_not_none, _conditional_expression, _a_value, _and),
    *(_is_true, _is_not_false, _is_ellipsis, _case_none, _case_true, _cases, _keyword_only),
    *(_positional_only, _default_filled_in, _before_a_loop_that_assigns, _named, _in_a_comprehension, _in_a_lambda),
    *(_in_two_inner_functions, _beside_an_inner_function, _in_a_loop),
)


@pytest.mark.parametrize("function", CERTAIN, ids=lambda function: function.__name__[1:])
def test_a_flow_that_asks_whether_an_input_is_none_is_refused_with_the_line(function: Callable[..., Any]) -> None:
    subject = flow(function)
    error = refused(subject)
    assert (error.code, error.flow, error.task) == ("comparison", function.__name__, None)
    assert re.fullmatch(
        r"input '(limit|other)' has no value yet; whether it is (None|True|False|Ellipsis) cannot be seen",
        error.problem,
    )
    assert re.fullmatch("bind '(limit|other)' in flow_inputs, or decide in a task", error.advice)
    assert error.source is not None
    assert (error.source.file, error.source.line) == (__file__, line_of(subject, "# here"))


@pytest.mark.parametrize("function", CERTAIN[:4], ids=lambda function: function.__name__[1:])
def test_a_flow_may_ask_it_of_what_is_bound(function: Callable[..., Any]) -> None:
    subject = flow(function)
    assert len(compiled(subject, {"limit": 1 if function is _while_none else False}).nodes) == (
        0 if function is _while_none else 1
    )


def test_the_branch_that_is_bound_is_the_one_that_is_captured() -> None:
    subject = flow(_default_filled_in)
    assert compiled(subject, {"limit": None}).nodes[0].arguments[0][1].value == 10  # type: ignore[union-attr]
    assert compiled(subject, {"limit": 3}).nodes[0].arguments[0][1].value == 3  # type: ignore[union-attr]


def test_the_body_does_not_run_at_all() -> None:
    ran: list[int] = []

    @flow
    def asking(limit: Any = None) -> Any:
        ran.append(1)
        return load(1) if limit is None else load(limit)

    refused(asking)
    assert ran == []


def test_it_is_asked_in_vain_of_an_output_that_a_flow_inside_a_flow_is_given() -> None:
    @flow
    def inner(limit: Any = None) -> Any:
        return load(1) if limit is None else load(limit)  # here

    @flow
    def given() -> Any:
        return inner(load(0))

    @flow
    def left_out() -> Any:
        return inner()

    @flow
    def swallowed() -> Any:
        try:
            return inner(load(0))
        except Exception:
            return load(2)

    for subject in (given, swallowed):
        error = refused(subject)
        assert (error.code, error.flow) == ("comparison", "inner")
        assert error.problem == "node-0 has no value yet; whether it is None cannot be seen"
        assert error.source is not None
        assert error.source.line == line_of(inner, "# here")
    assert len(compiled(left_out).nodes) == 1


def test_an_async_flow_is_refused_as_well() -> None:
    @flow
    async def inner(limit: Any = None) -> Any:
        return load(1) if limit is None else load(limit)

    @flow
    async def outer(limit: Any) -> Any:
        return await inner(limit)

    assert [refused(subject).flow for subject in (inner, outer)] == ["inner", "inner"]


# -- what is not certain passes ----------------------------------------------------------------------


def _assigned_before(limit: Any = None) -> Any:
    limit = 1
    return load(1) if limit is None else load(limit)


def _assigned_in_the_loop_before(limit: Any = None) -> Any:
    for _ in (1, 2):
        if limit is None:
            return load(1)
        limit = 3
    return load(limit)


def _deleted(limit: Any = None) -> Any:
    del limit
    for limit in (1,):
        if limit is None:
            load(1)


def _assigned_by_an_inner_function(limit: Any = None) -> Any:
    def assign() -> None:
        nonlocal limit
        limit = 2

    assign()
    return load(1) if limit is None else load(limit)


def _asked_by_an_inner_function_of_what_is_assigned(limit: Any = None) -> Any:
    limit = 2

    def ask() -> Any:
        return load(1) if limit is None else load(limit)

    return ask()


def _another_of_the_name(limit: Any = None) -> Any:
    def ask(limit: Any) -> Any:
        return load(1) if limit is None else load(limit)

    return ask(3)


def _one_of_two(limit: Any = None) -> Any:
    known = True
    return load(1) if (3 if known else limit) is None else load(limit)


def _beside_a_constant(limit: Any = None) -> Any:
    return load([limit, None, load(1) is None])


def _two_parameters(limit: Any = None, other: int = 1) -> Any:
    return load([limit is other])


def _a_part(limit: Any = None) -> Any:
    return load([limit["k"] is None])


def _more(*limit: Any, **other: Any) -> Any:
    return load([limit is None, other is None])


@pytest.mark.parametrize(
    "function",
    [
        *(_assigned_before, _assigned_in_the_loop_before, _deleted, _assigned_by_an_inner_function),
        *(_asked_by_an_inner_function_of_what_is_assigned, _another_of_the_name, _one_of_two, _beside_a_constant),
        *(_two_parameters, _a_part, _more),
    ],
    ids=lambda function: function.__name__[1:],
)
def test_what_may_look_at_something_else_passes(function: Callable[..., Any]) -> None:
    assert compiled(flow(function), {"limit": [], "other": {}} if function is _more else None)


def test_branches_that_ask_are_refused_as_the_flow_is() -> None:
    @flow
    def choosing(ok: bool, limit: Any = None) -> Any:
        return when(ok, lambda: load(1) if limit is None else load(2), lambda: load(limit))

    assert refused(choosing).code == "comparison"


def test_a_flow_that_asks_nothing_has_nothing_read() -> None:
    assert identity_tests_of(compiled.__code__) == ()


def test_a_function_that_asks_and_is_no_flow_is_not_seen() -> None:
    assert compiled(swallowing(lambda limit: limit is None)).returns != InputReference("n")


# -- the instructions of other versions of Python -------------------------------------------------------


@attrs.frozen
class Told:
    """An instruction as :mod:`dis` tells it."""

    opname: str
    argval: Any
    offset: int


def told(*instructions: tuple[str, Any]) -> list[Told]:
    return [Told(name, value, 2 * at) for at, (name, value) in enumerate(instructions)]


VERSIONS: dict[str, list[Told]] = {
    "3.11": told(("LOAD_DEREF", "x"), ("POP_JUMP_FORWARD_IF_NOT_NONE", 8)),
    "3.11, backward": told(("LOAD_FAST", "x"), ("POP_JUMP_BACKWARD_IF_NONE", 0)),
    "3.12": told(("LOAD_FAST_CHECK", "x"), ("POP_JUMP_IF_NONE", 8)),
    "3.12, a value": told(("LOAD_FAST", "x"), ("EXTENDED_ARG", 1), ("LOAD_CONST", None), ("IS_OP", 0)),
    "3.13, two variables": told(("LOAD_FAST_LOAD_FAST", ("y", "x")), ("LOAD_CONST", None), ("IS_OP", 1)),
    "3.13, stored and loaded": told(("STORE_FAST_LOAD_FAST", ("y", "x")), ("POP_JUMP_IF_NONE", 8)),
    "3.14": told(("LOAD_FAST_BORROW", "x"), ("COPY", 1), ("POP_JUMP_IF_NOT_NONE", 8), ("NOT_TAKEN", None)),
    "3.14, two variables": told(("LOAD_FAST_BORROW_LOAD_FAST_BORROW", ("x", "x")), ("LOAD_CONST", None), ("IS_OP", 0)),
}


@pytest.mark.parametrize("instructions", VERSIONS.values(), ids=VERSIONS)
def test_a_test_is_read_from_the_instructions_of_every_version(instructions: list[Told]) -> None:
    (test,) = reading_of(instructions, frozenset({"x"})).tests  # type: ignore[arg-type]
    assert test[:2] == ("x", "None")


@pytest.mark.parametrize(
    "instructions",
    [
        told(("LOAD_FAST", "y"), ("POP_JUMP_IF_NONE", 8)),
        told(("LOAD_FAST", "x"), ("COPY", 2), ("POP_JUMP_IF_NONE", 8)),
        told(("COPY", 1), ("POP_JUMP_IF_NONE", 8)),
        told(("LOAD_FAST", "x"), ("CALL", 0), ("POP_JUMP_IF_NONE", 8)),
        told(("LOAD_FAST", "x"), ("STORE_FAST", "y"), ("POP_JUMP_IF_NONE", 8)),
        told(("JUMP_FORWARD", 4), ("LOAD_FAST", "x"), ("POP_JUMP_IF_NONE", 8)),
    ],
    ids=["another variable", "a deeper copy", "a copy of what is unknown", "a result", "what is stored", "a meeting"],
)
def test_what_is_not_known_to_be_the_variable_is_no_test(instructions: list[Told]) -> None:
    assert reading_of(instructions, frozenset({"x"})).tests == ()  # type: ignore[arg-type]


def test_an_assertion_asks_as_well() -> None:
    # pytest writes the assertions of this file anew, so this one comes from elsewhere.
    names: dict[str, Any] = {}
    exec("def asserted(limit=None):\n    assert limit is not None\n    return limit", names)
    error = refused(flow(names["asserted"]))
    assert (error.code, str(error.source)) == ("comparison", "<string>:2")


def test_the_instructions_of_this_version_are_read() -> None:
    assert reading_of(dis.get_instructions(_if_none), frozenset({"limit"})).tests[0][:2] == ("limit", "None")
