"""Pictures as those read them for whom they are: Mermaid itself, and Graphviz."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cascades_sdk.graph import Branch, Call, Choice, Dag, FlowInput, Group, Guard, InputReference, Map, TaskDefinition
from cascades_sdk.values import printable, utf16_order
from cascades_sdk.views import to_dot, to_mermaid
from node import installed, without_node
from test_views import BOOK, chain, deep, fan

WITNESSES = Path(__file__).resolve().parent / "witnesses"

#: What somebody might try, or just write: ends of labels, directives, Markdown, HTML, formulas, icons, escapes.
ODD_NAMES = (
    '"]; click',
    '"]',
    "]]\nclick n0 href",
    '%%{init: {"theme":"dark"}}%%',
    "%% comment",
    "---",
    "1. list",
    "- item",
    "`md`",
    "**bold** _it_",
    "<img src=x onerror=alert(1)>",
    "<br>",
    "$$x^2$$",
    "fa:fa-car",
    "end",
    "subgraph x",
    "style n0 fill:#f00;",
    "classDef a:b#c;",
    ":::success",
    "\\",
    '\\"',
    "\\N\\l",
    "a\nb",
    "&lt;b&gt; &amp;",
    "#quot;",
    "#35;",
    "größe 数字 🙂",
    "https://example.com/a?b=c&d",
    "{a|b}",
    "'; DROP",
    "\x1b[31m",
)


def odd() -> Dag:
    """A graph in which everything has an odd name."""
    names = sorted(ODD_NAMES, key=utf16_order)
    tasks = tuple(TaskDefinition(name, "m:x") for name in names)
    nodes = tuple(Call(name, after=(at - 1,) if at % 3 else ()) for at, name in enumerate(ODD_NAMES))
    groups = tuple(Group(name, at - 1 if at % 4 else None, (at,)) for at, name in enumerate(ODD_NAMES))
    guard = Guard(InputReference('"]', ("%%{",)), True)
    branch = Group("then", None, (), guard)
    choice = Choice(Branch(len(groups)))
    return Dag('"\n---\nx', (FlowInput('"]'),), tasks, (*nodes, choice), (*groups, branch))


DAGS = (BOOK, chain(30), fan(12), deep(20), odd(), Dag("nothing", groups=(Group("empty"),)))


def lines_of(dag: Dag) -> Iterator[tuple[str, str]]:
    """The lines of a picture, by the names of their ends."""
    for position, group in enumerate(dag.groups):
        condition = getattr(group.guard, "condition", None)
        if hasattr(condition, "node"):
            yield f"n{condition.node}", f"g{position}"
    for ordinal, node in enumerate(dag.nodes):
        named = set(node.upstream)
        condition = dag.condition_of(node) if isinstance(node, Choice) else None
        named |= {condition.node} if hasattr(condition, "node") else set()
        yield from ((f"n{source}", f"n{ordinal}") for source in named)


def names_of(dag: Dag) -> dict[str, str]:
    """The task of each node as a picture shows it."""
    return {
        f"n{ordinal}": ("map " if isinstance(node, Map) else "") + printable(node.task)
        for ordinal, node in enumerate(dag.nodes)
        if not isinstance(node, Choice)
    }


@without_node
@pytest.mark.witness("Node: Mermaid itself reads the flowcharts")
def test_mermaid_reads_every_name_box_and_line(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = installed(tmp_path_factory)
    shutil.copy(WITNESSES / "mermaid.mjs", folder)
    texts = json.dumps([to_mermaid(dag) for dag in DAGS])
    read = subprocess.run(
        ["node", "mermaid.mjs"], input=texts, cwd=folder, capture_output=True, encoding="utf-8", check=False
    )
    assert read.returncode == 0, read.stderr
    for dag, told in zip(DAGS, json.loads(read.stdout), strict=True):
        labels = {name: label.replace("\u200b", "") for name, label, _, _ in told["nodes"]}
        assert {name: label.rpartition("\n")[0] for name, label in labels.items() if name in names_of(dag)} == names_of(
            dag
        )
        titles = {name: label for name, label in labels.items() if name[0] == "t"}
        assert sorted(set(labels) - set(titles)) == sorted(f"n{at}" for at in range(len(dag.nodes)))
        seen = [(start, end.replace("t", "g")) for start, end, stroke in told["lines"] if stroke != "invisible"]
        assert sorted(seen) == sorted(lines_of(dag))
        assert {(name, title.strip()) for name, title, _ in told["boxes"]} == {
            (f"g{at}", "") for at in range(len(dag.groups))
        }
        assert set(titles) == {f"t{at}" for at in range(len(dag.groups))}
        assert all(
            titles[f"t{at}"] == printable(group.name) for at, group in enumerate(dag.groups) if group.guard is None
        )
        assert told["config"] == "default", "no text changes the settings"
        for name, _, inside in told["boxes"]:
            at = int(name[1:])
            inner = {f"g{each}" for each, group in enumerate(dag.groups) if group.parent == at}
            assert set(inside) == inner | {f"t{at}"} | {f"n{node}" for node in dag.groups[at].nodes}


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
@pytest.mark.witness("Graphviz: dot reads the DOT texts")
@pytest.mark.parametrize("dag", DAGS, ids=lambda dag: printable(dag.name))
def test_graphviz_reads_every_name_and_line(dag: Dag) -> None:
    read = subprocess.run(["dot", "-Tdot_json"], input=to_dot(dag), capture_output=True, encoding="utf-8", check=False)
    assert (read.returncode, read.stderr) == (0, "")
    told = json.loads(read.stdout)
    objects = told.get("objects", [])
    labels = {each["name"]: each.get("label", "") for each in objects}
    # A label is kept with its escapes: \n between its two lines, and HTML entities.
    shown = {name: _unescaped(label).rpartition("\n")[0] for name, label in labels.items() if name[0] == "n"}
    assert {name: shown[name] for name in names_of(dag)} == names_of(dag)
    ends = [(objects[edge["tail"]]["name"], objects[edge["head"]]["name"]) for edge in told.get("edges", [])]
    seen = [end for end, edge in zip(ends, told.get("edges", []), strict=True) if edge.get("style") != "invis"]
    assert sorted(seen) == sorted(lines_of(dag))
    titles = {name: _unescaped(label) for name, label in labels.items() if name[0] == "g"}
    assert set(titles) == {f"g{at}" for at in range(len(dag.groups))}
    assert all(titles[f"g{at}"] == printable(group.name) for at, group in enumerate(dag.groups) if group.guard is None)
    boxes = {each["name"]: each for each in objects if each["name"].startswith("cluster_")}
    assert set(boxes) == {f"cluster_{at}" for at in range(len(dag.groups))}


def _unescaped(label: str) -> str:
    parts = label.split("\\\\")
    return "\\".join(part.replace("\\n", "\n") for part in parts).replace("&amp;", "&")
