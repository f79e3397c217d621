"""Documents by example: what is written, what is read, and every refusal with its pointer or its offset."""

import hashlib
import json
from itertools import accumulate
from typing import Any

import attrs
import pytest
from returns.result import Failure, Success

from cascades_sdk.diff import dag_diff
from cascades_sdk.encoding import (
    DOCUMENT_KIND,
    MAX_DOCUMENT_DEPTH,
    canonical_json,
    dag_digest,
    dag_from_cbor,
    dag_from_json,
    dag_to_cbor,
    dag_to_json,
    document_digest,
    node_digests,
)
from cascades_sdk.encoding._locating import faults, too_deep_bracket
from cascades_sdk.errors import InvalidDagError, InvalidDocumentError, InvalidValueError
from cascades_sdk.graph import (
    Branch,
    Call,
    Choice,
    Dag,
    FlowInput,
    Group,
    Guard,
    InputReference,
    ListBinding,
    Literal,
    NodeReference,
    Parameter,
    TaskDefinition,
    TaskOptions,
    list_binding,
    object_binding,
)
from cascades_sdk.values import MAX_DEPTH, FrozenDict

#: A graph in which every key of a document occurs.
GRAPH = Dag(
    "report",
    (FlowInput("day"), FlowInput("limit", Literal(10))),
    (
        TaskDefinition(
            "join",
            "reports:join",
            False,
            (Parameter("parts", "var_positional"), Parameter("by", "keyword_only", Literal(0.5))),
            TaskOptions("2", 3, 0.5, True, FrozenDict({"team": "data"})),
        ),
        TaskDefinition("load", "reports:load", True, (Parameter("day"), Parameter("also"))),
    ),
    (
        Call("load", (("day", InputReference("day", ("iso",))), ("also", Literal(None)))),
        Call(
            "load", (("day", Literal("1 é\n")), ("also", object_binding({"n": NodeReference(0), "k": Literal(True)})))
        ),
        Call(
            "join",
            (("parts", list_binding((NodeReference(1, ("rows", 0)), Literal(1)))), ("by", InputReference("limit"))),
            (0, 1),
            TaskOptions(retries=0),
        ),
    ),
    (Group("outer", None, (0,)), Group("inner", 0, (1, 2))),
    NodeReference(2),
)

TEXT = (
    '{"groups":[{"name":"outer","nodes":["node-0"]},{"name":"inner","nodes":["node-1","node-2"],"parent":0}],'
    '"inputs":[{"name":"day"},{"default":10,"name":"limit"}],'
    '"kind":"cascades/dag@1","name":"report","nodes":['
    '{"arguments":{"also":{"literal":null},"day":{"input":"day","path":["iso"]}},"id":"node-0","kind":"call","task":"load"},'
    '{"arguments":{"also":{"object":{"k":{"literal":true},"n":{"node":"node-0"}}},"day":{"literal":"1 é\\n"}},'
    '"id":"node-1","kind":"call","task":"load"},'
    '{"after":["node-0","node-1"],"arguments":{"by":{"input":"limit"},'
    '"parts":{"list":[{"node":"node-1","path":["rows",0]},{"literal":1}]}},'
    '"id":"node-2","kind":"call","options":{"retries":0},"task":"join"}],'
    '"returns":{"node":"node-2"},'
    '"tasks":{"join":{"importable":false,'
    '"options":{"cache":true,"labels":{"team":"data"},"retries":3,"timeout":0.5,"version":"2"},'
    '"parameters":[{"kind":"var_positional","name":"parts"},{"default":0.5,"kind":"keyword_only","name":"by"}],'
    '"reference":"reports:join"},'
    '"load":{"importable":true,"parameters":[{"kind":"positional_or_keyword","name":"day"},'
    '{"kind":"positional_or_keyword","name":"also"}],"reference":"reports:load"}}}'
)

EMPTY = b'{"inputs":[],"kind":"cascades/dag@1","name":"f","nodes":[],"returns":{"literal":null},"tasks":{}}'


