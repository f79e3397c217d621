"""What a fresh process does: find the flow, compile it in every way, and write down what it saw.

Decided here: what a request and an answer look like between the two processes. Never here: comparing; whatever the
flow's module prints is no part of the answer, which is a file.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any, Final

import attrs

from cascades_sdk.testing.determinism._model import FlowNotFoundError
from cascades_sdk.testing.determinism._observing import Compile, Observation, observed
from cascades_sdk.testing.determinism._places import FlowPlace, flow_at

__all__ = ["BOOTSTRAP", "INSIDE", "WITHOUT_PACKAGE", "answer", "answer_from", "answer_to", "request_text"]

#: Set in fresh processes: a module that checks itself while it is imported would start processes without end.
INSIDE: Final = "CASCADES_SDK_DETERMINISM_CHILD"

#: How a process ends whose Python has no cascades-sdk that knows this check.
WITHOUT_PACKAGE: Final = 97

#: The program of a fresh process. It says the least that can run without the package, on any Python.
BOOTSTRAP: Final = f"""
import json, sys
request, answered = sys.argv.pop(), sys.argv.pop()
with open(request, "rb") as file:
    request = json.loads(file.read().decode("utf-8"))
sys.path[: len(sys.path) if request["same"] else 0] = request["path"]
try:
    from cascades_sdk.testing.determinism._child import answer
except ImportError as fault:
    sys.stderr.write("%s: %s" % (type(fault).__name__, fault))
    sys.exit({WITHOUT_PACKAGE})
answer(request, answered)
"""


def request_text(place: FlowPlace, inputs: Any, repeats: int, path: list[str], same: bool) -> str:
    """The request: the flow, what to compile it with, and where modules are looked for.

    ``same`` says that the interpreter is the one that asks, so that the path is all of the path.
    """
    return json.dumps({"place": attrs.asdict(place), "inputs": inputs, "repeats": repeats, "path": path, "same": same})


def answer(request: dict[str, Any], answered: str) -> None:
    """Write the answer to a request into a file; it appears there whole, or not at all."""
    unfinished = f"{answered}.part"
    Path(unfinished).write_text(json.dumps(answer_to(request)), encoding="utf-8")
    os.replace(unfinished, answered)
    sys.stdout.flush()


def answer_to(request: dict[str, Any]) -> dict[str, Any]:
    """The answer: what was seen, or why no flow was found."""
    found = flow_at(FlowPlace(**request["place"]))
    if isinstance(found, FlowNotFoundError):
        return {"missing": [found.flow, found.problem, found.advice]}
    return attrs.asdict(observed(found, request["inputs"], request["repeats"]))


def answer_from(text: str) -> Observation | FlowNotFoundError:
    """The answer as a value."""
    wire = json.loads(text)
    if "missing" in wire:
        return FlowNotFoundError(*wire["missing"])
    return Observation(wire["runtime"], tuple(Compile(**each) for each in wire["compiles"]), wire["documents"])
