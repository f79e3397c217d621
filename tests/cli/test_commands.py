"""The commands in this process: what they print, and with which code they end."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from returns.result import Success

from cascades_sdk import API_CONTRACT_VERSION
from cascades_sdk.cli import main
from cascades_sdk.cli.example import word_report
from cascades_sdk.client import CascadesClient
from cascades_sdk.compiler import build_dag_from_flow
from cascades_sdk.encoding import dag_digest, dag_from_json, dag_to_json
from cascades_sdk.evaluation import evaluate
from cascades_sdk.protocol.auth import SessionCookieAuth
from cascades_sdk.testing import ControlPlane
from cli.flows_of_tests import folder_with_flows, interrupted


@pytest.fixture
def flows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with modules, which is the working directory."""
    (tmp_path / "module_that_exits.py").write_text("raise SystemExit('go away')")
    yield from folder_with_flows(tmp_path, monkeypatch)


@pytest.fixture(autouse=True)
def no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CASCADES_SESSION", raising=False)


Capture = pytest.CaptureFixture[str]


def error_line(capsys: Capture) -> str:
    """The one line on stderr."""
    told = capsys.readouterr().err
    assert told.count("\n") == 1, told
    assert told.startswith("cascades: ")
    return told.strip()


class TestDemo:
    def test_it_shows_the_graph_the_progress_and_the_result(self, capsys: Capture) -> None:
        assert main(["demo", "--pace", "0"]) == 0
        told = capsys.readouterr()
        assert told.err == ""
        lines = told.out.splitlines()
        assert lines[0] == "word_report: 12 nodes in 5 layers; inputs: shortest = 5, top = 5"
        assert len([line for line in lines if line.startswith("  SUCCESS ")]) == 12
        assert '  "book": "Alice\'s Adventures in Wonderland",' in lines
        assert lines[-2:] == [
            "status  SUCCESS",
            f"digest  {dag_digest(build_dag_from_flow(word_report).unwrap())}",
        ]

    def test_what_was_compiled_and_read_back_computes_what_the_flow_computes(self) -> None:
        written = dag_to_json(build_dag_from_flow(word_report).unwrap())
        dag = dag_from_json(written).unwrap()
        assert evaluate(dag, {"top": 3}) == Success(word_report(top=3))

    def test_its_inputs_can_be_given(self, capsys: Capture) -> None:
        assert main(["demo", "--pace", "0", "--context", '{"top": 1, "shortest": 12}']) == 0
        assert '  "longest": ["conversations"],' in capsys.readouterr().out

    def test_a_run_that_fails_is_1_and_says_why(self, capsys: Capture) -> None:
        assert main(["demo", "--pace", "0", "--context", '{"top": "many"}']) == 1
        told = capsys.readouterr()
        assert "error   node-9, task 'most_common': raised TypeError: " in told.out
        assert "status  FAILED" in told.out
        assert told.err == ""

    def test_a_wait_that_takes_too_long_is_3(self, capsys: Capture) -> None:
        assert main(["demo", "--pace", "5", "--timeout", "0.05"]) == 3
        assert "not done within 0.05 s" in error_line(capsys)

    def test_ctrl_c_is_one_object_where_json_is_wanted(self, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
        def press(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("cascades_sdk.cli._following.Following.submitted", press)
        assert main(["demo", "--json"]) == 130
        assert json.loads(capsys.readouterr().out) == {"interrupted": True}
        assert main(["demo"]) == 130
        assert capsys.readouterr().err == "\n"  # behind the ^C that a terminal shows

    def test_where_nobody_reads_it_ends_as_sigpipe_would_end_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def leave(*_: object, **__: object) -> None:
            raise BrokenPipeError

        monkeypatch.setattr(sys, "stdout", sys.stdout)
        monkeypatch.setattr("cascades_sdk.cli._following.Following.submitted", leave)
        assert main(["demo", "--json"]) == 141
        sys.stdout.close()


class TestUsage:
    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["nope"], "cascades: No such command 'nope'; see cascades --help"),
            (["--nope"], "No such option"),
            (["demo", "--pace", "slow"], "see cascades demo --help"),
            (["demo", "--pace", "-1"], "-1"),
            (["demo", "--timeout", "0"], "--timeout"),
            (["demo", "--timeout", "inf"], "inf is no number of seconds"),
            (["demo", "--pace", "nan"], "nan is no number of seconds"),
            (["demo", "--context", "{"], "no JSON"),
            (["demo", "--context", "[" * 100_000], "no JSON"),
            (["demo", "--context", "[1]"], "expected a JSON object"),
            (["demo", "--context", '{"a": NaN}'], "/a: nan is not a finite number"),
            (["run"], "Missing option '--url'"),
            (["run", "demo"], "Missing option '--url'"),
            (["run", "demo", "--url", "http://127.0.0.1:1"], "set CASCADES_SESSION"),
            (["serve"], "Missing argument"),
            (["serve", "module:"], "expected MODULE:FLOW"),
            (["serve", ":flow"], "expected MODULE:FLOW"),
            (["serve", "a:b", "--port", "70000"], "--port"),
        ],
    )
    def test_wrong_usage_is_one_line_and_2(self, arguments: list[str], told: str, capsys: Capture) -> None:
        assert main(arguments) == 2
        assert told in error_line(capsys)

    def test_no_command_shows_the_commands(self, capsys: Capture) -> None:
        assert main([]) == 2
        assert "demo" in capsys.readouterr().err

    def test_help_is_no_error(self, capsys: Capture) -> None:
        assert main(["demo", "--help"]) == 0
        assert "--pace" in capsys.readouterr().out

    def test_each_command_is_told_in_one_whole_line(self, capsys: Capture) -> None:
        assert main(["-h"]) == 0
        told = capsys.readouterr().out.partition("Commands:\n")[2].splitlines()
        assert len(told) == 9
        assert all(line.endswith(".") and "..." not in line for line in told)

    def test_the_versions_are_told(self, capsys: Capture) -> None:
        assert main(["version"]) == 0
        assert capsys.readouterr().out.strip().endswith(f"API contract {API_CONTRACT_VERSION}")

    def test_without_the_extra_one_line_says_how_to_get_it(
        self, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        monkeypatch.setitem(sys.modules, "click", None)
        monkeypatch.delitem(sys.modules, "cascades_sdk.cli._app", raising=False)
        assert main(["version"]) == 3
        assert "pip install 'cascades-sdk[cli]'" in error_line(capsys)

    def test_any_other_missing_module_is_a_bug_and_raised(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "cascades_sdk.cli._running", None)
        monkeypatch.delitem(sys.modules, "cascades_sdk.cli._app", raising=False)
        with pytest.raises(ModuleNotFoundError):
            main(["version"])


class TestCtrlCAtTheBeginning:
    """While the command is still being loaded, as a signal that comes just then."""

    @pytest.fixture(autouse=True)
    def pressed_while_it_is_loaded(self, ctrl_c: None, monkeypatch: pytest.MonkeyPatch) -> None:
        class Finder:
            @staticmethod
            def find_spec(name: str, *_: object) -> None:
                if name == "cascades_sdk.cli._app":
                    signal.raise_signal(signal.SIGINT)

        monkeypatch.delitem(sys.modules, "cascades_sdk.cli._app", raising=False)
        monkeypatch.setattr(sys, "meta_path", [Finder, *sys.meta_path])

    def test_it_is_130_and_no_traceback(self, capsys: Capture) -> None:
        assert main(["version"]) == 130
        assert capsys.readouterr() == ("", "\n")
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

    def test_so_as_one_object(self, capsys: Capture) -> None:
        assert main(["version", "--json"]) == 130
        assert json.loads(capsys.readouterr().out) == {"interrupted": True}

    def test_who_listens_to_it_hears_of_it(self, capsys: Capture) -> None:
        heard: list[int] = []
        signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
        assert main(["version"]) == 0
        assert heard == [signal.SIGINT]


def test_a_command_runs_in_a_thread_too(capsys: Capture) -> None:
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(main(["version"])))
    thread.start()
    thread.join()
    assert codes == [0]


