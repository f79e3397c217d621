"""Laws of node digests: what a node's digest covers, and that edits elsewhere leave it alone.

The recipe is told a second time here: as plain dicts, which another implementation of RFC 8785 writes.
"""

import hashlib
from collections import Counter
from random import Random
from typing import Any

import attrs
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from cascades_sdk.compiler import build_dag_from_flow
from cascades_sdk.encoding import node_digests
from cascades_sdk.errors import SourceLine
from cascades_sdk.graph import (
    Binding,
    Call,
    Choice,
    Dag,
    InputReference,
    ListBinding,
    Literal,
    Map,
    Node,
    NodeReference,
    ObjectBinding,
    TaskDefinition,
)
from cascades_sdk.values import thaw
from edits import CHANGES, doubled, inserted, inside, removed, renumbered, shuffled, some_dag
from programs import flow_of, generate
from strategies_of_dags import alike_dags, branches_of, dags

randoms = st.randoms(use_true_random=False)


def recipe(dag: Dag) -> tuple[str, ...]:
    """The digests, as the recipe tells them."""
    digests: list[str] = []
    for call, around in zip(dag.nodes, dag.guards, strict=True):
        guards = [{"branch": guard.branch, "condition": plain(guard.condition, digests)} for guard in around]
        outside: dict[str, Any] = {"kind": "cascades/node@1"} | ({"guards": guards} if guards else {})
        if isinstance(call, Choice):
            told = outside | {"node": "choice", "condition": plain(dag.condition_of(call), digests)}
            told |= {"then": plain(call.then.returns, digests)}
            told |= {} if call.otherwise is None else {"otherwise": plain(call.otherwise.returns, digests)}
            digests.append(digest_of(told))
            continue
        definition = dag.definitions[call.task]
        given = {name: plain(binding, digests) for name, binding in call.arguments}
        defaults = {
            each.name: thaw(each.default.value)
            for each in definition.parameters
            if each.default is not None and each.name not in given
        }
        options = {
            name: thaw(value) for name, value in {**definition.options.declared(), **call.options.declared()}.items()
        }
        version = options.pop("version", None)
        told = outside | {"node": "map" if isinstance(call, Map) else "call", "task": call.task}
        told |= {"version": version} if version is not None else {}
        told |= {"options": options} if options else {}
        told |= {"arguments": given} if given else {}
        told |= {"defaults": defaults} if defaults else {}
        told |= {"after": sorted(digests[node] for node in call.after)} if call.after else {}
        digests.append(digest_of(told))
    return tuple(digests)


def digest_of(told: dict[str, Any]) -> str:
    return "sha256:" + hashlib.sha256(rfc8785.dumps(told)).hexdigest()


def plain(binding: Binding, digests: list[str]) -> dict[str, Any]:
    if isinstance(binding, Literal):
        return {"literal": thaw(binding.value)}
    if isinstance(binding, ListBinding):
        return {"list": [plain(item, digests) for item in binding.items]}
    if isinstance(binding, ObjectBinding):
        return {"object": {key: plain(item, digests) for key, item in binding.entries}}
    path = {"path": list(binding.path)} if binding.path else {}
    if isinstance(binding, InputReference):
        return {"input": binding.name, **path}
    return {"node": digests[binding.node], **path}


class TestTheRecipe:
    @given(dags())
    def test_it_is_what_another_implementation_makes_of_it(self, dag: Dag) -> None:
        assert node_digests(dag) == recipe(dag)

    @given(st.integers(0, 2**32))
    def test_so_for_the_graphs_of_programs(self, seed: int) -> None:
        program = generate(Random(seed))
        dag = build_dag_from_flow(flow_of(program), program.bound).unwrap()
        assert node_digests(dag) == recipe(dag)

    @given(alike_dags)
    def test_equal_calls_share_a_digest(self, dag: Dag) -> None:
        digests = node_digests(dag)
        alike = [
            (dag.condition_of(node), [branch.returns for branch in node.branches]) if isinstance(node, Choice) else node
            for node in dag.nodes
        ]
        for left, guards in enumerate(dag.guards):
            for right, others in enumerate(dag.guards):
                assert (alike[left], guards) != (alike[right], others) or digests[left] == digests[right]


