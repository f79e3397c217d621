"""Damages of a document: sources of both `vectors/refused-json.json` and `vectors/refused-cbor.json`.

Decided here: which values are no document, why, where the fault is told, and which of the two schemas can tell
it. Never here: bytes.

A vector stays refused for ever, so what stands here for a word that is not known is `unknown`, which no later
document will use.
"""

import copy
from typing import Any, Final, NamedTuple

from vectors_of_dags import (
    CHOOSING,
    REPORT,
    binding,
    branch,
    call,
    choice,
    document,
    each,
    guarded,
    listed,
    nested,
    ref,
    takes,
    task,
)

__all__ = ["DAMAGES", "Damage"]

_GONE: Final = object()


class Damage(NamedTuple):
    """A document with one fault. ``schemas`` are those of the two that can say it."""

    name: str
    reason: str
    document: Any
    pointer: str
    schemas: tuple[str, ...] = ("json", "cddl")

    @property
    def where(self) -> dict[str, Any]:
        """What a vector says beside the bytes."""
        return {"pointer": self.pointer, "schemas": list(self.schemas)}


def _changed(pointer: str, value: Any, base: Any) -> Any:
    """The base with another value at a pointer."""
    changed = copy.deepcopy(base)
    *outer, last = [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]
    holder: Any = changed
    for token in outer:
        holder = holder[int(token) if type(holder) is list else token]
    key: Any = int(last) if type(holder) is list else last
    if value is _GONE:
        del holder[key]
    elif type(holder) is list and key == len(holder):
        holder.append(value)
    else:
        holder[key] = value
    return changed


def _damage(
    name: str,
    reason: str,
    pointer: str,
    value: Any,
    told: str | None = None,
    schemas: tuple[str, ...] = ("json", "cddl"),
    base: Any = REPORT,
) -> Damage:
    return Damage(name, reason, _changed(pointer, value, base), pointer if told is None else told, schemas)


def _chosen(
    name: str,
    reason: str,
    pointer: str,
    value: Any,
    told: str | None = None,
    schemas: tuple[str, ...] = ("json", "cddl"),
) -> Damage:
    return _damage(name, reason, pointer, value, told, schemas, CHOOSING)


_JOIN: Final = "/tasks/join"

