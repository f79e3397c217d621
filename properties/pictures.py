"""Readers of pictures: what a drawing, a Mermaid text and a DOT text say, from their characters alone.

They share nothing with the writers but the notation, and refuse every line that they do not know.
"""

import re
from collections.abc import Iterator

import attrs

from cascades_sdk.graph import Choice, Dag, NodeReference

__all__ = ["Picture", "agrees", "read_dot", "read_drawing", "read_mermaid"]


@attrs.define
class Picture:
    """The labels of nodes, the titles of boxes, what is inside of which box, and each line as often as it is there."""

    nodes: dict[int, str] = attrs.Factory(dict)
    boxes: dict[int, str] = attrs.Factory(dict)
    home_of_node: dict[int, int | None] = attrs.Factory(dict)
    home_of_box: dict[int, int | None] = attrs.Factory(dict)
    to_nodes: list[tuple[int, int]] = attrs.Factory(list)
    to_boxes: list[tuple[int, int]] = attrs.Factory(list)

    def put(self, node: int, label: str, boxes: list[int]) -> None:
        assert node not in self.nodes, "each node stands there once"
        self.nodes[node] = label
        self.home_of_node[node] = boxes[-1] if boxes else None

    def open(self, box: int, title: str, boxes: list[int]) -> None:
        assert box not in self.boxes, "each box stands there once"
        self.boxes[box] = title
        self.home_of_box[box] = boxes[-1] if boxes else None
        boxes.append(box)

    def around(self, node: int) -> Iterator[int]:
        box = self.home_of_node[node]
        while box is not None:
            yield box
            box = self.home_of_box[box]


def agrees(picture: Picture, dag: Dag) -> None:
    """The picture has each node once, each line once, and says of each node what it depends on."""
    assert sorted(picture.nodes) == list(range(len(dag.nodes)))
    assert len(set(picture.to_nodes)) == len(picture.to_nodes)
    assert len(set(picture.to_boxes)) == len(picture.to_boxes)
    for ordinal, node in enumerate(dag.nodes):
        direct = {source for source, target in picture.to_nodes if target == ordinal}
        boxes = set(picture.around(ordinal))
        assert direct | {source for source, box in picture.to_boxes if box in boxes} == set(dag.upstream[ordinal])
        named = set(node.upstream)
        if isinstance(node, Choice):
            condition = dag.condition_of(node)
            named |= {condition.node} if isinstance(condition, NodeReference) else set()
        assert direct == named, "what only decides about a branch leads to its box"


_SHAPES = {"[": "]", "[[": "]]", "{{": "}}"}


def read_mermaid(text: str) -> Picture:
    """What a Mermaid text says; labels without what only keeps Mermaid from reading them."""
    opening, title, config, closing, kind, *lines = text.removesuffix("\n").split("\n")
    assert (opening, closing) == ("---", "---")
    assert re.fullmatch(r'title: "[ -;=-~]*"', title), "Mermaid would take it for HTML"
    assert kind in ("flowchart TD", "flowchart LR")
    curve = "bumpX" if kind == "flowchart LR" else "bumpY"
    assert re.fullmatch(rf"config: \{{flowchart: \{{curve: {curve}, nodeSpacing: \d+, rankSpacing: \d+\}}\}}", config)
    picture, boxes, pending = Picture(), list[int](), -1
    for line in lines:
        if found := re.fullmatch(r'n(\d+)(\[\[?|\{\{)"([^"]*)"(\]\]?|\}\})(:::[a-z]+)?', line):
            assert found[4] == _SHAPES[found[2]]
            picture.put(int(found[1]), _plain(found[3]), boxes)
        elif found := re.fullmatch(r'subgraph g(\d+)\[" "\]', line):
            pending = int(found[1])
        elif found := re.fullmatch(rf't{pending}\["([^"]*)"\]:::title', line):
            picture.open(pending, _plain(found[1]), boxes)
            pending = -1
        elif line == "end":
            boxes.pop()
        elif found := re.fullmatch(r"n(\d+) (?:-->|-\.->|-\. decides \.->) ([nt])(\d+)", line):
            lines_of_it = picture.to_nodes if found[2] == "n" else picture.to_boxes
            lines_of_it.append((int(found[1]), int(found[3])))
        elif line != "classDef title fill:none,stroke:none" and not re.fullmatch(r"t\d+ ~~~ [nt]\d+", line):
            assert re.fullmatch(r"classDef [a-z]+ fill:#\w{6},stroke:#\w{6},color:#\w{6}", line), line
    assert not boxes
    return picture


def _plain(label: str) -> str:
    bare = label.replace("<br>", "")
    assert re.fullmatch(r"(?:[^\W]|[ ,=-]|#\d+;)*", bare), "nothing but letters, digits and escapes"
    shown = re.sub(r"#(\d+);", lambda code: chr(int(code[1])), label.replace("<br>", "\n"))
    return shown.replace("\u200b", "")


_TOKENS = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|(->|[{}\[\]=])|([A-Za-z0-9_.]+))', re.DOTALL)


