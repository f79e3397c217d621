"""The properties are strong enough: each seeded defect breaks one of them."""

from random import Random

import pytest
from returns.result import Failure

from cascades_sdk.compiler import build_dag_from_flow
from defects import DEFECTS, Defect
from programs import Program, flow_of, free_run, generate
from test_capture_laws import assert_nothing_is_lost, both_ways

#: A defect that this many programs do not show is not caught.
PROGRAMS = 300


def laws_hold_for(program: Program) -> bool:
    """Whether the program compiles, keeps its dependencies, and evaluates to what calling it gives."""
    outcome = build_dag_from_flow(flow_of(program), program.bound)
    if isinstance(outcome, Failure):
        return False
    dag = outcome.unwrap()
    try:
        assert_nothing_is_lost(program, dag, free_run(program))
        evaluated, called = both_ways(program, dag)
    except Exception:
        return False
    return evaluated == called


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_seeded_defect_breaks_a_law(defect: Defect) -> None:
    random = Random(11)
    programs = [generate(random) for _ in range(PROGRAMS)]
    with defect.seeded():
        kept = [laws_hold_for(program) for program in programs]
    assert not all(kept)
    # It is a slip, and not a crash: programs that do not meet it are as they were.
    assert any(kept)


def test_without_a_defect_the_same_programs_keep_the_laws() -> None:
    random = Random(11)
    assert all(laws_hold_for(generate(random)) for _ in range(PROGRAMS))


def test_there_are_defects_of_the_reducer_the_binder_and_the_evaluator() -> None:
    assert len(DEFECTS) >= 10
    for part in ("the reducer", "the recorder", "the binder", "the evaluator"):
        assert sum(defect.name.startswith(part) for defect in DEFECTS) >= 3
