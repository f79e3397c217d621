"""The cost of a compile is linear in the number of calls, and nothing recurses over a graph.

Work is counted in calls of Python functions, which repeats exactly, and in bytes that are allocated; time is for the
benchmarks.
"""

import sys
import tracemalloc
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import attrs
import pytest

from cascades_sdk.compiler import Flow, build_dag_from_flow, flow, task
from cascades_sdk.diff import dag_diff
from cascades_sdk.encoding import _digests, _fast, dag_from_cbor, dag_from_json, dag_to_cbor, dag_to_json, node_digests
from cascades_sdk.evaluation import evaluate
from cascades_sdk.graph import (
    NO_OPTIONS,
    Branch,
    Call,
    Choice,
    Dag,
    FlowInput,
    Group,
    Guard,
    InputReference,
    Literal,
    Map,
    Node,
    NodeReference,
    Parameter,
    TaskDefinition,
    TaskOptions,
    _limits,
    object_binding,
)
from cascades_sdk.values import FrozenDict, freeze
from cascades_sdk.views import to_dot, to_mermaid, to_text

LONG = 100_000


@task
def add(a: int, b: int = 1) -> int:
    return a + b


@task
def total(items: list[int]) -> int:
    return sum(items)


@flow
def chain(size: int, n: int = 1) -> int:
    for step in range(size):
        n = add(n, step)
    return n


@flow
def fan_in(size: int, n: int = 1) -> int:
    return total([add(n, step) for step in range(size)])


@flow
def fan_out(size: int, n: int = 1) -> list[int]:
    first = add(n)
    return [add(first, step) for step in range(size)]


SHAPES = (chain, fan_in, fan_out)


