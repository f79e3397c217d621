"""Every path of the contract, as the pure control plane answers it: each answer is judged by the contract alone."""

import json
from typing import Any

import attrs
import httpx
import pytest

from cascades_sdk.contract import OPERATIONS, Operation
from cascades_sdk.errors import ValidationError
from cascades_sdk.testing.plane import (
    Drip,
    Failing,
    FaultPlan,
    Integration,
    Latitude,
    MediaType,
    PlaneState,
    Reply,
    Request,
    Reset,
    StreamOpened,
    Table,
    Troubled,
    WrongLength,
    step,
)
from cascades_sdk.testing.plane._routes import MAX_BODY
from cascades_sdk.values import FrozenDict, thaw
from openapi_witness import request_complaints, response_complaints
from test_manners import bodies
from test_plane import NOW, SESSION, STATE, after_all, asked, submitted, sums_run

SECRET = "stored-secret-0123456789-tail"
STORED = attrs.evolve(STATE, secrets=Table({"known": SECRET}), tokens=(("authorization", "Bearer let-me-in"),))
INTEGRATIONS = [operation for operation in OPERATIONS if "/integrations/" in operation.path]
SAVES = [operation for operation in INTEGRATIONS if operation.body is not None]
TESTS = [operation for operation in INTEGRATIONS if operation.body is None]
JSON = ("content-type", "application/json")
URL = "http://plane.example"

#: Bodies that are no JSON, as the contract has it, with what is wrong.
NO_JSON = [
    (b'{"workflowId": NaN}', "NaN is not JSON"),
    (b'{"workflowId": 1e999}', "a number beyond binary64"),
    (b'{"workflowId": "a", "workflowId": "b"}', "a duplicate key"),
    (b'{"workflowId": "\\ud800"}', "a lone surrogate has no UTF-8 form"),
    (b"\xef\xbb\xbf{}", "not JSON: "),
    (b"\xff", "not UTF-8 at byte 0"),
]


def judged(state: PlaneState, request: Request) -> tuple[PlaneState, int, Any]:
    """What is answered, after openapi-core had a look at it."""
    after, answers = step(state, request)
    (reply,) = (answer for answer in answers if isinstance(answer, Reply))
    body = json.dumps(thaw(reply.body)).encode()
    sent = httpx.Request(request.method, URL + request.target, headers=list(request.headers), content=request.body)
    answer = httpx.Response(reply.status, content=body, headers={"Content-Type": "application/json"})
    assert response_complaints(sent, answer) == []
    if reply.status == 200:
        assert request_complaints(sent) == []
    return after, reply.status, thaw(reply.body)


def post(path: str, body: object = b"", headers: tuple[tuple[str, str], ...] = (*SESSION, JSON)) -> Request:
    return asked("POST", path, body, headers)


@pytest.mark.parametrize("path", ["/api/workflows/run", "/api/workflows/clone"])
@pytest.mark.parametrize(("body", "problem"), NO_JSON)
def test_a_body_that_is_no_json_is_told_to_who_sent_it(path: str, body: bytes, problem: str) -> None:
    _, status, answer = judged(STATE, post(path, body))
    assert status == 400
    assert problem in answer["message"]
    assert answer["message"].endswith("; send JSON as RFC 8259 has it, in UTF-8")


def stored_form(operation: Operation[Any], key: str) -> dict[str, Any]:
    """The example of a request that names a stored secret, with this key."""
    body = next(body for body in bodies(operation) if any("ecretKey" in name for name in body))
    return {name: key if "ecretKey" in name else value for name, value in body.items()}


def direct_form(operation: Operation[Any]) -> dict[str, Any]:
    return next(body for body in bodies(operation) if not any("ecretKey" in name for name in body))


