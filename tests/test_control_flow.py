"""What the documents of other engines show of conditions, expansion and nesting, written anew as flows.

Each compiles, and evaluates to what calling it gives, for every input that takes another way through it. The examples
are those that Kubeflow Pipelines (``dsl.If``, ``dsl.Elif``, ``dsl.Else``, ``dsl.OneOf``, ``dsl.ParallelFor``,
``dsl.Collected``) and Airflow (``expand``, ``partial``, branching, mapped task groups) teach with.
"""

from typing import Any, NamedTuple, TypedDict

import pytest

from captures import compiled, round_trip
from cascades_sdk.compiler import Flow, flow, task, when
from cascades_sdk.graph import Call, Choice, Map


@task
def flip_coin(seed: int) -> str:
    return "heads" if seed % 2 else "tails"


@task
def flip_three_sided_coin(seed: int) -> str:
    return ("heads", "tails", "draw")[seed % 3]


@task
def is_side(result: str, side: str) -> bool:
    return result == side


@task
def say(text: str) -> str:
    return f"said {text}"


@task
def random_number(low: int, high: int, seed: int) -> int:
    return low + seed % (high - low + 1)


@task
def above(number: int, limit: int) -> bool:
    return number > limit


# -- Kubeflow Pipelines: conditions --------------------------------------------------------------------


@flow
def coin(seed: int) -> object:
    """``with dsl.If(coin.output == 'heads')`` and ``with dsl.Else()``."""
    result = flip_coin(seed)
    return when(is_side(result, "heads"), then=lambda: say("got heads"), otherwise=lambda: say("got tails"))


@flow
def only_heads(seed: int) -> object:
    """``dsl.If`` without an else."""
    return when(is_side(flip_coin(seed), "heads"), then=lambda: say("got heads"))


@flow
def three_sides(seed: int) -> object:
    """``dsl.If``, ``dsl.Elif`` and ``dsl.Else``, merged by ``dsl.OneOf`` and passed on."""
    result = flip_three_sided_coin(seed)
    answer = when(
        is_side(result, "heads"),
        then=lambda: say("heads"),
        otherwise=lambda: when(is_side(result, "tails"), then=lambda: say("tails"), otherwise=lambda: say("a draw")),
    )
    return say(answer)


@flow
def nested_conditions(seed: int, limit: int = 5) -> object:
    """A coin decides which number is drawn, and the number which text is said."""
    result = flip_coin(seed)

    def heads() -> object:
        number = random_number(0, 9, seed)
        return when(above(number, limit), then=lambda: say("heads above"), otherwise=lambda: say("heads below"))

    def tails() -> object:
        number = random_number(10, 19, seed)
        return when(above(number, 15), then=lambda: say("tails above"), otherwise=lambda: say("tails below"))

    return when(is_side(result, "heads"), then=heads, otherwise=tails)


# -- Kubeflow Pipelines: loops -------------------------------------------------------------------------


class Model(TypedDict):
    epochs: int
    score: float


@task
def train(epochs: int, rate: float = 0.5) -> Model:
    return {"epochs": epochs, "score": epochs * rate}


@task
def best(models: list[Model]) -> Model:
    return max(models, key=lambda model: model["score"])


@task
def score(model: Model) -> float:
    return model["score"]


@flow
def train_and_select(epochs: list[int]) -> object:
    """``dsl.ParallelFor`` over a parameter, ``dsl.Collected`` into a selecting task."""
    models = train.map(epochs, 0.25)
    return {"best": best(models), "scores": score.map(models), "first": models[0]["score"]}


@flow
def train_fixed() -> object:
    """``dsl.ParallelFor(items=[1, 5, 10, 25])``."""
    return best(train.map([1, 5, 10, 25]))


@flow
def train_if_wanted(epochs: list[int], wanted: bool) -> object:
    """A loop inside of a condition."""
    return when(wanted, then=lambda: best(train.map(epochs)), otherwise=lambda: {"epochs": 0, "score": 0})


# -- Airflow: dynamic task mapping ---------------------------------------------------------------------


@task
def add_one(x: int) -> int:
    return x + 1


@task
def add(x: int, y: int) -> int:
    return x + y


@task
def sum_it(values: list[int]) -> int:
    return sum(values)


@task
def make_list(n: int) -> list[int]:
    return list(range(n))


