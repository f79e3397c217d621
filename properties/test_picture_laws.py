"""Laws of pictures: they say what the graph says, each thing once, and no name is ever more than a name."""

import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cascades_sdk.encoding import dag_from_json, dag_to_json
from cascades_sdk.graph import Branch, Call, Choice, Dag, Group, Guard, Literal, Map, NodeReference, TaskDefinition
from cascades_sdk.values import printable
from cascades_sdk.views import to_dot, to_mermaid, to_text
from pictures import Picture, agrees, read_dot, read_drawing, read_mermaid
from strategies_of_dags import alike_names, dags
from strategies_of_values import alike_values, texts

#: Graphs with everything that there is.
whole_dags = dags(alike_names, alike_values, max_nodes=6)

#: Names of what means something in one format or another.
odd_names = texts.filter(bool) | st.text(
    st.sampled_from("\"'];[]{}<>%#&\\`$:|()=-\n\x1b/nl é数e\u0301🙂🙂\u200d\u200d\ufe0f"), min_size=1, max_size=9
)

#: Graphs whose names are any text.
odd_dags = dags(odd_names, alike_values, max_nodes=4)


@st.composite
def tangled_dags(draw: st.DrawFn) -> Dag:
    """Many nodes that wait for many others, in boxes and in branches that one of them decides."""
    after = draw(st.lists(st.sets(st.integers(1, 12), max_size=4), min_size=1, max_size=12))
    nodes: list[Call | Choice] = [
        Call("t", after=tuple(sorted({at - back for back in backs if back <= at}))) for at, backs in enumerate(after)
    ]
    parents = draw(st.lists(st.none() | st.integers(0, 4), max_size=5))
    homes = draw(st.lists(st.none() | st.integers(0, 4), min_size=len(nodes), max_size=len(nodes)))
    groups = [
        Group(
            f"g{at}",
            parent if parent is not None and parent < at else None,
            tuple(node for node, home in enumerate(homes) if home == at),
        )
        for at, parent in enumerate(parents)
    ]
    for decides in draw(st.lists(st.integers(0, len(nodes) - 1), max_size=2)):
        inside = draw(st.integers(0, 2))
        groups.append(Group("then", None, tuple(range(len(nodes), len(nodes) + inside)), _guard(decides)))
        nodes.extend(Call("t", after=tuple({decides, 0})[:1]) for _ in range(inside))
        nodes.append(Choice(Branch(len(groups) - 1, NodeReference(len(nodes) - 1) if inside else Literal(1))))
    return Dag("f", (), (TaskDefinition("t", "m:t"),), tuple(nodes), tuple(groups))


def _guard(node: int) -> Guard:
    return Guard(NodeReference(node), True)


busy_dags = tangled_dags() | whole_dags

Reader = Callable[[str], Picture]


#: A joiner where it makes one emoji of two.
JOINED = re.compile(r"(?:(?<=🙂)|(?<=🙂\ufe0f))\u200d(?=🙂)")


def shown(name: str) -> str:
    """What a picture shows of a text."""
    return "\u200d".join(map(printable, JOINED.split(name)))


def title_of(node: Call | Map) -> str:
    """What a picture calls the task of a node."""
    name = shown(node.task)
    return ("map " if isinstance(node, Map) else "") + (name if len(name) <= 72 else name[:71] + "…")


@pytest.mark.parametrize("written", [to_text, to_mermaid, to_dot])
class TestAnyPicture:
    @given(dag=odd_dags)
    def test_equal_graphs_have_one_picture(self, written: Callable[[Dag], str], dag: Dag) -> None:
        assert written(dag) == written(dag_from_json(dag_to_json(dag)).unwrap())

    @given(dag=odd_dags)
    def test_what_a_terminal_could_act_on_stands_in_none(self, written: Callable[[Dag], str], dag: Dag) -> None:
        lines = written(dag).removesuffix("\n").split("\n")
        assert all(re.sub(JOINED, "", line).isprintable() for line in lines)


@pytest.mark.parametrize(("written", "read"), [(to_mermaid, read_mermaid), (to_dot, read_dot)])
class TestFormats:
    @given(dag=busy_dags)
    def test_each_node_and_each_line_is_there_once(self, written: Callable[[Dag], str], read: Reader, dag: Dag) -> None:
        agrees(read(written(dag)), dag)

    @given(dag=odd_dags)
    def test_names_are_read_as_they_were_written(self, written: Callable[[Dag], str], read: Reader, dag: Dag) -> None:
        picture = read(written(dag))
        for ordinal, node in enumerate(dag.nodes):
            if not isinstance(node, Choice):
                assert picture.nodes[ordinal] == f"{title_of(node)}\nnode-{ordinal}"
        for position, group in enumerate(dag.groups):
            if group.guard is None and len(shown(group.name)) <= 72:
                assert picture.boxes[position] == shown(group.name)

    @given(dag=busy_dags)
    def test_boxes_are_inside_of_each_other_as_groups_are(
        self, written: Callable[[Dag], str], read: Reader, dag: Dag
    ) -> None:
        picture = read(written(dag))
        assert picture.home_of_box == {position: group.parent for position, group in enumerate(dag.groups)}
        homes = {node: position for position, group in enumerate(dag.groups) for node in group.nodes}
        assert picture.home_of_node == {node: homes.get(node) for node in range(len(dag.nodes))}


class TestDrawings:
    @given(dag=busy_dags)
    def test_the_lines_say_what_the_graph_says_and_nothing_else(self, dag: Dag) -> None:
        text = to_text(dag)
        if dag.nodes:
            agrees(read_drawing(text), dag)

    @given(dag=odd_dags)
    def test_each_node_has_a_row_with_its_name(self, dag: Dag) -> None:
        rows = to_text(dag).split("\n")[1:]
        for ordinal, node in enumerate(dag.nodes):
            [row] = [row for row in rows if re.match(rf"[^○≡◇]*[○≡◇] node-{ordinal}( |$)", row)]
            # Blanks at the end of a name are not to be seen outside of a box.
            assert isinstance(node, Choice) or title_of(node).rstrip() in row

    @given(dag=busy_dags)
    def test_boxes_are_whole_and_stand_inside_of_each_other_or_apart(self, dag: Dag) -> None:
        corners: list[tuple[int, int]] = []
        for row in to_text(dag).split("\n")[1:] if dag.nodes else ():
            inner = corners
            if "╔" in row:
                corner = (row.index("╔"), row.index("╗"))
                assert row[corner[0] + 1] == " "
                corners = [*corners, corner]
            elif "╚" in row:
                assert corners[-1] == (row.index("╚"), row.index("╝"))
                inner = corners = corners[:-1]
            for left, right in inner:
                assert row[left] in "║╫"
                assert row[right] == "║"
            assert all(outer[0] < inside[0] < inside[1] < outer[1] for outer, inside in pairwise(corners))
        assert corners == []
