"""Other libraries that capture flows, each in an environment of its own, asked in the rounds of the benchmark.

A peer is a process of its interpreter that answers, line by line, how many CPU seconds a flow of a shape and a size
took it to serialised bytes. Environments are made on request in the user's folder for what can be made again, and used
again. Nothing of a peer is a dependency, and nothing of it is read.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import attrs

__all__ = ["PROGRAMS", "Peer", "asked_of", "folder_of_the_user"]

HERE: Final = Path(__file__).parent
#: By distribution: the program that speaks for it, and what is installed besides.
PROGRAMS: Final = {
    "cascades-sdk": ("with_the_older_sdk.py", ()),
    "dask": ("with_dask.py", ("cloudpickle",)),
    "flytekit": ("with_flytekit.py", ()),
    "hera": ("with_hera.py", ()),
}
#: Where the distribution has another name.
DISTRIBUTIONS: Final = {"hera": "hera-workflows"}


@attrs.frozen
class Peer:
    """A peer that waits for questions."""

    name: str
    process: "subprocess.Popen[str]"
    shapes: frozenset[str]

    def __call__(self, shape: str, size: int) -> float:
        """The CPU seconds from a flow to bytes."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{shape} {size}\n")
        self.process.stdin.flush()
        told = self.process.stdout.readline()
        if not told:
            raise RuntimeError(f"{self.name} ended at {shape} {size}")
        return float(told)


def folder_of_the_user(system: str, environment: Mapping[str, str], home: Path) -> Path:
    """Where a user keeps what can be made again: in a folder that all share, another one could have put an interpreter.

    As the XDG Base Directory Specification says, a path that is not absolute is ignored.
    """
    name, usual = ("LOCALAPPDATA", "AppData/Local") if system == "win32" else ("XDG_CACHE_HOME", ".cache")
    told = Path(environment.get(name, ""))
    return told if told.is_absolute() else home / usual


def _interpreter(requirement: str, program: str, besides: Sequence[str]) -> Path:
    """The interpreter of an environment that has the peer."""
    folder = folder_of_the_user(sys.platform, os.environ, Path.home()) / "cascades-bench-peers" / requirement
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    ready = folder / "ready"
    if not ready.exists():
        name, equals, number = requirement.partition("==")
        wanted = DISTRIBUTIONS.get(name, name) + equals + number
        print(f"{wanted} is installed into {folder}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", wanted, *besides], check=True)
        ready.touch()
    return python


@contextmanager
def asked_of(requirements: Sequence[str]) -> Iterator[dict[str, Peer]]:
    """The peers, by requirement (``dask``, ``cascades-sdk==0.3.0``), while this lasts.

    Raises:
        KeyError: nobody speaks for such a peer; :data:`PROGRAMS` has those that there are.
    """
    with ExitStack() as stack:
        peers = {}
        for requirement in requirements:
            program, besides = PROGRAMS[requirement.partition("==")[0]]
            python = _interpreter(requirement, program, besides)
            process = stack.enter_context(
                subprocess.Popen(
                    [str(python), str(HERE / program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
                )
            )
            stack.callback(process.kill)
            assert process.stdout is not None
            version, _, shapes = process.stdout.readline().strip().partition(" ")
            peers[requirement] = Peer(requirement, process, frozenset(shapes.split()))
            print(f"peer: {requirement}, version {version}: {shapes}")
        yield peers