def read_dot(text: str) -> Picture:
    """What a DOT text says; line ends in labels as line ends."""
    tokens = _tokens(text)
    assert tokens[:2] == ["digraph", "{"]
    picture, boxes, at = Picture(), list[int](), 2
    pending: int | None = None
    while at < len(tokens):
        word = tokens[at]
        if word == "subgraph":
            pending = int(tokens[at + 1].removeprefix("cluster_"))
            assert tokens[at + 2] == "{"
            at += 3
        elif word == "}":
            boxes.pop() if boxes else None
            at += 1
        elif tokens[at + 1 : at + 2] == ["="]:
            # A title of Graphviz's own would be crossed by lines.
            assert pending is None or (word, tokens[at + 2]) == ("label", '"')
            at += 3
        elif tokens[at + 1] == "->":
            target = tokens[at + 2]
            said, at = _attributes(tokens, at + 3)
            if said.get("style") == "invis":
                assert word[0] == "g", "what is not seen begins at a title"
                continue
            lines_of_it = picture.to_nodes if target[0] == "n" else picture.to_boxes
            lines_of_it.append((int(word[1:]), int(target[1:])))
            assert target[0] == "n" or said["lhead"] == f"cluster_{target[1:]}"
        else:
            said, at = _attributes(tokens, at + 1)
            if word[0] == "n" and word[1:].isdigit():
                picture.put(int(word[1:]), _label(said["label"]), boxes)
            elif word not in ("graph", "node", "edge"):
                assert word == f"g{pending}"
                picture.open(int(word[1:]), _label(said["label"]), boxes)
                pending = None
    return picture


def _tokens(text: str) -> list[str]:
    """The tokens; a quoted one keeps its first quote, so that no text is taken for a word."""
    tokens, at = list[str](), 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKENS.match(text, at)
        assert found is not None, text[at : at + 40]
        quoted, sign, word = found.groups()
        tokens.append(f'"{quoted}' if quoted is not None else sign or word)
        at = found.end()
    assert tokens[-1] == "}"
    return tokens


def _attributes(tokens: list[str], at: int) -> tuple[dict[str, str], int]:
    said: dict[str, str] = {}
    if at < len(tokens) and tokens[at] == "[":
        at += 1
        while tokens[at] != "]":
            assert tokens[at + 1] == "="
            said[tokens[at]] = tokens[at + 2].removeprefix('"')
            at += 3
        at += 1
    return said, at


def _label(quoted: str) -> str:
    shown = re.sub(r"\\(.)", lambda code: "\n" if code[1] == "n" else code[1], quoted.removeprefix('"'))
    assert not re.search(r"&(?!amp;)", shown)
    return shown.replace("&amp;", "&")


def read_drawing(text: str) -> Picture:
    """What the rows of a drawing say, by its lines: each is followed from where it is entered to where it is left.

    Boxes have numbers of the reader's own; one that goes on further down is the same one.
    """
    picture, boxes = Picture(), list[int]()
    entered: dict[int, list[int]] = {}
    for line in text.removesuffix("\n").split("\n")[1:]:
        found = re.match(r"([ ─│├╰┼┴╭┬●║╫▶]*)(?:([○≡◇]) node-(\d+) +(.*?)(?: *[║ ]*)$|(╔) (.*?) ═*╗|(╚)═*╝)", line)
        assert found is not None, line
        wires, mark, number, label, opens, title, _ = found.groups()
        if opens:
            box = _box(picture, title, boxes)
            picture.to_boxes += [(source, box) for source in _arriving(wires, entered, None)]
        elif mark:
            assert sum(wires.count(border) for border in "║╫") == len(boxes)
            picture.put(int(number), label, boxes)
            picture.to_nodes += [(source, int(number)) for source in _arriving(wires, entered, int(number))]
        else:
            _arriving(wires, entered, None)
            boxes.pop()
    assert not entered
    assert not boxes
    return picture


def _box(picture: Picture, title: str, boxes: list[int]) -> int:
    if title.endswith(" (continued)"):
        home = boxes[-1] if boxes else None
        alike = [
            box
            for box, named in picture.boxes.items()
            if named == title.removesuffix(" (continued)") and picture.home_of_box[box] == home
        ]
        boxes.append(alike[-1])
    else:
        picture.open(len(picture.boxes), title, boxes)
    return boxes[-1]


def _arriving(wires: str, entered: dict[int, list[int]], node: int | None) -> list[int]:
    """Who entered the lines that arrive here; what is begun, entered and ended here is noted."""
    sources: list[int] = []
    for column, sign in enumerate(wires):
        if sign in "│├┼╰┴●":
            assert column in entered, "a line comes from somewhere"
        if sign in "├┼╰┴":
            sources += entered[column]
        if sign in "╰┴":
            del entered[column]
        if sign in "╭┬":
            assert column not in entered
            entered[column] = []
        if sign in "╭┬●":
            assert node is not None
            entered[column].append(node)
    assert all(wires[column : column + 1] not in (" ", "") for column in entered), "a line has no holes"
    assert bool(sources) == ("▶" in wires)
    return sources
