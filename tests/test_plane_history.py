"""What was asked and answered shows no credential, wherever somebody put it."""

import json
from typing import Any

import httpx
import pytest

from cascades_sdk.testing import ControlPlane
from cascades_sdk.testing.plane import Recorded
from cascades_sdk.values import thaw

CANARY = "ghp_canary7f3a9c"


def recorded(path: str, body: Any) -> Recorded:
    with ControlPlane() as plane, httpx.Client(transport=plane.transport, cookies={"__session": plane.cookie}) as http:
        plane.script("w", ["SUCCESS"])
        http.post(f"http://plane.example{path}", content=json.dumps(body))
        (record,) = plane.history
        return record


class TestABodyAtAnotherPath:
    @pytest.mark.parametrize(
        "path",
        [
            "/api/integrations/github/",
            "/api/integrations/Github",
            "//api/integrations/github",
            "/api/integrations/hubspot/test",
            "/api/workflows/run",
            "/api/workflows/clone",
            "/api/system/version",
        ],
    )
    @pytest.mark.parametrize("key", ["token", "Token", "my_secret"])
    def test_shows_only_what_the_contract_has_there(self, path: str, key: str) -> None:
        record = recorded(path, {key: CANARY})
        assert CANARY not in repr(record)
        assert thaw(record.body) == {key: "[hidden]"}

    @pytest.mark.parametrize("path", ["/api/workflows/run", "/api/nowhere", "/api/integrations/github"])
    @pytest.mark.parametrize("body", [CANARY, [CANARY], None, 5])
    def test_shows_nothing_of_what_is_no_object(self, path: str, body: Any) -> None:
        record = recorded(path, body)
        assert record.body == "[hidden]"
        assert CANARY not in repr(record)


class TestABodyAtItsPath:
    def test_shows_what_a_run_is_asked_with(self) -> None:
        body = {"workflowId": "w", "context": {"start": 1, "items": ["a", {"b": None}]}}
        record = recorded("/api/workflows/run", body)
        assert thaw(record.body) == body
        assert record.status == 200

    def test_shows_no_context_that_is_no_object(self) -> None:
        record = recorded("/api/workflows/run", {"context": [CANARY]})
        assert thaw(record.body) == {"context": "[hidden]"}

    def test_shows_no_credential_in_a_context(self) -> None:
        body = {"workflowId": "w", "context": {"deep": [{"password": {"of": [CANARY, 5, ""]}}], "n": f"x{CANARY}"}}
        record = recorded("/api/workflows/run", body)
        assert CANARY not in repr(record)
        assert record.body["context"]["n"] == "x[hidden]"  # type: ignore[index, call-overload]

    @pytest.mark.parametrize("repository", [CANARY, f"owner/{CANARY}"])
    def test_hides_a_credential_that_is_repeated_under_another_key(self, repository: str) -> None:
        record = recorded("/api/integrations/github", {"token": CANARY, "defaultRepository": repository})
        assert CANARY not in repr(record)
        assert record.body["token"] == "[hidden]"  # type: ignore[index, call-overload]

    def test_hides_a_credential_that_is_repeated_in_the_path(self) -> None:
        record = recorded(f"/api/integrations/{CANARY}?q={CANARY}", {"token": CANARY})
        assert record.target == "/api/integrations/[hidden]?q=[hidden]"