class TestWriting:
    def test_a_graph_has_this_text(self) -> None:
        assert dag_to_json(GRAPH) == TEXT.encode()

    def test_what_is_empty_is_left_out(self) -> None:
        assert dag_to_json(Dag("f")) == EMPTY

    def test_the_digest_is_what_sha256sum_says_of_the_file(self) -> None:
        assert dag_digest(GRAPH) == "sha256:" + hashlib.sha256(TEXT.encode()).hexdigest()
        assert document_digest(TEXT.encode()) == document_digest(dag_to_json(GRAPH)) == dag_digest(GRAPH)
        # Pinned: a digest that changes is a new kind of document.
        assert dag_digest(Dag("f")) == "sha256:6cd76cf14aceab0f6964cb7a1b77d92a9f285cfc83c26894e711490879e57623"

    def test_texts_and_lines_are_not_in_the_document(self) -> None:
        assert dag_to_json(Dag("f", doc="The text.")) == EMPTY


class TestCanonicalJson:
    def test_any_value_of_the_model_has_a_text(self) -> None:
        value = {"b": [1.0, None, True], "a": {"\U0001f600": False, "\uffff": 'x"\\\x00\x1f\x7f/\b\f\n\r\té'}}
        assert canonical_json(value) == Success(
            '{"a":{"\U0001f600":false,"\uffff":"x\\"\\\\\\u0000\\u001f\x7f/\\b\\f\\n\\r\\té"},"b":[1,null,true]}'
        )

    def test_what_is_not_in_the_model_is_refused_with_its_pointer(self) -> None:
        error = canonical_json({"a": [{1}]}).failure()
        assert type(error) is InvalidValueError
        assert (error.pointer, error.advice) == ("/a/0", "pass sorted(...) of it, so that its order is yours")


def refused(data: bytes, **settings: Any) -> InvalidDocumentError:
    outcome = dag_from_json(data, **settings)
    assert isinstance(outcome, Failure), outcome
    error = outcome.failure()
    assert type(error) is InvalidDocumentError
    assert str(error).encode()
    return error


class TestReading:
    def test_what_was_written_is_read_back(self) -> None:
        assert dag_from_json(TEXT.encode()) == Success(GRAPH)
        assert dag_from_json(EMPTY) == Success(Dag("f"))

    def test_the_lenient_reader_takes_any_order_and_white_space(self) -> None:
        document = json.loads(TEXT)
        relaxed = json.dumps(dict(reversed(document.items())), indent=2).encode()
        assert dag_from_json(relaxed, strict=False) == Success(GRAPH)

    def test_the_lenient_reader_normalises_numbers_and_escapes(self) -> None:
        data = EMPTY.replace(b"null", b"[1.0,-0,1e2,0.50]").replace(b'"f"', b'"\\u0066"')
        assert dag_from_json(data, strict=False) == Success(Dag("f", returns=Literal((1, 0, 100, 0.5))))

    @pytest.mark.parametrize(
        ("data", "offset"),
        [
            (EMPTY + b"\n", len(EMPTY)),
            (b" " + EMPTY, 0),
            (EMPTY.replace(b"null", b"1.0"), EMPTY.index(b"null") + 1),
            (EMPTY.replace(b'"f"', b'"\\u0066"'), EMPTY.index(b'"f"') + 1),
            (EMPTY[:-1] + b" }", len(EMPTY) - 1),
        ],
    )
    def test_the_strict_reader_tells_where_the_bytes_are_not_canonical(self, data: bytes, offset: int) -> None:
        error = refused(data)
        assert (error.offset, error.pointer) == (offset, None)
        assert error.advice == "read it with strict=False"
        assert isinstance(dag_from_json(data, strict=False), Success)

    def test_every_number_may_be_spelled_otherwise(self) -> None:
        data = TEXT.replace('"parent":0', '"parent":0.0').replace('["rows",0]', '["rows",0e0]').encode()
        assert dag_from_json(data, strict=False) == Success(GRAPH)

    def test_keys_in_another_order_are_not_canonical(self) -> None:
        document = json.loads(TEXT)
        error = refused(json.dumps(dict(reversed(document.items())), separators=(",", ":")).encode())
        assert error.offset == 2

    @pytest.mark.parametrize("number", [2.0**53, 2.0**53 + 2, -(2.0**53), 2.0**60, 1e300, 9007199254740991, 0.1])
    def test_every_number_is_read_as_binary64(self, number: float) -> None:
        graph = Dag("f", returns=Literal(number))
        assert dag_from_json(dag_to_json(graph)) == Success(graph)

    def test_an_integer_token_that_is_not_exact_is_read_as_its_neighbour_and_not_canonical(self) -> None:
        data = EMPTY.replace(b"null", b"9007199254740993")
        assert dag_from_json(data, strict=False) == Success(Dag("f", returns=Literal(2.0**53)))
        assert refused(data).offset == EMPTY.index(b"null") + 15


