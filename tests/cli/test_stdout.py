"""All of what is printed arrives, or it is an error: a part of a document is never a success."""

import errno
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cascades_sdk.cli import main
from cascades_sdk.cli._whole import whole
from cli.flows_of_tests import folder_with_flows

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def flows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    yield from folder_with_flows(tmp_path, monkeypatch)


class Slow(io.RawIOBase):
    """A file as the system has it: it takes some bytes at a time, and at some point it is full, or not ready."""

    def __init__(self, room: int, then: int | None = errno.ENOSPC) -> None:
        self.taken = b""
        self._room, self._then = room, then

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 77

    def write(self, data: "memoryview[int]") -> int | None:  # type: ignore[override]  # what is written here
        part = bytes(data[: min(10, self._room)])
        if data and not part:
            if self._then is None:
                return None
            raise OSError(self._then, os.strerror(self._then))
        self.taken += part
        self._room -= len(part)
        return len(part)


def unbuffered(raw: io.RawIOBase) -> io.TextIOWrapper:
    return io.TextIOWrapper(raw, "utf-8", write_through=True)  # type: ignore[arg-type]  # as Python does it, too


@pytest.mark.parametrize("arguments", [[], ["--json"], ["--format", "text"]])
def test_what_the_system_takes_in_parts_arrives_whole(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    command = ["compile", "flows_of_a_user:larger", *arguments]
    assert main([*command, *(["-o", "-"] * ("--json" not in arguments))]) == 0
    told = capsys.readouterr().out
    raw = Slow(1_000_000)
    monkeypatch.setattr(sys, "stdout", unbuffered(raw))
    monkeypatch.setattr(raw, "isatty", lambda: False)
    assert main(command) == 0
    assert raw.taken.decode() == told


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_part_of_a_document_is_3(options: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr(sys, "stdout", unbuffered(Slow(25)))
    assert main(["compile", "flows_of_a_user:halved", *options]) == 3
    assert capsys.readouterr().err == f"cascades: [Errno {errno.ENOSPC}] {os.strerror(errno.ENOSPC)}\n"
    sys.stdout.close()


def test_what_takes_nothing_now_is_an_error_and_no_endless_wait() -> None:
    with pytest.raises(BlockingIOError):
        whole(unbuffered(Slow(25, None))).write("x" * 26)


def test_it_is_the_same_place_and_stays_open() -> None:
    raw = Slow(25)
    stdout = unbuffered(raw)
    told = whole(stdout)
    assert (told.fileno(), told.isatty(), told.encoding) == (77, True, "utf-8")
    told.close()
    assert not raw.closed


def test_what_is_buffered_is_whole_as_it_is() -> None:
    for stream in (io.StringIO(), io.TextIOWrapper(io.BytesIO())):
        assert whole(stream) is stream


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_full_disk_is_one_line_and_3(options: list[str], unbuffered: str) -> None:
    script = "import sys; from cascades_sdk.cli import main; sys.exit(main())"
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", script, "version", *options],
            stdout=full,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            check=False,
        )
    assert done.returncode == 3
    assert done.stderr.count(b"\n") == 1
