"""``MODULE:FLOW`` as a flow, and files of documents as graphs.

Decided here: where modules are looked for, how a file is told from a flow, and what is wrong where nothing is found.
Never here: compiling, and the rules of documents.
"""

import importlib
import os
import re
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, redirect_stdout
from operator import attrgetter
from pathlib import Path
from traceback import extract_tb
from types import ModuleType
from typing import Any, Final, TypeVar

import click
from returns.result import Failure

from cascades_sdk.cli._trouble import Trouble, one_line, settled
from cascades_sdk.compiler import Flow, build_dag_from_flow
from cascades_sdk.encoding import MAX_DOCUMENT_BYTES, dag_from_cbor, dag_from_json
from cascades_sdk.errors import CaptureError, CascadesSDKError, InvalidDocumentError, Outcome, cause_text
from cascades_sdk.graph import Dag

__all__ = [
    "BY_CALLER",
    "BY_COMPILE",
    "BY_INPUT",
    "bytes_of",
    "compiled",
    "flow_named",
    "flows_named",
    "foreign_prints",
    "graph_in",
    "graph_named",
    "graph_of",
    "is_file",
]

_T = TypeVar("_T")

#: How a parameter is bound: where there is the option, where a document is taken too, and where neither is.
BY_INPUT: Final = "with --input {}=…"
BY_COMPILE: Final = "with compile --input {}=… -o FILE"
BY_CALLER: Final = "in a flow that calls this one"

#: The major type of what a document in CBOR is (RFC 8949 §3.1); no text begins with a byte of it.
_CBOR_MAP: Final = 5

#: The parameter that a capture stopped at.
_PARAMETER: Final = re.compile(r"(?:input '|\*+)(\w+)")


def compiled(reference: str, inputs: Mapping[str, Any], how: str = BY_INPUT) -> Dag:
    """The graph of the flow that ``MODULE:FLOW`` names, with these parameters bound.

    Raises:
        click.UsageError: there is no such flow, or it has no such parameter.
        Trouble: it does not compile.
    """
    return graph_of(flow_named(reference), inputs, how)


def graph_of(flow: Flow[..., Any], inputs: Mapping[str, Any], how: str) -> Dag:
    """The graph of a flow; what is raised is as in :func:`compiled`."""
    try:
        with foreign_prints():
            built = build_dag_from_flow(flow, inputs)
    except SystemExit as left:
        where = extract_tb(left.__traceback__)[-1]
        told = f"{where.filename}:{where.lineno}, flow {flow.name!r}: raised SystemExit: {left}"
        raise Trouble(one_line(told), type(left).__name__) from left
    return _captured(built, how)


def foreign_prints() -> AbstractContextManager[object]:
    """A block that runs the code of others: what it prints goes to stderr. What stands on stdout is the command's."""
    return redirect_stdout(sys.stderr)


def _captured(outcome: Outcome[_T, CascadesSDKError], how: str) -> _T:
    """What came of compiling; the advice where it failed is one that the command line can follow.

    Raises:
        click.UsageError: a parameter is bound that the flow has not.
        Trouble: the flow does not compile.
    """
    problem = outcome.failure() if isinstance(outcome, Failure) else None
    if not isinstance(problem, CaptureError):
        return settled(outcome)
    if problem.code == "unknown_input":
        raise click.BadParameter(f"{problem.problem}; {problem.advice}", param_hint="'--input'")
    parameter = _PARAMETER.match(problem.problem)
    # The library's advice is for those who write Python.
    bound = how.format("NAME" if parameter is None else parameter[1])
    advice = problem.advice.replace("in flow_inputs", bound).replace("give flow_inputs a", f"bind {bound}: a")
    if parameter is not None and bound not in advice:
        advice += f", or bind {parameter[1]!r} {bound}"
    line = CaptureError(problem.code, problem.problem, advice, problem.source, problem.flow, problem.task)
    raise Trouble(one_line(line), type(problem).__name__)


def graph_named(source: str) -> Dag:
    """The graph of a document in a file, or of a flow, whichever the text names.

    Raises:
        click.UsageError: it names neither.
        Trouble: what it names is no graph.
    """
    return graph_in(source, bytes_of(source)) if is_file(source) else compiled(source, {}, BY_COMPILE)


def is_file(source: str) -> bool:
    """Whether a text is the path of a file, where both that and a flow may stand."""
    return ":" not in source or os.path.exists(source)


def bytes_of(path: str) -> bytes:
    """What is in a file, as far as a document may be large; ``-`` is stdin.

    Raises:
        OSError: it cannot be read.
        click.UsageError: there is no stdin.
    """
    if path == "-":
        if getattr(sys.stdin, "closed", True):  # None, where the process was started without one
            raise click.UsageError("there is no stdin to read from")
        return sys.stdin.buffer.read(MAX_DOCUMENT_BYTES + 1)
    with Path(path).open("rb") as file:
        return file.read(MAX_DOCUMENT_BYTES + 1)