#: What both schemas say, too.
_TOLD_BY_SCHEMAS: Final = (
    *(Damage(f"document-{word}", "a document is an object", value, "") for word, value in (
        ("null", None), ("number", 1), ("text", "cascades/dag@1"), ("list", []),
    )),
    *(_damage(f"missing-{key}", f"the key {key} is missing", f"/{key}", _GONE, "")
      for key in ("inputs", "kind", "name", "nodes", "returns", "tasks")),
    _damage("unknown-key", "an unknown key", "/unknown~1key", 1),
    _damage("kind-other-version", "another version of the document", "/kind", "cascades/dag@0"),
    _damage("kind-number", "the kind is a text", "/kind", 1),
    _damage("name-number", "a name is a text", "/name", 1),
    _damage("name-empty", "a name is not empty", "/name", ""),
    _damage("inputs-object", "inputs are a list", "/inputs", {}),
    _damage("input-text", "an input is an object", "/inputs/0", "day"),
    _damage("input-no-name", "an input has a name", "/inputs/0", {}),
    _damage("input-name-null", "an input's name is a text", "/inputs/0/name", None),
    _damage("input-name-empty", "an input's name is not empty", "/inputs/0/name", ""),
    _damage("input-unknown-key", "an unknown key", "/inputs/0/unknown", 1),
    _damage("tasks-list", "tasks are an object", "/tasks", []),
    _damage("task-number", "a definition is an object", _JOIN, 1),
    _damage("task-no-importable", "the key importable is missing", f"{_JOIN}/importable", _GONE, _JOIN),
    _damage("task-no-parameters", "the key parameters is missing", f"{_JOIN}/parameters", _GONE, _JOIN),
    _damage("task-no-reference", "the key reference is missing", f"{_JOIN}/reference", _GONE, _JOIN),
    _damage("task-unknown-key", "an unknown key", f"{_JOIN}/unknown", 1),
    _damage("importable-number", "importable is a bool", f"{_JOIN}/importable", 0),
    _damage("reference-number", "a reference is a text", f"{_JOIN}/reference", 0),
    _damage("reference-no-colon", "a reference is module:qualname", f"{_JOIN}/reference", "join"),
    _damage("parameters-object", "parameters are a list", f"{_JOIN}/parameters", {}),
    _damage("parameter-list", "a parameter is an object", f"{_JOIN}/parameters/0", []),
    _damage("parameter-no-kind", "the key kind is missing",
            f"{_JOIN}/parameters/0/kind", _GONE, f"{_JOIN}/parameters/0"),
    _damage("parameter-unknown-key", "an unknown key", f"{_JOIN}/parameters/0/unknown", 1),
    _damage("parameter-kind-unknown", "an unknown kind of parameter", f"{_JOIN}/parameters/0/kind", "unknown"),
    _damage("parameter-kind-list", "a kind is a text", f"{_JOIN}/parameters/0/kind", []),
    _damage("parameter-variadic-default", "a variadic parameter has no default", f"{_JOIN}/parameters/0/default", 1),
    _damage("parameter-variadic-twice", "two variadic parameters of one kind",
            f"{_JOIN}/parameters/1", {"kind": "var_positional", "name": "by"}, f"{_JOIN}/parameters/1/kind"),
    _damage("options-empty", "no options are no key", f"{_JOIN}/options", {}),
    _damage("options-number", "options are an object", f"{_JOIN}/options", 1),
    _damage("option-null", "an option that is not declared is left out",
            f"{_JOIN}/options/cache", None, f"{_JOIN}/options"),
    _damage("option-unknown", "an unknown option", f"{_JOIN}/options/unknown", 1),
    _damage("retries-negative", "retries are a count", f"{_JOIN}/options/retries", -1),
    _damage("retries-fraction", "retries are a count", f"{_JOIN}/options/retries", 1.5),
    _damage("retries-bool", "retries are a count", f"{_JOIN}/options/retries", True),
    _damage("retries-unsafe", "a count is at most 2^53 - 1", f"{_JOIN}/options/retries", 2.0**53),
    _damage("timeout-zero", "a timeout is positive", f"{_JOIN}/options/timeout", 0),
    _damage("timeout-text", "a timeout is a number", f"{_JOIN}/options/timeout", "1s"),
    _damage("cache-number", "a bool or a key", f"{_JOIN}/options/cache", 1),
    _damage("cache-empty", "a cache key is not empty", f"{_JOIN}/options/cache", ""),
    _damage("version-empty", "a version is not empty", f"{_JOIN}/options/version", ""),
    _damage("version-number", "a version is a text", f"{_JOIN}/options/version", 2),
    _damage("labels-list", "labels are an object", f"{_JOIN}/options/labels", []),
    _damage("label-number", "a label is a text", f"{_JOIN}/options/labels/team", 1, f"{_JOIN}/options/labels"),
    _damage("nodes-object", "nodes are a list", "/nodes", {}),
    _damage("node-null", "a node is an object", "/nodes/0", None),
    _damage("node-no-id", "the key id is missing", "/nodes/0/id", _GONE, "/nodes/0"),
    _damage("node-no-kind", "the key kind is missing", "/nodes/0/kind", _GONE, "/nodes/0"),
    _damage("node-no-task", "the key task is missing", "/nodes/0/task", _GONE, "/nodes/0"),
    _damage("node-unknown-key", "an unknown key", "/nodes/0/unknown", 1),
    _damage("node-unknown-kind", "an unknown kind of node", "/nodes/0/kind", "unknown"),
    _damage("node-id-number", "an id is a text", "/nodes/0/id", 0),
    _damage("node-id-zeros", "an id has no leading zeros", "/nodes/0/id", "node-00"),
    _damage("node-task-number", "a task is named by a text", "/nodes/0/task", 0),
    _damage("arguments-list", "arguments are an object", "/nodes/0/arguments", []),
    _damage("node-options-empty", "no options are no key", "/nodes/2/options", {}),
    _damage("after-object", "after is a list", "/nodes/2/after", {}),
    _damage("after-number", "an id is a text", "/nodes/2/after/0", 0),
    _damage("after-no-digits", "an id has digits", "/nodes/2/after/0", "node-"),
    _damage("after-sign", "an id has digits only", "/nodes/2/after/0", "node--1"),
    _damage("after-other-digits", "an id has ASCII digits", "/nodes/2/after/0", "node-²"),
    _damage("after-16-digits", "an id has 15 digits at most", "/nodes/2/after/0", "node-" + "1" * 16),
    _damage("after-other-word", "an id starts with node-", "/nodes/2/after/0", "task-0"),
    _damage("after-upper-case", "an id is in lower case", "/nodes/2/after/0", "Node-0"),
    _damage("after-space", "an id is nothing more", "/nodes/2/after/0", " node-0"),
    _damage("groups-object", "groups are a list", "/groups", {}),
    _damage("group-list", "a group is an object", "/groups/0", []),
    _damage("group-no-nodes", "the key nodes is missing", "/groups/0/nodes", _GONE, "/groups/0"),
    _damage("group-name-empty", "a name is not empty", "/groups/0/name", "", "/groups/0"),
    _damage("group-unknown-key", "an unknown key", "/groups/0/unknown", 1),
    _damage("group-parent-null", "a parent that is none is left out", "/groups/0/parent", None),
    _damage("group-parent-text", "a parent is a position", "/groups/1/parent", "outer"),
    _damage("group-parent-negative", "a parent is a position", "/groups/1/parent", -1),
    _damage("group-parent-fraction", "a parent is a position", "/groups/1/parent", 0.5),
    _damage("group-node-number", "an id is a text", "/groups/0/nodes/0", 0),
    _damage("binding-text", "a binding is an object", "/returns", "node-2"),
    _damage("binding-empty", "a binding has one of five keys", "/returns", {}),
    _damage("binding-unknown-word", "a binding has one of five keys", "/returns", {"unknown": "node-2"}),
    _damage("binding-two-words", "a binding has one of five keys",
            "/returns", {"literal": 1, "node": "node-2"}, "/returns/node"),
    _damage("literal-with-path", "a literal has no path", "/returns", {"literal": 1, "path": [0]}, "/returns/path"),
    _damage("list-with-path", "a list has no path", "/returns", {"list": [ref(0)], "path": [0]}, "/returns/path"),
    _damage("node-reference-number", "an id is a text", "/returns/node", 2),
    _damage("input-reference-number", "a name is a text", "/returns", {"input": 1}, "/returns/input"),
    _damage("path-text", "a path is a list", "/returns/path", "rows"),
    _damage("path-null", "a path has keys and indexes", "/returns/path", [None]),
    _damage("path-bool", "a path has keys and indexes", "/returns/path", [True]),
    _damage("path-fraction", "an index is an integer", "/returns/path", [0.5]),
    _damage("path-negative", "an index is at least 0", "/returns/path", [-1]),
    _damage("path-unsafe", "an index is at most 2^53 - 1", "/returns/path", [2.0**53]),
    _damage("path-65", "a path has 64 steps at most", "/returns/path", [0] * 65),
    _damage("list-object", "a list is a list", "/returns", {"list": {}}, "/returns/list"),
    _damage("list-of-values", "what stands in a list is a binding",
            "/returns", {"list": [ref(0), 1]}, "/returns/list/1"),
    _damage("list-empty", "a container without references is a literal", "/returns", {"list": []}),
    _damage("list-of-literals", "a container without references is a literal",
            "/returns", {"list": [binding(1), binding(2)]}),
    _damage("list-of-list-of-literals", "a container without references is a literal",
            "/returns", {"list": [{"list": [binding(1)]}, ref(0)]}, "/returns/list/0"),
    _damage("object-list", "an object is an object", "/returns", {"object": []}, "/returns/object"),
    _damage("object-empty", "a container without references is a literal", "/returns", {"object": {}}),
    _damage("object-of-literals", "a container without references is a literal",
            "/returns", {"object": {"a": binding(1)}}),
    _damage("groups-empty", "no groups are no key", "/groups", []),
    _damage("after-empty", "nothing to be after is no key", "/nodes/0/after", []),
    _damage("path-empty", "the whole is no key", "/returns/path", []),
    Damage("arguments-empty", "no arguments are no key", document(
        {"arguments": {}, "kind": "call", "task": "t"},
        tasks={"t": {"importable": True, "parameters": [], "reference": "m:t"}},
    ), "/nodes/0/arguments"),
)  # fmt: skip

