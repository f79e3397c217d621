"""What a strategy cannot draw is refused where the strategy is made."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import find

from cascades_sdk.contract import GET_PUBLIC_API_VERSION
from cascades_sdk.errors import CascadesSDKError, InvalidValueError, NotFoundError
from cascades_sdk.testing.strategies import dags, damaged_documents, errors, exchanges


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (
            lambda: damaged_documents("cut off", "cutoff"),  # type: ignore[arg-type]  # as a slip would have it
            "the arguments of damaged_documents /damages/1: 'cutoff' is not known; DAMAGES has the names of all",
        ),
        (
            lambda: errors(ValueError),  # type: ignore[arg-type]
            "the arguments of errors /kinds/0: <class 'ValueError'> is not known; "
            "give classes of CompileError and ClientError",
        ),
        (
            lambda: errors(CascadesSDKError),
            "the arguments of errors /kinds/0: <class 'cascades_sdk.errors._base.CascadesSDKError'> is not known; "
            "give classes of CompileError and ClientError",
        ),
        (
            lambda: dags(steps="call cal"),
            "the arguments of dags /steps/1: 'cal' is not known; the steps are: call, map, group, branch, close",
        ),
        (
            lambda: dags(steps=" "),
            "the arguments of dags /steps: ' ' names no step; give their names, with spaces between them",
        ),
        (
            lambda: dags(steps=["call"]),  # type: ignore[arg-type]
            "the arguments of dags /steps: ['call'] names no step; give their names, with spaces between them",
        ),
        (lambda: dags(max_nodes=-1), "the arguments of dags /max_nodes: -1 is no whole number of 0 or more; give one"),
        (
            lambda: dags(max_nodes=1.0),  # type: ignore[arg-type]
            "the arguments of dags /max_nodes: 1.0 is no whole number of 0 or more; give one",
        ),
        (
            lambda: exchanges(()),
            "the arguments of exchanges /operations: there is none; give one, or leave it out for all",
        ),
        (
            lambda: exchanges(("submitWorkflowRun",)),  # type: ignore[arg-type]
            "the arguments of exchanges /operations/0: 'submitWorkflowRun' is not known; "
            "cascades_sdk.contract.OPERATIONS has them all",
        ),
    ],
)
def test_it_is_told_with_what_there_is(make: Callable[[], Any], told: str) -> None:
    with pytest.raises(InvalidValueError) as raised:
        make()
    assert str(raised.value) == told


def test_what_there_is_is_drawn() -> None:
    assert find(damaged_documents("cut off"), lambda _: True).damage == "cut off"
    assert type(find(errors(NotFoundError), lambda _: True)) is NotFoundError
    assert find(dags(steps="call", max_nodes=0), lambda _: True).nodes == ()
    assert find(exchanges((GET_PUBLIC_API_VERSION,)), lambda _: True).operation is GET_PUBLIC_API_VERSION
