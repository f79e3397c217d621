"""Laws of what the kit draws: it is what its names say, it runs, and it shrinks to what is easily read."""

import copy
import pickle
from random import Random
from typing import Any

import httpx
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from returns.result import Failure, Success

from cascades_sdk.compiler import build_dag_from_flow
from cascades_sdk.contract import STREAM_RUN_TELEMETRY
from cascades_sdk.encoding import canonical_json, dag_from_cbor, dag_from_json, dag_to_cbor, dag_to_json
from cascades_sdk.errors import CascadesSDKError, NotFoundError, ServerError, ValidationError
from cascades_sdk.evaluation import evaluate
from cascades_sdk.graph import Choice, Dag, Literal, Map
from cascades_sdk.protocol.event_stream import START, feed
from cascades_sdk.testing import strategies
from cascades_sdk.testing.strategies import (
    DAMAGES,
    Damage,
    DamagedDocument,
    Exchange,
    Program,
    dags,
    damaged_documents,
    errors,
    event_streams,
    exchanges,
    in_chunks,
    json_values,
    outside_values,
    programs,
    telemetry_streams,
)
from openapi_witness import response_complaints
from test_client_laws import method_of
from wire.scripted import Script


def smallest(strategy: st.SearchStrategy[Any], condition: Any = lambda drawn: True) -> Any:
    """What a failure of a law would be shown with."""
    # Without the phase that explains what is found already: it runs a hundred examples more.
    search = settings(database=None, deadline=None, max_examples=100, phases=[Phase.generate, Phase.shrink])
    return find(strategy, condition, settings=search, random=Random(1))


class TestGraphs:
    @given(st.from_type(Dag))
    def test_they_are_what_hypothesis_draws_for_the_type(self, dag: Dag) -> None:
        assert type(dag) is Dag


class TestPrograms:
    @given(programs(small=True))
    def test_a_graph_of_one_runs_by_its_references_alone(self, program: Program) -> None:
        dag = build_dag_from_flow(program.flow(), program.bound).unwrap()
        evaluated = evaluate(dag, program.rest).unwrap()
        assert canonical_json(evaluated) == canonical_json(program.called())


class TestDamagedDocuments:
    @given(damaged_documents())
    def test_each_is_refused_and_only_some_are_forgiven(self, damaged: DamagedDocument) -> None:
        read = dag_from_json if damaged.encoding == "json" else dag_from_cbor
        assert isinstance(read(damaged.data), Failure)
        if damaged.encoding == "json":
            assert isinstance(dag_from_json(damaged.data, strict=False), Success if damaged.forgiven else Failure)

    @pytest.mark.parametrize("damage", DAMAGES)
    def test_every_damage_can_be_asked_for_and_is_done_to_graphs_that_are_given(self, damage: Damage) -> None:
        graph = Dag("f", (), (), (), (), Literal(None))
        found = smallest(damaged_documents(damage, graphs=st.just(graph)))
        assert found.damage == damage
        assert found.data not in (dag_to_json(graph), dag_to_cbor(graph))


class TestStreams:
    @given(in_chunks(event_streams()), in_chunks(telemetry_streams()))
    def test_pieces_are_read_as_the_whole_is(self, any_chunks: tuple[bytes, ...], chunks: tuple[bytes, ...]) -> None:
        for pieces in (any_chunks, chunks):
            state: Any = START
            frames: list[Any] = []
            for piece in pieces:
                state, more = feed(state, piece)
                frames += more
            assert tuple(frames) == feed(START, b"".join(pieces))[1]

    @given(telemetry_streams())
    def test_telemetry_is_one_frame_for_each_event(self, body: bytes) -> None:
        _, frames = feed(START, body)
        assert len(frames) == body.count(b"event: telemetry\n")