@task
def files(prefix: str) -> list[str]:
    return [f"{prefix}-{number}" for number in range(3)]


@task
def lines(file: str) -> int:
    return len(file)


class Extent(NamedTuple):
    lowest: int
    highest: int


@task
def extent(values: list[int]) -> Extent:
    return Extent(min(values, default=0), max(values, default=0))


@flow
def simple_mapping() -> object:
    """``add_one.expand(x=[1, 2, 3])`` and a task that sums up."""
    return sum_it(add_one.map([1, 2, 3]))


@flow
def mapping_of_an_output(n: int) -> object:
    """Mapping over what another task returned, which may be nothing."""
    return sum_it(add_one.map(make_list(n)))


@flow
def partial_mapping(n: int, y: int) -> object:
    """``add.partial(y=10).expand(x=…)``: constant arguments, and one from another task."""
    return [add.map([1, 2, 3], y=10), add.map(make_list(n), add_one(y))]


@flow
def repeated_mapping(n: int) -> object:
    """A map over a map."""
    first = add_one.map(make_list(n))
    return sum_it(add_one.map(add_one.map(first)))


@flow
def measured(values: list[int]) -> Extent:
    """What Airflow writes as a task group."""
    return extent(add_one.map(values))


@flow
def task_groups(prefix: str) -> object:
    """Groups that map, each with its own boundary."""
    sizes = lines.map(files(prefix))
    low, high = measured(sizes)
    return when(above(high, low), then=lambda: add(low, high), otherwise=lambda: measured([low]).highest)


@flow
def branch_and_join(seed: int) -> object:
    """``@task.branch`` with a join behind it that runs whichever way was taken."""
    before = random_number(0, 9, seed)
    answer = when(above(before, 4), then=lambda: add_one(before), otherwise=lambda: add(before, 100))
    return add_one.after(before)(answer)


CASES: list[tuple[Flow[..., Any], dict[str, Any]]] = [
    *((coin, {"seed": seed}) for seed in (0, 1)),
    *((only_heads, {"seed": seed}) for seed in (0, 1)),
    *((three_sides, {"seed": seed}) for seed in (0, 1, 2)),
    *((nested_conditions, {"seed": seed}) for seed in (1, 3, 7, 10, 16, 18)),
    (nested_conditions, {"seed": 7, "limit": 8}),
    *((train_and_select, {"epochs": epochs}) for epochs in ([3], [1, 5, 10])),
    (train_fixed, {}),
    *((train_if_wanted, {"epochs": [1, 2], "wanted": wanted}) for wanted in (True, False)),
    (simple_mapping, {}),
    *((mapping_of_an_output, {"n": n}) for n in (0, 1, 4)),
    *((partial_mapping, {"n": n, "y": 3}) for n in (0, 2)),
    *((repeated_mapping, {"n": n}) for n in (0, 3)),
    *((task_groups, {"prefix": prefix}) for prefix in ("", "abc")),
    *((branch_and_join, {"seed": seed}) for seed in (2, 8)),
]


@pytest.mark.parametrize(("example", "inputs"), CASES, ids=lambda value: getattr(value, "name", str(value)))
def test_it_evaluates_to_what_calling_it_gives(example: Flow[..., Any], inputs: dict[str, Any]) -> None:
    evaluated, called = round_trip(example, None, inputs)
    assert evaluated == called


@pytest.mark.parametrize(("example", "inputs"), CASES, ids=lambda value: getattr(value, "name", str(value)))
def test_so_where_all_of_it_is_bound(example: Flow[..., Any], inputs: dict[str, Any]) -> None:
    evaluated, called = round_trip(example, inputs)
    assert evaluated == called


def test_the_examples_are_what_they_claim_to_be() -> None:
    kinds = {example.name: [type(node) for node in compiled(example).nodes] for example, _ in CASES}
    assert kinds["coin"] == [Call, Call, Call, Call, Choice]
    assert kinds["three_sides"].count(Choice) == 2
    assert kinds["nested_conditions"].count(Choice) == 3
    assert kinds["train_and_select"] == [Map, Call, Map]
    assert kinds["repeated_mapping"] == [Call, Map, Map, Map, Call]
    assert kinds["task_groups"] == [Call, Map, Map, Call, Call, Call, Map, Call, Choice]