class TestEditsElsewhere:
    @given(dags(), randoms)
    def test_reordering_moves_digests_with_their_calls(self, dag: Dag, random: Random) -> None:
        assert Counter(node_digests(shuffled(dag, random))) == Counter(node_digests(dag))

    @given(dags(), st.integers(0))
    def test_an_inserted_call_leaves_the_digests_of_the_others(self, dag: Dag, at: int) -> None:
        at %= len(dag.nodes) + 1
        name = max((task.name for task in dag.tasks), default="") + "+"
        digests = node_digests(inserted(dag, at, Call(name), TaskDefinition(name, "m:more")))
        assert digests[:at] + digests[at + 1 :] == node_digests(dag)
        assert digests[at] not in node_digests(dag)

    def test_an_equal_call_has_the_same_digest_and_leaves_the_others(self) -> None:
        random = Random(1)
        for _ in range(200):
            dag = some_dag(random)
            at = random.choice([at for at, node in enumerate(dag.nodes) if not isinstance(node, Choice)])
            digests = node_digests(dag)
            assert node_digests(doubled(dag, at)) == (*digests[: at + 1], *digests[at:])
            assert node_digests(removed(doubled(dag, at), at + 1)) == digests

    def test_what_a_node_does_not_depend_on_may_as_well_be_gone(self) -> None:
        random = Random(2)
        for _ in range(200):
            dag = some_dag(random)
            at = random.randrange(len(dag.nodes))
            wanted = closure(dag, at)
            alone = renumbered(attrs.evolve(dag, returns=Literal(None)), wanted)
            assert node_digests(alone)[wanted.index(at)] == node_digests(dag)[at]

    @given(dags(), randoms)
    def test_groups_texts_lines_and_the_flow_stand_outside(self, dag: Dag, random: Random) -> None:
        tasks = tuple(attrs.evolve(each, doc="text", reference="n:f", importable=True) for each in dag.tasks)
        nodes = tuple(attrs.evolve(each, source=SourceLine("a.py", at + 1)) for at, each in enumerate(dag.nodes))
        inputs = tuple(attrs.evolve(each, default=Literal(random.randrange(9))) for each in dag.inputs)
        # Groups may come and go, but for those that guard something.
        guarded = any(group.guard for group in dag.groups)
        groups = tuple(attrs.evolve(each, name="another") for each in dag.groups) if guarded else ()
        other = Dag("another", inputs, tasks, nodes, groups, Literal(None), "text")
        assert node_digests(other) == node_digests(dag)


def closure(dag: Dag, at: int) -> list[int]:
    """A node with all that must be done before it, and with the choices around all of these."""
    choices = {branch.group: ordinal for ordinal, node in enumerate(dag.nodes) for branch in branches_of(node)}
    around = [
        {choices[position] for position in choices if ordinal in inside(dag, position)}
        for ordinal in range(len(dag.nodes))
    ]
    wanted: set[int] = set()
    waiting = [at]
    while waiting:
        node = waiting.pop()
        if node not in wanted:
            wanted.add(node)
            waiting += [*dag.upstream[node], *around[node]]
    return sorted(wanted)


class TestChanges:
    @pytest.mark.parametrize(
        "kind",
        [
            "argument changed",
            "argument left out",
            "default written out",
            "after changed",
            "overrides changed",
            "declared options changed",
            "default changed",
            "task renamed",
        ],
    )
    def test_a_change_changes_the_digests_of_what_it_touches_and_of_all_downstream_only(self, kind: str) -> None:
        random = Random(kind)
        tried = 0
        while tried < 100:
            dag = some_dag(random)
            changed = CHANGES[kind](dag, random)
            if changed is not None:
                tried += 1
                assert moved(dag, changed) == expected(dag, changed)


def moved(old: Dag, new: Dag) -> list[int]:
    """The positions at which the digests differ."""
    pairs = zip(node_digests(old), node_digests(new), strict=True)
    return [at for at, (left, right) in enumerate(pairs) if left != right]


def expected(old: Dag, new: Dag) -> list[int]:
    """The positions whose digest must differ: their own content does, or that of something upstream."""
    touched: list[int] = []
    digests = recipe(old)
    # Nothing is renumbered here, so the first node of each digest stands for its equals on both sides.
    first = [digests.index(digest) for digest in digests]
    for at, (left, right) in enumerate(zip(old.nodes, new.nodes, strict=True)):
        own = content(old, left, first) != content(new, right, first)
        if own or set(new.upstream[at]) & set(touched):
            touched.append(at)
    return touched


def content(dag: Dag, call: Node, first: list[int]) -> Any:
    """What a node says by itself."""
    if isinstance(call, Choice):
        answers = [dag.condition_of(call), *(branch.returns for branch in call.branches)]
        return [repr(canonical(binding, first)) for binding in answers]
    definition = dag.definitions[call.task]
    arguments = {name: repr(canonical(binding, first)) for name, binding in call.arguments}
    relied = [(each.name, each.default) for each in definition.parameters if each.name not in arguments]
    options = {**definition.options.declared(), **call.options.declared()}
    return call.task, arguments, relied, repr(sorted(options.items())), sorted(first[node] for node in call.after)


def canonical(binding: Binding, first: list[int]) -> Binding:
    if isinstance(binding, NodeReference):
        return NodeReference(first[binding.node], binding.path)
    if isinstance(binding, ListBinding):
        return ListBinding(tuple(canonical(item, first) for item in binding.items))
    if isinstance(binding, ObjectBinding):
        return ObjectBinding(tuple((key, canonical(item, first)) for key, item in binding.entries))
    return binding
