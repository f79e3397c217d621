"""The public surface of the package, as text: `python tests/surface.py` writes it to `tests/surface.txt`.

Decided here: which modules are public, and what of a name is part of the promise: its kind, its parameters and their
order, which of them may be left out, and the public attributes of classes. Types are judged by `tests/typed/`.
"""

import inspect
import pkgutil
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("surface.txt")

#: What users import, in the order in which a name is told first. Everything else may change without notice.
PUBLIC: Final = (
    "cascades_sdk.client",
    "cascades_sdk.compiler",
    "cascades_sdk.diff",
    "cascades_sdk.encoding",
    "cascades_sdk.errors",
    "cascades_sdk.evaluation",
    "cascades_sdk.graph",
    "cascades_sdk.pipelines",
    "cascades_sdk.protocol.auth",
    "cascades_sdk.testing.determinism",
    "cascades_sdk.testing.plane",
    "cascades_sdk.testing.strategies",
    "cascades_sdk.testing",
    "cascades_sdk.types",
    "cascades_sdk.values",
    "cascades_sdk.views",
    "cascades_sdk",
    "cascades_sdk.compat",
)

#: What has no underscore and is no promise: a room stands here for all that is in it.
INNER: Final = (
    "cascades_sdk.cli",  # its promise is the command line
    "cascades_sdk.contract",  # what the clients are made of, as are the next two; their methods are the promise
    "cascades_sdk.protocol",
    "cascades_sdk.transport",
    "cascades_sdk.testing.faithfulness",  # what these three offer is offered by `cascades_sdk.testing`, or as fixtures
    "cascades_sdk.testing.plugin",
    "cascades_sdk.testing.snapshots",
)


def walked() -> Iterator[str]:
    """Every module of the package in whose whole name there is no underscore, found in the folders."""
    yield "cascades_sdk"
    for found in pkgutil.walk_packages(import_module("cascades_sdk").__path__, "cascades_sdk."):
        if not any(part.startswith("_") for part in found.name.split(".")):
            yield found.name


def public_names(module: str) -> dict[str, Any]:
    """The objects that a module promises, by name, in order."""
    loaded = import_module(module)
    return {name: getattr(loaded, name) for name in sorted(loaded.__all__)}


def members(kind: type) -> Iterator[tuple[str, Any]]:
    """The public attributes of one of our classes: those that it, or a class of ours above it, defines."""
    ours = [each for each in kind.__mro__ if each.__module__.startswith("cascades_sdk")]
    found = {name: value for each in reversed(ours) for name, value in vars(each).items() if not name.startswith("_")}
    yield from sorted(found.items())


def lines() -> Iterator[str]:
    """The surface, line by line; what was told already is told by where."""
    told: dict[int, str] = {}
    for module in PUBLIC:
        yield f"# {module}"
        for name, value in public_names(module).items():
            if id(value) in told and callable(value):
                yield f"{name} = {told[id(value)]}"
                continue
            told[id(value)] = f"{module}.{name}"
            yield _shown(name, value)
            if isinstance(value, type) and value.__module__.startswith("cascades_sdk"):
                yield from (
                    f"    {_shown(member, inside)}" for member, inside in members(value) if not _is_slot(inside)
                )


def _is_slot(value: Any) -> bool:
    return inspect.ismemberdescriptor(value) or inspect.isgetsetdescriptor(value)


def _shown(name: str, value: Any) -> str:
    if isinstance(value, property):
        return f"{name} (property)"
    function = value.__func__ if isinstance(value, classmethod | staticmethod) else value
    kind = "class " if isinstance(value, type) else "async " if inspect.iscoroutinefunction(function) else ""
    if isinstance(value, type) or inspect.isroutine(function):
        try:
            return f"{kind}{name}{_parameters(function)}"
        except (TypeError, ValueError):  # no signature: a protocol, a builtin
            return f"{kind}{name}"
    return name


def _parameters(function: Any) -> str:
    shown = [
        each.replace(annotation=each.empty, default="…" if each.default is not each.empty else each.empty)
        for each in inspect.signature(function).parameters.values()
    ]
    return str(inspect.Signature(shown)).replace("'…'", "…")


def text() -> str:
    """The whole surface."""
    return "\n".join(lines()) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
    sys.stdout.write(f"{FILE} is written: read the difference before it is committed\n")