def calls_in(work: Callable[[], Any]) -> int:
    """How many Python functions were called."""
    count = 0

    def counting(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(counting)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def whole_way(shape: Flow[..., Any], size: int) -> Any:
    dag = build_dag_from_flow(shape, {"size": size}).unwrap()
    read = dag_from_json(dag_to_json(dag)).unwrap()
    assert read == dag
    return evaluate(read).unwrap()


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_ten_times_the_calls_are_ten_times_the_work(shape: Flow[..., Any]) -> None:
    whole_way(shape, 10)  # what is worked out once is worked out here
    small, large = (calls_in(lambda size=size: whole_way(shape, size)) for size in (1_000, 10_000))
    assert large < 10.1 * small


def peak_of(work: Callable[[], Any]) -> int:
    """How many bytes were allocated at once, at the most."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_ten_times_the_calls_take_ten_times_the_memory(shape: Flow[..., Any]) -> None:
    whole_way(shape, 10)
    small, large = (peak_of(lambda size=size: whole_way(shape, size)) for size in (300, 3_000))
    assert large < 12 * small  # lists and dicts grow by steps
    assert large < 3_000 * 4_000


@task
def doubled(item: int) -> int:
    return 2 * item


@flow
def many_maps(size: int, n: int = 1) -> int:
    return total([doubled.map([n, step])[0] for step in range(size)])


def test_so_do_maps_over_lists_that_are_written_out() -> None:
    def work(size: int) -> None:
        build_dag_from_flow(many_maps, {"size": size}).unwrap()

    work(10)
    assert calls_in(lambda: work(1_000)) < 10.1 * calls_in(lambda: work(100))
    # What is known of a type is kept once for all calls.
    assert peak_of(lambda: work(1_000)) < 1_000 * 2_500


def test_what_is_usual_is_captured_with_few_calls() -> None:
    spent = [calls_in(lambda size=size: build_dag_from_flow(chain, {"size": size}).unwrap()) for size in (10, 110)]
    assert spent[1] - spent[0] < 100 * 45


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_hundred_thousand_tasks_go_the_whole_way(shape: Flow[..., Any]) -> None:
    # Nodes of a chain as deep as this would end any recursion over the graph.
    assert whole_way(shape, LONG) == shape(LONG)


def _doubled(value: Any, times: int) -> Any:
    for _ in range(times):
        value = {"left": value, "right": [value]}
    return value


@flow
def sharing(times: int, n: int = 1) -> int:
    return total(_doubled(0, times))


@flow
def sharing_references(times: int, n: int = 1) -> int:
    return total(_doubled(n, times))


@pytest.mark.parametrize("shape", [sharing, sharing_references], ids=lambda shape: shape.name)
def test_what_is_small_in_memory_and_large_where_it_is_written_costs_no_more_than_the_limit(
    shape: Flow[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each level doubles what would be written; the work stops where the limit is met, however many follow.
    monkeypatch.setattr(_limits, "MAX_PARTS", 1_000)
    spent = [calls_in(lambda times=times: build_dag_from_flow(shape, {"times": times}).failure()) for times in (10, 32)]
    assert spent[1] < spent[0] + 1_000
    assert spent[0] < 10_000


def edited(shape: Flow[..., Any], size: int) -> tuple[Dag, Dag]:
    """The graph of a flow, and that of one whose first call gets something else."""
    dag = build_dag_from_flow(shape, {"size": size, "n": 1}).unwrap()
    first = attrs.evolve(dag.nodes[0], arguments=(("a", Literal(-1)), *dag.nodes[0].arguments[1:]))
    return dag, attrs.evolve(dag, nodes=(first, *dag.nodes[1:]))


def compared(pair: tuple[Dag, Dag]) -> Any:
    return node_digests(pair[0]), str(dag_diff(*pair)), str(dag_diff(*reversed(pair)))


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_comparing_ten_times_the_calls_is_ten_times_the_work(shape: Flow[..., Any]) -> None:
    small, large = (edited(shape, size) for size in (1_000, 10_000))
    assert calls_in(lambda: compared(large)) < 10.1 * calls_in(lambda: compared(small))


class _Hash:
    """A hash that keeps what it was given."""

    def __init__(self, given: list[bytes], data: bytes = b"") -> None:
        self._given = given
        self.update(data)

    def update(self, data: bytes) -> None:
        self._given.append(data)

    def hexdigest(self) -> str:
        return f"{len(self._given):064x}"


@pytest.mark.parametrize("overrides", [NO_OPTIONS, TaskOptions(retries=1)], ids=["plain", "overriding"])
def test_what_a_definition_gives_to_its_calls_is_written_once_for_all_node_digests(
    overrides: TaskOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = FrozenDict({f"name-{at}": "x" * 10 for at in range(1_000)})
    parameters = (Parameter("n"), Parameter("table", default=Literal(many)))
    definition = TaskDefinition("t", "m:t", True, parameters, TaskOptions(labels=many))

    def digested(calls: int) -> tuple[int, int]:
        """How many functions were called, and how many bytes were made."""
        dag = Dag("f", (), (definition,), tuple(Call("t", (("n", Literal(at)),), (), overrides) for at in range(calls)))
        given: list[bytes] = []
        monkeypatch.setattr(_digests.hashlib, "sha256", lambda data=b"": _Hash(given, data))
        called = calls_in(lambda: node_digests(dag))
        monkeypatch.undo()
        return called, sum(map(len, {id(each): each for each in given}.values()))

    (few_called, few_bytes), (many_called, many_bytes) = digested(10), digested(1_000)
    assert few_bytes > 40_000  # the defaults and the labels, once
    assert many_called - few_called < 990 * 50
    assert many_bytes - few_bytes < 990 * 500


def test_a_place_is_told_alike_fast_however_deep_it_is() -> None:
    def work(depth: int) -> int:
        def returning(first: int) -> Dag:
            value: Any = list(range(first, first + 1_000))
            for _ in range(depth):
                value = {"key": value}
            return Dag("f", returns=Literal(freeze(value)))  # type: ignore[arg-type]  # no refusal

        pair = returning(0), returning(1_000)
        return calls_in(lambda: dag_diff(*pair))

    # Generators are resumed through each level; the pointer is written once for each.
    assert work(42) - work(2) < 1_000 * 50


def test_so_where_every_call_has_moved_or_is_another() -> None:
    def work(size: int) -> int:
        literals = tuple(Call("add", (("a", Literal(at)),)) for at in range(size))
        definition = (TaskDefinition("add", "m:add", True, (Parameter("a"),)),)
        forth, back = (Dag("f", (), definition, nodes) for nodes in (literals, literals[::-1]))
        others = Dag("f", (), definition, tuple(Call("add", (("a", Literal(-at)),)) for at in range(size)))
        return calls_in(lambda: (compared((forth, back)), compared((forth, others))))

    assert work(10_000) < 10.1 * work(1_000)


STEP = TaskDefinition("step", "m:step", False, (Parameter("x", default=Literal(1)),))


def choices_in_a_row(size: int) -> Dag:
    """Each choice is decided by the flow's input and takes what the one before answered; a map in each branch."""
    nodes: list[Node] = [Map("step", (("x", Literal((1,))),))]
    groups: list[Group] = []
    for _ in range(size):
        at = len(nodes)
        for side, node in ((True, at), (False, at + 1)):
            groups.append(Group("g", None, (node,), Guard(InputReference("sure"), side)))
            nodes.append(Map("step", (("x", NodeReference(at - 1)),)))
        sides = [Branch(len(groups) - 2 + each, NodeReference(at + each)) for each in (0, 1)]
        nodes.append(Choice(sides[0], sides[1]))
    return Dag("f", (FlowInput("sure"),), (STEP,), tuple(nodes), tuple(groups), NodeReference(len(nodes) - 1))


def deep_branches(size: int) -> Dag:
    """Calls in branches that are nested as deep as they may be."""
    depth = _limits.MAX_GUARDS
    calls = tuple(Call("step", (("x", NodeReference(at - 1)),) if at else ()) for at in range(size))
    choices = tuple(Choice(Branch(depth - 1 - at)) for at in range(depth))
    homes = [((size + depth - 2 - at,) if at < depth - 1 else tuple(range(size))) for at in range(depth)]
    guard = Guard(InputReference("sure"), True)
    groups = tuple(Group("g", at - 1 if at else None, homes[at], guard) for at in range(depth))
    return Dag("f", (FlowInput("sure"),), (STEP,), calls + choices, groups)


@pytest.mark.parametrize("shape", [choices_in_a_row, deep_branches], ids=lambda shape: shape.__name__)
@pytest.mark.parametrize("sure", [True, False])
def test_so_with_branches_on_the_whole_way(shape: Callable[[int], Dag], sure: bool) -> None:
    def work(size: int) -> int:
        def way() -> None:
            dag = shape(size)
            assert dag_from_json(dag_to_json(dag)).unwrap() == dag
            first = attrs.evolve(dag.nodes[0], arguments=(("x", Literal((2,))),))
            compared((dag, attrs.evolve(dag, nodes=(first, *dag.nodes[1:]))))
            evaluate(dag, {"sure": sure}, {"step": lambda x: x}).unwrap()
            assert len(dag.upstream) == len(dag.nodes)

        return calls_in(way)

    work(10)  # what is worked out once is worked out here
    assert work(5_000) < 10.1 * work(500)


def test_groups_as_deep_as_there_are_calls_are_compared_alike() -> None:
    def work(size: int) -> int:
        definition = (TaskDefinition("add", "m:add"),)
        nodes = (Call("add"),) * size
        deep = tuple(Group("g", at - 1 if at else None, (at,)) for at in range(size))
        pair = (Dag("f", (), definition, nodes, deep), Dag("f", (), definition, nodes))
        return calls_in(lambda: compared(pair))

    assert work(10_000) < 10.1 * work(1_000)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
@pytest.mark.parametrize("written", [to_text, to_mermaid, to_dot])
def test_a_picture_of_ten_times_the_calls_is_ten_times_the_work(
    written: Callable[[Dag], str], shape: Flow[..., Any]
) -> None:
    small, large = (build_dag_from_flow(shape, {"size": size}).unwrap() for size in (1_000, 10_000))
    assert calls_in(lambda: written(large)) < 10.1 * calls_in(lambda: written(small))


@pytest.mark.parametrize("written", [to_text, to_mermaid, to_dot])
def test_so_where_groups_are_as_deep_as_there_are_calls(written: Callable[[Dag], str]) -> None:
    def work(size: int) -> int:
        deep = tuple(Group("g", at - 1 if at else None, (at,)) for at in range(size))
        dag = Dag("f", (), (TaskDefinition("add", "m:add"),), (Call("add"),) * size, deep)
        return calls_in(lambda: written(dag))

    assert work(10_000) < 10.1 * work(1_000)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_change_at_the_head_of_a_hundred_thousand_tasks_is_told_in_one_line(shape: Flow[..., Any]) -> None:
    assert str(dag_diff(*edited(shape, LONG))) == "node-0 add: /a 1 -> -1"


def wide(parameters: int, nodes: int) -> Dag:
    """Calls of a task that has many parameters, of which each call binds one; and a document that binds all of them."""
    names = [f"p{at}" for at in range(parameters)]
    task = TaskDefinition("t", "m:t", True, tuple(Parameter(name, default=Literal(0)) for name in names))
    calls = tuple(Call("t", ((names[at % parameters], Literal(at)),)) for at in range(nodes))
    return Dag("f", (), (task,), (*calls, Call("t", tuple((name, Literal(1)) for name in names))))


def test_many_parameters_of_which_each_call_binds_few_cost_no_more_than_their_document() -> None:
    # What is quadratic here is the work of native code, which counts no calls: at this size it would take minutes.
    dag = wide(20_000, 20_000)
    with patch.object(_fast, "orjson", None):
        data = dag_to_json(dag)
        assert dag_from_json(data).unwrap() == dag
    assert dag_from_cbor(dag_to_cbor(dag)).unwrap() == dag
    unknown = data.replace(b'"arguments":{"p0":{"literal":1}', b'"arguments":{"p":{"literal":1},"p0":{"literal":1}')
    assert dag_from_json(unknown).failure().pointer == "/nodes/20000/arguments/p"


def test_what_is_usual_is_checked_with_few_calls() -> None:
    parameter = Parameter("x", "keyword_only", Literal(1))
    task = TaskDefinition("t", "m:t", True, (parameter,))
    usual = tuple(Call("t", (("x", NodeReference(at - 1)),) if at else ()) for at in range(1_000))
    rows = Call("t", (("x", object_binding({f"k{at:03}": NodeReference(0, ("rows", at)) for at in range(1_000)})),))
    node, entry = (calls_in(lambda nodes=nodes: Dag("f", (), (task,), nodes)) for nodes in (usual, (usual[0], rows)))
    assert node < 5_000
    assert entry < 8_000


def test_a_value_that_holds_one_part_many_times_is_compared_with_itself_at_once() -> None:
    value: Any = []
    for _ in range(60):
        value = [value, value]
    frozen = freeze({"a": value})
    assert frozen == frozen
