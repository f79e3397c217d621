"""The live progress as a person sees it, in the terminal that tmux is: it draws and ends, and goes on after Ctrl-C."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.flows_of_tests import FLOWS

CASCADES = "import sys; from cascades_sdk.cli import main; sys.exit(main())"

pytestmark = [
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
    pytest.mark.witness("tmux: the live progress of a run, in a terminal"),
    pytest.mark.usefixtures("ctrl_c"),
]


class Terminal:
    """A terminal of its own, in which a shell runs commands."""

    def __init__(self, folder: Path, columns: int = 200, lines: int = 30) -> None:
        self._socket = str(folder / "tmux.socket")
        environment = {name: value for name, value in os.environ.items() if name not in ("TMUX", "NO_COLOR")}
        environment |= {"CASCADES_SESSION": "the-cookie", "LC_ALL": "C.UTF-8"}
        size = ["-x", str(columns), "-y", str(lines)]
        start = ["-f", "/dev/null", "new-session", "-d", *size, "-c", str(folder), "bash --norc --noprofile"]
        self._tmux(*start, environment=environment)
        self.until(str.strip)

    def _tmux(self, *arguments: str, environment: dict[str, str] | None = None) -> str:
        command = ["tmux", "-u", "-S", self._socket, *arguments]
        ran = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, check=True)
        return ran.stdout

    def run(self, *arguments: str) -> None:
        """Start a command; its exit code is printed behind it."""
        line = " ".join([f"'{sys.executable}' -c '{CASCADES}'", *arguments, "; echo code=$?"])
        self._tmux("send-keys", "-l", f"clear; {line}")
        self._tmux("send-keys", "Enter")

    def press(self, key: str) -> None:
        self._tmux("send-keys", key)

    def screen(self, *, codes: bool = False) -> str:
        return self._tmux("capture-pane", "-p", "-J", *(["-e"] if codes else []))

    def cursor_is_seen(self) -> bool:
        return self._tmux("display-message", "-p", "#{cursor_flag}").strip() == "1"

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the command that runs."""
        shell = self._tmux("display-message", "-p", "#{pane_pid}").strip()
        found = subprocess.run(["pgrep", "-P", shell], capture_output=True, encoding="utf-8", check=True)
        os.kill(int(found.stdout), number)

    def until(self, ready: Callable[[str], object]) -> str:
        """What is on the screen as soon as it is as it should be."""
        deadline = time.monotonic() + 30
        while not ready(screen := self.screen()):
            assert time.monotonic() < deadline, screen
            time.sleep(0.01)
        return screen

    def close(self) -> None:
        self._tmux("kill-server")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "flows_of_a_user.py").write_text(FLOWS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def terminal(folder: Path) -> Iterator[Terminal]:
    opened = Terminal(folder)
    yield opened
    opened.close()


@pytest.fixture
def url(folder: Path) -> Iterator[str]:
    """A plane in a process of its own, which serves the flows."""
    command = [sys.executable, "-u", "-c", CASCADES, "serve", "flows_of_a_user.py:gated,failing"]
    environment = {**os.environ, "CASCADES_SESSION": "the-cookie"}
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, encoding="utf-8", env=environment) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[2]
        process.terminate()


GRAPH = ("--graph", "flows_of_a_user.py:gated")


def test_it_draws_ctrl_c_says_where_it_was_and_it_goes_on_to_the_end(
    terminal: Terminal, url: str, folder: Path
) -> None:
    context = "'" + f'{{"gate": "{folder}/gate"}}' + "'"
    terminal.run("run", "gated", "--url", url, "--context", context, *GRAPH)
    drawn = terminal.until(lambda screen: "✓ node-0 halve" in screen and "◐ node-1 wait_for" in screen)
    assert "╭────✓ node-0 halve\n╰─┬─▶◐ node-1 wait_for\n  ╰─▶○ node-2 halve\n" in drawn
    terminal.until(lambda screen: "halve (node-0) finished" in screen)
    assert re.search("\x1b\\[([0-9]+;)*33m(\x1b\\[[0-9;]*m)*◐ node-1", terminal.screen(codes=True)), "yellow"

    terminal.press("C-c")
    left = terminal.until(lambda screen: "code=130" in screen)
    assert "Traceback" not in left
    position = re.search(r"--resume ('[^']+'|\S+)", left.replace("\n", ""))
    assert position is not None

    terminal.run("run", "--resume", position[1], "--url", url, *GRAPH)
    # The picture shows all of the run, also what was told before.
    terminal.until(lambda screen: "✓ node-0 halve" in screen and "◐ node-1 wait_for" in screen)
    (folder / "gate").touch()
    ended = terminal.until(lambda screen: "code=0" in screen)
    assert ended.count("✓ node-") == 3, "one picture is left, and all of it is done"
    assert "finished" not in ended, "the log is gone"
    assert "status  SUCCESS" in ended


# By name, because Windows has not all of them.
@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGINT", 130), ("SIGKILL", 137), ("SIGTSTP", 148)])
def test_the_cursor_is_seen_whatever_stops_or_ends_it(
    terminal: Terminal, url: str, folder: Path, name: str, code: int
) -> None:
    context = "'" + f'{{"gate": "{folder}/gate"}}' + "'"
    terminal.run("run", "gated", "--url", url, "--context", context, *GRAPH)
    terminal.until(lambda screen: "◐ node-1 wait_for" in screen)
    terminal.signal(signal.Signals[name])
    stopped = terminal.until(lambda screen: f"code={code}" in screen)
    assert "Traceback" not in stopped
    assert terminal.cursor_is_seen()


def test_a_run_that_fails_is_red_and_says_why(terminal: Terminal, url: str) -> None:
    terminal.run("run", "failing", "--url", url)
    ended = terminal.until(lambda screen: "code=1" in screen)
    assert re.search(r"✗ FAILED +node-0 +fail", ended)
    assert "ValueError: no 1 at all" in ended
    assert re.search("\x1b\\[([0-9]+;)*31m(\x1b\\[[0-9;]*m)* *✗ FAILED", terminal.screen(codes=True)), "red"


def test_the_demo_draws_its_graph_once(terminal: Terminal) -> None:
    terminal.run("demo", "--pace", "0.05")
    ended = terminal.until(lambda screen: "code=0" in screen)
    assert ended.count("node-11 write_report") == 1
    assert "▶✓ node-11 write_report" in ended


def test_a_session_that_is_asked_for_is_not_shown(terminal: Terminal, url: str) -> None:
    terminal.run("run", "failing", "--url", url, "--prompt")
    terminal.until(lambda screen: "session cookie:" in screen)
    terminal.press("the-cookie")
    terminal.press("Enter")
    ended = terminal.until(lambda screen: "code=1" in screen)
    assert "the-cookie" not in ended
