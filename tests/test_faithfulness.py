"""A law for users' own flows: it holds, or the smallest inputs that break it are shown."""

import sys
from typing import Any

import pytest
from hypothesis import strategies as st

from cascades_sdk import evaluation, testing
from cascades_sdk.compiler import flow, task
from cascades_sdk.testing import assert_capture_faithful, evaluate
from cascades_sdk.testing.faithfulness import unfaithfulness


@task
def half(n: int) -> float:
    return n / 2


@task
def below_ten(n: int) -> int:
    if n >= 10:
        raise ValueError(f"{n} is too much")
    return n


@task
def kind_of(value: Any) -> str:
    """Looks at what is no part of the value: the model knows one number type."""
    return type(value).__name__


@task
def a_set(n: int) -> Any:
    return {n}


@flow
def halves(items: list[int], n: int = 3) -> dict[str, Any]:
    return {"halves": [half(item) for item in items], "n": half(n)}


@flow
async def later(n: int) -> list[Any]:
    return [below_ten(n)]


@flow
def named(n: int, /, *rest: int, **more: int) -> list[Any]:
    return [half(n), *(half(each) for each in rest), {name: half(each) for name, each in more.items()}]


@flow
def kinds(value: Any) -> dict[str, Any]:
    return {"first": [half(1)], "kinds": [0, kind_of(value)]}


@flow
def kind(value: Any) -> Any:
    return kind_of(value)


@task
def double(n: int) -> int:
    return 2 * n


@flow
def doubled(n: int) -> int:
    return double(n)


@flow
def hasty(n: int) -> int:
    return 1 if n else 0


@flow
def out_of_model(n: int) -> Any:
    return a_set(n)


@flow
def refusing(n: int) -> Any:
    if n > 1:
        raise ValueError("more than one")
    return half(n)


ASKED: list[int] = []


@task
def first_only(n: int) -> int:
    """No function: it gives something once, and then no more."""
    ASKED.append(n)
    if len(ASKED) > 1:
        raise RuntimeError("asked before")
    return n


@flow
def once(n: int) -> Any:
    return first_only(n)


numbers = st.integers(0, 20)


class TestALawThatHolds:
    def test_for_inputs_bound_and_left(self) -> None:
        inputs = st.fixed_dictionaries({"items": st.lists(numbers, max_size=3)}, optional={"n": numbers})
        assert_capture_faithful(halves, inputs, bound=("items",))

    def test_for_an_async_flow_and_where_both_ways_fail(self) -> None:
        assert_capture_faithful(later, st.fixed_dictionaries({"n": numbers}))

    def test_for_every_kind_of_parameter(self) -> None:
        inputs = st.fixed_dictionaries(
            {"n": numbers, "rest": st.lists(numbers), "more": st.dictionaries(st.sampled_from("ab"), numbers)}
        )
        assert_capture_faithful(named, inputs, bound=("rest", "more"))

    def test_where_the_flow_itself_raises_both_ways(self) -> None:
        assert unfaithfulness(refusing, {"n": 2}, bound=("n",)) is None
        assert unfaithfulness(refusing, {"n": 1}, bound=("n",)) is None

    def test_where_calling_and_evaluating_both_leave_the_model(self) -> None:
        assert unfaithfulness(out_of_model, {"n": 1}) is None

    def test_with_tasks_that_are_given(self) -> None:
        assert unfaithfulness(halves, {"items": []}, bound=("items",), tasks={"half": half, "another": half}) is None


class TestALawThatBreaks:
    def test_is_shown_with_the_smallest_inputs_and_the_place(self) -> None:
        with pytest.raises(AssertionError) as raised:
            assert_capture_faithful(kinds, st.fixed_dictionaries({"value": st.floats(0, 100)}))
        assert str(raised.value) == (
            "flow 'kinds' is not captured faithfully: with {'value': 0.0} calling it gives "
            '{"first":[0.5],"kinds":[0,"float"]}, evaluating its graph gives {"first":[0.5],"kinds":[0,"int"]} '
            '("float" and "int" at /kinds/1)'
        )

    def test_as_a_whole_needs_no_pointer(self) -> None:
        assert str(unfaithfulness(kind, {"value": 1.0})).endswith('gives "float", evaluating its graph gives "int"')

    def test_because_only_evaluating_fails(self) -> None:
        problem = str(unfaithfulness(doubled, {"n": 10}, tasks={"double": below_ten}))
        assert "flow 'doubled' is not captured faithfully: with {'n': 10} calling it gives 20, " in problem
        assert "evaluating its graph fails: " in problem

    def test_but_of_a_flow_that_does_not_compile_that_is_said(self) -> None:
        problem = str(unfaithfulness(hasty, {"n": 0}))
        assert problem.startswith("flow 'hasty' does not compile, although calling it with {'n': 0} gives 0: ")
        assert "test_faithfulness.py" in problem
        assert "asking for its truth needs one" in problem
        assert "faithfully" not in problem
        assert unfaithfulness(hasty, {"n": 0}, bound=("n",)) is None

    def test_because_only_calling_raises(self) -> None:
        ASKED.clear()
        problem = str(unfaithfulness(once, {"n": 7}))
        assert problem.endswith("calling it raises RuntimeError: asked before, evaluating its graph gives 7")

    def test_because_only_calling_leaves_the_model(self) -> None:
        problem = unfaithfulness(out_of_model, {"n": 1}, tasks={"a_set": half})
        assert str(problem).endswith("calling it gives {1}, evaluating its graph gives 0.5")


