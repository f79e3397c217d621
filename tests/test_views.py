"""A graph as text: its layers, what is safe to print, and that it costs no more than the graph is large."""

import pytest

from cascades_sdk.compiler import build_dag_from_flow, flow, task
from cascades_sdk.graph import Call, Dag, FlowInput, Literal, TaskDefinition
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