@pytest.mark.witness("openapi-core: every answer of the pure control plane")
class TestEveryPath:
    @pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.auth == "cookie"], ids=lambda o: o.id)
    def test_it_asks_for_a_session(self, operation: Operation[Any]) -> None:
        request = asked(operation.method, operation.path.replace("{id}", "r"), headers=())
        assert judged(STATE, request)[1] == 401

    @pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.id)
    def test_it_takes_one_method(self, operation: Operation[Any]) -> None:
        other = "POST" if operation.method == "GET" else "GET"
        _, (reply,) = step(STATE, asked(other, operation.path.replace("{id}", "r")))
        assert isinstance(reply, Reply)
        assert (reply.status, reply.headers) == (405, (("Allow", operation.method),))

    @pytest.mark.parametrize(
        "headers", [(("authorization", "Bearer let-me-in"),), (("x", "y"), ("authorization", "Bearer let-me-in"))]
    )
    def test_a_token_in_a_header_is_a_session_too(self, headers: tuple[tuple[str, str], ...]) -> None:
        assert judged(STORED, asked("GET", "/api/runs/none/stream", headers=headers))[1] == 404
        assert judged(STATE, asked("GET", "/api/runs/none/stream", headers=headers))[1] == 401
        assert (
            judged(STORED, asked("GET", "/api/runs/none/stream", headers=(("authorization", "Bearer no"),)))[1] == 401
        )

    @pytest.mark.parametrize(
        ("operation", "status"),
        [(o, status) for o in OPERATIONS for status, _ in o.errors],
        ids=lambda value: value.id if isinstance(value, Operation) else str(value),
    )
    def test_it_fails_with_every_documented_status_when_told_so(self, operation: Operation[Any], status: int) -> None:
        state, _ = step(STATE, Troubled(NOW, failing=(Failing(status, operation.id),)))
        request = asked(operation.method, operation.path.replace("{id}", "r"), headers=())
        state, told, body = judged(state, request)
        assert told == status
        assert body
        assert state.failing == ()
        assert judged(state, asked("GET", "/api/system/version"))[1] == 200

    def test_a_body_that_is_too_large_is_413(self) -> None:
        _, (reply,) = step(STATE, post("/api/workflows/run", b" " * (MAX_BODY + 1)))
        assert isinstance(reply, Reply)
        assert reply.status == 413


@pytest.mark.witness("openapi-core: every answer of the pure control plane")
class TestClones:
    def test_a_copy_runs_like_the_original(self) -> None:
        state, status, body = judged(STATE, post("/api/workflows/clone", {"catalogItemId": "sums"}))
        assert status == 200
        assert body == {
            "catalogItemId": "db-1",
            "workflowRowId": "1",
            "definitionId": state.identity("definition", 1),
            "name": "sums",
        }
        _, run, wanted = submitted({"workflowId": "db-1", "context": {"start": 2}}, state)
        assert (run.workflow_id, wanted.workflow_id) == ("db-1", "db-1")
        assert run.digest == STATE.workflows["sums"].digest

    def test_copies_have_ids_of_their_own_and_the_oldest_makes_room(self) -> None:
        state = attrs.evolve(STATE, max_runs=2, workflows=STATE.workflows.put("db-2", STATE.workflows["sums"]))
        for key in ("db-1", "db-3", "db-4"):
            state, _, body = judged(state, post("/api/workflows/clone", {"catalogItemId": "sums"}))
            assert body["catalogItemId"] == key
        assert list(state.copies) == ["db-3", "db-4"]

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", {}, {"catalogItemId": 1}, {"catalogItemId": "sums", "x": 1}])
    def test_a_body_that_is_not_in_order_is_400(self, body: object) -> None:
        assert judged(STATE, post("/api/workflows/clone", body))[1] == 400

    def test_an_unknown_item_is_404(self) -> None:
        _, status, body = judged(STATE, post("/api/workflows/clone", {"catalogItemId": "nope"}))
        assert (status, body["reason"], body["workflowId"]) == (404, "not_found", "nope")


