"""Laws of evaluation over random graphs: what a graph means is told a second time, from the plain document.

The other telling walks up the groups for each node, decides each condition anew, and keeps nothing frozen: plain, and
slow. Both must give the same value, run the same nodes, and fail at the same node and pointer.
"""

import json
import zlib
from collections.abc import Callable
from random import Random
from typing import Any

import attrs
from returns.result import Failure

from cascades_sdk.encoding import dag_to_json
from cascades_sdk.errors import EvaluationError
from cascades_sdk.evaluation import NodeStarted, evaluate, steps
from cascades_sdk.graph import Choice, Dag, FlowInput, Guard, InputReference, Map, TaskDefinition
from edits import some_dag
from loops import rounds

Term = Callable[..., Any]


class FailedError(Exception):
    """An evaluation ends: at a node (or none, in the return) and a pointer."""

    def __init__(self, node: str | None, pointer: str) -> None:
        super().__init__(pointer)
        self.where = node, pointer


def told_again(document: Any, inputs: dict[str, Any], tasks: dict[str, Term]) -> tuple[Any, list[str]]:
    """The value of a document, and which nodes run; in the order of the document."""
    groups = document.get("groups", [])
    choices = {
        node[word]["group"]: node for node in document["nodes"] for word in ("then", "otherwise") if word in node
    }
    values: dict[str, Any] = {}
    ran: list[str] = []

    def value_of(binding: Any, node: str | None, *path: Any) -> Any:
        if "literal" in binding:
            return binding["literal"]
        if "list" in binding:
            return [value_of(item, node, *path, at) for at, item in enumerate(binding["list"])]
        if "object" in binding:
            return {key: value_of(item, node, *path, key) for key, item in binding["object"].items()}
        found = values[binding["node"]] if "node" in binding else inputs[binding["input"]]
        for step in binding.get("path", []):
            fits = step in found if type(found) is dict else type(found) in (list, str) and type(step) is int
            if not fits or (type(found) is not dict and step >= len(found)):
                raise FailedError(node, "".join(f"/{token}" for token in path))
            found = found[step]
        return found

    def holds(group: int) -> bool:
        """Whether what is in a group runs."""
        around = groups[group].get("parent")
        if around is not None and not holds(around):
            return False
        guard = groups[group].get("guard")
        return guard is None or decided(choices[group]) is guard["branch"]

    def decided(choice: Any) -> bool:
        node = choice["id"]
        condition = value_of(groups[choice["then"]["group"]]["guard"]["condition"], node, "condition")
        if type(condition) is not bool:
            raise FailedError(node, "/condition")
        return condition

    def output(node: Any) -> Any:
        identity = node["id"]
        if node["kind"] == "choice":
            word = "then" if decided(node) else "otherwise"
            return value_of(node[word]["returns"], identity, word) if word in node else None
        bound: dict[str, Any] = {}
        names = [parameter["name"] for parameter in document["tasks"][node["task"]]["parameters"]]
        for parameter in document["tasks"][node["task"]]["parameters"]:
            name = parameter["name"]
            if name in node.get("arguments", {}):
                bound[name] = value_of(node["arguments"][name], identity, name)
            elif "default" in parameter:
                bound[name] = parameter["default"]
        if node["kind"] == "call":
            return tasks[node["task"]](**spread(bound))
        items = bound[names[0]]
        if type(items) is not list:
            raise FailedError(identity, f"/{names[0]}")
        return [tasks[node["task"]](**spread(bound | {names[0]: item})) for item in items]

    for node in document["nodes"]:
        home = next((at for at, group in enumerate(groups) if node["id"] in group["nodes"]), None)
        if home is None or holds(home):
            values[node["id"]] = output(node)
            ran.append(node["id"])
    return value_of(document["returns"], None), ran


def spread(bound: dict[str, Any]) -> dict[str, Any]:
    """Arguments by keyword; those of ``more`` among them."""
    return {name: value for name, value in bound.items() if name != "more"} | bound.get("more", {})


def task_of(definition: TaskDefinition) -> Term:
    """A function of values that tells its arguments apart, and often answers what a condition or a map needs."""
    names = [parameter.name for parameter in definition.parameters]

    def task(*given: Any, **named: Any) -> Any:
        bound = dict(zip(names, given, strict=False)) | named
        chance = zlib.crc32(json.dumps([definition.name, bound], sort_keys=True).encode())
        return (True, False, {"k": True}, {"k": False}, [True, chance], {"k": [chance]})[chance % 6]

    return task


def often_decidable(dag: Dag, chance: Random) -> Dag:
    """The graph with two inputs for its choices: most are decided by one of them."""
    groups = list(dag.groups)
    for node in dag.nodes:
        if isinstance(node, Choice) and chance.random() < 0.9:
            condition = InputReference(chance.choice(("sure", "quick")))
            for side, branch in zip((True, False), node.branches, strict=False):
                groups[branch.group] = attrs.evolve(groups[branch.group], guard=Guard(condition, side))
    return attrs.evolve(dag, inputs=(*dag.inputs, FlowInput("sure"), FlowInput("quick")), groups=tuple(groups))


def ending(told: Callable[[], tuple[Any, list[str]]]) -> tuple[Any, list[str]] | tuple[str | None, str]:
    """What the other telling says: the value and what ran, or where it failed."""
    try:
        return told()
    except FailedError as failed:
        return failed.where


def test_a_graph_means_what_its_document_says() -> None:
    chance = Random(5)
    seen = {"value": 0, "failure": 0, "skipped": 0, "mapped": 0, "chosen": 0}
    for _ in rounds(10_000):
        dag = often_decidable(some_dag(chance, calls=6), chance)
        inputs = {entry.name: chance.choice((True, False, {"k": True}, [1, 2])) for entry in dag.inputs}
        inputs |= {name: chance.random() < 0.5 for name in ("sure", "quick") if chance.random() < 0.95}
        tasks = {task.name: task_of(task) for task in dag.tasks}
        got = evaluate(dag, inputs, tasks)
        told = ending(
            lambda dag=dag, inputs=inputs, tasks=tasks: told_again(json.loads(dag_to_json(dag)), inputs, tasks)
        )
        if isinstance(got, Failure):
            error = got.failure()
            assert type(error) is EvaluationError
            assert (error.node, error.pointer) == told
            seen["failure"] += 1
            continue
        value, ran = told
        assert json.dumps(got.unwrap(), sort_keys=True) == json.dumps(value, sort_keys=True)
        assert [f"node-{each.node}" for each in steps(dag, inputs, tasks) if isinstance(each, NodeStarted)] == ran
        seen["value"] += 1
        seen["skipped"] += len(ran) < len(dag.nodes)
        seen["mapped"] += holds_kind(dag, Map)
        seen["chosen"] += holds_kind(dag, Choice)
    # The graphs are worth something: each kind of end, and each new kind of node among those that have a value.
    assert min(seen.values()) > len(rounds(10_000)) // 100, seen


def holds_kind(dag: Dag, kind: type) -> bool:
    """Whether a graph has a node of this kind."""
    return any(isinstance(node, kind) for node in dag.nodes)