class TestExchanges:
    @given(exchanges())
    def test_the_client_sends_the_request_and_tells_the_status_of_the_answer(self, exchange: Exchange) -> None:
        sent: list[httpx.Request] = []

        def answered(request: httpx.Request) -> httpx.Response:
            sent.append(request)
            return httpx.Response(exchange.status, headers={"content-type": exchange.media}, content=exchange.content)

        script = Script(answered)
        with script.client() as client:
            call = getattr(client, method_of(exchange.operation))
            arguments = [given for given in (exchange.run_id, exchange.body) if given is not None]
            outcome = call(*arguments)
            told = [*outcome] if exchange.operation is STREAM_RUN_TELEMETRY else [outcome]
        assert (sent[0].method, sent[0].url.raw_path.decode()) == (exchange.operation.method, exchange.path)
        if exchange.status == 200:
            assert all(isinstance(each, Success) for each in told)
        else:
            assert told[-1].failure().status == exchange.status

    @pytest.mark.witness("openapi-core: answers that the kit draws")
    @given(exchanges())
    def test_the_contract_has_nothing_against_the_answer(self, exchange: Exchange) -> None:
        request = httpx.Request(
            exchange.operation.method, f"http://127.0.0.1{exchange.path}", headers={"cookie": "session=x"}
        )
        response = httpx.Response(exchange.status, headers={"content-type": exchange.media}, content=exchange.content)
        assert response_complaints(request, response) == []


class TestErrors:
    @given(errors())
    def test_each_is_a_value_of_one_printable_line(self, error: CascadesSDKError) -> None:
        assert str(error).isprintable()
        assert pickle.loads(pickle.dumps(error)) == copy.deepcopy(error) == error
        assert hash(error) == hash(copy.copy(error))

    @given(errors(NotFoundError))
    def test_only_those_are_drawn_that_are_asked_for(self, error: CascadesSDKError) -> None:
        assert type(error) is NotFoundError
        assert error.status == 404


class TestShrinking:
    """What is found is small, if not the smallest: hypothesis draws constants of the modules that are loaded, too."""

    def test_values(self) -> None:
        assert smallest(json_values()) is None
        assert smallest(json_values(), lambda value: type(value) is dict) == {}
        assert smallest(json_values(), lambda value: type(value) is list and len(value) > 1) == [None, None]
        assert smallest(outside_values()) == 2**53
        assert smallest(outside_values(), lambda value: type(value) is list) == [2**53]

    def test_graphs(self) -> None:
        empty = smallest(dags())
        assert (empty.nodes, empty.inputs, empty.groups, empty.tasks) == ((), (), (), ())
        assert len(dag_to_json(empty)) < 110
        two = smallest(dags(), lambda dag: len(dag.nodes) > 1)
        assert len(two.nodes) == 2
        assert len(two.inputs) + len(two.groups) + len(two.tasks) <= 3
        assert len(dag_to_json(two)) < 500

    @pytest.mark.parametrize("kind", [Map, Choice])
    def test_graphs_with_more_than_calls(self, kind: type) -> None:
        found = smallest(dags(), lambda dag: any(type(node) is kind for node in dag.nodes))
        assert len(found.nodes) + len(found.inputs) <= 3
        assert len(found.groups) <= 2
        assert len(dag_to_json(found)) < 700

    def test_programs(self) -> None:
        flow, main, call, returned = smallest(programs()).source.splitlines()
        assert (flow, main) == ("@flow", "def main():")
        assert (call.split()[1:], returned.split()[0]) == (["=", "nothing()"], "return")
        mapped = smallest(programs(small=True), lambda program: "map" in program.features)
        assert len(mapped.source.splitlines()) <= 6
        chosen = smallest(programs(), lambda program: "choice" in program.features)
        assert len(chosen.source.splitlines()) <= 12

    def test_streams(self) -> None:
        assert smallest(in_chunks(event_streams())) == (b"",)
        assert smallest(telemetry_streams(), bool).count(b"\n") <= 3

    def test_exchanges_and_errors(self) -> None:
        version = smallest(exchanges())
        assert (version.path, version.status, version.body) == ("/api/system/version", 200, None)
        found = smallest(errors(), lambda error: type(error) is ServerError)
        assert (found.operation, found.request_id) == ("", None)


@pytest.mark.parametrize(
    "name", [name for name in strategies.__all__ if callable(getattr(strategies, name)) and name.islower()]
)
def test_every_strategy_is_documented(name: str) -> None:
    assert getattr(strategies, name).__doc__


def test_errors_of_a_class_are_drawn_whatever_its_fields_are() -> None:
    # A field of a NewType among them.
    assert type(find(errors(ValidationError), lambda _: True)) is ValidationError