@pytest.mark.witness("openapi-core: every answer of the pure control plane")
class TestIntegrations:
    @pytest.mark.parametrize("operation", SAVES, ids=lambda o: o.id)
    def test_a_credential_is_stored_and_at_most_its_last_four_are_told(self, operation: Operation[Any]) -> None:
        body = direct_form(operation)
        state, status, answer = judged(STORED, post(operation.path, body))
        assert status == 200
        assert answer["provider"] == operation.path.rpartition("/")[2]
        fours = [value for name, value in answer.items() if name.endswith("LastFour")]
        assert bool(fours) is (answer["provider"] != "slack")
        assert all(any(str(value).endswith(four) for value in body.values()) for four in fours)
        credentials = [v for k, v in body.items() if k not in ("baseUrl", "email", "instanceUrl", "username")]
        text = json.dumps(answer) + repr(state)
        assert not any(len(value) > 4 and value in text for value in credentials if "/" not in value)
        assert [type(each) for each in state.integrations.values()] == [Integration]

    @pytest.mark.parametrize("operation", SAVES, ids=lambda o: o.id)
    def test_a_stored_secret_is_found_by_its_key(self, operation: Operation[Any]) -> None:
        state, status, answer = judged(STORED, post(operation.path, stored_form(operation, "known")))
        assert status == 200
        fours = [v for k, v in answer.items() if k.endswith("LastFour") and not k.startswith("clientSecret")]
        assert set(fours) <= {SECRET[-4:]}
        assert SECRET not in repr(state)

    @pytest.mark.parametrize("operation", SAVES, ids=lambda o: o.id)
    @pytest.mark.parametrize("key", ["nope", "", "x" * 129])
    def test_an_unknown_key_is_told_and_not_quoted(self, operation: Operation[Any], key: str) -> None:
        state, status, answer = judged(STORED, post(operation.path, stored_form(operation, key)))
        assert status == 400
        assert answer["error"] in ("unknown_secret_key", "unknown_webhook_secret_key")
        assert state == STORED

    @pytest.mark.parametrize("operation", SAVES, ids=lambda o: o.id)
    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"secretKey": "a", "token": "b"}'])
    def test_a_body_that_is_not_in_order_has_a_code(self, operation: Operation[Any], body: bytes) -> None:
        assert judged(STORED, post(operation.path, body))[1] == 400

    @pytest.mark.parametrize(
        ("provider", "change", "code"),
        [
            ("github", {"token": "short"}, "invalid_token"),
            ("github", {"defaultRepository": "no-slash"}, "invalid_repository"),
            ("gitlab", {"defaultProject": "no-slash"}, "invalid_project"),
            ("jira", {"apiToken": "short"}, "invalid_token"),
            ("jira", {"baseUrl": "nowhere"}, "invalid_body"),
            ("servicenow", {"password": ""}, "invalid_token"),
            ("servicenow", {"instanceUrl": "https://elsewhere.example"}, "invalid_body"),
            ("slack", {"webhookUrl": "short"}, "invalid_webhook"),
            ("slack", {"other": 1}, "invalid_webhook"),
            ("pagerduty", {"routingKey": "short"}, "invalid_routing_key"),
            ("hubspot", {"privateAppToken": "short"}, "invalid_token"),
            ("salesforce", {"clientId": 1}, "invalid_body"),
            ("vercel", {"accessToken": "short"}, "invalid_token"),
        ],
    )
    def test_what_is_wrong_has_the_contracts_code(self, provider: str, change: dict[str, Any], code: str) -> None:
        operation = next(each for each in SAVES if each.path.endswith(provider))
        _, status, answer = judged(STORED, post(operation.path, direct_form(operation) | change))
        assert (status, answer) == (400, {"error": code})

    @pytest.mark.parametrize("provider", ["servicenow", "salesforce"])
    @pytest.mark.parametrize("length", range(1, 10))
    def test_a_credential_of_which_four_would_be_more_than_half_has_no_last_four(
        self, provider: str, length: int
    ) -> None:
        operation = next(each for each in SAVES if each.path.endswith(provider))
        short = {name: "123456789"[:length] for name in ("password", "clientSecret") if name in direct_form(operation)}
        _, _, answer = judged(STORED, post(operation.path, direct_form(operation) | short))
        told = {f"{name}LastFour": value[-4:] for name, value in short.items()}
        assert {name: value for name, value in answer.items() if name.endswith("LastFour")} == (
            told if length >= 8 else {}
        )

    @pytest.mark.parametrize("operation", TESTS, ids=lambda o: o.id)
    def test_a_test_tells_what_there_is(self, operation: Operation[Any]) -> None:
        path, provider = operation.path.removesuffix("/test"), operation.path.split("/")[3]
        save = next(each for each in SAVES if each.path == path)
        _, status, answer = judged(STORED, post(operation.path))
        assert (status, answer["error"]) == (400, "not_configured")
        direct, _, _ = judged(STORED, post(path, direct_form(save)))
        stored, _, _ = judged(STORED, post(path, stored_form(save, "known")))
        assert judged(direct, post(operation.path))[1:] == (200, {"ok": True})
        assert judged(stored, post(operation.path))[1:] == (200, {"ok": True})
        forgotten = Troubled(NOW, forgotten_secret="known")
        assert judged(step(direct, forgotten)[0], post(operation.path))[1] == 200
        _, status, answer = judged(step(stored, forgotten)[0], post(operation.path))
        assert (status, answer["error"]) == (
            400,
            "missing_credentials" if provider == "salesforce" else "missing_token",
        )
        refusing, _ = step(direct, Troubled(NOW, provider=(provider, 403)))
        _, status, answer = judged(refusing, post(operation.path))
        assert (status, answer["error"], answer["status"]) == (502, "provider_api_error", 403)
        relenting, _ = step(refusing, Troubled(NOW, provider=(provider, None)))
        assert judged(relenting, post(operation.path))[1] == 200


