"""Following a run: where the session comes from, what Ctrl-C says, and how a wait goes on."""

import json
import os
import re
import shlex
import signal
import sys
import threading
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import click
import pytest
from rich.console import Console

from cascades_sdk.cli import _running, main
from cascades_sdk.cli._following import Following
from cascades_sdk.cli._loading import compiled, flow_named
from cascades_sdk.client import CascadesClient
from cascades_sdk.encoding import dag_digest, dag_to_json
from cascades_sdk.errors import WaitPosition
from cascades_sdk.protocol.auth import SessionCookieAuth
from cascades_sdk.testing import ControlPlane
from cascades_sdk.values import FrozenDict
from cli.flows_of_tests import folder_with_flows, interrupted, one_line_on_stderr, until

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("CASCADES_SESSION", "the-cookie")
    yield from folder_with_flows(tmp_path, monkeypatch)


@pytest.fixture
def plane(folder: Path) -> Iterator[ControlPlane]:
    names = ("halved", "failing", "gated")
    catalog = {name: flow_named(f"flows_of_a_user:{name}") for name in names}
    with ControlPlane.serve(catalog, cookie="the-cookie") as running:
        yield running


def run(plane: ControlPlane, *arguments: str) -> list[str]:
    return ["run", *arguments, "--url", plane.url]


def gated(gate: Path) -> str:
    return json.dumps({"gate": str(gate)})