class TestBytesThatAreNoJson:
    @pytest.mark.parametrize(
        ("data", "problem", "offset"),
        [
            (b"", "not JSON", 0),
            (b"{", "not JSON", 1),
            (b'{"a"', "not JSON", 4),
            ('{"é":}'.encode(), "not JSON", 6),
            (b"{} {}", "not JSON", 3),
            (b'"\x01"', "not JSON", 1),
            (b'"\\x"', "not JSON", 1),
            (b"01", "not JSON", 1),
            (b"\xff", "not UTF-8", 0),
            (b'"\xed\xa0\x80"', "not UTF-8", 1),
            (b"\xef\xbb\xbf{}", "byte order mark", 0),
            (b"NaN", "NaN is no JSON", 0),
            (b"[-Infinity]", "-Infinity is no JSON", 1),
            ('["NaN","é\\"NaN",NaN]'.encode(), "NaN is no JSON", 17),
            (b'{"a":1,"b":2,"a":1}', "the name 'a' is repeated", 13),
            (b'{"a":"a","b":["a","a",{"a":"b"}],"\\u0061":1}', "the name 'a' is repeated", 33),
            (b'[{"a":{"b":1,"b":2}},1]', "the name 'b' is repeated", 13),
            (b'{"a":1,"a":{"b":1,"b":2}}', "the name 'a' is repeated", 7),
            (b'{"a":1,"b":[{},"c"],"c":1,"":[],"":0}', "the name '' is repeated", 32),
            (b'"\\ud800"', "lone surrogate", 1),
            (b'{"\\uDFFF":1}', "lone surrogate", 2),
            ('"é\\\\ud800\\ud83d\\ude00\\udbff\\ud83d\\ude00"'.encode(), "lone surrogate", 22),
            (b"[" * (MAX_DOCUMENT_DEPTH + 1), "nested deeper than 144", MAX_DOCUMENT_DEPTH),
            (b'{"[[":' * (MAX_DOCUMENT_DEPTH + 1), "nested deeper than 144", 6 * MAX_DOCUMENT_DEPTH),
            (b'["[\\"[",[],' * (MAX_DOCUMENT_DEPTH + 1), "nested deeper than 144", 11 * MAX_DOCUMENT_DEPTH - 3),
        ],
    )
    def test_they_are_refused_with_the_offset_of_the_byte(self, data: bytes, problem: str, offset: int) -> None:
        for strict in (True, False):
            error = refused(data, strict=strict)
            assert problem in error.problem
            assert (error.offset, error.pointer) == (offset, None)

    @pytest.mark.parametrize("data", ["{}", bytearray(b"{}"), None])
    def test_what_is_no_bytes_is_refused(self, data: Any) -> None:
        assert refused(data).advice == "give bytes"

    def test_a_larger_input_than_the_limit_is_refused_unread(self) -> None:
        error = refused(b"\xff" * 11, max_bytes=10)
        assert error.message() == "(the document): 11 bytes are more than the limit of 10; raise max_bytes"
        assert isinstance(dag_from_json(EMPTY, max_bytes=len(EMPTY)), Success)

    def test_brackets_in_a_text_do_not_nest(self) -> None:
        for text in ("[" * 1000, '\\"[' * 200, '"[' * 200, "\\" * 3 + "{" * 200):
            graph = Dag("f", returns=Literal(text))
            assert dag_from_json(dag_to_json(graph)) == Success(graph)

    def test_a_pair_of_surrogate_escapes_is_one_character(self) -> None:
        data = EMPTY.replace(b"null", b'"\\ud83d\\ude00"')
        assert dag_from_json(data, strict=False) == Success(Dag("f", returns=Literal("\U0001f600")))

    def test_a_text_without_an_end_costs_one_pass(self) -> None:
        # Each quote starting another search would take minutes here.
        for data in (b'"' + b'\\"' * 500_000, b'"' + b"\\" * 500_001, b'["' + b'\\"[' * 300_000):
            assert "not JSON" in refused(data).problem

    def test_ten_thousand_brackets_do_not_reach_the_parser(self) -> None:
        assert "nested deeper" in refused(b'{"a":' * 10_000).problem
        assert "nested deeper" in refused(b"[" * 10_000 + b"]" * 10_000).problem


