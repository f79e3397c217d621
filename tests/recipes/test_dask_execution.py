"""The recipe for Dask: a document that was read is executed to what calling the flow gives."""

from collections.abc import Iterator

import pytest
from distributed import Client, LocalCluster

from cascades_sdk import build_dag_from_flow
from cascades_sdk.encoding import dag_from_json, dag_to_json
from recipes.dask_execution import execute
from recipes.word_flows import report


@pytest.fixture(scope="module")
def dask() -> Iterator[Client]:
    with (
        LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        yield client


@pytest.mark.parametrize("inputs", [{"text": "a graph of words"}, {"text": "a graph", "times": 4}])
def test_a_read_document_executes_to_what_calling_the_flow_gives(dask: Client, inputs: dict[str, object]) -> None:
    dag = dag_from_json(dag_to_json(build_dag_from_flow(report).unwrap())).unwrap()
    assert execute(dask, dag, inputs).result(timeout=60) == report(**inputs)  # type: ignore[arg-type]
