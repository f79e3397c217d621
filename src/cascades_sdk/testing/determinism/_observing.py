"""A flow compiled in every way that one process has.

Decided here: the ways, and what is kept of each compile. Never here: comparing.
"""

import hashlib
import platform
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, Final

import attrs
from returns.result import Failure

from cascades_sdk._meta import __version__
from cascades_sdk.compiler import Flow, build_dag_from_flow, flow
from cascades_sdk.encoding import dag_to_cbor, dag_to_json
from cascades_sdk.errors import CompileError, Outcome
from cascades_sdk.graph import Dag
from cascades_sdk.testing.determinism._model import Way

__all__ = ["Compile", "Observation", "observed"]

#: How many threads compile at the same time.
_THREADS: Final = 4


@attrs.frozen
class Compile:
    """One compile: the digests of both encodings, or the problem."""

    way: Way
    json: str = ""
    cbor: str = ""
    problem: str | None = None


@attrs.frozen
class Observation:
    """What one process saw. The documents are kept by their digests, each once."""

    runtime: str
    compiles: tuple[Compile, ...]
    documents: Mapping[str, str]


def observed(subject: Flow[..., Any], inputs: Mapping[str, Any], repeats: int) -> Observation:
    """The flow compiled once, ``repeats`` times more, in some threads at the same time, and inside another capture."""
    documents: dict[str, str] = {}

    def kept(way: Way, outcome: Outcome[Dag, CompileError]) -> Compile:
        if isinstance(outcome, Failure):
            return Compile(way, problem=str(outcome.failure()))
        return _compile(way, outcome.unwrap(), documents)

    def compiled() -> Outcome[Dag, CompileError]:
        return build_dag_from_flow(subject, inputs)

    compiles = [kept("first", compiled())]
    compiles += [kept("again", compiled()) for _ in range(repeats)]
    compiles += [kept("in a thread", outcome) for outcome in _in_threads(subject, inputs)]
    compiles.append(kept("inside another capture", _nested(subject, inputs)))
    runtime = f"{platform.python_implementation()} {platform.python_version()}, cascades-sdk {__version__}"
    return Observation(runtime, tuple(compiles), documents)


def _compile(way: Way, dag: Dag, documents: dict[str, str]) -> Compile:
    text = dag_to_json(dag)
    digest = _digest(text)
    documents.setdefault(digest, text.decode())
    return Compile(way, digest, _digest(dag_to_cbor(dag)))


def _digest(encoded: bytes) -> str:
    return f"sha256:{hashlib.sha256(encoded).hexdigest()}"


def _in_threads(subject: Flow[..., Any], inputs: Mapping[str, Any]) -> list[Outcome[Dag, CompileError]]:
    together = Barrier(_THREADS)

    def compiled(_: int) -> Outcome[Dag, CompileError]:
        together.wait()
        return build_dag_from_flow(subject, inputs)

    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(compiled, range(_THREADS)))


def _nested(subject: Flow[..., Any], inputs: Mapping[str, Any]) -> Outcome[Dag, CompileError]:
    inner: list[Outcome[Dag, CompileError]] = []

    @flow
    def around() -> None:
        inner.append(build_dag_from_flow(subject, inputs))

    build_dag_from_flow(around)
    return inner[0]