class TestOptionalKeys:
    @pytest.mark.witness("openapi-core: every answer of the pure control plane")
    def test_those_of_integrations_and_of_the_engine_can_be_left_out(self) -> None:
        bare = attrs.evolve(STORED, latitude=Latitude(defaults=False, test_details=False, engine_reason=False))
        for name, key, value in (("github", "defaultRepository", "a/b"), ("gitlab", "defaultProject", "a/b")):
            save = next(each for each in SAVES if each.path.endswith(name))
            _, status, answer = judged(bare, post(save.path, direct_form(save) | {key: value}))
            assert status == 200
            assert key not in answer
        (tried, *_), save = TESTS, next(each for each in SAVES if each.path == TESTS[0].path.removesuffix("/test"))
        assert judged(bare, post(tried.path))[1:] == (400, {"error": "not_configured"})
        stored, _, _ = judged(bare, post(save.path, direct_form(save)))
        refusing, _ = step(stored, Troubled(NOW, provider=(save.path.rpartition("/")[2], 403)))
        assert judged(refusing, post(tried.path))[1:] == (502, {"error": "provider_api_error"})
        full, _ = sums_run(attrs.evolve(bare, max_runs=1))
        _, status, answer = judged(full, post("/api/workflows/run"))
        assert (status, {*answer}) == (503, {"error", "message"})

    @pytest.mark.witness("openapi-core: every answer of the pure control plane")
    def test_they_can_be_left_out(self) -> None:
        sparse = Latitude(catalog_item_id=False, last_four=False, explained=False, execution_mode="queued")
        state = attrs.evolve(STORED, latitude=sparse)
        _, _, accepted = judged(state, post("/api/workflows/run"))
        assert "catalogItemId" not in accepted
        assert accepted["executionMode"] == "queued"
        assert judged(state, post("/api/workflows/run", b"["))[2] == {"error": "Workflow validation failed"}
        save = SAVES[0]
        assert not [k for k in judged(state, post(save.path, direct_form(save)))[2] if k.endswith("LastFour")]


