"""Where a fresh process finds a flow.

Decided here: how a flow is named so that another process finds the very same one, under the same module name (the
documents hold it), and how it is loaded there. Never here: starting processes, compiling.
"""

import importlib.util
import os
import sys
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from types import ModuleType
from typing import Any, Final, TypeAlias

import attrs

from cascades_sdk.compiler import Flow
from cascades_sdk.errors import cause_text
from cascades_sdk.testing.determinism._model import FlowNotFoundError

__all__ = ["FlowPlace", "Subject", "flow_at", "place_of"]

#: A flow; or ``module:qualname``; or ``path/to/file.py:qualname``.
Subject: TypeAlias = Flow[..., Any] | str

_NAMES: Final = "give a flow, 'module:qualname' or 'path/to/file.py:qualname'"


@attrs.frozen
class FlowPlace:
    """A flow as any process can find it. The ``file`` is that of the module, absolute, where one is known."""

    flow: str
    module: str
    qualname: str
    file: str | None = None


def place_of(subject: Subject) -> FlowPlace | FlowNotFoundError:
    """Where the flow is."""
    if isinstance(subject, Flow):
        return _place_of_flow(subject)
    module, _, qualname = subject.rpartition(":") if isinstance(subject, str) else ("", "", "")
    if not module or not qualname:
        return FlowNotFoundError(str(subject), "this names no flow", _NAMES)
    if not module.endswith(".py"):
        return FlowPlace(subject, module, qualname)
    file = Path(module).resolve()
    if not file.is_file():
        return FlowNotFoundError(subject, f"there is no file {file}", _NAMES)
    return FlowPlace(subject, file.stem, qualname, str(file))


def _place_of_flow(subject: Flow[..., Any]) -> FlowPlace | FlowNotFoundError:
    function = subject.function
    module_name = subject.reference.partition(":")[0]
    module = sys.modules.get(function.__module__)
    # A flow may be kept under another name than that of its function.
    kept = (name for name, value in vars(module).items() if value is subject) if module else ()
    qualname = next(iter(kept), function.__qualname__)
    file: str | None = getattr(module, "__file__", None)
    if "<locals>" in qualname:
        return FlowNotFoundError(
            subject.name, "it is made inside a function, where no other process finds it", "define it in a module"
        )
    if module_name == "__main__":
        return FlowNotFoundError(subject.name, "it is defined in an interactive session", "define it in a file")
    # What is in an archive has no file of its own, and is imported by its name.
    known = None if file is None or not Path(file).is_file() else str(Path(file).resolve())
    return FlowPlace(subject.name, module_name, qualname, known)


def flow_at(place: FlowPlace) -> Flow[..., Any] | FlowNotFoundError:
    """The flow at a place; its module is imported, or run from its file where the import system would not find it."""
    try:
        module = _module_of(place)
    except (Exception, SystemExit) as fault:  # noqa: BLE001 - what foreign code raises while it is imported is an answer
        told = f"{type(fault).__name__}: {cause_text(fault)}"
        advice = "let the module be importable by itself, from the same search path"
        return FlowNotFoundError(place.flow, f"module {place.module!r} cannot be imported: {told}", advice)
    try:
        found: object = attrgetter(place.qualname)(module)
    except AttributeError:
        return FlowNotFoundError(place.flow, f"module {place.module!r} has no {place.qualname!r}", _NAMES)
    if not isinstance(found, Flow):
        kind = type(found).__name__
        return FlowNotFoundError(
            place.flow, f"{place.qualname!r} is of type {kind}", "decorate the function with @flow"
        )
    return found


def _module_of(place: FlowPlace) -> ModuleType:
    if place.file is None or _is_found(place.module, place.file):
        return import_module(place.module)
    # A script, or a test module: run from its file as Python would, under the name that documents know it by.
    sys.path.insert(0, str(Path(place.file).parent))
    spec = importlib.util.spec_from_file_location(place.module, place.file)
    assert spec is not None  # there is a loader for what ends in .py
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[place.module] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[place.module]  # as an import does: a half of a module is not found again
        raise
    return module


def _is_found(module: str, file: str) -> bool:
    """Whether importing the module would load this file, and not another of the same name, or none."""
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):  # a parent is missing, or is no package
        return False
    origin = None if spec is None else spec.origin
    return origin is not None and Path(origin).exists() and os.path.samefile(origin, file)
