"""What the code of a user prints is not on stdout: that is the command's, whose output others read."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from returns.result import Failure

from cascades_sdk.cli import main
from cascades_sdk.client import CascadesClient
from cascades_sdk.pipelines import submit_and_wait
from cascades_sdk.protocol.auth import SessionCookieAuth
from cascades_sdk.testing import ControlPlane
from cli.flows_of_tests import folder_with_flows, interrupted

Capture = pytest.CaptureFixture[str]

NOISY = """
from cascades_sdk.compiler import flow, task

print("the module says hello")

@task
def one() -> int:
    print("the task says hello")
    return 1

@flow
def noisy() -> int:
    print("the flow says hello")
    return one()
"""

#: In a file of its own name: what is imported twice prints once.
FLOW = "noisy.py:noisy"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "noisy.py").write_text(NOISY, encoding="utf-8")
    monkeypatch.setenv("CASCADES_SESSION", "the-cookie")
    yield from folder_with_flows(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["compile", FLOW], 0),
        (["compile", FLOW, "--json"], 0),
        (["check", FLOW, "--against", "flow.json", "--json"], 1),
        (["diff", FLOW, "flow.json", "--json"], 1),
        (["show", FLOW, "--json"], 0),
        (["verify", FLOW, "--hash-seeds", "1", "--json"], 0),
    ],
)
def test_what_a_module_and_a_flow_print_is_on_stderr(arguments: list[str], code: int, capsys: Capture) -> None:
    main(["compile", "flows_of_a_user:halved", "-o", "flow.json"])
    assert main(arguments) == code
    out, err = capsys.readouterr()
    assert isinstance(json.loads(out), dict)
    assert err.startswith("the module says hello\nthe flow says hello\n")


def test_so_of_a_graph_that_is_drawn(capsys: Capture) -> None:
    with ControlPlane.serve({}, cookie="the-cookie") as plane:
        assert main(["run", "nope", "--url", plane.url, "--graph", FLOW]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("the module says hello\nthe flow says hello\ncascades: ")


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_so_of_tasks_that_are_served(options: list[str], capsys: Capture) -> None:
    def visit(told: list[str]) -> None:
        url = json.loads(told[0])["url"] if options else told[0].split()[2]
        with CascadesClient(url, SessionCookieAuth("the-cookie")) as client:
            ended = submit_and_wait(client, {"workflowId": "noisy"}, 60.0)
            assert not isinstance(ended, Failure)

    printed = StringIO()
    assert interrupted(["serve", "noisy", *options], 1 if options else 2, visit, printed) == 130
    assert "hello" not in printed.getvalue()
    assert capsys.readouterr().err.count("hello") == 3
