"""Pictures of graphs as people see them: drawings, summaries, what each format is told, and how runs look."""

import re
from collections.abc import Callable

import pytest
from returns.result import Success

from cascades_sdk.compiler import build_dag_from_flow, flow, task, when
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
from cascades_sdk.pipelines import RunProgress, TaskProgress
from cascades_sdk.views import columns, printable, to_dot, to_mermaid, to_text


@task
def fetch(page: int) -> str:
    return str(page)


@task
def join(pages: list[str], title: str) -> str:
    return title + "".join(pages)


@task
def is_long(text: str) -> bool:
    return len(text) > 9


@task
def rest() -> None:
    return None


@flow
def chapter(first: int) -> str:
    return join([fetch(first), fetch(2)], "chapter")


@flow
def book(title: str, first: int = 1, notes: tuple[str, ...] = ("é\n",)) -> str:
    pages = chapter(first)
    told = when(is_long(pages), then=lambda: fetch(3), otherwise=lambda: pages)
    lines = fetch.map([1, 2])
    rest.after(lines)()
    return join([pages, told, lines[0]], title)


BOOK = build_dag_from_flow(book).unwrap()


def chain(length: int, name: str = "step") -> Dag:
    nodes = tuple(Call(name, after=(ordinal - 1,) if ordinal else ()) for ordinal in range(length))
    return Dag("chain", tasks=(TaskDefinition(name, "module:step"),), nodes=nodes)


def fan(width: int) -> Dag:
    """One node that many need, of which one needs all."""
    first = Call("step")
    return Dag(
        "fan",
        tasks=(TaskDefinition("step", "m:step"),),
        nodes=(first, *[Call("step", after=(0,))] * width, Call("step", after=tuple(range(1, width + 1)))),
    )


def deep(depth: int) -> Dag:
    """A node in so many groups inside each other."""
    groups = tuple(Group("g", at - 1 if at else None, (0,) if at == depth - 1 else ()) for at in range(depth))
    return Dag("deep", tasks=(TaskDefinition("step", "m:step"),), nodes=(Call("step"),), groups=groups)


class TestDrawings:
    def test_lines_lead_from_what_is_made_to_what_needs_it_and_boxes_are_flows_and_branches(self) -> None:
        assert to_text(BOOK).splitlines() == [
            'book: 9 nodes in 6 layers; inputs: title, first = 1, notes = ["\\u00e9\\n"]',
            "        ╔ chapter ════════╗",
            "  ╭─────╫──○ node-0 fetch ║",
            "  ●─────╫──○ node-1 fetch ║",
            "╭─┴─────╫─▶○ node-2 join  ║",
            "│       ╚═════════════════╝",
            "├─┬─────▶○ node-3 is_long",
            "│ ├────▶╔ if node-3 is_long ══╗",
            "│ │   ╭─╫──○ node-4 fetch     ║",
            "│ │   │ ╚═════════════════════╝",
            "├─┴─┬─┴─▶◇ node-5 choice on node-3 is_long",
            "│ ╭─│────≡ node-6 map fetch",
            "│ ├─│───▶○ node-7 rest",
            "╰─┴─┴───▶○ node-8 join",
        ]

    def test_nodes_that_the_same_rows_need_share_a_line(self) -> None:
        assert to_text(fan(3)).splitlines()[1:] == [
            "╭────○ node-0 step",
            "├─┬─▶○ node-1 step",
            "├─●─▶○ node-2 step",
            "╰─●─▶○ node-3 step",
            "  ╰─▶○ node-4 step",
        ]

    def test_a_graph_without_nodes_is_one_line(self) -> None:
        assert to_text(Dag("nothing")) == "nothing: 0 nodes in 0 layers\n"

    def test_one_is_not_many(self) -> None:
        assert to_text(chain(1)) == "chain: 1 node in 1 layer\n ○ node-0 step\n"

    def test_a_long_default_is_cut_and_many_inputs_are_counted(self) -> None:
        dag = Dag("f", inputs=(FlowInput("text", Literal("x" * 1000)),))
        assert to_text(dag) == f'f: 0 nodes in 0 layers; inputs: text = "{"x" * 38}…\n'
        many = Dag("f", inputs=tuple(FlowInput(f"i{at}") for at in range(10)))
        assert to_text(many).endswith("; inputs: i0, i1, i2, i3, i4, i5, i6, i7, and 2 more\n")

    def test_a_name_of_sixty_characters_is_whole_and_a_longer_one_is_cut(self) -> None:
        assert f" node-0 {'n' * 60}\n" in to_text(chain(1, "n" * 60))
        assert f" node-0 {'n' * 71}…\n" in to_text(chain(1, "n" * 1000))

    def test_nodes_of_a_group_stand_together_though_they_were_captured_apart(self) -> None:
        groups = (Group("a", None, (0, 2)), Group("b", None, (1, 3)))
        nodes = (Call("step"), Call("step"), Call("step", after=(0,)), Call("step", after=(1,)))
        dag = Dag("f", tasks=(TaskDefinition("step", "m:step"),), nodes=nodes, groups=groups)
        assert re.findall(r"╔ (.*?) ═|node-(\d)", to_text(dag)) == [
            ("a", ""), ("", "0"), ("", "2"), ("b", ""), ("", "1"), ("", "3"),
        ]  # fmt: skip

    def test_a_box_whose_nodes_wait_for_those_of_another_is_opened_again(self) -> None:
        groups = (Group("a", None, (0, 2)), Group("b", None, (1, 3)))
        nodes = (Call("step"), Call("step", after=(0,)), Call("step", after=(1,)), Call("step", after=(2,)))
        dag = Dag("f", tasks=(TaskDefinition("step", "m:step"),), nodes=nodes, groups=groups)
        assert re.findall(r"╔ (.*?) ═", to_text(dag)) == ["a", "b", "a (continued)", "b (continued)"]

    def test_a_box_is_as_wide_as_its_title_needs(self) -> None:
        dag = Dag("f", (), (TaskDefinition("s", "m:s"),), (Call("s"),), (Group("a flow with a long name", None, (0,)),))
        assert to_text(dag).splitlines()[1:] == [
            "╔ a flow with a long name ══╗",
            "║  ○ node-0 s               ║",
            "╚═══════════════════════════╝",
        ]

    def test_wide_and_combining_characters_keep_the_borders_straight(self) -> None:
        name = "数字e\u0301"
        assert columns(name) == 5
        dag = Dag("f", (), (TaskDefinition(name, "m:s"),), (Call(name),), (Group("é", None, (0,)),))
        rows = to_text(dag).splitlines()[1:]
        assert rows[1] == f"║  ○ node-0 {name} ║"
        assert {columns(row) for row in rows} == {19}

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
    def test_what_a_terminal_could_act_on_is_escaped(self, name: str, shown: str) -> None:
        assert printable(name) == shown
        assert f"○ node-0 {shown}\n" in to_text(chain(1, name))