class TestTroubles:
    def test_the_next_answers_fail_and_then_no_more(self) -> None:
        failing = Failing(503, "submitWorkflowRun", 2, (("Retry-After", "1"),), FrozenDict({"error": "busy"}))
        state, _ = step(STATE, Troubled(NOW, failing=(failing, Failing(500))))
        for _ in range(2):
            state, (reply,) = step(state, post("/api/workflows/run"))
            assert reply == Reply(1, 503, FrozenDict({"error": "busy"}), (("Retry-After", "1"),))
        state, (reply,) = step(state, post("/api/workflows/run"))
        assert isinstance(reply, Reply)
        assert (reply.status, state.runs) == (500, Table())
        assert submitted(b"", state)[1].status == "PENDING"

    def test_a_fault_befalls_the_answer_and_the_request_has_its_effect(self) -> None:
        plan = FaultPlan((Reset(),), "submitWorkflowRun", 1)
        state, _ = step(STATE, Troubled(NOW, faults=(plan,)))
        state, (version,) = step(state, asked("GET", "/api/system/version"))
        state, (befallen, _) = step(state, post("/api/workflows/run"))
        state, (whole, _) = step(state, post("/api/workflows/run"))
        assert [getattr(answer, "fault", 0) for answer in (version, befallen, whole)] == [None, Reset(), None]
        assert len(state.runs) == 2

    def test_streams_and_failures_are_befallen_too(self) -> None:
        state, run_id = sums_run()
        plans = (FaultPlan((MediaType(),)),)
        state, _ = step(state, Troubled(NOW, faults=plans, failing=(Failing(500, "getPublicApiVersion"),)))
        state, (opened, _) = step(state, asked("GET", f"/api/runs/{run_id}/stream", connection=5))
        assert opened == StreamOpened(5, MediaType())
        _, (reply,) = step(state, asked("GET", "/api/system/version"))
        assert isinstance(reply, Reply)
        assert (reply.status, reply.fault) == (500, MediaType())

    def test_the_seed_chooses(self) -> None:
        def faults(seed: int) -> list[Any]:
            plan = FaultPlan((Reset(), MediaType()), rate=0.5)
            state, _ = step(attrs.evolve(STATE, seed=seed), Troubled(NOW, faults=(FaultPlan(()), plan)))
            found = []
            for _ in range(40):
                state, (reply,) = step(state, asked("GET", "/api/system/version"))
                assert isinstance(reply, Reply)
                found.append(reply.fault)
            return found

        assert faults(1) == faults(1) != faults(2)
        assert set(faults(1)) == {None, Reset(), MediaType()}

    @pytest.mark.parametrize(
        ("make", "pointer"),
        [
            (lambda: FaultPlan((1,)), "/0"),  # type: ignore[arg-type]
            (lambda: FaultPlan((), "nope"), "/operation"),
            (lambda: FaultPlan((), times=-1), "/times"),
            (lambda: FaultPlan((), rate=1.5), "/rate"),
            (lambda: FaultPlan((), rate=-0.1), "/rate"),
            (lambda: FaultPlan((), rate=float("nan")), "/rate"),
            (lambda: FaultPlan((), rate=True), "/rate"),
            (lambda: Failing(99), "/status"),
            (lambda: Failing(500, "nope"), "/operation"),
            (lambda: Reset(-1), "/after"),
            (lambda: Drip(0), "/size"),
            (lambda: Drip(every=0), "/every"),
            (lambda: WrongLength("a"), "/by"),  # type: ignore[arg-type]
            (lambda: WrongLength(True), "/by"),
            (lambda: MediaType("\u1234"), "/says"),
            (lambda: MediaType("a\r\nb: c"), "/says"),
            (lambda: MediaType(5), "/says"),  # type: ignore[arg-type]
            (lambda: Failing(500, headers=(("a", 5),)), "/headers"),  # type: ignore[arg-type]
            (lambda: Failing(500, headers=(("a b", "c"),)), "/headers"),
        ],
    )
    def test_what_cannot_be_is_refused_where_it_is_made(self, make: Any, pointer: str) -> None:
        with pytest.raises(ValidationError) as raised:
            make()
        assert raised.value.pointer == pointer

    def test_what_is_not_named_stays(self) -> None:
        state, _ = step(STORED, Troubled(NOW, failing=(Failing(500),), faults=(FaultPlan((Reset(),)),)))
        assert after_all(state, Troubled(NOW)) == (state, [])
