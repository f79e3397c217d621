"""Laws of what is shared and of what is bounded.

A value is what it is when it is written out; and capture and graph agree on what is too much for one argument.
"""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st
from returns.result import Success

from cascades_sdk.compiler import build_dag_from_flow, flow, task
from cascades_sdk.encoding import canonical_json, dag_from_json, dag_to_json
from cascades_sdk.errors import InvalidValueError
from cascades_sdk.evaluation import evaluate
from cascades_sdk.graph import Literal, _limits, dag
from cascades_sdk.values import freeze, same_value
from strategies_of_values import scalars, texts


@task
def keep(value: Any) -> Any:
    return value


class Open:
    """Where a reference is to stand."""


@st.composite
def shared_values(draw: Callable[..., Any], leaves: st.SearchStrategy[Any] = scalars) -> Any:
    """A value whose parts stand in several places: each container is made of those before it."""
    parts: list[Any] = draw(st.lists(leaves, min_size=1, max_size=3))
    for _ in range(draw(st.integers(1, 6))):
        chosen = draw(st.lists(st.sampled_from(parts), max_size=3))
        shape = draw(st.sampled_from(["list", "tuple", "dict"]))
        if shape == "dict":
            parts.append({draw(texts): part for part in chosen})
        else:
            parts.append(chosen if shape == "list" else tuple(chosen))
    return parts[-1]


def written_out(value: Any, reference: Any = None) -> Any:
    """The same value with nothing shared, and a reference where one is to stand."""
    if isinstance(value, dict):
        return {key: written_out(inner, reference) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)([written_out(inner, reference) for inner in value])
    return reference if value is Open else value


def held(value: Any) -> tuple[int, int]:
    """How many parts a value has, itself included, and how many characters: counted anew, from what is said of it."""
    if isinstance(value, dict):
        inside = [held(inner) for inner in value.values()]
        return 1 + sum(parts for parts, _ in inside), sum(map(len, value)) + sum(some for _, some in inside)
    if isinstance(value, (list, tuple)):
        inside = [held(inner) for inner in value]
        return 1 + sum(parts for parts, _ in inside), sum(some for _, some in inside)
    return 1, len(value) if isinstance(value, str) else 0


class TestSharing:
    @given(shared_values())
    def test_what_is_shared_freezes_to_what_it_is_when_it_is_written_out(self, value: Any) -> None:
        assert same_value(freeze(value), freeze(written_out(value)))  # type: ignore[arg-type]

    @given(shared_values())
    def test_its_size_is_that_of_what_is_written(self, value: Any) -> None:
        size = len(canonical_json(value).unwrap().encode())
        assert _limits.canonical_size(freeze(value)) == size  # type: ignore[arg-type]

    @given(shared_values(scalars | st.just(Open)))
    def test_a_flow_that_shares_parts_is_the_flow_that_writes_them_out(self, value: Any) -> None:
        def shared(n: Any) -> Any:
            return keep(_with_shared(value, n, {}))

        def plain(n: Any) -> Any:
            return keep(written_out(value, n))

        one, other = (build_dag_from_flow(flow(name="one")(each)).unwrap() for each in (shared, plain))
        assert one == other
        read = dag_from_json(dag_to_json(one)).unwrap()
        evaluated = evaluate(read, {"n": [1]}, {"keep": keep}).unwrap()
        assert canonical_json(evaluated) == canonical_json(plain([1]))


def _with_shared(value: Any, reference: Any, known: dict[int, Any]) -> Any:
    """The value with its references in, and each of its containers made once."""
    if value is Open:
        return reference
    if not isinstance(value, (dict, list, tuple)):
        return value
    if id(value) not in known:
        if isinstance(value, dict):
            known[id(value)] = {key: _with_shared(inner, reference, known) for key, inner in value.items()}
        else:
            known[id(value)] = type(value)([_with_shared(inner, reference, known) for inner in value])
    return known[id(value)]


class TestWhatOneArgumentHolds:
    @given(shared_values(scalars | st.just(Open)), st.integers(1, 12), st.integers(0, 12))
    def test_capture_refuses_exactly_what_is_too_much_and_a_graph_the_same(
        self, value: Any, most_parts: int, most_characters: int
    ) -> None:
        @flow
        def holding(n: Any) -> Any:
            return keep([n, written_out(value, n)])

        whole = build_dag_from_flow(holding).unwrap()
        parts, characters = held([Open, value])
        with patch.object(_limits, "MAX_PARTS", most_parts), patch.object(_limits, "MAX_CHARACTERS", most_characters):
            outcome = build_dag_from_flow(holding)
            again = dag(whole.name, whole.inputs, whole.tasks, whole.nodes, whole.groups, Literal(None))
        fits = parts <= most_parts and characters <= most_characters
        assert isinstance(outcome, Success) is isinstance(again, Success) is fits
        assert fits or isinstance(outcome.failure(), InvalidValueError)