class TestFormats:
    def test_mermaid(self) -> None:
        assert to_mermaid(BOOK, [TaskProgress("node-0", None, "SUCCESS")]).splitlines() == [
            "---",
            'title: "book: 9 nodes in 6 layers; inputs: title, first = 1, notes = [\\"\\\\u00e9\\\\n\\"]"',
            "config: {flowchart: {curve: bumpY, nodeSpacing: 70, rankSpacing: 120}}",
            "---",
            "flowchart TD",
            'n3["is_long<br>node-3"]',
            'n5{{"choice on node-3 is_long<br>node-5"}}',
            'n6[["map fetch<br>node-6"]]',
            'n7["rest<br>node-7"]',
            'n8["join<br>node-8"]',
            'subgraph g0[" "]',
            't0["chapter"]:::title',
            'n0["fetch<br>node-0 SUCCESS"]:::success',
            'n1["fetch<br>node-1"]',
            'n2["join<br>node-2"]',
            "end",
            'subgraph g1[" "]',
            't1["if node-3 is_long"]:::title',
            'n4["fetch<br>node-4"]',
            "end",
            'subgraph g2[" "]',
            't2["unless node-3 is_long"]:::title',
            "end",
            "t0 ~~~ n0",
            "t0 ~~~ n1",
            "t1 ~~~ n4",
            "n3 -. decides .-> t1",
            "n3 -. decides .-> t2",
            "n0 --> n2",
            "n1 --> n2",
            "n2 --> n3",
            "n3 -. decides .-> n5",
            "n4 --> n5",
            "n2 --> n5",
            "n6 -.-> n7",
            "n2 --> n8",
            "n5 --> n8",
            "n6 --> n8",
            "classDef title fill:none,stroke:none",
            "classDef success fill:#d3f9d8,stroke:#2b8a3e,color:#000000",
        ]

    def test_dot(self) -> None:
        assert to_dot(BOOK, [TaskProgress("node-0", None, "SUCCESS")]).splitlines() == [
            "digraph {",
            'label="book: 9 nodes in 6 layers; inputs: title, first = 1, notes = [\\"\\\\u00e9\\\\n\\"]"',
            "labelloc=t compound=true rankdir=TB",
            'graph [fontname="Helvetica" style=rounded color="#8c8c8c"]',
            'node [fontname="Helvetica" fillcolor="#ffffff"]',
            'edge [fontname="Helvetica" fontsize=10]',
            'n3 [label="is_long\\nnode-3" shape=box style="rounded,filled"]',
            'n5 [label="choice on node-3 is_long\\nnode-5" shape=hexagon style=filled]',
            'n6 [label="map fetch\\nnode-6" shape=box peripheries=2 style=filled]',
            'n7 [label="rest\\nnode-7" shape=box style="rounded,filled"]',
            'n8 [label="join\\nnode-8" shape=box style="rounded,filled"]',
            "subgraph cluster_0 {",
            'label=""',
            'g0 [label="chapter" shape=plaintext height=0.2 margin=0]',
            'n0 [label="fetch\\nnode-0 SUCCESS" shape=box style="rounded,filled" fillcolor="#d3f9d8" color="#2b8a3e"]',
            'n1 [label="fetch\\nnode-1" shape=box style="rounded,filled"]',
            'n2 [label="join\\nnode-2" shape=box style="rounded,filled"]',
            "}",
            "subgraph cluster_1 {",
            'label=""',
            'g1 [label="if node-3 is_long" shape=plaintext height=0.2 margin=0]',
            'n4 [label="fetch\\nnode-4" shape=box style="rounded,filled"]',
            "}",
            "subgraph cluster_2 {",
            'label=""',
            'g2 [label="unless node-3 is_long" shape=plaintext height=0.2 margin=0]',
            "}",
            "g0 -> n0 [style=invis]",
            "g0 -> n1 [style=invis]",
            "g1 -> n4 [style=invis]",
            "n3 -> g1 [style=dotted lhead=cluster_1]",
            "n3 -> g2 [style=dotted lhead=cluster_2]",
            "n0 -> n2",
            "n1 -> n2",
            "n2 -> n3",
            "n3 -> n5 [style=dotted]",
            "n4 -> n5",
            "n2 -> n5",
            "n6 -> n7 [style=dashed]",
            "n2 -> n8",
            "n5 -> n8",
            "n6 -> n8",
            "}",
        ]

    def test_the_title_of_a_box_stands_before_the_titles_of_boxes_in_it(self) -> None:
        assert to_mermaid(deep(3)).splitlines()[-4:-1] == ["t0 ~~~ t1", "t1 ~~~ t2", "t2 ~~~ n0"]
        assert to_dot(deep(3)).splitlines()[-5:] == [
            "}",
            "g0 -> g1 [style=invis]",
            "g1 -> g2 [style=invis]",
            "g2 -> n0 [style=invis]",
            "}",
        ]

    @pytest.mark.parametrize(("written", "down", "across"), [(to_mermaid, "TD", "LR"), (to_dot, "=TB", "=LR")])
    def test_many_boxes_side_by_side_are_drawn_below_each_other(
        self, written: Callable[[Dag], str], down: str, across: str
    ) -> None:
        assert down in written(fan(8))
        assert across in written(fan(9))

    @pytest.mark.parametrize(
        ("dag", "settings"),
        [
            (chain(3), "curve: bumpY, nodeSpacing: 70, rankSpacing: 50"),
            (fan(8), "curve: bumpY, nodeSpacing: 70, rankSpacing: 320"),
            (fan(9), "curve: bumpX, nodeSpacing: 70, rankSpacing: 360"),
            (fan(100), "curve: bumpX, nodeSpacing: 70, rankSpacing: 400"),
            (Dag("nothing"), "curve: bumpY, nodeSpacing: 70, rankSpacing: 50"),
        ],
        ids=["chain", "fan of 8", "fan of 9", "fan of 100", "nothing"],
    )
    def test_mermaid_has_the_more_room_between_layers_the_wider_they_are(self, dag: Dag, settings: str) -> None:
        assert to_mermaid(dag).splitlines()[2] == f"config: {{flowchart: {{{settings}}}}}"

    def test_mermaid_has_no_opening_angle_bracket_in_its_title(self) -> None:
        text = to_mermaid(Dag("<b>", inputs=(FlowInput("x", Literal("<i> &lt;")),)))
        assert text.splitlines()[1] == ('title: "\\\\u003cb>: 0 nodes in 0 layers; inputs: x = \\"\\\\u003ci> &lt;\\""')

    @pytest.mark.parametrize("written", [to_text, to_mermaid, to_dot])
    def test_what_is_deep_or_long_is_no_feat(self, written: Callable[[Dag], str]) -> None:
        assert written(chain(100_000))
        assert written(deep(100_000))

    @pytest.mark.parametrize("written", [to_text, to_mermaid, to_dot])
    def test_an_outcome_that_nobody_unwrapped_is_told(self, written: Callable[[object], str]) -> None:
        with pytest.raises(TypeError, match=r"unwrap\(\) the outcome"):
            written(Success(BOOK))

    @pytest.mark.parametrize("written", [to_text, to_mermaid, to_dot])
    @pytest.mark.parametrize(
        ("tasks", "found"), [({"node-0": "SUCCESS"}, "str"), ([1], "int"), (RunProgress("r"), "RunProgress")]
    )
    def test_tasks_that_are_none_are_told(
        self, written: Callable[[Dag, object], str], tasks: object, found: str
    ) -> None:
        with pytest.raises(TypeError, match=rf"expected TaskProgress in tasks, .*; found a {found}$"):
            written(BOOK, tasks)

    @pytest.mark.parametrize("written", [to_mermaid, to_dot])
    def test_a_group_without_nodes_is_a_box_too(self, written: Callable[[Dag], str]) -> None:
        assert "empty" in written(Dag("f", groups=(Group("empty"),)))

    def test_a_drawing_has_boxes_around_nodes_alone(self) -> None:
        dag = Dag("f", (), (TaskDefinition("s", "m:s"),), (Call("s"),), (Group("empty"), Group("whole", None, (0,))))
        assert "╔ whole ═" in to_text(dag)
        assert "empty" not in to_text(dag)