@pytest.fixture
def plane(flows: Path) -> Iterator[ControlPlane]:
    from cascades_sdk.cli._loading import flow_named

    names = ("halved", "failing")
    with ControlPlane.serve({name: flow_named(f"flows_of_a_user:{name}") for name in names}) as running:
        yield running


class TestRun:
    def test_a_run_is_followed_to_its_end(
        self, plane: ControlPlane, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        monkeypatch.setenv("CASCADES_SESSION", plane.cookie)
        assert main(["run", "halved", "--url", plane.url, "--context", '{"number": 5}']) == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].endswith(" of halved: 1 task")
        assert lines[1:] == [
            "  SUCCESS    node-0    halve",
            "2.5",
            "status  SUCCESS",
            f"digest  {plane.state.workflows['halved'].digest}",
        ]

    def test_a_flow_that_raises_is_1_and_its_text_one_line(
        self, plane: ControlPlane, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        monkeypatch.setenv("CASCADES_SESSION", plane.cookie)
        assert main(["run", "failing", "--url", plane.url]) == 1
        assert "error   node-0, task 'fail': raised ValueError: no 1 at all" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("cookie", "workflow_id", "url", "told"),
        [
            ("wrong", "halved", None, "the session cookie was refused (status 401)"),
            (None, "nope", None, "'nope' not found (status 404, not_found)"),
            (None, "halved", "http://127.0.0.1:9", "no connection"),
            ("a\nb", "halved", None, ""),
        ],
    )
    def test_what_cannot_be_is_one_line_and_3(
        self,
        plane: ControlPlane,
        monkeypatch: pytest.MonkeyPatch,
        capsys: Capture,
        cookie: str | None,
        workflow_id: str,
        url: str | None,
        told: str,
    ) -> None:
        monkeypatch.setenv("CASCADES_SESSION", plane.cookie if cookie is None else cookie)
        assert main(["run", workflow_id, "--url", url or plane.url]) == 3
        line = error_line(capsys)
        assert told in line
        assert cookie is None or cookie not in line