#: What only readers find, or only one of the schemas.
_BEYOND_SCHEMAS: Final = (
    _damage("input-repeated", "an input's name is repeated", "/inputs/1/name", "day", schemas=()),
    _damage("parameter-repeated", "a parameter's name is repeated", f"{_JOIN}/parameters/2",
            {"kind": "keyword_only", "name": "by"}, schemas=()),
    _damage("task-unused", "no node calls this task", "/tasks/unused",
            {"importable": True, "parameters": [], "reference": "m:f"}, schemas=()),
    _damage("task-undefined", "there is no definition of the task", "/nodes/0/task", "lost", schemas=()),
    _damage("node-id-other", "ids count up from node-0", "/nodes/0/id", "node-1", schemas=()),
    _damage("node-id-repeated", "ids count up from node-0", "/nodes/1/id", "node-0", schemas=()),
    _damage("argument-unknown", "the task has no such parameter", "/nodes/0/arguments/c", binding(1), schemas=()),
    _damage("argument-missing", "a parameter without a default is bound", "/nodes/0/arguments/day", _GONE,
            "/nodes/0/arguments", schemas=()),
    _damage("arguments-missing", "a parameter without a default is bound", "/nodes/0/arguments", _GONE, schemas=()),
    _damage("variadic-number", "*args is a list", "/nodes/2/arguments/parts", binding(1), schemas=()),
    _damage("variadic-empty", "*args of nothing is left out", "/nodes/2/arguments/parts", binding([]), schemas=()),
    _damage("after-itself", "after names earlier nodes", "/nodes/2/after/1", "node-2", schemas=()),
    _damage("after-descending", "after is ascending",
            "/nodes/2/after", ["node-1", "node-0"], "/nodes/2/after/1", schemas=()),
    _damage("after-repeated", "after names each node once", "/nodes/2/after", ["node-0", "node-0"], "/nodes/2/after/1",
            schemas=("json",)),
    _damage("override-same", "the definition declares the same", "/nodes/2/options/retries", 3, schemas=()),
    _damage("reference-itself", "a reference points backwards", "/nodes/0/arguments/also", ref(0),
            "/nodes/0/arguments/also/node", schemas=()),
    _damage("reference-later", "a reference points backwards", "/nodes/0/arguments/also", ref(2),
            "/nodes/0/arguments/also/node", schemas=()),
    _damage("reference-missing", "a reference points backwards", "/nodes/2/arguments/by", {"object": {"a/b": ref(9)}},
            "/nodes/2/arguments/by/object/a~1b/node", schemas=()),
    _damage("returns-dangling", "there is no such node", "/returns/node", "node-3", schemas=()),
    _damage("returns-no-input", "there is no such input", "/returns", {"input": "week"}, "/returns/input", schemas=()),
    _damage("group-parent-itself", "a parent is an earlier group", "/groups/1/parent", 1, schemas=()),
    _damage("group-node-twice", "a node is in one group at most", "/groups/1/nodes/0", "node-0", schemas=()),
    _damage("group-node-repeated", "nodes of a group are ascending", "/groups/1/nodes", ["node-1", "node-1"],
            "/groups/1/nodes/1", schemas=("json",)),
    _damage("group-node-missing", "there is no such node", "/groups/1/nodes/1", "node-3", schemas=()),
    _damage("group-nodes-descending", "nodes of a group are ascending", "/groups/1/nodes", ["node-2", "node-1"],
            "/groups/1/nodes/1", schemas=()),
    Damage("keyword-taken", "a keyword of **kwargs belongs to no other parameter", document(
        call("t", {"a": binding(0), "more": binding({"a": 1})}),
        tasks={"t": task(takes("a"), takes("more", "var_keyword"))},
    ), "/nodes/0/arguments/more", ()),
    _damage("parameters-order", "the kinds stand in the order of a signature", f"{_JOIN}/parameters",
            [{"default": 0.5, "kind": "keyword_only", "name": "by"}, {"kind": "var_positional", "name": "parts"}],
            f"{_JOIN}/parameters/1/kind", schemas=("cddl",)),
    _damage("bindings-65", "a binding is nested deeper than 64", "/returns", nested(ref(0), 65),
            "/returns" + "/list/0/object/a" * 32, schemas=()),
)  # fmt: skip

