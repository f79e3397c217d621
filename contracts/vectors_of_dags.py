"""The sources of `vectors/dags.json`: a name, what it shows, and the document as a plain value.

Written by hand, with no compiler: each document is what README.md and the schema say, with the ids counted up.
"""

from typing import Any, Final

__all__ = [
    "CHOOSING",
    "DAGS",
    "REPORT",
    "binding",
    "branch",
    "call",
    "choice",
    "document",
    "each",
    "guarded",
    "listed",
    "nested",
    "ref",
    "takes",
    "task",
]

Plain = dict[str, Any]


def document(
    *nodes: Plain, name: str = "f", inputs: Any = (), tasks: Any = None, groups: Any = (), returns: Any = None
) -> Plain:
    """A document of these nodes, in this order."""
    return {
        **({"groups": list(groups)} if groups else {}),
        "inputs": list(inputs),
        "kind": "cascades/dag@1",
        "name": name,
        "nodes": [{"id": f"node-{at}", **node} for at, node in enumerate(nodes)],
        "returns": {"literal": None} if returns is None else returns,
        "tasks": tasks or {},
    }


def call(name: str, arguments: Plain | None = None, after: tuple[int, ...] = (), options: Plain | None = None) -> Plain:
    """A node, without its id."""
    return {
        **({"after": [f"node-{at}" for at in after]} if after else {}),
        **({"arguments": arguments} if arguments else {}),
        "kind": "call",
        **({"options": options} if options else {}),
        "task": name,
    }


def each(name: str, arguments: Plain, after: tuple[int, ...] = (), options: Plain | None = None) -> Plain:
    """A map, without its id."""
    return {**call(name, arguments, after, options), "kind": "map"}


def choice(then: tuple[int, Plain], otherwise: tuple[int, Plain] | None = None) -> Plain:
    """A choice, without its id: of each branch its group, and what it answers."""
    words = {"then": then} if otherwise is None else {"then": then, "otherwise": otherwise}
    return {"kind": "choice", **{word: {"group": at, "returns": answer} for word, (at, answer) in words.items()}}


def branch(side: bool, condition: Plain, *nodes: int, name: str | None = None, parent: int | None = None) -> Plain:
    """A group with a guard."""
    return {
        "guard": {"branch": side, "condition": condition},
        "name": name or ("then" if side else "otherwise"),
        "nodes": [f"node-{at}" for at in nodes],
        **({} if parent is None else {"parent": parent}),
    }


def task(*parameters: Plain, reference: str = "m:t", importable: bool = True, options: Plain | None = None) -> Plain:
    """A definition."""
    return {
        "importable": importable,
        **({"options": options} if options else {}),
        "parameters": list(parameters),
        "reference": reference,
    }


def takes(name: str, kind: str = "positional_or_keyword", **default: Any) -> Plain:
    """A parameter."""
    return {"kind": kind, "name": name, **default}


def ref(at: int, *path: str | int) -> Plain:
    """A reference to a node."""
    return {"node": f"node-{at}", **({"path": list(path)} if path else {})}


def given(name: str, *path: str | int) -> Plain:
    """A reference to an input."""
    return {"input": name, **({"path": list(path)} if path else {})}


def binding(value: Any) -> Plain:
    """A literal."""
    return {"literal": value}


def listed(items: list[Plain], levels: int) -> Plain:
    """Bindings in a list, which is inside others: that many in all."""
    inner: Plain = {"list": items}
    for _ in range(levels - 1):
        inner = {"list": [inner]}
    return inner


def guarded(levels: int) -> Plain:
    """Branches inside of each other, that many, each with the choice of the next one in it."""
    return document(
        *[choice((levels - 1 - at, binding(at))) for at in range(levels)],
        inputs=[{"name": "x"}],
        groups=[
            branch(True, given("x"), *range(levels - 2 - at, levels - 1 - at), parent=at - 1 if at else None)
            for at in range(levels - 1)
        ]
        + [branch(True, given("x"), parent=levels - 2)],
        returns=ref(levels - 1),
    )


def nested(inner: Plain, levels: int) -> Plain:
    """A binding inside that many containers, lists and objects by turns."""
    for level in range(levels):
        inner = {"object": {"a": inner}} if level % 2 else {"list": [inner]}
    return inner


