"""The recipe for Dask: a document that was read is executed to what calling the flow gives."""

from collections.abc import Iterator
from typing import Any

import pytest
from distributed import Client, LocalCluster

from cascades_sdk import build_dag_from_flow
from cascades_sdk.encoding import dag_from_json, dag_to_json
from cascades_sdk.errors import EvaluationError
from cascades_sdk.evaluation import evaluate
from recipes import word_flows
from recipes.dask_execution import execute


@pytest.fixture(scope="module")
def dask() -> Iterator[Client]:
    with (
        LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        yield client


def read(flow: Any) -> Any:
    return dag_from_json(dag_to_json(build_dag_from_flow(flow).unwrap())).unwrap()


@pytest.mark.parametrize("inputs", [{"text": "a graph of words"}, {"text": "a graph", "times": 4}])
def test_a_read_document_executes_to_what_calling_the_flow_gives(dask: Client, inputs: dict[str, Any]) -> None:
    result = execute(dask, read(word_flows.report), inputs).result(timeout=60)
    assert result == word_flows.report(**inputs) == evaluate(read(word_flows.report), inputs).unwrap()


def test_async_tasks_and_tuples_are_what_they_are_to_evaluate(dask: Client) -> None:
    result = execute(dask, read(word_flows.spread), {"text": "a graph"}).result(timeout=60)
    assert result == evaluate(read(word_flows.spread), {"text": "a graph"}).unwrap() == [1, 5, "tuple"]


@pytest.mark.parametrize(("flow", "problem"), [("undecided", "let a task answer exactly a bool"), ("unlisted", "list")])
def test_what_evaluate_refuses_fails(dask: Client, flow: str, problem: str) -> None:
    dag = read(getattr(word_flows, flow))
    assert problem in str(evaluate(dag, {"text": "a graph"}).failure())
    with pytest.raises((TypeError, EvaluationError), match=problem):
        execute(dask, dag, {"text": "a graph"}).result(timeout=60)


@pytest.mark.parametrize("inputs", [{}, {"text": "a", "more": 1}])
def test_inputs_that_are_missing_or_unknown_are_refused_at_once(dask: Client, inputs: dict[str, Any]) -> None:
    with pytest.raises(EvaluationError):
        execute(dask, read(word_flows.report), inputs)