_T: Final = {"t": task(takes("a", default=0))}

#: Of maps, choices and guards, what both schemas say, too.
_OF_NEW_KINDS: Final = (
    _chosen("map-no-task", "the key task is missing", "/nodes/1/task", _GONE, "/nodes/1"),
    _chosen("map-unknown-key", "an unknown key", "/nodes/1/unknown", 1),
    _chosen("map-then", "a map has no branches", "/nodes/1/then", {"group": 0, "returns": binding(1)}),
    _chosen("choice-no-then", "the key then is missing", "/nodes/4/then", _GONE, "/nodes/4"),
    _chosen("choice-no-id", "the key id is missing", "/nodes/4/id", _GONE, "/nodes/4"),
    _chosen("choice-id-number", "an id is a text", "/nodes/4/id", 4),
    _chosen("choice-unknown-key", "an unknown key", "/nodes/4/unknown", 1),
    _chosen("choice-task", "a choice calls no task", "/nodes/4/task", "item"),
    _chosen("choice-after", "a choice comes after nothing else", "/nodes/4/after", ["node-0"]),
    _chosen("choice-otherwise-is-null", "a branch that is none is left out", "/nodes/4/otherwise", None),
    _chosen("branch-list", "a branch is an object", "/nodes/4/then", []),
    _chosen("branch-no-group", "the key group is missing", "/nodes/4/then/group", _GONE, "/nodes/4/then"),
    _chosen("branch-no-returns", "the key returns is missing", "/nodes/4/then/returns", _GONE, "/nodes/4/then"),
    _chosen("branch-unknown-key", "an unknown key", "/nodes/4/then/unknown", 1),
    _chosen("branch-group-text", "a group is named by its position", "/nodes/4/then/group", "then"),
    _chosen("branch-group-negative", "a group is named by its position", "/nodes/4/then/group", -1),
    _chosen("branch-group-fraction", "a group is named by its position", "/nodes/4/then/group", 0.5),
    _chosen("branch-returns-text", "a binding is an object", "/nodes/4/then/returns", "node-3"),
    _chosen("guard-null", "a guard that is none is left out", "/groups/0/guard", None),
    _chosen("guard-list", "a guard is an object", "/groups/0/guard", []),
    _chosen("guard-no-branch", "the key branch is missing", "/groups/0/guard/branch", _GONE, "/groups/0/guard"),
    _chosen("guard-no-condition", "the key condition is missing", "/groups/0/guard/condition", _GONE,
            "/groups/0/guard"),
    _chosen("guard-unknown-key", "an unknown key", "/groups/0/guard/unknown", 1),
    _chosen("guard-branch-number", "a branch is a bool", "/groups/0/guard/branch", 1),
    _chosen("guard-condition-text", "a binding is an object", "/groups/0/guard/condition", "node-0"),
    _chosen("guard-condition-literal", "a condition is a reference", "/groups/0/guard/condition", binding(True)),
    _chosen("guard-condition-list", "a condition is a reference", "/groups/0/guard/condition", {"list": [ref(0)]}),
)  # fmt: skip

