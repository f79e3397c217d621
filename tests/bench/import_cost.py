"""What importing the package costs, beside importing attrs and returns.result, in one run.

Run it: ``python tests/bench/import_cost.py [--rounds N]``. Each import happens in a fresh interpreter; the rounds are
interleaved, and what an interpreter costs that imports nothing is taken off. It prints medians of CPU milliseconds
(user and system) and the ratio to attrs with returns.result.
"""

import argparse
import resource
import statistics
import subprocess
import sys
from typing import Final

PROGRAMS: Final = {
    "nothing": "pass",
    "attrs, returns.result": "import attrs, returns.result",
    "cascades_sdk": "import cascades_sdk",
    "… task, flow": "from cascades_sdk import flow, task",
    "… errors, types": "import cascades_sdk.errors, cascades_sdk.types",
    "… CascadesClient": "from cascades_sdk import CascadesClient",
    "… AsyncCascadesClient": "from cascades_sdk import AsyncCascadesClient",
    "httpx": "import httpx",
}


def cpu_of(program: str) -> float:
    """The CPU seconds of an interpreter that runs a program."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    seconds: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(rounds):
        for name, program in PROGRAMS.items():
            seconds[name].append(cpu_of(program))
    floor = statistics.median(seconds.pop("nothing"))
    unit = statistics.median(seconds["attrs, returns.result"]) - floor
    print(f"an interpreter that imports nothing: {floor * 1000:.0f} ms; medians of {rounds} rounds, less that:")
    for name, measured in seconds.items():
        own = statistics.median(measured) - floor
        print(f"{name:<24} {own * 1000:6.1f} ms  {own / unit:5.2f}")


if __name__ == "__main__":
    main()