@flow
def drawn(n: int) -> float:
    return drawn_by_lot(n)


@task
def drawn_by_lot(n: int) -> float:
    """No function: each answer is another."""
    ASKED.append(n)
    return float(len(ASKED))


@flow
def looped(n: int, times: int = 2) -> list[float]:
    return [half(n) for _ in range(times)]


@flow
def bare() -> float:
    return half(1)


@flow
def placed(a: int = 1, b: int = 2, /, *rest: int) -> list[Any]:
    return [a, half(b), *rest]


class TestWhatTriesNothing:
    @pytest.mark.parametrize("given", ["test_faithfulness:drawn", 5, None, half, lambda n: n])
    def test_because_it_is_no_flow_is_refused(self, given: Any) -> None:
        with pytest.raises(AssertionError, match="is not a flow; give a function that is decorated with @flow"):
            assert_capture_faithful(given, st.just({"n": 1}))
        assert "is not a flow" in str(unfaithfulness(given, {"n": 1}))

    @pytest.mark.parametrize(
        ("inputs", "problem"),
        [
            ({"m": 1}, "there is no parameter 'm'; the parameters of the flow are: n"),
            ({"m": 1, "n": 1}, "there is no parameter 'm'; the parameters of the flow are: n"),
            ({}, "the parameter 'n' has no value"),
            ("n", "they are no mapping of parameters to values"),
        ],
    )
    def test_because_these_are_no_inputs_of_the_flow_is_refused(self, inputs: Any, problem: str) -> None:
        with pytest.raises(AssertionError) as raised:
            assert_capture_faithful(drawn, st.just(inputs))
        assert str(raised.value) == f"{inputs!r} are no inputs of flow 'drawn': {problem}"

    def test_because_the_flow_takes_no_inputs_is_refused(self) -> None:
        assert str(unfaithfulness(bare, {"n": 1})).endswith("the parameters of the flow are: none")
        assert unfaithfulness(bare, {}) is None

    def test_because_a_variadic_parameter_is_given_something_else_is_refused(self) -> None:
        problem = unfaithfulness(named, {"n": 1, "rest": 5, "more": {}}, bound=("rest", "more"))
        assert str(problem).endswith("'rest' is variadic, and 5 is no list")
        problem = unfaithfulness(named, {"n": 1, "rest": (), "more": 5}, bound=("rest", "more"))
        assert str(problem).endswith("'more' is variadic, and 5 is no dict")

    def test_because_what_is_to_be_bound_is_no_parameter_is_refused(self) -> None:
        with pytest.raises(AssertionError) as raised:
            assert_capture_faithful(drawn, st.just({"n": 1}), bound={"k"})
        assert str(raised.value) == "bound: there is no parameter 'k'; the parameters of the flow are: n"
        with pytest.raises(AssertionError, match="bound is the text 'n'; give a set of names of parameters"):
            assert_capture_faithful(drawn, st.just({"n": 1}), bound="n")

    def test_because_no_call_ever_gave_a_value_is_a_failure(self) -> None:
        assert unfaithfulness(later, {"n": 10}) is None
        with pytest.raises(AssertionError) as raised:
            assert_capture_faithful(later, st.just({"n": 10}))
        assert str(raised.value) == (
            "nothing was tried of flow 'later', as no inputs gave a value: with {'n': 10} calling it raises "
            "ValueError: 10 is too much"
        )
        with pytest.raises(AssertionError, match=r"as no inputs gave a value: with \{'n': 1\} calling it gives \{1\}"):
            assert_capture_faithful(out_of_model, st.just({"n": 1}))

    def test_is_no_matter_where_the_law_is_broken(self) -> None:
        with pytest.raises(AssertionError, match="flow 'drawn' is not captured faithfully"):
            assert_capture_faithful(drawn, st.just({"n": 1}))


class TestWhatIsLeftOut:
    def test_is_bound_to_its_default_where_it_is_to_be_bound(self) -> None:
        assert_capture_faithful(looped, st.just({"n": 1}), bound={"times"})

    def test_may_stand_before_what_is_given_by_position(self) -> None:
        assert_capture_faithful(placed, st.just({"b": 4, "rest": [5]}), bound={"rest"})


def test_without_hypothesis_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(ModuleNotFoundError) as raised:
        assert_capture_faithful(kind, st.just({}))
    assert str(raised.value) == (
        'assert_capture_faithful needs hypothesis, which the extra test brings: pip install "cascades-sdk[test]"'
    )


def test_the_evaluator_is_a_part_of_the_kit() -> None:
    assert evaluate is evaluation.evaluate
    assert "evaluate" in dir(testing)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        testing.nothing  # type: ignore[attr-defined]
