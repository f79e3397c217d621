"""Judges that nobody here wrote, before a plane on a socket: schemathesis asks it all there is, Prism stands in
between."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cascades_sdk.client import CascadesClient
from cascades_sdk.contract import OPERATIONS, STREAM_RUN_TELEMETRY, Operation
from cascades_sdk.pipelines import wait_for_completion
from cascades_sdk.protocol.auth import SessionCookieAuth
from cascades_sdk.testing import ControlPlane
from cascades_sdk.testing.plane import Latitude
from node import installed, without_node
from openapi_rendering import in_openapi_3_2
from test_manners import bodies, method_of
from test_plane_doors import FLOWS, sums
from wire.test_plane_server import AT_MOST
from wire.test_witnesses import Recording, free_port, started

CATALOG = {**FLOWS, "demo": sums, "word-statistics": sums}

#: The stored secrets that the examples of the contract name.
SECRETS = {
    value: f"stored-secret-of-{value}"
    for operation in OPERATIONS
    for body in bodies(operation)
    for key, value in body.items()
    if key in ("secretKey", "webhookSecretKey")
}

#: The session, and which answers are no refusal of what is in order: a well-formed key of a stored secret may be
#: unknown, and a test of an integration needs one that is stored.
CONFIGURATION = """
[auth.openapi.cookieSession]
api_key = "{cookie}"

[[operations]]
include-path-regex = "^/api/integrations/"
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", 400]
"""

_SEED = 20261125


def fuzzed(plane: ControlPlane, folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """What schemathesis says of a plane, with all of its checks."""
    with plane.client() as client:
        run_id = client.submit_workflow_run({"workflowId": "sums"}).unwrap().run_id
        assert wait_for_completion(client, run_id, AT_MOST).unwrap().status == "SUCCESS"
    (folder / "contract.json").write_text(json.dumps(in_openapi_3_2(run_id)))
    (folder / "schemathesis.toml").write_text(CONFIGURATION.format(cookie=plane.cookie))
    command = [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"]
    asked = ["--config-file", "schemathesis.toml", "run", "contract.json", "--url", plane.url, "--checks", "all"]
    bounded = ["--seed", str(_SEED), "--no-shrink", "--no-color", "--generation-database", "none", *options]
    return subprocess.run([*command, *asked, *bounded], cwd=folder, capture_output=True, text=True, timeout=600)


@pytest.mark.witness("schemathesis: all of its checks against a plane on a socket, event streams included")
class TestSchemathesis:
    def test_it_finds_nothing(self, tmp_path: Path) -> None:
        with ControlPlane.serve(CATALOG, secrets=SECRETS) as plane:
            ran = fuzzed(plane, tmp_path, "--max-examples", "5")
            assert ran.returncode == 0, ran.stdout[-6000:]
            assert "Tested: 16" in ran.stdout
            seen = {(record.operation, record.status) for record in plane.history}
            for operation in OPERATIONS:
                assert (operation.id, 200) in seen
                assert operation.auth == "none" or (operation.id, 401) in seen

    def test_it_would_have_said_so(self, tmp_path: Path) -> None:
        """The witness is awake: frames without the name that the contract gives them are found, deep in a stream."""
        with ControlPlane.serve(CATALOG, latitude=Latitude(event_name=None)) as plane:
            only = ("--include-operation-id", STREAM_RUN_TELEMETRY.id, "--phases", "examples")
            ran = fuzzed(plane, tmp_path, *only)
            assert ran.returncode == 1
            assert "SSE event violates schema" in ran.stdout


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ControlPlane, str]]:
    """A plane, and the URL of a proxy before it that judges what passes by the contract."""
    command, port = installed(tmp_path_factory) / "node_modules" / ".bin" / "prism", free_port()
    contract = Path(__file__).parents[2] / "contracts" / "api.yaml"
    options = ["proxy", "--host", "127.0.0.1", "--port", str(port), "--errors", str(contract)]
    with ControlPlane.serve(CATALOG, secrets=SECRETS) as plane:
        for url in started([str(command), *options, plane.url], port, tmp_path_factory.mktemp("prism-proxy") / "log"):
            yield plane, url


@without_node
@pytest.mark.witness("Node: Prism's proxy between the client and a plane: 15 operations, the stream left out")
class TestPrismProxy:
    @pytest.mark.parametrize(
        ("operation", "body"),
        [
            pytest.param(operation, body, id=f"{operation.id}-{number}")
            for operation in OPERATIONS
            for number, body in enumerate(bodies(operation) or [None])
            if operation is not STREAM_RUN_TELEMETRY
        ],
    )
    def test_nothing_that_passes_breaks_the_contract(
        self, operation: Operation[Any], body: Any, proxied: tuple[ControlPlane, str]
    ) -> None:
        plane, url = proxied
        transport = Recording()
        with CascadesClient(url, SessionCookieAuth(plane.cookie), transport=transport) as client:
            getattr(client, method_of(operation))(*(() if body is None else (body,)))
        (answer,) = transport.answers
        assert "sl-violations" not in answer.headers
        assert plane.history[-1].operation == operation.id
        assert answer.status_code == plane.history[-1].status

    def test_it_would_have_said_so(self, proxied: tuple[ControlPlane, str]) -> None:
        """The witness is awake: an answer that breaks the contract is not let through."""
        plane, url = proxied
        plane.fail_next(200, operation="getPublicApiVersion", body={"apiVersion": "v9"})
        with CascadesClient(url, SessionCookieAuth(plane.cookie), transport=(transport := Recording())) as client:
            client.get_public_api_version()
        (answer,) = transport.answers
        assert answer.status_code == 500