def graph_in(path: str, data: bytes) -> Dag:
    """The graph of a document in JSON, canonical or not, or in CBOR.

    Raises:
        click.UsageError: it is a module.
        Trouble: it is none.
    """
    if path.endswith(".py"):
        raise click.UsageError(f"{path!r} is a module and no document: expected {path}:FLOW")
    if data.lstrip()[:1] in (b"{", b"[", b""):
        return settled(dag_from_json(data, strict=False), path)
    if data[0] >> 5 != _CBOR_MAP:
        begins = data.lstrip().split(b"\n")[0][:24].decode(errors="replace")
        told = f"neither a document in JSON nor one in CBOR: it begins with {begins!r}"
        raise Trouble(f"{path}: {told}", InvalidDocumentError.__name__, pointer="", path=path)
    return settled(dag_from_cbor(data), path)


def flow_named(reference: str) -> Flow[..., Any]:
    """The flow that ``module:qualname`` names; the module may be the path of a file.

    Raises:
        click.UsageError: the text has another form, or there is no such flow.
        Trouble: the module cannot be imported.
    """
    module_name, _, qualname = reference.rpartition(":")
    if not module_name or not qualname:
        raise click.UsageError(f"{reference!r} names no flow: expected MODULE:FLOW")
    module = _module(module_name)
    try:
        found: object = attrgetter(qualname)(module)
    except AttributeError as fault:
        raise click.UsageError(f"module {module_name!r} has no {qualname!r}{_others(module)}") from fault
    if not isinstance(found, Flow):
        kind = type(found).__name__
        raise click.UsageError(f"{reference!r} is no flow but of type {kind}: decorate the function with @flow")
    return found


def flows_named(reference: str) -> list[Flow[..., Any]]:
    """The flows of ``MODULE:NAME``, ``MODULE:NAME,NAME``, or, where a module stands alone, all that it has.

    Raises:
        Trouble: there is none.
    """
    module_name, _, names = reference.rpartition(":")
    if ":" in reference:
        return [flow_named(f"{module_name}:{name}") for name in names.split(",")]
    found = list({id(each): each for each in _flows_of(_module(reference)).values()}.values())
    if not found:
        raise Trouble(f"module {reference!r} has no flows")
    return found


def _flows_of(module: ModuleType) -> dict[str, Flow[..., Any]]:
    return {name: value for name, value in vars(module).items() if isinstance(value, Flow)}


def _others(module: ModuleType) -> str:
    names = sorted(_flows_of(module))
    return f"; its flows are {', '.join(names[:8])}" + ("" if len(names) <= 8 else ", …") if names else ""


def _module(name: str) -> ModuleType:
    if name.endswith(".py"):
        return _module_at(Path(name))
    if os.sep in name or not all(name.split(".")):
        # Python would look for it relative to a package.
        meant = f"; did you mean {name + '.py'!r}?" if Path(f"{name}.py").is_file() else ""
        raise click.UsageError(f"there is no module {name!r}{meant}")
    if "" not in sys.path:
        # A console script has its own folder on the path, not the one it is called in.
        sys.path.insert(0, "")
    return _imported(name, name)


def _module_at(path: Path) -> ModuleType:
    """The module of a file, by the name that Python would import it by, since documents name tasks by that."""
    if not path.is_file():
        raise click.UsageError(f"there is no file {str(path)!r}")
    root, parts = path.resolve().parent, [path.stem]
    while (root / "__init__.py").is_file():
        parts.insert(0, root.name)
        root = root.parent
    dotted = [part for part in parts if "." in part]
    if dotted:
        raise Trouble(f"{str(path)!r} cannot be imported: no module has the name {dotted[0]!r}; leave out the dot")
    sys.path.insert(0, str(root))
    module = _imported(".".join(parts), str(path))
    found = getattr(module, "__file__", None)
    if found is None or Path(found).resolve() != path.resolve():
        raise Trouble(f"{str(path)!r} cannot be imported: {'.'.join(parts)!r} is another module; give it another name")
    return module


def _imported(name: str, told: str) -> ModuleType:
    try:
        with foreign_prints():
            return importlib.import_module(name)
    except (Exception, SystemExit) as fault:
        if isinstance(fault, ModuleNotFoundError) and f"{name}.".startswith(f"{fault.name}."):
            # What was typed, and not what a module of that name needs.
            raise click.UsageError(f"there is no module {fault.name!r}") from fault
        text = f"{type(fault).__name__}: {cause_text(fault)}"
        raise Trouble(f"module {told!r} cannot be imported: {text}", type(fault).__name__) from fault
