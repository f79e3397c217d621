"""A graph as text: its layers, what is safe to print, and that it costs no more than the graph is large."""

import pytest

from cascades_sdk.compiler import build_dag_from_flow, flow, task
from cascades_sdk.graph import (
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
    NodeReference,
    Parameter,
    TaskDefinition,
)
from cascades_sdk.views import printable, to_text


@task
def fetch(page: int) -> str:
    return str(page)


@task
def join(pages: list[str], title: str) -> str:
    return title + "".join(pages)


@task
def rest() -> None:
    return None


@flow
def book(title: str, first: int = 1, notes: tuple[str, ...] = ("é\n",)) -> str:
    pages = [fetch(first), fetch(2)]
    rest()
    return join([*pages, join(pages, title)], title)


def chain(length: int, name: str = "step") -> Dag:
    nodes = tuple(Call(name, after=(ordinal - 1,) if ordinal else ()) for ordinal in range(length))
    return Dag("chain", tasks=(TaskDefinition(name, "module:step"),), nodes=nodes)


def test_every_node_stands_below_what_it_depends_on() -> None:
    assert to_text(build_dag_from_flow(book).unwrap()).splitlines() == [
        'book: 5 tasks in 3 layers; inputs: title, first = 1, notes = ["\\u00e9\\n"]',
        "layer 0",
        "  node-0  fetch",
        "  node-1  fetch",
        "  node-2  rest",
        "layer 1",
        "  node-3  join   <- node-0, node-1",
        "layer 2",
        "  node-4  join   <- node-0, node-1, node-3",
    ]


def test_a_graph_without_nodes_is_one_line() -> None:
    assert to_text(Dag("nothing")) == "nothing: 0 tasks in 0 layers\n"


def test_maps_and_choices_are_told_and_each_node_names_the_conditions_around_it() -> None:
    step = TaskDefinition("step", "m:step", True, (Parameter("x", default=Literal(1)),))
    groups = (
        Group("then", None, (1, 3), Guard(NodeReference(0, ("ok", 0)), True)),
        Group("otherwise", None, (), Guard(NodeReference(0, ("ok", 0)), False)),
        Group("otherwise", 0, (2,), Guard(InputReference("quick"), False)),
        Group("then", 0, (), Guard(InputReference("quick"), True)),
    )
    nodes = (
        Call("step"),
        Map("step", (("x", NodeReference(0)),)),
        Call("step"),
        Choice(Branch(3), Branch(2, NodeReference(2))),
        Choice(Branch(0, NodeReference(3)), Branch(1)),
    )
    dag = Dag("f", (FlowInput("quick"),), (step,), nodes, groups)
    assert to_text(dag).splitlines() == [
        "f: 3 tasks and 2 choices in 4 layers; inputs: quick",
        "layer 0",
        "  node-0  step",
        "layer 1",
        "  node-1  map step  <- node-0  if node-0/ok/0",
        "  node-2  step      <- node-0  if node-0/ok/0, unless input quick",
        "layer 2",
        "  node-3  choice    <- node-0, node-2  if node-0/ok/0",
        "layer 3",
        "  node-4  choice    <- node-0, node-3",
    ]
    lone = Dag("f", (FlowInput("quick"),), (), (Choice(Branch(0)),), (Group("g", None, (), groups[3].guard),))
    assert to_text(lone) == "f: 0 tasks and 1 choice in 1 layer; inputs: quick\nlayer 0\n  node-0  choice\n"


def test_one_is_not_many() -> None:
    assert to_text(chain(1)) == "chain: 1 task in 1 layer\nlayer 0\n  node-0  step\n"


def test_a_long_default_is_cut() -> None:
    dag = Dag("f", inputs=(FlowInput("text", Literal("x" * 1000)),))
    assert to_text(dag) == f'f: 0 tasks in 0 layers; inputs: text = "{"x" * 38}…\n'


def test_a_long_name_does_not_widen_the_other_lines() -> None:
    names = ("a", "b" * 60)
    dag = Dag(
        "f",
        tasks=tuple(TaskDefinition(name, f"m:{name}") for name in names),
        nodes=(Call("a", after=()), Call("b" * 60, after=(0,)), Call("a", after=(1,))),
    )
    assert to_text(dag).splitlines()[-1] == f"  node-2  {'a':<28}  <- node-1"


def test_a_chain_of_a_hundred_thousand_tasks_is_no_feat() -> None:
    lines = to_text(chain(100_000)).splitlines()
    assert lines[0] == "chain: 100000 tasks in 100000 layers"
    assert lines[-1] == "  node-99999  step  <- node-99998"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plain", "plain"),
        ("größe 数", "größe 数"),
        ("red\x1b[31m", "red\\x1b[31m"),
        ("two\nlines\ttab", "two\\nlines\\ttab"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\U000e0001", "\\U000e0001"),
        ("\x9b2J", "\\x9b2J"),
    ],
)
def test_what_a_terminal_could_act_on_is_escaped(name: str, shown: str) -> None:
    assert printable(name) == shown
    assert f"  node-0  {shown}\n" in to_text(chain(1, name))