def deep(levels: int) -> Any:
    """A value inside that many lists."""
    value: Any = 0
    for _ in range(levels):
        value = [value]
    return value


ONE: Final = task(takes("a", default=0))
NONE: Final = task()

#: Every key that a document can have.
REPORT: Final = document(
    call("load", {"also": binding(None), "day": given("day", "iso")}),
    call("load", {"also": {"object": {"k": binding(True), "n": ref(0)}}, "day": binding("1 é\n")}),
    call(
        "join",
        {"by": given("limit"), "parts": {"list": [ref(1, "rows", 0), binding(1)]}},
        after=(0, 1),
        options={"retries": 0},
    ),
    name="report",
    inputs=[{"name": "day"}, {"default": 10, "name": "limit"}],
    tasks={
        "join": task(
            takes("parts", "var_positional"),
            takes("by", "keyword_only", default=0.5),
            reference="reports:join",
            importable=False,
            options={"cache": True, "labels": {"team": "data"}, "retries": 3, "timeout": 0.5, "version": "2"},
        ),
        "load": task(takes("day"), takes("also"), reference="reports:load"),
    },
    groups=[{"name": "outer", "nodes": ["node-0"]}, {"name": "inner", "nodes": ["node-1", "node-2"], "parent": 0}],
    returns=ref(2),
)

#: Every key that maps, choices and guards have: nested, with both branches and with one.
CHOOSING: Final = document(
    call("check", {"x": given("rows")}),
    each("item", {"x": given("rows", "all")}, after=(0,), options={"retries": 1}),
    call("item", {"x": ref(1, 0)}),
    each("item", {"x": {"list": [ref(2), binding(1)]}, "y": ref(0)}),
    choice((2, {"object": {"k": ref(3)}}), (3, ref(1))),
    each("item", {"x": binding([1, "a"])}),
    choice((0, ref(4, "k")), (1, ref(5))),
    call("check", {"x": ref(6)}),
    choice((4, ref(7))),
    name="choosing",
    inputs=[{"default": False, "name": "quick"}, {"name": "rows"}],
    tasks={
        "check": task(takes("x"), reference="m:check"),
        "item": task(takes("x"), takes("y", "keyword_only", default=1), reference="m:item"),
    },
    groups=[
        branch(True, ref(0, "ok", 0), 2, 4),
        branch(False, ref(0, "ok", 0), 5),
        branch(True, given("quick"), 3, parent=0),
        branch(False, given("quick"), parent=0),
        branch(True, ref(0, "more"), 7),
    ],
    returns={"list": [ref(8), ref(6)]},
)

_EVERY_OPTION: Final = {
    "cache": True,
    "labels": {"team": "data", "": ""},
    "retries": 3,
    "timeout": 2.5,
    "version": "1",
}

