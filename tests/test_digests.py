"""Digests of nodes by example: what they are made of, and that they are the same in every process."""

import hashlib
import os
import subprocess
import sys

import attrs
import pytest

from cascades_sdk.encoding import NODE_KIND, node_digests
from cascades_sdk.graph import (
    Call,
    Dag,
    FlowInput,
    Group,
    InputReference,
    Literal,
    NodeReference,
    Parameter,
    TaskDefinition,
    TaskOptions,
    list_binding,
    object_binding,
)
from cascades_sdk.values import FrozenDict

LOAD = TaskDefinition(
    "load",
    "reports:load",
    True,
    (Parameter("day"), Parameter("limit", default=Literal(10)), Parameter("é", default=Literal("\U0001f600"))),
)
JOIN = TaskDefinition(
    "join",
    "reports:join",
    False,
    (Parameter("parts", "var_positional"), Parameter("by", "keyword_only", Literal(0.5))),
    TaskOptions("2", 3, labels=FrozenDict({"team": "data"})),
)
GRAPH = Dag(
    "report",
    (FlowInput("day"),),
    (JOIN, LOAD),
    (
        Call("load", (("day", InputReference("day", ("iso",))),)),
        Call("load", (("day", InputReference("day", ("iso",))),)),
        Call(
            "join",
            (("parts", list_binding((NodeReference(1, ("rows", 0)), object_binding({"n": NodeReference(0)})))),),
            (0, 1),
            TaskOptions(retries=0),
        ),
        Call("join", (("by", Literal(1)),), (), TaskOptions(version="3")),
    ),
    (Group("inner", None, (0,)),),
    NodeReference(2),
)


def sha256(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


class TestWhatIsHashed:
    LOADED = (
        '{"arguments":{"day":{"input":"day","path":["iso"]}},"defaults":{"limit":10,"é":"\U0001f600"},'
        '"kind":"cascades/node@1","node":"call","task":"load"}'
    )

    def test_a_call_has_this_text(self) -> None:
        load, again, join, other = node_digests(GRAPH)
        assert load == again == sha256(self.LOADED)
        assert join == sha256(
            f'{{"after":["{load}","{load}"],"arguments":{{"parts":{{"list":['
            f'{{"node":"{load}","path":["rows",0]}},{{"object":{{"n":{{"node":"{load}"}}}}}}]}}}},'
            '"defaults":{"by":0.5},"kind":"cascades/node@1","node":"call",'
            '"options":{"labels":{"team":"data"},"retries":0},"task":"join","version":"2"}'
        )
        assert other == sha256(
            '{"arguments":{"by":{"literal":1}},"kind":"cascades/node@1","node":"call",'
            '"options":{"labels":{"team":"data"},"retries":3},"task":"join","version":"3"}'
        )

    def test_what_is_empty_is_left_out(self) -> None:
        dag = Dag("f", (), (TaskDefinition("t", "m:t"),), (Call("t"),))
        assert node_digests(dag) == (sha256('{"kind":"cascades/node@1","node":"call","task":"t"}'),)
        # Pinned: a digest that changes is a new kind of node.
        assert node_digests(dag) == ("sha256:eef12167fa0ec84279cf9887aa863d4aeec67bd4618175afc1d0fe19da2e8a17",)

    def test_without_nodes_there_are_none(self) -> None:
        assert node_digests(Dag("f")) == ()

    def test_the_kind_is_the_version_of_the_recipe(self) -> None:
        assert NODE_KIND == "cascades/node@1"


class TestWhatCounts:
    @pytest.mark.parametrize(
        "call",
        [
            attrs.evolve(GRAPH.nodes[2], after=(0,)),
            attrs.evolve(GRAPH.nodes[2], after=()),
            attrs.evolve(GRAPH.nodes[2], options=TaskOptions(retries=1)),
            attrs.evolve(GRAPH.nodes[2], options=TaskOptions(version="4", retries=0)),
            attrs.evolve(GRAPH.nodes[2], options=TaskOptions(labels=FrozenDict({"team": "web"}), retries=0)),
            attrs.evolve(GRAPH.nodes[2], arguments=()),
            # The default, written out, is another call: a change of the default would not reach it.
            attrs.evolve(GRAPH.nodes[2], arguments=(*GRAPH.nodes[2].arguments, ("by", Literal(0.5)))),
            attrs.evolve(
                GRAPH.nodes[2],
                arguments=(
                    ("parts", list_binding((object_binding({"n": NodeReference(0)}), NodeReference(1, ("rows", 0))))),
                ),
            ),
            attrs.evolve(
                GRAPH.nodes[2],
                arguments=(
                    ("parts", list_binding((NodeReference(1, ("rows", 1)), object_binding({"n": NodeReference(0)})))),
                ),
            ),
        ],
    )
    def test_another_call_has_another_digest(self, call: Call) -> None:
        changed = attrs.evolve(GRAPH, nodes=(*GRAPH.nodes[:2], call, GRAPH.nodes[3]))
        before, after = node_digests(GRAPH), node_digests(changed)
        assert before[2] != after[2]
        assert (before[:2], before[3]) == (after[:2], after[3])

    def test_options_that_no_call_writes_are_the_same_to_it_wherever_they_are_declared(self) -> None:
        declared = Dag("f", (), (TaskDefinition("t", "m:t", options=TaskOptions("1", 2)),), (Call("t"),))
        given = Dag("f", (), (TaskDefinition("t", "m:t"),), (Call("t", options=TaskOptions("1", 2)),))
        assert node_digests(declared) == node_digests(given)


def test_the_digests_are_the_same_under_every_hash_seed() -> None:
    program = (
        "from cascades_sdk.encoding import node_digests\n"
        "from cascades_sdk.graph import *\n"
        "parameters = tuple(Parameter(name, default=Literal(name)) for name in 'cab')\n"
        "task = TaskDefinition('t', 'm:t', True, parameters, TaskOptions('1', 2, cache='key'))\n"
        "calls = (Call('t'), Call('t', (('a', NodeReference(0)), ('b', Literal('é')))), Call('t', (), (0, 1)))\n"
        "print(*node_digests(Dag('f', (), (task,), calls)))\n"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
    assert len(next(iter(told)).split()) == 3