#: Of maps, choices and guards, what only readers find.
_OF_NEW_KINDS_BEYOND_SCHEMAS: Final = (
    _chosen("map-over-number", "what is mapped over is a list", "/nodes/5/arguments/x", binding(1), schemas=()),
    _chosen("map-over-text", "a text is no list", "/nodes/5/arguments/x", binding("ab"), schemas=()),
    _chosen("map-over-object", "an object is no list", "/nodes/5/arguments/x", {"object": {"k": ref(0)}}, schemas=()),
    Damage("map-unbound", "what is mapped over has no default", document(
        each("t", {"b": binding([])}), tasks={"t": task(takes("a", default=0), takes("b"))},
    ), "/nodes/0/arguments", ()),
    Damage("map-by-keyword", "the first parameter takes an item by its position", document(
        each("t", {"a": binding([])}), tasks={"t": task(takes("a", "keyword_only"))},
    ), "/nodes/0/task", ()),
    Damage("map-variadic", "the first parameter takes one item", document(
        each("t", {"a": binding([1])}), tasks={"t": task(takes("a", "var_positional"))},
    ), "/nodes/0/task", ()),
    _chosen("branch-no-such-group", "there is no such group", "/nodes/4/then/group", 5, schemas=()),
    _chosen("branch-of-a-group-without-guard", "a branch is a group with a guard", "/groups/4/guard", _GONE,
            "/nodes/8/then/group", schemas=()),
    _chosen("branch-in-the-other-role", "then is where the condition is true", "/groups/4/guard/branch", False,
            "/nodes/8/then/group", schemas=()),
    _chosen("branch-of-two-choices", "a branch belongs to one choice", "/nodes/8/then/group", 0, schemas=()),
    _chosen("branches-swapped", "then is where the condition is true", "/nodes/4",
            {"id": "node-4", **choice((3, ref(1)), (2, binding(1)))}, "/nodes/4/then/group", schemas=()),
    _chosen("branches-of-two-conditions", "both branches have one condition", "/groups/1/guard/condition",
            ref(0, "other"), "/nodes/6/otherwise/group", schemas=()),
    _chosen("branch-elsewhere", "a choice stands where its branches do", "/groups/3/parent", 1,
            "/nodes/4/otherwise/group", schemas=()),
    _chosen("guard-without-choice", "each branch belongs to a choice", "/groups/5", branch(True, ref(0)),
            "/groups/5/guard", schemas=()),
    _chosen("condition-dangling", "there is no such node", "/groups/4/guard/condition/node", "node-9", schemas=()),
    _chosen("condition-no-input", "there is no such input", "/groups/2/guard/condition/input", "lost", schemas=()),
    _chosen("condition-hidden", "a node of a branch is seen there only", "/groups/4/guard/condition", ref(2),
            "/groups/4/guard/condition/node", schemas=()),
    _chosen("returns-hidden", "a node of a branch is seen there only", "/returns", ref(7), "/returns/node",
            schemas=()),
    _chosen("argument-hidden", "a node of a branch is seen there only", "/nodes/7/arguments/x/node", "node-2",
            schemas=()),
    _chosen("argument-of-the-other-branch", "a node of a branch is seen there only", "/nodes/5/arguments/y", ref(2),
            "/nodes/5/arguments/y/node", schemas=()),
    _chosen("answer-of-the-other-branch", "a node of a branch is seen there only", "/nodes/6/otherwise/returns",
            {"list": [binding(1), ref(2)]}, "/nodes/6/otherwise/returns/list/1/node", schemas=()),
    Damage("after-hidden", "a node of a branch is seen there only", document(
        call("t"), call("t"), choice((0, binding(1))), call("t", after=(1,)),
        tasks=_T, groups=[branch(True, ref(0), 1)],
    ), "/nodes/3/after/0", ()),
    Damage("branch-of-the-same-condition-hidden", "two branches of one condition do not see each other", document(
        call("t"), call("t"), choice((0, ref(1))), choice((1, ref(1))),
        tasks=_T, groups=[branch(True, ref(0), 1), branch(True, ref(0))],
    ), "/nodes/3/then/returns/node", ()),
    Damage("choice-before-its-nodes", "a choice comes after the nodes of its branches", document(
        call("t"), choice((0, binding(1))), call("t"),
        tasks=_T, groups=[branch(True, ref(0)), {"name": "sub", "nodes": ["node-2"], "parent": 0}],
    ), "/nodes/1/then/group", ()),
    Damage("condition-after-its-nodes", "a condition comes before the nodes of its branches", document(
        call("t"), call("t"), choice((0, binding(1))),
        tasks=_T, groups=[branch(True, ref(1), 0)],
    ), "/groups/0/guard/condition/node", ()),
    Damage("condition-itself", "a choice does not decide itself", document(
        choice((0, binding(1))), groups=[branch(True, ref(0))],
    ), "/groups/0/guard/condition/node", ()),
)  # fmt: skip

#: Of limits, what only readers find.
_OVER_LIMITS: Final = (
    Damage("guards-65", "at most 64 guards stand around a node", guarded(65), "/groups/64/guard", ()),
    Damage("bindings-65-literal", "a binding is nested deeper than 64, with the literal in it", document(
        call("t"), tasks=_T, returns=listed([ref(0), binding([])], 64),
    ), "/returns" + "/list/0" * 63 + "/list/1/literal", ()),
)  # fmt: skip

DAMAGES: Final[tuple[Damage, ...]] = (
    *_TOLD_BY_SCHEMAS,
    *_BEYOND_SCHEMAS,
    *_OF_NEW_KINDS,
    *_OF_NEW_KINDS_BEYOND_SCHEMAS,
    *_OVER_LIMITS,
)