DAGS: Final[tuple[tuple[str, str, Plain], ...]] = (
    ("empty", "no node, no input; what is empty is an empty list or object, or left out", document()),
    ("report", "every key that a document can have", REPORT),
    ("one-call", "a call of a task without parameters", document(call("t"), tasks={"t": NONE}, returns=ref(0))),
    (
        "chain",
        "each call takes what the one before gave",
        document(
            call("t"), call("t", {"a": ref(0)}), call("t", {"a": ref(1)}), call("t", {"a": ref(2)}),
            tasks={"t": ONE}, returns=ref(3),
        ),
    ),
    (
        "diamond",
        "two calls take one output, and a third takes both of theirs; the first two are equal and share a digest",
        document(
            call("t"), call("t", {"a": ref(0)}), call("t", {"a": ref(0)}),
            call("join", {"left": ref(1), "right": ref(2)}),
            tasks={"join": task(takes("left"), takes("right"), reference="m:join"), "t": ONE}, returns=ref(3),
        ),
    ),
    (
        "one-upstream-twice",
        "one output in two parameters, and twice in a list",
        document(
            call("t"),
            call("join", {"left": ref(0), "right": {"list": [ref(0), ref(0)]}}),
            tasks={"join": task(takes("left"), takes("right"), reference="m:join"), "t": ONE},
        ),
    ),
    (
        "equal-calls",
        "calls with the same content share a digest, wherever they stand",
        document(call("t", {"a": binding(1)}), call("t"), call("t", {"a": binding(1)}), tasks={"t": ONE}),
    ),
    (
        "unused-call",
        "a call that nothing uses is kept; a return of nothing",
        document(call("t"), tasks={"t": ONE}),
    ),
    (
        "parameters",
        "every kind of parameter, all bound",
        document(
            call(
                "t",
                {
                    "a": binding(1),
                    "b": binding(2),
                    "c": binding(3),
                    "more": binding({"x": 6}),
                    "only": binding(5),
                    "rest": binding([4]),
                },
            ),
            tasks={
                "t": task(
                    takes("a", "positional_only"), takes("b", "positional_only", default=0), takes("c", default=0),
                    takes("rest", "var_positional"), takes("only", "keyword_only"), takes("more", "var_keyword"),
                )
            },
        ),
    ),
    (
        "parameters-left",
        "defaults and variadic parameters left out; the defaults that apply are in the node's digest",
        document(
            call("t", {"only": binding(5)}),
            call("t", {"c": binding(None), "only": binding(5)}),
            tasks={
                "t": task(
                    takes("a", "positional_only", default=[1.5, {}]), takes("c", default=None),
                    takes("rest", "var_positional"), takes("only", "keyword_only"), takes("more", "var_keyword"),
                )
            },
        ),
    ),
    (
        "variadic-references",
        "a list and an object of bindings for *args and **kwargs; a key of a positional-only parameter's name",
        document(
            call("s"),
            call(
                "t",
                {
                    "a": binding(0),
                    "more": {"object": {"a": ref(0), "z": binding(1)}},
                    "rest": {"list": [binding(1), ref(0)]},
                },
            ),
            tasks={
                "s": task(reference="m:s"),
                "t": task(
                    takes("a", "positional_only"), takes("rest", "var_positional"), takes("more", "var_keyword")
                ),
            },
        ),
    ),
    (
        "default-given",
        "an argument that is equal to the default is an argument: the two nodes have two digests",
        document(call("t"), call("t", {"a": binding(0)}), tasks={"t": ONE}),
    ),
    (
        "inputs",
        "inputs with and without a default, in the order of the signature; a default of null is a default",
        document(
            call("t", {"a": given("z")}),
            inputs=[{"name": "z"}, {"default": None, "name": "a"}, {"default": {"k": [1, 0.5]}, "name": "m"}],
            tasks={"t": ONE},
            returns={"list": [given("a"), given("m")]},
        ),
    ),
    (
        "paths",
        "keys and indexes, empty keys, keys of digits, the largest index; of nodes and of inputs",
        document(
            call("t", {"a": given("i", "rows", 0)}),
            call("t", {"a": ref(0, "", "0", 0, 9007199254740991)}),
            inputs=[{"name": "i"}],
            tasks={"t": ONE},
            returns={"list": [ref(1, "a/b~"), ref(1, "é", "😀"), given("i", 0)]},
        ),
    ),
    (
        "path-64",
        "the longest path",
        document(call("t"), tasks={"t": ONE}, returns=ref(0, *range(64))),
    ),
    (
        "nested-bindings",
        "references and literals in lists and objects; keys sorted by UTF-16 code units",
        document(
            call("t"),
            tasks={"t": ONE},
            returns={
                "object": {
                    "\uffff": binding(1),
                    "😀": {"list": [{"list": [ref(0)]}, binding([[]]), {"object": {"": ref(0, "x")}}]},
                    "": binding({"b": 1, "a": 2}),
                }
            },
        ),
    ),
    (
        "bindings-64",
        "a reference inside 64 containers",
        document(call("t"), call("t", {"a": nested(ref(0), 64)}), tasks={"t": ONE}),
    ),
    (
        "literals",
        "a literal of each kind, and a container without references as one literal",
        document(
            *(
                call("t", {"a": binding(value)})
                for value in (None, True, False, 0, -1, 0.5, "", "é\n", [], {}, [[1], {"a": {}}])
            ),
            tasks={"t": ONE},
        ),
    ),
    (
        "literal-like-a-binding",
        "values that look like bindings are values: their digests are not those of references",
        document(
            call("t"),
            call("t", {"a": binding({"node": "node-0"})}),
            call("t", {"a": ref(0)}),
            call("t", {"a": binding({"literal": {"input": "x"}})}),
            tasks={"t": ONE},
        ),
    ),
    (
        "literal-depth-64",
        "a literal of the greatest depth, which stands deeper in the document",
        document(call("t", {"a": binding(deep(64))}), tasks={"t": ONE}),
    ),
    (
        "numbers",
        "numbers where the two encodings have edges",
        document(
            inputs=[
                {"default": value, "name": f"i{at}"}
                for at, value in enumerate([2**53 - 1, 2.0**53, 2.0**60, 1e21, 1e-7, 5e-324, 0.1, 100000.5, -24, 1e300])
            ]
        ),
    ),
    (
        "after",
        "ordering without data, with and without a reference to the same node",
        document(
            call("t"), call("t", {"a": binding(1)}), call("t", after=(0,)), call("t", {"a": ref(0)}, after=(0, 1, 2)),
            tasks={"t": ONE},
        ),
    ),
    (
        "after-equal-calls",
        "after two equal calls and after one of them are two things: the digests are sorted, repeats kept",
        document(
            call("t", {"a": binding(2)}), call("t"), call("t"), call("t", after=(1, 2)), call("t", after=(1,)),
            call("t", after=(0, 1, 2)),
            tasks={"t": ONE},
        ),
    ),
    (
        "options",
        "every option of a definition, and of a call that declares them all anew",
        document(
            call("t"),
            call(
                "t", options={"cache": False, "labels": {}, "retries": 0, "timeout": 1, "version": "2"}
            ),
            tasks={"t": task(options=_EVERY_OPTION)},
        ),
    ),
    (
        "options-overridden",
        "an option of the call stands in place of the definition's, labels as a whole; the rest stays",
        document(
            call("t", options={"labels": {"step": "1"}}),
            call("t", options={"timeout": 0.25}),
            call("t", options={"version": "1 "}),
            tasks={"t": task(options=_EVERY_OPTION)},
        ),
    ),
    (
        "options-of-a-call",
        "options that the definition does not declare; a cache key",
        document(
            call("t", options={"cache": "key"}), call("t", options={"retries": 9007199254740991}), call("t"),
            tasks={"t": NONE},
        ),
    ),
    (
        "version",
        "a version alone: it has a key of its own in the node's digest, and no options are no key",
        document(call("t"), call("t", options={"version": "8"}), tasks={"t": task(options={"version": "7"})}),
    ),
    (
        "groups",
        "groups in groups, one name twice, one without nodes, nodes outside of all; they are not in node digests",
        document(
            *(call("t", {"a": binding(at)}) for at in range(5)),
            tasks={"t": ONE},
            groups=[
                {"name": "sub", "nodes": ["node-1", "node-4"]},
                {"name": "sub", "nodes": ["node-2"], "parent": 0},
                {"name": "empty", "nodes": []},
                {"name": "deeper", "nodes": ["node-3"], "parent": 1},
            ],
        ),
    ),
    (
        "not-importable",
        "a local function; its reference is not in the node's digest, nor is importable",
        document(call("t"), tasks={"t": task(reference="m:outer.<locals>.t", importable=False)}),
    ),
    (
        "names",
        "names of every kind of text, escaped where JSON asks for it; tasks sorted by UTF-16 code units",
        document(
            call("\uffff", {"größe": given("\u0000\"\\"), "\u2028": binding("\u2029")}),
            call("😀"),
            call("é"),
            call("e\u0301"),
            call(" "),
            name="\u0007 ein Fluß 😀",
            inputs=[{"name": "\u0000\"\\"}],
            tasks={
                "\uffff": task(takes("größe"), takes("\u2028"), reference="modul.ü:größe"),
                "😀": task(reference=":"),
                "é": task(reference="a:b:c"),
                "e\u0301": task(reference="\n:\n"),
                " ": task(reference="m:"),
            },
            groups=[{"name": "\u007f", "nodes": ["node-0"]}],
        ),
    ),
    (
        "arguments-order",
        "arguments are sorted by name in the document; the order of the parameters is the definition's",
        document(
            call("t", {"z": binding(1), "a": binding(2), "M": binding(3)}),
            tasks={"t": task(takes("z"), takes("M"), takes("a"))},
        ),
    ),
    (
        "twelve-nodes",
        "node-10 stands after node-9, not after node-1",
        document(
            *(call("t", {"a": binding(at)}) for at in range(11)),
            call("t", {"a": {"list": [ref(10), ref(2)]}}, after=(2, 9, 10)),
            tasks={"t": ONE},
            groups=[{"name": "g", "nodes": ["node-2", "node-10"]}],
            returns=ref(11),
        ),
    ),
    ("returns-input", "a flow that returns its input", document(inputs=[{"name": "x"}], returns=given("x"))),
    ("returns-literal", "a flow that returns a value", document(returns=binding({"all": [1, 2.5, "x"]}))),
    (
        "returns-structure",
        "references and literals in one structure",
        document(
            call("t"),
            inputs=[{"name": "x"}],
            tasks={"t": ONE},
            returns={"object": {"kept": ref(0, "k"), "list": {"list": [given("x"), binding(1)]}, "node": binding({})}},
        ),
    ),
    ("choosing", "every key that maps, choices and guards have", CHOOSING),
    (
        "map",
        "a map of a literal list, a reference, a list with references, nothing; it shares no digest with a call",
        document(
            each("t", {"a": binding([1, 2.5, None])}),
            each("t", {"a": ref(0)}),
            call("t", {"a": ref(0)}),
            each("t", {"a": {"list": [ref(0, 1), binding(3)]}}),
            each("t", {"a": binding([])}, options={"version": "2"}),
            tasks={"t": ONE}, returns=ref(3),
        ),
    ),
    (
        "choice-without-otherwise",
        "the value is null where the condition is false; otherwise is left out",
        document(
            call("t"), call("t", {"a": ref(0)}), choice((0, ref(1))),
            tasks={"t": ONE}, groups=[branch(True, ref(0), 1)], returns=ref(2),
        ),
    ),
    (
        "choice-otherwise-null",
        "a branch that answers null is another choice than one that is left out",
        document(
            call("t"), call("t", {"a": ref(0)}), choice((0, ref(1)), (1, binding(None))),
            tasks={"t": ONE}, groups=[branch(True, ref(0), 1), branch(False, ref(0))], returns=ref(2),
        ),
    ),
    (
        "choice-of-literals",
        "branches without nodes, by an input; a choice needs no task",
        document(
            choice((0, binding("yes")), (1, given("day"))),
            inputs=[{"name": "sure"}, {"name": "day"}],
            groups=[branch(True, given("sure", "at", 0), name="a"), branch(False, given("sure", "at", 0), name="b")],
            returns=ref(0),
        ),
    ),
    (
        "guards",
        "one call in the open and in each branch: the guards are in its digest, outermost first; plain groups are not",
        document(
            call("t"), call("t", {"a": binding(True)}),
            call("t"), call("t"), choice((2, ref(3))),
            call("t"), choice((0, ref(4)), (1, ref(5))),
            tasks={"t": ONE},
            groups=[
                branch(True, ref(0), 2, 4),
                branch(False, ref(0)),
                branch(True, ref(1), parent=0),
                {"name": "sub", "nodes": ["node-3"], "parent": 2},
                {"name": "sub", "nodes": ["node-5"], "parent": 1},
            ],
            returns=ref(6),
        ),
    ),
    (
        "choice-of-choices",
        "what one choice answers decides the next, and is what it answers",
        document(
            choice((1, binding(True)), (0, binding(False))),
            choice((3, ref(0)), (2, given("x"))),
            inputs=[{"name": "x"}],
            groups=[
                branch(False, given("x")), branch(True, given("x")), branch(False, ref(0)), branch(True, ref(0)),
            ],
            returns=ref(1),
        ),
    ),
    ("guards-64", "branches inside of each other, as deep as they may be", guarded(64)),
    (
        "bindings-64-literal",
        "a literal counts with the containers that it is in: 63 and one of its own",
        document(
            call("t"), call("t", {"a": listed([ref(0), binding([])], 63)}), tasks={"t": ONE},
        ),
    ),
    (
        "numbers-largest",
        "the greatest index of a path, number of retries and timeout",
        document(
            call("t", options={"retries": 2**53 - 1, "timeout": 1.7976931348623157e308}),
            tasks={"t": ONE}, returns=ref(0, 2**53 - 1),
        ),
    ),
)  # fmt: skip