class TestDepth:
    """How deep a document nests is no setting of the readers: none is deeper than the model lets a graph be."""

    @staticmethod
    def deepest(inner: Any, container: Any) -> Any:
        for _ in range(MAX_DEPTH):
            inner = container(inner)
        return inner

    @staticmethod
    def depth_of(data: bytes) -> int:
        steps = [1 if byte in b"[{" else -1 for byte in data if byte in b"[]{}"]
        return max(accumulate(steps))

    @pytest.mark.parametrize(
        "container", [lambda inner: ListBinding((inner,)), lambda inner: object_binding({"k": inner})]
    )
    def test_the_deepest_graph_is_written_and_read(self, container: Any) -> None:
        chosen = InputReference("x")
        graph = Dag(
            "f",
            (FlowInput("x"),),
            (TaskDefinition("t", "m:t"),),
            (Call("t"), Choice(Branch(0, self.deepest(NodeReference(0, ("k",)), container)))),
            (Group("then", None, (), Guard(chosen, True)),),
        )
        data = dag_to_json(graph)
        assert self.depth_of(data) == 2 * MAX_DEPTH + 6 <= MAX_DOCUMENT_DEPTH
        assert (
            dag_from_json(data)
            == dag_from_json(data, strict=False)
            == dag_from_cbor(dag_to_cbor(graph))
            == Success(graph)
        )
        with pytest.raises(InvalidDagError, match="nested deeper than 64"):
            attrs.evolve(graph, returns=container(self.deepest(NodeReference(0), container)))


def changed(path: str, value: Any) -> bytes:
    """The document of the graph with another value at a pointer; ``...`` deletes what is there."""
    document: Any = json.loads(TEXT)
    *outer, last = [token.replace("~1", "/").replace("~0", "~") for token in path.split("/")[1:]]
    holder = document
    for token in outer:
        holder = holder[int(token) if type(holder) is list else token]
    key = int(last) if type(holder) is list else last
    if value is ...:
        del holder[key]
    else:
        holder[key] = value
    return json.dumps(document, ensure_ascii=False).encode()


