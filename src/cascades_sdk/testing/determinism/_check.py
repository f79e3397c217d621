"""The check: ask every environment, and report the first difference.

Decided here: what is compared with what. Never here: how processes run.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import chain
from typing import Any, Literal, TypeAlias

import attrs
from returns.result import Failure, Success

from cascades_sdk.compiler import Flow
from cascades_sdk.diff import dag_diff
from cascades_sdk.encoding import dag_from_json
from cascades_sdk.errors import InvalidValueError, Outcome
from cascades_sdk.testing.determinism._arguments import interpreters, number_fault, plain_inputs
from cascades_sdk.testing.determinism._child import INSIDE
from cascades_sdk.testing.determinism._model import (
    DeterminismError,
    DeterminismReport,
    Environment,
    FlowNotFoundError,
    FreshProcessError,
    NotDeterministicError,
    UncompiledFlowError,
    UnfitPythonError,
)
from cascades_sdk.testing.determinism._observing import Compile, Observation, observed
from cascades_sdk.testing.determinism._places import Subject, place_of
from cascades_sdk.testing.determinism._processes import Asked, answers, environments

__all__ = ["assert_flow_deterministic", "check_determinism"]


def check_determinism(
    flow: Subject,
    inputs: Mapping[str, Any] | None = None,
    *,
    hash_seeds: int = 8,
    pythons: Sequence[str | os.PathLike[str]] = (),
    repeats: int = 2,
    timeout: float = 60.0,
) -> Outcome[DeterminismReport, DeterminismError]:
    """Whether the flow compiles to one document everywhere.

    It is compiled in fresh processes under hash seeds, by this interpreter and by others, and in each of them once,
    ``repeats`` times more, in four threads at the same time, and inside another capture; a flow that is given as an
    object, in this process too. Every other fresh process has another local date. The bytes of both encodings are
    compared, by their digests.

    What nothing can show here: what depends on the date in UTC, on the machine, on files or on the environment, all of
    which stay as they are.

    Args:
        flow: a flow that a module has; or ``"module:qualname"``; or ``"path/to/file.py:qualname"``.
        inputs: the parameters to bind, as for ``build_dag_from_flow``: values of the model, and seen as such by the
            flow, a tuple as a list.
        hash_seeds: how many values of ``PYTHONHASHSEED``, from 0 on; one at least.
        pythons: the paths of further interpreters, which have this package and what the flow needs installed.
        repeats: how often more each process compiles, one after the other; 0: no more than it does anyhow, once and
            in the threads and inside the other capture.
        timeout: seconds that one fresh process may take, more than 0; a few run at a time.

    Returns:
        ``Success(DeterminismReport)``, or ``Failure`` of :class:`NotDeterministicError` (with the difference as a
        :class:`~cascades_sdk.diff.DagDiff`), :class:`UncompiledFlowError`, :class:`FlowNotFoundError`,
        :class:`UnfitPythonError` (an interpreter without the package), :class:`FreshProcessError` (a process that
        crashed, or took too long) or :class:`~cascades_sdk.errors.InvalidValueError` (of ``inputs``, or of an
        argument that cannot be meant).
    """
    if INSIDE in os.environ:
        problem = "it is checked while its module is imported, by a process that a check started"
        return Failure(FlowNotFoundError(str(flow), problem, "check it in a test, or under if __name__ == '__main__'"))
    place = place_of(flow)
    if isinstance(place, FlowNotFoundError):
        return Failure(place)
    values, paths = plain_inputs(inputs, place.flow), interpreters(pythons)
    for each in (values, number_fault(hash_seeds, repeats, timeout), paths):
        if isinstance(each, InvalidValueError):
            return Failure(each)
    asked = Asked(place, values, repeats, timeout)  # type: ignore[arg-type]  # no error is left
    here = _seen_here(flow, asked) if isinstance(flow, Flow) else ()
    wanted = environments(paths, hash_seeds)  # type: ignore[arg-type]  # nor here
    with closing(answers(asked, wanted)) as there:
        return _compared(place.flow, chain(here, there))


def assert_flow_deterministic(
    flow: Subject,
    inputs: Mapping[str, Any] | None = None,
    *,
    hash_seeds: int = 8,
    pythons: Sequence[str | os.PathLike[str]] = (),
    repeats: int = 2,
    timeout: float = 60.0,
) -> DeterminismReport:
    """The report of :func:`check_determinism`, for tests.

    Raises:
        AssertionError: there is none; the text is that of the error, with every line of the difference.
    """
    __tracebackhide__ = True  # pytest shows the test, and not this line
    outcome = check_determinism(flow, inputs, hash_seeds=hash_seeds, pythons=pythons, repeats=repeats, timeout=timeout)
    if isinstance(outcome, Success):
        return outcome.unwrap()
    error = outcome.failure()
    lines = str(error.diff).splitlines() if isinstance(error, NotDeterministicError) else []
    raise AssertionError("\n  ".join([str(error), *lines]))


#: What one process saw, or what became of it instead.
_Seen: TypeAlias = tuple[Environment, Observation | FlowNotFoundError | FreshProcessError | UnfitPythonError]


def _seen_here(flow: Flow[..., Any], asked: Asked) -> Iterator[_Seen]:
    yield Environment(sys.executable), observed(flow, asked.inputs, asked.repeats)


def _compared(flow: str, seen: Iterator[_Seen]) -> Outcome[DeterminismReport, DeterminismError]:
    """All compiles against the first one; what is still running when a difference is found is never asked."""
    places: list[Environment] = []
    documents: dict[str, str] = {}
    first: tuple[Environment, Compile] | None = None
    count = 0
    for place, observation in seen:
        if not isinstance(observation, Observation):
            return Failure(observation)
        environment = attrs.evolve(place, runtime=observation.runtime)
        places.append(environment)
        documents.update(observation.documents)
        for each in observation.compiles:
            here = attrs.evolve(environment, way=each.way)
            if each.problem is not None:
                return Failure(UncompiledFlowError(flow, here, each.problem, first[0] if first else None))
            first = first or (here, each)
            if (first[1].json, first[1].cbor) != (each.json, each.cbor):
                return Failure(_difference(flow, first, (here, each), documents))
            count += 1
    assert first is not None  # there is one environment at least
    return Success(DeterminismReport(flow, first[1].json, first[1].cbor, tuple(places), count))


def _difference(
    flow: str, first: tuple[Environment, Compile], second: tuple[Environment, Compile], documents: Mapping[str, str]
) -> NotDeterministicError | FreshProcessError:
    dags = []
    for environment, each in (first, second):
        read = dag_from_json(documents[each.json].encode())
        if isinstance(read, Failure):
            problem = f"its document cannot be read by this cascades-sdk: {read.failure()}"
            return FreshProcessError(flow, environment, problem)
        dags.append(read.unwrap())
    encoding: Literal["JSON", "CBOR"] = "CBOR" if first[1].json == second[1].json else "JSON"
    return NotDeterministicError(flow, first[0], second[0], dag_diff(*dags), encoding)
