"""Laws of capture and evaluation, on random programs.

The law of evaluation: what was compiled, written, read back and evaluated is what calling the flow gives. The law of
identity: programs that differ under the free interpretation have different documents, and no dependency is lost.
Both run as a plain seeded loop, which counts what the programs are made of, and in hypothesis, which shrinks.
"""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random

from hypothesis import given
from returns.result import Failure

from cascades_sdk.compiler import build_dag_from_flow, flow, task
from cascades_sdk.encoding import canonical_json, dag_digest, dag_from_json, dag_to_json
from cascades_sdk.evaluation import evaluate
from cascades_sdk.graph import Dag, Map, NodeReference
from cascades_sdk.testing import strategies
from cascades_sdk.values import freeze
from programs import FEATURES, TASKS, FreeRun, Program, called, flow_of, free_run, generate, heard

#: Seconds, not minutes: a program takes about two milliseconds.
LOOP = 2000
NEIGHBOURS = 5000

NEW_FEATURES = (
    "checked edge",
    *("async flow", "async task", "async subflow", "sync subflow in an async flow", "gather", "task group", "turns"),
    *(feature for feature in sorted(FEATURES) if "choice" in feature or "map" in feature),
)

programs = strategies.programs()
small_programs = strategies.programs(small=True)


def compiled(program: Program) -> Dag:
    return build_dag_from_flow(flow_of(program), program.bound).unwrap()


def both_ways(program: Program, dag: Dag) -> tuple[list[str], list[str]]:
    """What evaluating and what calling gives, and then what the tasks got: the same tasks run, on the same values."""
    read = dag_from_json(dag_to_json(dag)).unwrap()
    heard()
    evaluated = canonical_json(
        evaluate(read, program.rest, {task.name: TASKS[task.name] for task in read.tasks}).unwrap()
    ).unwrap()
    evaluation = [evaluated, *heard()]
    return evaluation, [canonical_json(called(program)).unwrap(), *heard()]


def assert_nothing_is_lost(program: Program, dag: Dag, free: FreeRun) -> None:
    assert len(dag.nodes) == len(free.calls), program.source
    around = guards_of(dag)
    for at, (node, free_call) in enumerate(zip(dag.nodes, free.calls, strict=True)):
        assert getattr(node, "task", None) == free_call.task, program.source
        assert (type(node) is Map) is free_call.mapped, program.source
        assert sorted(node.dependencies) == sorted(free_call.upstream), program.source
        assert around.get(at, ()) == free_call.guards, program.source


def guards_of(dag: Dag) -> dict[int, tuple[tuple[int | str, tuple[str | int, ...], bool], ...]]:
    """By node: the guards of the groups around it, outermost first; for those that have any."""
    of_groups: list[tuple[tuple[int | str, tuple[str | int, ...], bool], ...]] = []
    of_nodes = {}
    for group in dag.groups:
        guards = () if group.parent is None else of_groups[group.parent]
        if group.guard is not None:
            condition = group.guard.condition
            whole = condition.node if type(condition) is NodeReference else condition.name
            guards = (*guards, (whole, condition.path, group.guard.branch))
        of_groups.append(guards)
        of_nodes.update(dict.fromkeys(group.nodes, guards))
    return of_nodes


class TestEvaluation:
    def test_a_compiled_flow_evaluates_to_what_calling_it_gives_in_a_long_loop(self) -> None:
        random = Random(20261124)
        counted: Counter[str] = Counter()
        failed = 0
        for _ in range(LOOP):
            program = generate(random)
            counted.update(program.features)
            outcome = build_dag_from_flow(flow_of(program), program.bound)
            if isinstance(outcome, Failure):
                failed += 1
                continue
            evaluated, told = both_ways(program, outcome.unwrap())
            assert evaluated == told, program.source
        assert failed <= 0.05 * LOOP
        rare = {feature: counted[feature] for feature in FEATURES if counted[feature] < 0.03 * LOOP}
        assert not rare
        assert not {feature: counted[feature] for feature in NEW_FEATURES if counted[feature] < 0.05 * LOOP}
        assert set(counted) == FEATURES

    @given(programs)
    def test_a_compiled_flow_evaluates_to_what_calling_it_gives(self, program: Program) -> None:
        evaluated, told = both_ways(program, compiled(program))
        assert evaluated == told


class TestIdentity:
    def test_no_two_different_flows_share_a_document_and_no_dependency_is_lost_in_a_long_loop(self) -> None:
        random = Random(3)
        seen: dict[bytes, tuple[str, str]] = {}
        repeated = 0
        for turn in range(NEIGHBOURS):
            program = generate(random, small=turn % 5 != 0)
            dag, free = compiled(program), free_run(program)
            assert_nothing_is_lost(program, dag, free)
            text, source = seen.setdefault(dag_to_json(dag), (free.text, program.source))
            assert text == free.text, (source, program.source)
            repeated += source != program.source
        # Different sources of one meaning occur; otherwise the programs would be too far apart to collide.
        assert repeated > 10
        assert len(seen) > NEIGHBOURS / 2

    @given(small_programs, small_programs)
    def test_flows_of_one_document_have_one_meaning(self, left: Program, right: Program) -> None:
        if dag_to_json(compiled(left)) == dag_to_json(compiled(right)):
            assert free_run(left).text == free_run(right).text

    @given(programs)
    def test_the_dependencies_are_those_of_the_free_interpretation(self, program: Program) -> None:
        assert_nothing_is_lost(program, compiled(program), free_run(program))


DIGESTS = """
from random import Random
from cascades_sdk.compiler import build_dag_from_flow, flow, task
from cascades_sdk.encoding import dag_digest
from programs import flow_of, generate

random = Random(7)
for _ in range(50):
    program = generate(random)
    print(dag_digest(build_dag_from_flow(flow_of(program), program.bound).unwrap()))
"""


class TestRepeatability:
    def test_other_processes_with_other_hash_seeds_give_the_same_digests(self) -> None:
        def digests(seed: int) -> list[str]:
            environment = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(Path(__file__).parent)}
            ran = subprocess.run(
                [sys.executable, "-c", DIGESTS], capture_output=True, text=True, check=True, env=environment
            )
            return ran.stdout.split()

        random = Random(7)
        here = [dag_digest(compiled(generate(random))) for _ in range(50)]
        assert here == digests(0) == digests(1)

    @given(programs)
    def test_compiling_again_gives_the_same_bytes_and_digest(self, program: Program) -> None:
        first, second = compiled(program), compiled(program)
        assert first == second
        assert dag_to_json(first) == dag_to_json(second)
        assert dag_digest(first) == dag_digest(second)


@task
def keep(value: object) -> object:
    return value


@given(strategies.json_values())
def test_a_value_is_captured_alike_frozen_and_not_and_what_is_captured_can_be_read(value: object) -> None:
    def captured(given: object) -> Dag:
        @flow(name="keeping")
        def keeping() -> object:
            return keep([given])

        return build_dag_from_flow(keeping).unwrap()

    dag = captured(value)
    assert captured(freeze(value)) == dag
    assert dag_from_json(dag_to_json(dag)).unwrap() == dag