class TestServe:
    @pytest.mark.parametrize(
        ("references", "code", "told"),
        [
            (["nowhere:flow"], 2, "there is no module 'nowhere'"),
            (["flows_of_a_user.nowhere:flow"], 2, "there is no module 'flows_of_a_user.nowhere'"),
            (["module_that_exits:flow"], 3, "SystemExit: go away"),
            (["flows_of_a_user:missing"], 2, "module 'flows_of_a_user' has no 'missing'"),
            (["flows_of_a_user:not_a_flow"], 2, "is no flow but of type int"),
            (["flows_of_a_user:branching"], 3, "flows_of_a_user.py:28, flow 'branching'"),
            (["flows_of_a_user:halved", "flows_of_a_user:halved"], 2, "two flows have the name 'halved'"),
        ],
    )
    def test_flows_that_cannot_be_served_are_one_line(
        self, flows: Path, capsys: Capture, references: list[str], code: int, told: str
    ) -> None:
        assert main(["serve", *references]) == code
        assert told in error_line(capsys)

    def test_a_port_that_is_taken_is_one_line_and_3(self, plane: ControlPlane, capsys: Capture) -> None:
        port = plane.url.rpartition(":")[2]
        assert main(["serve", "flows_of_a_user:halved", "--port", port]) == 3
        assert "in use" in error_line(capsys)

    @pytest.mark.usefixtures("ctrl_c")
    def test_a_server_that_is_started_again_gives_no_run_the_id_of_another(
        self, flows: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CASCADES_SESSION", "the-cookie")
        ids: list[str] = []

        def visit(printed: list[str]) -> None:
            url = printed[0].split()[2]
            with CascadesClient(url, SessionCookieAuth("the-cookie")) as client:
                ids.append(client.submit_workflow_run({"workflowId": "halved"}).unwrap().run_id)

        for _ in range(2):
            assert interrupted(["serve", "flows_of_a_user:halved"], 2, visit) == 130
        assert ids[0] != ids[1]

    @pytest.mark.usefixtures("ctrl_c")
    def test_it_serves_until_ctrl_c_with_a_cookie_that_it_prints(self, flows: Path) -> None:
        def visit(printed: list[str]) -> None:
            assert printed[1].split()[0] == "halved"
            cookie = printed[2].removeprefix("export CASCADES_SESSION=")
            _submit(printed[0].split()[2], cookie)

        assert interrupted(["serve", "flows_of_a_user:halved"], 3, visit) == 130

    @pytest.mark.usefixtures("ctrl_c")
    def test_it_serves_with_the_cookie_of_the_environment(self, flows: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CASCADES_SESSION", "from-the-environment")

        def visit(printed: list[str]) -> None:
            assert "from-the-environment" not in "".join(printed)
            _submit(printed[0].split()[2], "from-the-environment")

        assert interrupted(["serve", "flows_of_a_user:halved", "flows_of_a_user:failing"], 3, visit) == 130


def _submit(url: str, cookie: str) -> None:
    with CascadesClient(url, SessionCookieAuth(cookie)) as client:
        assert isinstance(client.submit_workflow_run({"workflowId": "halved"}), Success)


class TestProcesses:
    """The installed console script, as a shell sees it."""

    @staticmethod
    def ended(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        script = "import sys; from cascades_sdk.cli import main; sys.exit(main())"
        return subprocess.run(
            [sys.executable, "-c", script, *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, **environment},
            check=False,
        )

    def test_the_demo_ends_with_success_and_the_digest(self) -> None:
        done = self.ended("demo", "--pace", "0", NO_COLOR="1")
        assert (done.returncode, done.stderr) == (0, "")
        assert "\x1b" not in done.stdout
        assert done.stdout.splitlines()[-2] == "status  SUCCESS"
        assert "digest  sha256:" in done.stdout.splitlines()[-1]

    def test_an_error_is_one_line_on_stderr(self) -> None:
        done = self.ended("run", "x", "--url", "http://127.0.0.1:9", CASCADES_SESSION="s")
        assert (done.returncode, done.stdout) == (3, "")
        assert done.stderr.startswith("cascades: submitWorkflowRun: no connection")
        assert done.stderr.count("\n") == 1

    def test_a_reader_that_leaves_early_gets_no_traceback(self) -> None:
        script = "import sys; from cascades_sdk.cli import main; sys.exit(main(['demo', '--pace', '0.05']))"
        process = subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stderr is not None
        with process:
            process.stdout.readline()
            process.stdout.close()
            assert process.stderr.read() == ""
        assert process.returncode == 141, "as of a program that SIGPIPE has ended"

    def test_so_where_a_document_is_printed(self, flows: Path) -> None:
        script = "import sys; from cascades_sdk.cli import main; sys.exit(main(['compile', 'flows_of_a_user:halved']))"
        closed, end = os.pipe()
        os.close(closed)
        with open(end, "wb") as nowhere:
            done = subprocess.run([sys.executable, "-c", script], stdout=nowhere, stderr=subprocess.PIPE, check=False)
        assert (done.returncode, done.stderr) == (141, b"")

    @pytest.mark.usefixtures("ctrl_c")
    def test_ctrl_c_ends_a_run_quietly(self) -> None:
        script = "import sys; from cascades_sdk.cli import main; sys.exit(main(['demo', '--pace', '30']))"
        process = subprocess.Popen(
            [sys.executable, "-u", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stderr is not None
        with process:
            while not process.stdout.readline().startswith("run "):
                pass
            process.send_signal(signal.SIGINT)
            # Only the line is ended on which the terminal shows ^C.
            assert process.stderr.read() == "\n"
        assert process.returncode == 130


def test_the_result_is_json(plane: ControlPlane, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    assert main(["demo", "--pace", "0"]) == 0
    out: Any = capsys.readouterr().out
    assert json.loads(out[out.index("\n{\n") : out.rindex("\n}\n") + 3])["longest"][0] == "conversations"
