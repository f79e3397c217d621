"""What importing the package costs, beside importing attrs and returns.result: CPU, and modules loaded.

Each import happens in a fresh interpreter, which tells its own CPU, because no system tells that of a child in the way
of another one. What an interpreter costs that imports nothing is taken off.
"""

import statistics
import subprocess
import sys
from collections.abc import Iterator
from typing import Final

from measuring import Case, Settings, in_fresh_process, interleaved

__all__ = ["importing"]

NOTHING: Final = "nothing"
UNIT: Final = "attrs, returns.result"
PROGRAMS: Final = {
    NOTHING: "pass",
    UNIT: "import attrs, returns.result",
    "cascades_sdk": "import cascades_sdk",
    "… task, flow": "from cascades_sdk import flow, task",
    "… errors, types": "import cascades_sdk.errors, cascades_sdk.types",
    "… CascadesClient": "from cascades_sdk import CascadesClient",
    "… AsyncCascadesClient": "from cascades_sdk import AsyncCascadesClient",
    "httpx": "import httpx",
}


def _cpu_of(program: str) -> float:
    """The CPU seconds (user and system) of an interpreter from its start to the end of a program."""
    telling = f"{program}\nimport time\nprint(time.process_time())"
    return float(subprocess.run([sys.executable, "-c", telling], check=True, capture_output=True, text=True).stdout)


def importing(settings: Settings) -> Iterator[Case]:
    """CPU beside attrs and returns.result; and how many modules are loaded that an empty interpreter has not."""
    programs = {name: lambda program=program: _cpu_of(program) for name, program in PROGRAMS.items()}
    measured = interleaved(programs, settings.some(15))
    floor = statistics.median(measured.pop(NOTHING))
    seconds = {name: [value - floor for value in values] for name, values in measured.items()}
    yield Case("import", "CPU", "s", seconds, beside=UNIT, goals={"cascades_sdk": 1.5})
    counted = {
        name: [in_fresh_process(f"import json; before = len(sys.modules); {program}\n{COUNT}")["loaded"]]
        for name, program in PROGRAMS.items()
        if name != NOTHING
    }
    yield Case("import", "modules", "modules", counted, beside=UNIT)


COUNT: Final = "print(json.dumps({'loaded': len(sys.modules) - before}))"