class TestDocumentsThatAreNoGraph:
    """The content is checked alike by both readers, before the bytes are compared."""

    @pytest.mark.parametrize("document", [b"null", b"1", b'"text"', b"[]"])
    def test_a_document_is_an_object(self, document: bytes) -> None:
        error = refused(document)
        assert error.pointer == ""
        assert error.problem.startswith("expected an object, found")

    @pytest.mark.parametrize("key", ["inputs", "kind", "name", "nodes", "returns", "tasks"])
    def test_each_of_its_keys_is_needed(self, key: str) -> None:
        error = refused(changed(f"/{key}", ...))
        assert (error.pointer, error.problem) == ("", f"the key {key!r} is missing")

    @pytest.mark.parametrize(
        ("path", "value", "problem", "pointer"),
        [
            # the document
            ("/extra~1key", 1, "this key is unknown", None),
            ("/kind", "cascades/dag@2", "expected 'cascades/dag@1', found 'cascades/dag@2'", None),
            ("/kind", ["x" * 200], "found a list", None),
            ("/kind", {}, "found an object", None),
            ("/name", 1, "expected text, found 1", None),
            ("/name", "", "a flow's name", None),
            # inputs
            ("/inputs", {}, "expected a list, found an object", None),
            ("/inputs/0", "day", "expected an object, found 'day'", None),
            ("/inputs/0/name", None, "expected text, found None", None),
            ("/inputs/0", {}, "the key 'name' is missing", None),
            ("/inputs/0/type", "str", "this key is unknown", None),
            ("/inputs/0/default", [1, 10**400], "inf is not a finite number", "/inputs/0/default/1"),
            ("/inputs/1/name", "day", "'day' is repeated", None),
            # tasks
            ("/tasks", [], "expected an object, found a list", None),
            ("/tasks/join", 1, "expected an object, found 1", None),
            ("/tasks/join/importable", ..., "the key 'importable' is missing", "/tasks/join"),
            ("/tasks/join/importable", 0, "must be a bool", None),
            ("/tasks/join/reference", 0, "expected text", None),
            ("/tasks/join/reference", "join", "does not name a function", None),
            ("/tasks/join/doc", "text", "this key is unknown", None),
            ("/tasks/join/parameters", {}, "expected a list", None),
            ("/tasks/join/parameters/0", [], "expected an object, found a list", None),
            ("/tasks/join/parameters/0/kind", "odd", "'odd' cannot stand here", None),
            ("/tasks/join/parameters/0/kind", [], "expected text, found a list", None),
            ("/tasks/join/parameters/0/default", 1, "has no default", None),
            ("/tasks/join/options", {}, "is left out", None),
            ("/tasks/join/options", 1, "expected an object, found 1", None),
            ("/tasks/join/options/cache", None, "is left out", "/tasks/join/options"),
            ("/tasks/join/options/priority", 1, "this key is unknown", None),
            ("/tasks/join/options/retries", -1, "-1 is refused", None),
            ("/tasks/join/options/labels/team", 1, "is refused", "/tasks/join/options/labels"),
            ("/tasks/join/options/timeout", 10**400, "inf is not a finite number", None),
            ("/tasks/unused", {"importable": True, "parameters": [], "reference": "m:f"}, "no node calls", None),
            # nodes
            ("/nodes", {}, "expected a list", None),
            ("/nodes/0", None, "expected an object, found None", None),
            ("/nodes/0/kind", "loop", "expected 'call', 'map' or 'choice', found 'loop'", None),
            ("/nodes/0/id", "node-1", "expected 'node-0', found 'node-1'", None),
            ("/nodes/0/id", 0, "expected 'node-0', found 0", None),
            ("/nodes/0/task", 0, "expected text, found 0", None),
            ("/nodes/0/task", "sub", "no definition of the task 'sub'", None),
            ("/nodes/0/upstream", [], "this key is unknown", None),
            ("/nodes/0/arguments", [], "expected an object, found a list", None),
            ("/nodes/0/arguments/c", {"literal": 1}, "the task has no such parameter", None),
            ("/nodes/0/arguments/day", ..., "'day' is not bound", "/nodes/0/arguments"),
            ("/nodes/0/arguments", ..., "'day' is not bound", None),
            ("/nodes/2/after", {}, "expected a list", None),
            ("/nodes/2/after/1", "node-0", "earlier nodes, ascending", None),
            ("/nodes/2/options", {}, "is left out", None),
            ("/nodes/2/options/retries", 3, "the definition declares the same", None),
            # ids
            ("/nodes/2/after/0", 0, "expected the id of a node, found 0", None),
            ("/nodes/2/after/0", "node-", "expected the id of a node", None),
            ("/nodes/2/after/0", "node-00", "expected the id of a node", None),
            ("/nodes/2/after/0", "node--1", "expected the id of a node", None),
            ("/nodes/2/after/0", "node-²", "expected the id of a node", None),
            ("/nodes/2/after/0", "node-" + "1" * 5000, "expected the id of a node", None),
            ("/nodes/2/after/0", "task-0", "expected the id of a node", None),
            # groups
            ("/groups", {}, "expected a list", None),
            ("/groups/0", [], "expected an object", None),
            ("/groups/0/name", 1, "expected text", None),
            ("/groups/0/parent", None, "is left out", None),
            ("/groups/1/parent", 0.5, "earlier group", None),
            ("/groups/1/parent", True, "earlier group", None),
            ("/groups/1/nodes/0", "node-0", "each in one group", None),
            ("/groups/1/nodes/0", 1, "expected the id of a node", None),
            # bindings
            ("/returns", "node-2", "expected an object, found 'node-2'", None),
            ("/returns", {}, "expected one of the keys 'literal', 'node', 'input', 'list', 'object'", None),
            ("/returns", {"node": "node-3"}, "must refer to an earlier node", "/returns/node"),
            ("/returns", {"node": 2}, "expected the id of a node", "/returns/node"),
            ("/returns/path", "rows", "expected a list, found 'rows'", None),
            ("/returns/path", [None], "keys and of indexes", None),
            ("/returns/path", [[10**400]], "inf is not", "/returns/path/0/0"),
            ("/returns", {"node": "node-2", "literal": 1}, "this key is unknown", "/returns/node"),
            ("/returns", {"literal": 1, "path": []}, "this key is unknown", "/returns/path"),
            ("/returns", {"literal": {"a": [10**400]}}, "inf is not a finite number", "/returns/literal/a/0"),
            ("/returns", {"literal": "x" * 262_144}, "larger than 262144", "/returns/literal"),
            ("/returns", {"input": 1}, "expected text, found 1", "/returns/input"),
            ("/returns", {"input": "week"}, "there is no input 'week'", "/returns/input"),
            ("/returns", {"list": {}}, "expected a list, found an object", "/returns/list"),
            ("/returns", {"list": [{"node": "node-0"}, 1]}, "expected an object, found 1", "/returns/list/1"),
            ("/returns", {"list": [{"literal": 1}]}, "without references is a literal", "/returns"),
            ("/returns", {"object": []}, "expected an object, found a list", "/returns/object"),
            ("/returns", {"object": {"a/b": {"node": "node-9"}}}, "earlier node", "/returns/object/a~1b/node"),
            ("/returns", {"object": {}}, "without references is a literal", "/returns"),
        ],
    )
    def test_the_pointer_leads_to_the_fault(self, path: str, value: Any, problem: str, pointer: str | None) -> None:
        data = changed(path, value)
        error = refused(data)
        assert error.pointer == (path if pointer is None else pointer)
        assert problem in error.problem
        assert refused(data, strict=False) == error

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("/groups", []),
            ("/returns/path", []),
            ("/nodes/0/after", []),
            ("/nodes/0/arguments", {}),
            ("/nodes/2/arguments/by/path", []),
        ],
    )
    def test_what_is_empty_is_left_out(self, path: str, value: Any) -> None:
        error = refused(changed(path, value))
        assert (error.pointer, error.problem) == (path, "what is empty is left out")
        assert refused(changed(path, value), strict=False) == error

    def test_another_kind_of_document_is_told_before_its_other_keys(self) -> None:
        error = refused(b'{"kind":"cascades/dag@2","steps":[]}')
        assert (error.pointer, error.problem) == ("/kind", "expected 'cascades/dag@1', found 'cascades/dag@2'")

    def test_a_document_of_the_greatest_depth_is_read(self) -> None:
        deep: Any = NodeReference(0)
        for _ in range(64):
            deep = ListBinding((deep,))
        definition = TaskDefinition("t", "m:t", True, (Parameter("a", default=Literal(1)),))
        graph = Dag("f", (), (definition,), (Call("t"), Call("t", (("a", deep),))))
        assert dag_from_json(dag_to_json(graph)) == Success(graph)

    def test_the_kind_is_the_version_of_the_document(self) -> None:
        assert DOCUMENT_KIND == "cascades/dag@1"


def test_where_nothing_is_wrong_nothing_is_located() -> None:
    assert list(faults('{"a":[1,{"a":2}],"b":"x"}')) == []
    assert too_deep_bracket(b'{"a":[[]]}', 3) is None


@pytest.mark.parametrize("wrong", [3, None, {"a": 1}, Success(1), Failure(1)])
def test_what_is_no_graph_is_told_as_that(wrong: Any) -> None:
    for use in (dag_to_json, dag_to_cbor, dag_digest, node_digests, lambda value: dag_diff(value, value)):
        with pytest.raises(TypeError, match="expected a Dag, found a") as caught:
            use(wrong)
        assert ("unwrap()" in str(caught.value)) is isinstance(wrong, Success | Failure)