class TestStatuses:
    def test_marks_stand_where_kinds_stood_and_are_counted_below(self) -> None:
        told = [
            TaskProgress("node-0", "step", "SUCCESS"),
            TaskProgress("node-1", "step", "FAILED"),
            TaskProgress("node-2", "step", "RUNNING"),
            TaskProgress("node-3", "step", "CANCELLED"),
        ]
        assert to_text(fan(3), told).splitlines()[1:] == [
            "╭────✓ node-0 step",
            "├─┬─▶✗ node-1 step",
            "├─●─▶◐ node-2 step",
            "╰─●─▶⊘ node-3 step",
            "  ╰─▶○ node-4 step",
            "⊘ 1 CANCELLED, ✗ 1 FAILED, ◐ 1 RUNNING, ✓ 1 SUCCESS",
        ]

    def test_a_status_that_nobody_here_knows_is_shown_as_it_is(self) -> None:
        lines = to_text(chain(1), [TaskProgress("node-0", None, "ODD\x1b")]).splitlines()
        assert lines[1:] == [" ? node-0 step", "? 1 ODD\\x1b"]
        assert "ODD\\\\x1b" in to_dot(chain(1), [TaskProgress("node-0", None, "ODD\x1b")])
        assert ":::other" in to_mermaid(chain(1), [TaskProgress("node-0", None, "ODD\x1b")])

    def test_a_task_without_an_id_of_the_graph_is_the_only_one_of_its_name_or_none(self) -> None:
        names = ("a", "b", "b")
        tasks = tuple(TaskDefinition(name, f"m:{name}") for name in ("a", "b"))
        condition = Guard(InputReference("x"), True)
        dag = Dag(
            "f",
            (FlowInput("x"),),
            tasks,
            (*map(Call, names), Choice(Branch(0))),
            (Group("g", None, (), condition),),
        )
        told = [
            TaskProgress("7f3a", "a", "SUCCESS"),
            TaskProgress("7f3b", "b", "FAILED"),
            TaskProgress("7f3c", None, "FAILED"),
            TaskProgress("node-9", "a", "FAILED"),
            TaskProgress("node-1", "b", None),
        ]
        assert to_text(dag, told).splitlines()[1:] == [
            " ✓ node-0 a",
            " ○ node-1 b",
            " ○ node-2 b",
            " ◇ node-3 choice on input x",
            "✓ 1 SUCCESS",
        ]


