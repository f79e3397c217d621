"""The floor: the least that a capture of a flow can do and still answer the same document.

It knows the parameters of a function by name, takes references for references and everything else for a literal, keeps
the line of each call, writes canonical JSON with the fastest writer that Python has, and hashes it. It checks nothing,
keeps no value that could be read, compared or drawn, and knows no options, groups, choices or maps. For the shapes that
are measured its bytes are those of the package, which the benchmark asserts.
"""

import hashlib
import inspect
import json
import sys
from collections.abc import Callable
from typing import Any, Final


class Mark:
    """What stands for the output of a call."""

    __slots__ = ("at",)

    def __init__(self, at: int) -> None:
        self.at = at


class Floor:
    """One capture."""

    def __init__(self) -> None:
        self.nodes: list[dict[str, Any]] = []
        self.tasks: dict[str, Any] = {}
        self.lines: list[int] = []

    def task(self, function: Callable[..., Any]) -> Callable[..., Mark]:
        name, parameters = function.__name__, inspect.signature(function).parameters.values()
        names = [parameter.name for parameter in parameters]

        def call(*args: Any, **kwargs: Any) -> Mark:
            self.tasks[name] = function
            bound = {**dict(zip(names, args, strict=False)), **kwargs}
            arguments = {parameter: binding(value) for parameter, value in bound.items()}
            self.nodes.append({"arguments": arguments, "id": f"node-{len(self.nodes)}", "kind": "call", "task": name})
            self.lines.append(sys._getframe(1).f_lineno)
            return Mark(len(self.nodes) - 1)

        return call

    def document(self, name: str, inputs: dict[str, Any], returned: Mark) -> tuple[bytes, str]:
        """The canonical JSON, and its digest."""
        document = {
            "inputs": [{"default": default, "name": each} for each, default in inputs.items()],
            "kind": "cascades/dag@1",
            "name": name,
            "nodes": self.nodes,
            "returns": binding(returned),
            "tasks": {each: definition(function) for each, function in self.tasks.items()},
        }
        data = DUMPS(document).encode()
        return data, "sha256:" + hashlib.sha256(data).hexdigest()


class Input:
    """What stands for an input of the flow."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


def binding(value: Any) -> dict[str, Any]:
    """What an argument is bound to."""
    kind = type(value)
    if kind is Mark:
        return {"node": f"node-{value.at}"}
    if kind is Input:
        return {"input": value.name}
    if kind is list and any(type(item) is Mark for item in value):
        return {"list": [binding(item) for item in value]}
    if kind is dict and any(type(item) is Mark for item in value.values()):
        return {"object": {key: binding(item) for key, item in value.items()}}
    return {"literal": value}


def definition(function: Callable[..., Any]) -> dict[str, Any]:
    """What the document says of a task."""
    parameters = [
        {
            **({} if each.default is inspect.Parameter.empty else {"default": each.default}),
            "kind": "positional_or_keyword",
            "name": each.name,
        }
        for each in inspect.signature(function).parameters.values()
    ]
    reference = f"{function.__module__}:{function.__qualname__}"
    return {"importable": True, "parameters": parameters, "reference": reference}


DUMPS: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