class TestTheSession:
    @pytest.fixture(autouse=True)
    def nothing_in_the_environment(self, plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("CASCADES_SESSION")

    def test_it_comes_out_of_a_file(self, plane: ControlPlane, folder: Path) -> None:
        (folder / "session").write_text("the-cookie\n")
        assert main(run(plane, "halved", "--session-file", "session")) == 0

    def test_it_is_asked_for_and_not_shown(
        self, plane: ControlPlane, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
        asked: list[tuple[str, Any]] = []

        def answer(question: str, **how: Any) -> str:
            asked.append((question, how["hide_input"]))
            return "the-cookie"

        monkeypatch.setattr(click, "prompt", answer)
        assert main(run(plane, "halved", "--prompt")) == 0
        assert asked == [("session cookie", True)]
        assert "the-cookie" not in "".join(capsys.readouterr())

    def test_a_deployment_may_name_it_otherwise(self, folder: Path, capsys: Capture) -> None:
        (folder / "session").write_text("the-cookie\n")
        catalog = {"halved": flow_named("flows_of_a_user:halved")}
        with ControlPlane.serve(catalog, cookie="the-cookie", cookie_name="sid") as other:
            assert main(run(other, "halved", "--session-file", "session")) == 3
            assert "was refused" in one_line_on_stderr(capsys)
            assert main(run(other, "halved", "--session-file", "session", "--cookie-name", "sid")) == 0


class TestWhatIsPrinted:
    def test_a_report_is_one_object(self, plane: ControlPlane, folder: Path, capsys: Capture) -> None:
        (folder / "context.json").write_text('{"number": 5}')
        assert main(run(plane, "halved", "--context", "@context.json", "--json")) == 0
        told = json.loads(capsys.readouterr().out)
        assert told.pop("run_id").startswith("run-")
        assert told == {
            "status": "SUCCESS", "result": 2.5, "error": None, "digest": plane.state.workflows["halved"].digest,
            "tasks": [{"id": "node-0", "name": "halve", "status": "SUCCESS"}],
        }  # fmt: skip
        assert main(run(plane, "failing", "--json")) == 1
        assert "no 1" in json.loads(capsys.readouterr().out)["error"]

    def test_of_a_run_that_failed_the_end_of_the_log_is_told(self, plane: ControlPlane, capsys: Capture) -> None:
        assert main(run(plane, "failing")) == 1
        assert re.search(r"^log     .*ValueError: no 1", capsys.readouterr().out, re.MULTILINE)

    def test_a_graph_that_is_not_the_one_that_runs_is_told(
        self, plane: ControlPlane, folder: Path, capsys: Capture
    ) -> None:
        other = compiled("flows_of_a_user:larger", {})
        (folder / "larger.json").write_bytes(dag_to_json(other))
        assert main(run(plane, "halved", "--graph", "larger.json")) == 0
        assert "note: the graph that is drawn is not the definition" in capsys.readouterr().out
        assert main(run(plane, "halved", "--graph", "flows_of_a_user:halved")) == 0
        assert "note" not in capsys.readouterr().out

    def test_a_server_says_what_it_serves_as_one_object(self, ctrl_c: None, folder: Path) -> None:
        def visit(printed: list[str]) -> None:
            told = json.loads(printed[0])
            digest = dag_digest(compiled("flows_of_a_user:halved", {}))
            assert told["workflows"]["halved"] == digest
            assert "session" not in told

        assert interrupted(["serve", "flows_of_a_user:halved,failing", "--json"], 1, visit) == 130

    def test_a_module_alone_is_served_with_all_its_flows(self, ctrl_c: None, folder: Path) -> None:
        (folder / "two.py").write_text(
            "from flows_of_a_user import failing, halved\n\nagain = halved\n", encoding="utf-8"
        )

        def visit(printed: list[str]) -> None:
            assert [line.split()[0] for line in printed[1:]] == ["failing", "halved"]

        assert interrupted(["serve", "two"], 3, visit) == 130

    def test_of_a_module_alone_what_does_not_compile_is_left_out_and_told(
        self, ctrl_c: None, folder: Path, capsys: Capture
    ) -> None:
        def visit(printed: list[str]) -> None:
            told = dict(line.strip().split("  ", 1) for line in printed[1:])
            assert told["branching"].startswith("left out: ")
            assert "flow 'branching': input 'number' has no value yet" in told["branching"]
            assert told["halved"].startswith("sha256:")

        assert interrupted(["serve", "flows_of_a_user"], 7, visit) == 130

        def look(printed: list[str]) -> None:
            told = json.loads(printed[0])
            assert list(told["left_out"]) == ["branching"]
            assert "halved" in told["workflows"]

        printed = StringIO()
        assert interrupted(["serve", "flows_of_a_user", "--json"], 1, look, printed) == 130
        assert printed.getvalue().count("\n") == 1, "Ctrl-C adds no second object"

    def test_a_flow_that_ends_the_process_is_left_out_too(self, ctrl_c: None, folder: Path) -> None:
        (folder / "leaving.py").write_text(
            "from cascades_sdk import flow\nfrom flows_of_a_user import halved\n\n"
            "@flow\ndef leaves() -> int:\n    raise SystemExit(0)\n"
        )

        def visit(printed: list[str]) -> None:
            told = dict(line.strip().split("  ", 1) for line in printed[1:])
            assert told["halved"].startswith("sha256:")
            assert told["leaves"].endswith("leaving.py:6, flow 'leaves': raised SystemExit: 0")

        assert interrupted(["serve", "leaving"], 3, visit) == 130

    def test_a_cookie_that_nobody_can_send_is_not_served(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        monkeypatch.setenv("CASCADES_SESSION", "bad;cookie")
        assert main(["serve", "flows_of_a_user:halved"]) == 3
        line = one_line_on_stderr(capsys)
        assert "the session cookie (not shown) cannot be sent: " in line
        assert "bad" not in line

    def test_of_a_run_that_is_not_there_no_position_is_told(self, plane: ControlPlane, capsys: Capture) -> None:
        assert main(run(plane, "--resume", "run_id=nope", "--json")) == 3
        told = json.loads(capsys.readouterr().out)["error"]
        assert told["kind"] == "NotFoundError"
        assert "position" not in told
        assert "--resume" not in told["message"]

    def test_who_is_refused_while_going_on_is_told_so(
        self, plane: ControlPlane, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        monkeypatch.setenv("CASCADES_SESSION", "another")
        assert main(run(plane, "--resume", "run_id=nope")) == 3
        line = capsys.readouterr().err
        assert "the session cookie was refused (status 401); go on with --resume run_id=nope" in line

    def test_the_demo_as_one_object(self, capsys: Capture) -> None:
        assert main(["demo", "--pace", "0", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["status"] == "SUCCESS"

    def test_tasks_are_told_in_the_order_of_their_nodes(self, capsys: Capture) -> None:
        assert main(["demo", "--pace", "0", "--json"]) == 0
        told = [task["id"] for task in json.loads(capsys.readouterr().out)["tasks"]]
        assert told == [f"node-{number}" for number in range(12)]

    def test_json_may_be_wanted_in_front_of_the_command(self, capsys: Capture) -> None:
        assert main(["--json", "version"]) == 0
        assert set(json.loads(capsys.readouterr().out)) == {"cascades-sdk", "api_contract"}
        assert main(["--json"]) == 2
        assert json.loads(capsys.readouterr().out)["error"]["kind"] == "usage"

    def test_the_versions_as_one_object(self, capsys: Capture) -> None:
        assert main(["version", "--json"]) == 0
        assert set(json.loads(capsys.readouterr().out)) == {"cascades-sdk", "api_contract"}


@pytest.mark.usefixtures("ctrl_c")
class TestCtrlC:
    def test_it_says_from_where_to_go_on_and_going_on_tells_the_rest(
        self, plane: ControlPlane, folder: Path, capsys: Capture
    ) -> None:
        seen: list[str] = []
        gate = folder / "gate"
        assert interrupted(run(plane, "gated", "--context", gated(gate)), 2, seen.extend) == 130
        assert seen[1] == "  SUCCESS    node-0    halve"
        position = shlex.split(one_line_on_stderr(capsys))[-1]
        gate.touch()
        assert main(run(plane, "--resume", position)) == 0
        run_id = seen[0].split()[1]
        assert capsys.readouterr().out.splitlines() == [
            f"run {run_id}",
            "  SUCCESS    node-1    wait_for",
            "  SUCCESS    node-2    halve",
            "21",
            "status  SUCCESS",
        ]

    def test_so_as_one_object(self, plane: ControlPlane, folder: Path, capsys: Capture) -> None:
        # Nothing is printed until it ends: the plane is asked whether somebody watches.
        gate = folder / "gate"
        printed = StringIO()

        def watched(_: list[str]) -> None:
            until(lambda: any(each.watchers for each in plane.state.runs.values()))

        assert interrupted(run(plane, "gated", "--context", gated(gate), "--json"), 0, watched, printed) == 130
        told = json.loads(printed.getvalue())
        assert told["interrupted"] is True
        gate.touch()
        assert main(run(plane, "--resume", told["position"], "--json")) == 0
        report = json.loads(capsys.readouterr().out)
        assert report["result"] == 21.0
        ended = [(f"node-{at}", "SUCCESS") for at in range(3)]
        assert sorted((task["id"], task["status"]) for task in report["tasks"]) == ended, "those of before, too"

    def test_a_wait_that_takes_too_long_says_so_too(self, plane: ControlPlane, folder: Path, capsys: Capture) -> None:
        gate = folder / "gate"
        assert main(run(plane, "gated", "--context", gated(gate), "--timeout", "0.3", "--json")) == 3
        out, line = capsys.readouterr()
        told = json.loads(out)["error"]
        assert line == f"cascades: {told['message']}\n"
        assert "not done within 0.3 s; go on with --resume" in line, "the position stands there once"
        assert "wait for it again" not in line, "that is for those who write Python"
        assert (told["kind"], told["position"]) == ("DeadlineExceededError", shlex.split(line)[-1])
        gate.touch()
        assert main(run(plane, "--resume", told["position"])) == 0

    @pytest.fixture
    def terminable(self) -> Iterator[None]:
        """SIGTERM means what it does in a fresh process, also where something that measures listens to it."""
        before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
        yield
        signal.signal(signal.SIGTERM, before)

    @pytest.mark.usefixtures("terminable")
    def test_sigterm_says_so_too_and_is_143(self, plane: ControlPlane, folder: Path, capsys: Capture) -> None:
        def end() -> None:
            until(lambda: any(each.watchers for each in plane.state.runs.values()))
            os.kill(os.getpid(), signal.SIGTERM)

        before = signal.getsignal(signal.SIGTERM)
        gate = folder / "gate"
        person = threading.Thread(target=end)
        person.start()
        assert main(run(plane, "gated", "--context", gated(gate))) == 143
        person.join()
        assert signal.getsignal(signal.SIGTERM) is before
        position = shlex.split(capsys.readouterr().err)[-1]
        gate.touch()
        assert main(run(plane, "--resume", position)) == 0

    @pytest.mark.usefixtures("terminable")
    @pytest.mark.parametrize("json_wanted", [False, True])
    def test_sigterm_of_a_run_that_ends_with_the_command_tells_no_position(
        self, plane: ControlPlane, folder: Path, capsys: Capture, json_wanted: bool
    ) -> None:
        def end() -> None:
            until(lambda: any(each.watchers for each in plane.state.runs.values()))
            os.kill(os.getpid(), signal.SIGTERM)

        gate = folder / "gate"
        with CascadesClient(plane.url, SessionCookieAuth("the-cookie")) as client:
            following = Following(Console(), client, 60.0, json_wanted=json_wanted, outlived=False)
            person = threading.Thread(target=end)
            person.start()
            # As click gives it to the command.
            assert following.submitted("gated", FrozenDict({"gate": str(gate)})) == 143
            person.join()
        gate.touch()
        out, err = capsys.readouterr()
        assert err == ""
        assert not json_wanted or json.loads(out) == {"interrupted": True}

    def test_who_ignores_it_goes_on_ignoring_it(self, plane: ControlPlane) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        assert main(run(plane, "halved")) == 0
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN

    def test_of_a_run_that_ends_with_the_command_no_position_is_told(
        self, plane: ControlPlane, folder: Path, capsys: Capture
    ) -> None:
        def press() -> None:
            until(lambda: any(each.watchers for each in plane.state.runs.values()))
            os.kill(os.getpid(), signal.SIGINT)

        gate = folder / "gate"
        with CascadesClient(plane.url, SessionCookieAuth("the-cookie")) as client:
            following = Following(Console(), client, 60.0, outlived=False)
            person = threading.Thread(target=press)
            person.start()
            with pytest.raises(KeyboardInterrupt):
                following.submitted("gated", FrozenDict({"gate": str(gate)}))
            person.join()
        gate.touch()
        assert capsys.readouterr().err == ""


def test_where_it_is_drawn_going_on_shows_all_of_the_run(
    plane: ControlPlane, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    assert main(run(plane, "halved", "--json")) == 0
    run_id = json.loads(capsys.readouterr().out)["run_id"]
    screen = Console(file=StringIO(), force_terminal=True, color_system=None, _environ={"TERM": "xterm"})
    monkeypatch.setattr(_running, "_console", lambda: screen)
    late = WaitPosition(run_id, "RUNNING", "9999-01-01T00:00:00Z", "9999-01-01T00:00:00Z").text()
    assert main(run(plane, "--resume", late, "--graph", "flows_of_a_user:halved")) == 0
    assert isinstance(screen.file, StringIO)
    assert "✓ node-0 halve" in screen.file.getvalue()
