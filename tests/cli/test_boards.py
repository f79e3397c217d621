"""What is shown of a run on a terminal, and where there is none."""

import re
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from cascades_sdk.cli._boards import LiveBoard, PlainBoard, SilentBoard, board_for
from cascades_sdk.cli._trouble import one_line
from cascades_sdk.graph import Call, Dag, TaskDefinition
from cascades_sdk.types import RunStreamEvent
from cascades_sdk.values import FrozenDict


def event(kind: str, **data: Any) -> RunStreamEvent:
    return RunStreamEvent(kind, FrozenDict(data), wire=FrozenDict({"type": kind, "data": data}))


def row(number: int, status: str, name: str = "count") -> RunStreamEvent:
    return event("task.update", id=f"node-{number}", name=name, status=status)


def terminal(height: int = 24, width: int = 60, **environment: str) -> Console:
    known = {"TERM": "xterm", **environment}
    return Console(file=StringIO(), force_terminal=True, width=width, height=height, markup=False, _environ=known)


STEP = TaskDefinition("count", "m:count")
DAG = Dag("f", (), (STEP,), (Call("count"), Call("count", after=(0,))))


def without_codes(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", text)


def written(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def drawn(board: LiveBoard) -> str:
    other = terminal()
    other.print(board.picture())
    return without_codes(written(other))


class TestWhichBoard:
    def test_a_terminal_gets_the_live_one(self) -> None:
        assert isinstance(board_for(terminal()), LiveBoard)

    def test_no_color_a_file_and_a_dumb_terminal_get_plain_lines(self) -> None:
        assert isinstance(board_for(terminal(NO_COLOR="1")), PlainBoard)
        assert isinstance(board_for(Console(file=StringIO())), PlainBoard)
        assert isinstance(board_for(terminal(TERM="dumb")), PlainBoard)


class TestPlainLines:
    def test_an_emoji_that_is_made_of_several_is_whole(self) -> None:
        console = Console(file=StringIO())
        emoji = "\N{WOMAN}\u200d\N{PERSONAL COMPUTER}"
        with PlainBoard(console) as board:
            board.heard(row(0, "SUCCESS", f"{emoji}\u200d"))
        assert written(console) == f"  SUCCESS    node-0    {emoji}\\u200d\n"

    def test_a_task_has_one_line_when_it_has_ended(self) -> None:
        console = Console(file=StringIO(), markup=False)
        with PlainBoard(console) as board:
            for status in ("PENDING", "RUNNING", "SUCCESS"):
                board.heard(row(0, status))
            board.heard(row(1, "FAILED", "red\x1b[31m"))
            board.heard(event("log.entry", message="a line"))
            board.heard(event("task.update"))
        assert written(console).splitlines() == [
            "  SUCCESS    node-0    count",
            "  FAILED     node-1    red\\x1b[31m",
            "                       ",
        ]


class TestTheLiveBoard:
    def test_it_ends_as_a_table_of_the_tasks(self) -> None:
        console = terminal()
        with LiveBoard(console) as board:
            board.heard(row(0, "RUNNING"))
            board.heard(event("log.entry", message="half way\x07"))
            board.heard(event("log.entry"))
            board.heard(event("run.progress", status="RUNNING"))
            board.heard(row(0, "SUCCESS"))
            board.heard(event("task.update", id="7f3a", name="[bold]name", status="ODD"))
        picture = written(console)
        assert "SUCCESS" in picture
        assert "[bold]name" in picture
        assert "\x07" not in picture

    def test_tasks_stand_in_the_order_of_their_ids(self) -> None:
        console = terminal()
        with LiveBoard(console) as board:
            for number in (10, 2, 0):
                board.heard(row(number, "SUCCESS"))
        picture = written(console)
        assert picture.rindex("node-0") < picture.rindex("node-2") < picture.rindex("node-10")

    def test_too_many_tasks_are_cut_to_those_that_moved(self) -> None:
        console = terminal(height=9)
        with LiveBoard(console) as board:
            for number in range(20):
                board.heard(row(number, "PENDING"))
            for number in range(10):
                board.heard(row(number, "SUCCESS"))
        picture = written(console)
        final = picture[picture.rindex("node-7") - 20 :]
        assert "○ 10 PENDING, ✓ 10 SUCCESS" in final
        assert [f"node-{number}" in final for number in (7, 8, 9, 10, 19)] == [True, True, True, False, False]

    def test_a_graph_that_fits_is_drawn_with_what_each_node_has_come_to(self) -> None:
        console = terminal()
        with LiveBoard(console, DAG) as board:
            for number, status in enumerate(("SUCCESS", "RUNNING")):
                board.heard(row(number, status))
        last = without_codes(written(console)).splitlines()[-3:]
        assert [line.strip() for line in last if line] == ["╭──✓ node-0 count", "╰─▶◐ node-1 count"]

    def test_what_has_not_begun_when_the_run_ends_was_not_run(self) -> None:
        console = terminal()
        with LiveBoard(console, DAG) as board:
            board.heard(row(0, "SUCCESS"))
            board.heard(row(1, "PENDING"))
            board.heard(event("run.progress", status="RUNNING"))
            assert "○ node-1" in drawn(board)
            board.heard(event("run.completed", status="SUCCESS"))
            board.heard(event("run.progress", status="RUNNING"))
            assert "– node-1" in drawn(board)
            assert "✓ node-0" in drawn(board)

    def test_so_in_the_list(self) -> None:
        console = terminal(height=8)
        with LiveBoard(console) as board:
            board.heard(row(0, "SUCCESS"))
            board.heard(row(1, "QUEUED"))
            board.heard(event("run.completed"))
            assert "– NOT RUN    node-1" in drawn(board)
            board.heard(row(2, "PENDING"))
            assert "– 2 NOT RUN, ✓ 1 SUCCESS" in drawn(board)
            assert "node-2" not in drawn(board)

    @pytest.mark.parametrize("size", [{"height": 7}, {"width": 10}])
    def test_a_graph_that_does_not_fit_is_a_list(self, size: dict[str, int]) -> None:
        console = terminal(**size)
        with LiveBoard(console, DAG) as board:
            board.heard(row(0, "SUCCESS"))
        assert "──✓" not in without_codes(written(console))
        assert "✓" in written(console)

    def test_the_end_of_the_log_stands_below_while_it_goes_on(self) -> None:
        console = terminal()
        with LiveBoard(console, DAG) as board:
            board.heard(row(0, "SUCCESS"))
            for number in range(5):
                board.heard(event("log.entry", message=f"line {number}\x07"))
            other = terminal()
            other.print(board.picture())
        assert [line.strip() for line in without_codes(written(other)).splitlines()] == [
            "╭──✓ node-0 count",
            "╰─▶○ node-1 count",
            "line 2\\x07",
            "line 3\\x07",
            "line 4\\x07",
        ]

    def test_it_lets_go_of_the_terminal_when_something_goes_wrong(self) -> None:
        console = terminal()
        with pytest.raises(RuntimeError), LiveBoard(console):
            raise RuntimeError
        assert "\x1b[?25h" in written(console), "the cursor is shown again"


def test_where_only_json_is_wanted_nothing_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with SilentBoard() as board:
        board.heard(row(0, "SUCCESS"))
    assert capsys.readouterr().out == ""


def test_a_problem_is_one_printable_line() -> None:
    assert one_line(ValueError("two\nlines \x1b[31m")) == "two lines \\x1b[31m"
    assert one_line(KeyboardInterrupt()) == "KeyboardInterrupt"