def test_conditions_name_what_decides_and_the_part_of_it() -> None:
    step = TaskDefinition("step", "m:step", True, (Parameter("x", default=Literal(1)),))
    groups = (
        Group("then", None, (1, 3), Guard(NodeReference(0, ("ok", 0)), True)),
        Group("otherwise", None, (), Guard(NodeReference(0, ("ok", 0)), False)),
        Group("otherwise", 0, (2,), Guard(InputReference("quick", ("a" * 100,)), False)),
        Group("then", 0, (), Guard(InputReference("quick", ("a" * 100,)), True)),
        Group("then", None, (5,), Guard(NodeReference(4), True)),
    )
    nodes = (
        Map("step", (("x", Literal((1,))),)),
        Map("step", (("x", NodeReference(0)),)),
        Call("step"),
        Choice(Branch(3), Branch(2, NodeReference(2))),
        Choice(Branch(0, NodeReference(3)), Branch(1)),
        Call("step"),
        Choice(Branch(4)),
    )
    text = to_text(Dag("f", (FlowInput("quick"),), (step,), nodes, groups))
    assert "╔ if node-0/ok/0 map step ═" in text
    assert f"╔ unless input quick/{'a' * 22}… ═" in text
    assert f"◇ node-3 choice on input quick/{'a' * 22}…" in text
    assert "╔ if node-4 choice ═" in text
    assert "◇ node-6 choice on node-4 choice" in text
