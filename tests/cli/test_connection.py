"""What is told of a stream that is lost: on a terminal, in plain lines, and at the end of a wait."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from cascades_sdk.cli import main
from cascades_sdk.cli._boards import LiveBoard, PlainBoard, SilentBoard
from cascades_sdk.cli._connection import Connection
from cascades_sdk.cli._loading import flow_named
from cascades_sdk.contract import STREAM_RUN_TELEMETRY
from cascades_sdk.errors import DeadlineExceededError, NetworkError
from cascades_sdk.protocol.observation import ReceivedResponse, SentRequest
from cascades_sdk.testing import ControlPlane
from cascades_sdk.testing.plane import Cut
from cli.flows_of_tests import folder_with_flows, until

Capture = pytest.CaptureFixture[str]

STREAM = STREAM_RUN_TELEMETRY.id


def sent(attempt: int, operation: str = STREAM) -> SentRequest:
    return SentRequest(operation, "GET", "/", attempt)


def received(
    attempt: int, error: NetworkError | DeadlineExceededError | None = None, operation: str = STREAM
) -> ReceivedResponse:
    return ReceivedResponse(operation, "GET", "/", attempt, None, 0.1, None, error)


REFUSED = NetworkError(STREAM, "connect", "nobody\x1b listens")


class TestAConnection:
    @pytest.fixture
    def told(self, connection: Connection) -> list[str | None]:
        lines: list[str | None] = []
        connection.told_to(lines.append)
        return lines

    @pytest.fixture
    def connection(self) -> Connection:
        return Connection()

    def test_a_stream_that_goes_well_is_not_spoken_of(self, connection: Connection, told: list[str | None]) -> None:
        connection.asked(sent(1))
        connection.answered(received(1))
        assert (told, connection.trouble) == ([], None)

    def test_the_reason_and_the_attempt_are_told_until_it_is_there_again(
        self, connection: Connection, told: list[str | None]
    ) -> None:
        connection.asked(sent(2))
        connection.answered(received(2, REFUSED))
        connection.asked(sent(3))
        connection.answered(received(3))
        assert told == [
            "the stream of the run ended before the run did; attempt 2",
            f"no stream of the run at attempt 2: {STREAM}: no connection: nobody\\x1b listens",
            None,
        ]

    def test_the_end_of_the_wait_hides_no_trouble(self, connection: Connection, told: list[str | None]) -> None:
        connection.answered(received(1, REFUSED))
        connection.answered(received(2, DeadlineExceededError(STREAM, 1.0)))
        assert connection.trouble == told[-1] is not None

    def test_other_calls_are_not_the_stream(self, connection: Connection, told: list[str | None]) -> None:
        connection.asked(sent(2, "listRuns"))
        connection.answered(received(2, REFUSED, "listRuns"))
        assert told == []

    def test_it_is_known_also_where_nobody_listens(self) -> None:
        connection = Connection()
        connection.answered(received(1, REFUSED))
        assert connection.trouble is not None


class TestBoards:
    def test_plain_lines_say_it_once_each(self) -> None:
        console = Console(file=StringIO())
        with PlainBoard(console) as board:
            board.lost("it broke")
            board.lost(None)
        assert isinstance(console.file, StringIO)
        assert console.file.getvalue() == "  it broke; trying again\n  the stream is there again\n"

    def test_a_picture_shows_it_while_it_lasts(self) -> None:
        def shown(board: LiveBoard) -> str:
            other = Console(file=StringIO())
            other.print(board.picture())
            assert isinstance(other.file, StringIO)
            return other.file.getvalue()

        with LiveBoard(Console(file=StringIO(), force_terminal=True, _environ={"TERM": "xterm"})) as board:
            board.lost("it broke")
            assert shown(board) == "it broke; trying again\n"
            board.lost(None)
            assert shown(board) == ""

    def test_where_only_json_is_wanted_nothing_is_shown(self, capsys: Capture) -> None:
        with SilentBoard() as board:
            board.lost("it broke")
        assert capsys.readouterr().out == ""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("CASCADES_SESSION", "the-cookie")
    yield from folder_with_flows(tmp_path, monkeypatch)


@pytest.fixture
def plane(folder: Path) -> Iterator[ControlPlane]:
    catalog = {name: flow_named(f"flows_of_a_user:{name}") for name in ("halved", "gated")}
    with ControlPlane.serve(catalog, cookie="the-cookie") as running:
        yield running


def test_a_stream_that_breaks_is_told_and_so_that_it_is_there_again(plane: ControlPlane, capsys: Capture) -> None:
    plane.faults(Cut(0), operation=STREAM, times=1)
    assert main(["run", "halved", "--url", plane.url]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == [
        "  the stream of the run ended before the run did; attempt 2; trying again",
        "  the stream is there again",
    ]


def test_a_server_that_dies_is_told_while_it_is_tried_again(plane: ControlPlane, folder: Path, capsys: Capture) -> None:
    printed = StringIO()

    def stop() -> None:
        # The run is accepted, and its first task has ended.
        until(lambda: printed.getvalue().count("\n") >= 2)
        plane.stop()

    killer = threading.Thread(target=stop)
    killer.start()
    context = json.dumps({"gate": str(folder / "gate")})
    with redirect_stdout(printed):
        code = main(["run", "gated", "--url", plane.url, "--context", context, "--timeout", "2"])
    killer.join()
    (folder / "gate").touch()
    assert code == 3
    assert re.search(
        r"^  no stream of the run at attempt 2: .*no connection.*; trying again$", printed.getvalue(), re.M
    )
    assert re.search(r"; last trouble: no stream of the run at attempt \d+: ", capsys.readouterr().err)


def test_a_wait_that_takes_too_long_names_the_last_trouble(plane: ControlPlane, capsys: Capture) -> None:
    plane.fail_next(503, operation=STREAM, times=1000)
    assert main(["run", "halved", "--url", plane.url, "--timeout", "0.5"]) == 3
    out, err = capsys.readouterr()
    assert "  no stream of the run at attempt 1: " in out
    assert "; last trouble: no stream of the run at attempt " in err
    assert "(status 503" in err
