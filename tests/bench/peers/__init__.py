"""Other libraries that capture flows, each in an environment of its own, asked in the rounds of the benchmark.

A peer is a process of its interpreter that answers, line by line, how many CPU seconds a flow of a shape and a size
took it to serialised bytes. Environments are made on request in the folder for temporary files, and used again. Nothing
of a peer is a dependency, and nothing of it is read.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import attrs

__all__ = ["PROGRAMS", "Peer", "asked_of"]

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


def _interpreter(requirement: str, program: str, besides: Sequence[str]) -> Path:
    """The interpreter of an environment that has the peer."""
    folder = Path(tempfile.gettempdir()) / "cascades-bench-peers" / requirement
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
