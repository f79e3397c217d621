"""Speed and memory, measured side by side: ``python tests/bench [FAMILY ...] [--peers NAMES] [--json FILE]``.

Families: compile, evaluate, memory, write, read, compare, import, call, stream, wait, plane; all, where none is named.
What a figure is, and how it came about, stands in README.md beside this file.
"""

import argparse
import json
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import attrs
from calling import calling
from compiling import compiling, evaluating, memory
from encoding import comparing, reading, writing
from importing import importing
from measuring import Case, Settings
from peers import PROGRAMS, asked_of
from serving import plane
from telling import growths, lines_of
from waiting import streaming, waiting

FAMILIES: Final[dict[str, Callable[[Settings], Iterator[Case]]]] = {
    "compile": compiling,
    "evaluate": evaluating,
    "memory": memory,
    "write": writing,
    "read": reading,
    "compare": comparing,
    "import": importing,
    "call": calling,
    "stream": streaming,
    "wait": waiting,
    "plane": plane,
}

USUAL: Final = Settings(sizes=(1_000, 10_000, 100_000), rounds=5)
#: What shows within seconds that everything works; its figures say nothing.
SMALL: Final = Settings(sizes=(40, 80), rounds=1, share=0.01, whole=2_000)


def sizes(text: str) -> tuple[int, ...]:
    """Numbers of tasks; each shape needs a few."""
    found = tuple(map(int, text.split(",")))
    if min(found) < 4:
        raise ValueError
    return found


def rounds(text: str) -> int:
    """How many rounds there are."""
    if int(text) < 1:
        raise ValueError
    return int(text)


def machine() -> dict[str, str]:
    """What the figures depend on."""
    packages = ("attrs", "returns", "httpx", "httpcore", "httpx-sse", "cbor2", "orjson", "rfc8785", "requests")
    found = {"python": platform.python_version(), "machine": f"{platform.system()} {platform.machine()}"}
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else ():
        if line.startswith("model name"):
            found["processor"] = line.partition(":")[2].strip()
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python tests/bench", description=__doc__)
    # Where none is named, argparse looks for the empty list among the choices, too.
    parser.add_argument("families", nargs="*", metavar="FAMILY", choices=[*FAMILIES, []], help=", ".join(FAMILIES))
    help_on_sizes = "1000,10000,100000 by default, and a million tasks as a whole process; given sizes bound that, too"
    parser.add_argument("--sizes", type=sizes, help=help_on_sizes)
    parser.add_argument("--rounds", type=rounds)
    parser.add_argument("--small", action="store_true", help="everything once, small: does it work?")
    help_on_peers = f"{','.join(PROGRAMS)}, also as NAME==VERSION; each is installed in an environment of its own"
    parser.add_argument("--peers", default="", metavar="NAMES", help=help_on_peers)
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep all figures")
    given = parser.parse_args(arguments)
    asked = [name for name in given.peers.split(",") if name]
    unknown = [name for name in asked if name.partition("==")[0] not in PROGRAMS]
    if unknown:
        parser.error(f"nobody speaks for {', '.join(unknown)}; there are {', '.join(PROGRAMS)}")
    settings = SMALL if given.small else USUAL
    if given.sizes:
        settings = attrs.evolve(settings, sizes=given.sizes, whole=max(given.sizes))
    settings = attrs.evolve(settings, rounds=given.rounds or settings.rounds)
    if given.json:
        try:
            given.json.touch()
        except OSError as problem:
            parser.error(f"--json {given.json}: {problem.strerror}")
    cases: list[Case] = []
    with asked_of(asked) as peers:
        settings = attrs.evolve(settings, peers=peers)
        print("  ".join(f"{name} {value}" for name, value in machine().items()))
        print(f"medians of {settings.rounds} rounds, with half of the range between the quartiles")
        for family in given.families or FAMILIES:
            for case in FAMILIES[family](settings):
                cases.append(case)
                print("\n".join(lines_of(case)), flush=True)
    print("growth, as the exponent of the size:")
    print("\n".join(growths(cases)))
    if given.json:
        kept: dict[str, Any] = {"machine": machine(), "cases": [attrs.asdict(case) for case in cases]}
        given.json.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
