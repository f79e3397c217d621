"""What is said of a submission without an answer, of errors in the words of the command line, and how long it waits."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from returns.result import Failure, Success
from rich.console import Console

from cascades_sdk.cli import _following, main
from cascades_sdk.cli._following import Following
from cascades_sdk.cli._loading import flow_named
from cascades_sdk.cli._trouble import Trouble, in_words, settled
from cascades_sdk.client import CascadesClient
from cascades_sdk.contract import SUBMIT_WORKFLOW_RUN
from cascades_sdk.errors import (
    AmbiguousSubmitError,
    AuthenticationError,
    CascadesSDKError,
    DeadlineExceededError,
    LimitExceededError,
    NetworkError,
    StreamLostError,
    UnexpectedResponseError,
    WaitPosition,
)
from cascades_sdk.protocol.auth import SessionCookieAuth
from cascades_sdk.testing import ControlPlane
from cascades_sdk.testing.plane import Silence
from cascades_sdk.types import WorkflowRunAccepted
from cascades_sdk.values import FrozenDict
from cli.flows_of_tests import folder_with_flows, one_line_on_stderr, until

Capture = pytest.CaptureFixture[str]

SUBMIT = SUBMIT_WORKFLOW_RUN.id


@pytest.fixture
def plane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ControlPlane]:
    """One that does not answer a submission."""
    monkeypatch.setenv("CASCADES_SESSION", "the-cookie")
    for _ in folder_with_flows(tmp_path, monkeypatch):
        with ControlPlane.serve({"halved": flow_named("flows_of_a_user:halved")}, cookie="the-cookie") as running:
            running.faults(Silence(), operation=SUBMIT)
            yield running


def test_the_timeout_holds_for_the_submission_too(plane: ControlPlane, capsys: Capture) -> None:
    assert main(["run", "halved", "--url", plane.url, "--timeout", "0.3"]) == 3
    line = one_line_on_stderr(capsys)
    assert line == (
        f"cascades: {SUBMIT}: no whole answer ({SUBMIT}: not done within 0.3 s; give it more with --timeout); "
        "it may have been carried out, and was not repeated; look what became of it before you send it again"
    )


ACCEPTED = WorkflowRunAccepted(
    run_id="run-1",
    workflow_id="w",
    workflow_definition_snapshot_id="s",
    definition_hash="sha256:00",
    message="accepted",
    task_runs=1,
    execution_mode="inline",
)


@pytest.mark.parametrize(
    ("given", "took", "asked", "left"),
    [(3600.0, 5.0, 30.0, 3595.0), (10.0, 4.0, 10.0, 6.0), (10.0, 10.5, 10.0, _following._SHORTEST)],
)
def test_the_wait_has_the_time_that_the_submission_leaves(
    given: float, took: float, asked: float, left: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, seconds = [1000.0], []

    class Client:
        @staticmethod
        def submit_workflow_run(_: object, timeout: float) -> Success[WorkflowRunAccepted]:
            seconds.append(timeout)
            now[0] += took
            return Success(ACCEPTED)

    def waited(_: object, run_id: str, timeout: float, **__: object) -> Failure[DeadlineExceededError]:
        seconds.append(timeout)
        return Failure(DeadlineExceededError("w", timeout, WaitPosition(run_id)))

    monkeypatch.setattr(_following.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(_following, "wait_for_completion", waited)
    client: Any = Client()
    with pytest.raises(Trouble, match=f"w: not done within {given:g} s; go on with --resume run_id=run-1"):
        Following(Console(quiet=True), client, given).submitted("w", FrozenDict({}))
    assert seconds == [asked, left]


@contextmanager
def pressed_when_it_is_asked(plane: ControlPlane, number: signal.Signals = signal.SIGINT) -> Iterator[None]:
    """A signal, Ctrl-C or another, when the submission has arrived."""

    def press() -> None:
        until(lambda: plane.state.runs)
        os.kill(os.getpid(), number)

    person = threading.Thread(target=press)
    person.start()
    yield
    person.join()


@pytest.mark.usefixtures("ctrl_c")
class TestCtrlC:
    def test_it_says_that_there_may_be_a_run(self, plane: ControlPlane, capsys: Capture) -> None:
        with pressed_when_it_is_asked(plane):
            assert main(["run", "halved", "--url", plane.url]) == 130
        assert one_line_on_stderr(capsys) == (
            "cascades: interrupted, and the submission has no answer yet: it may have been carried out, and was not "
            "repeated; look what became of it before you send it again"
        )

    def test_so_as_one_object(self, plane: ControlPlane, capsys: Capture) -> None:
        with pressed_when_it_is_asked(plane):
            assert main(["run", "halved", "--url", plane.url, "--json"]) == 130
        out, err = capsys.readouterr()
        told = json.loads(out)
        assert (told.pop("interrupted"), err) == (True, "")
        assert told.pop("message").startswith("it may have been carried out")
        assert told == {}

    def test_a_run_that_ends_with_the_command_is_not_spoken_of(self, plane: ControlPlane, capsys: Capture) -> None:
        with (
            pressed_when_it_is_asked(plane),
            CascadesClient(plane.url, SessionCookieAuth("the-cookie")) as client,
            pytest.raises(KeyboardInterrupt),
        ):
            Following(Console(), client, 60.0, outlived=False).submitted("halved", FrozenDict({}))
        assert capsys.readouterr().err == ""


class TestSigterm:
    @pytest.fixture(autouse=True)
    def terminable(self) -> Iterator[None]:
        """It means what it does in a fresh process, also where something that measures listens to it."""
        before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
        yield
        signal.signal(signal.SIGTERM, before)

    def test_it_says_so_too_and_is_143(self, plane: ControlPlane, capsys: Capture) -> None:
        with pressed_when_it_is_asked(plane, signal.SIGTERM):
            assert main(["run", "halved", "--url", plane.url]) == 143
        assert "interrupted, and the submission has no answer yet: it may have been" in one_line_on_stderr(capsys)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL

    @pytest.mark.parametrize("json_wanted", [False, True])
    def test_a_run_that_ends_with_the_command_is_not_spoken_of(
        self, json_wanted: bool, plane: ControlPlane, capsys: Capture
    ) -> None:
        with (
            pressed_when_it_is_asked(plane, signal.SIGTERM),
            CascadesClient(plane.url, SessionCookieAuth("the-cookie")) as client,
        ):
            following = Following(Console(), client, 60.0, json_wanted=json_wanted, outlived=False)
            assert following.submitted("halved", FrozenDict({})) == 143
        out, err = capsys.readouterr()
        assert err == ""
        assert json.loads(out or "0") == ({"interrupted": True} if json_wanted else 0)


LOST = NetworkError("s", "broken", "it broke")
LIMIT = LimitExceededError("s", "max_body", 5, 200)


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (AuthenticationError("s", 401, request_id="r"), "s: the session cookie was refused (status 401, request r)"),
        (DeadlineExceededError("s", 30.0), "s: not done within 30 s"),
        (DeadlineExceededError("s", 2.0), "s: not done within 2 s; give it more with --timeout"),
        (DeadlineExceededError("s", 2.0, WaitPosition("run-1")), "s: not done within 2 s"),
        (
            StreamLostError("s", "it\nbroke", 25, WaitPosition("run-1")),
            "s: given up after 25 connections since the last news; last: it broke",
        ),
        (LIMIT, "s: the answer exceeds the limit max_body=5 (status 200)"),
        (
            AmbiguousSubmitError("s", LIMIT, 200),
            f"s: no whole answer ({in_words(LIMIT)}); it was carried out; look what became of it before you send it "
            "again",
        ),
        (
            AmbiguousSubmitError("s", LOST, 200, run_id="run 1"),
            f"s: no whole answer ({LOST}); the run was accepted: go on with --resume run_id=run%201",
        ),
        (
            UnexpectedResponseError("s", "no number", 200, "/taskRuns", run_id="run-1"),
            "s: unexpected answer: /taskRuns: no number (status 200); the run was accepted: "
            "go on with --resume run_id=run-1",
        ),
        (
            UnexpectedResponseError("s", "no JSON", 200, run_id="run-1"),
            "s: unexpected answer: no JSON (status 200); the run was accepted: go on with --resume run_id=run-1",
        ),
        (LOST, str(LOST)),
    ],
)
def test_errors_are_told_in_the_words_of_the_command_line(problem: CascadesSDKError, words: str) -> None:
    assert in_words(problem) == words


def test_of_a_run_that_was_accepted_a_program_is_told_the_position() -> None:
    with pytest.raises(Trouble) as raised:
        settled(Failure(AmbiguousSubmitError("s", LOST, 200, run_id="run 1")))
    assert {name: value for name, value in raised.value.known.items() if value} == {"position": "run_id=run%201"}
