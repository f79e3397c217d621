"""What is compared, what a check answers, and what it answers instead.

Decided here: the values, and their texts. Never here: processes, files, compiling.
"""

from typing import Literal, TypeAlias, Union

import attrs

from cascades_sdk.diff import DagDiff
from cascades_sdk.errors import CascadesSDKError, InvalidValueError, error

__all__ = [
    "DeterminismError",
    "DeterminismReport",
    "Environment",
    "FlowNotFoundError",
    "FreshProcessError",
    "NotDeterministicError",
    "UncompiledFlowError",
    "UnfitPythonError",
    "Way",
]

#: How a process compiled the flow: once; once more; in one of some threads at the same time; while another flow
#: is being captured.
Way: TypeAlias = Literal["first", "again", "in a thread", "inside another capture"]


@attrs.frozen
class Environment:
    """Where a compile took place.

    ``hash_seed`` and ``time_zone`` are ``None`` in the process that asked, which keeps its own; ``runtime`` names the
    versions of Python and of this package, and is empty where a process did not come so far as to tell them.
    """

    python: str
    hash_seed: int | None = None
    time_zone: str | None = None
    runtime: str = ""
    way: Way = "first"

    def __str__(self) -> str:
        place = "this process" if self.hash_seed is None else f"hash seed {self.hash_seed}, TZ={self.time_zone}"
        way = "" if self.way == "first" else f", {self.way}"
        return f"{self.runtime or self.python} ({place}{way})"

    def same_process(self, other: "Environment") -> bool:
        """Whether the other differs in nothing but the way."""
        return attrs.evolve(self, way="first") == attrs.evolve(other, way="first")


@attrs.frozen
class DeterminismReport:
    """All compiles agreed: on what, and who took part. One environment for each process, in the order of starting."""

    flow: str
    #: Of the document: ``sha256:`` over its canonical JSON.
    digest: str
    #: The same over its canonical CBOR.
    cbor_digest: str
    environments: tuple[Environment, ...]
    compiles: int

    def __str__(self) -> str:
        processes = "1 process" if len(self.environments) == 1 else f"{len(self.environments)} processes"
        return f"flow {self.flow!r}: {self.compiles} compiles in {processes} gave {self.digest}"


@error
class FlowNotFoundError(CascadesSDKError):
    """A fresh process could not find the flow: its module cannot be imported, or there is no flow of that name."""

    flow: str
    problem: str
    advice: str

    def message(self) -> str:
        return f"flow {self.flow!r}: {self.problem}; {self.advice}"


@error
class UncompiledFlowError(CascadesSDKError):
    """The flow did not compile in some environment; ``elsewhere`` is one in which it did, if there is any."""

    flow: str
    environment: Environment
    problem: str
    elsewhere: Environment | None = None

    def message(self) -> str:
        but = "" if self.elsewhere is None else f", although it does in {self.elsewhere}"
        return f"flow {self.flow!r} does not compile in {self.environment}{but}: {self.problem}"


@error
class UnfitPythonError(CascadesSDKError):
    """An interpreter cannot be started, or has no cascades-sdk that knows this check."""

    python: str
    problem: str

    def message(self) -> str:
        return f"{self.python}: {self.problem}; give interpreters that have this version of cascades-sdk installed"


@error
class FreshProcessError(CascadesSDKError):
    """A fresh process came to no answer. ``stderr`` is the end of what it said, on one line, without secrets."""

    flow: str
    environment: Environment
    problem: str
    stderr: str = ""

    def message(self) -> str:
        said = f"; it said: {self.stderr}" if self.stderr else ""
        return f"flow {self.flow!r}, {self.environment}: {self.problem}{said}"


#: How many changes stand in the line of an error; all of them are in its ``diff``.
_SHOWN = 3


@error
class NotDeterministicError(CascadesSDKError):
    """Two environments compiled the flow to different bytes: which, and what differs from the first to the second.

    ``encoding`` is the one that differed. The ``diff`` is empty only where the documents are one and their CBOR is
    not, which would be a fault of this package.
    """

    flow: str
    first: Environment
    second: Environment
    diff: DagDiff
    encoding: Literal["JSON", "CBOR"] = "JSON"

    @property
    def advice(self) -> str:
        """What the flow must not depend on, given where it differed."""
        if self.first.same_process(self.second):
            if self.second.way == "again":
                return "let it not depend on the time, on chance, on id(), or on what an earlier compile left behind"
            return "let it not depend on the time, on chance, on id(), on its thread, or on what is captured around it"
        if self.first.runtime != self.second.runtime:
            return "let it not depend on the version of Python or of a package, nor on the order of a set"
        return (
            "let it not depend on the order of a set (sort it), on hash() or id(), on the time, its zone, or on chance"
        )

    def message(self) -> str:
        lines = [str(change) for change in self.diff.changes]
        more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
        told = "; ".join([*lines[:_SHOWN], *more]) or "the graphs are equal"
        where = f"{self.first} and {self.second}"
        return f"flow {self.flow!r} is not deterministic: {self.encoding} of {where} differs: {told}; {self.advice}"


DeterminismError: TypeAlias = Union[  # noqa: UP007 - a union that isinstance() accepts and texts can name
    NotDeterministicError,
    UncompiledFlowError,
    FlowNotFoundError,
    UnfitPythonError,
    FreshProcessError,
    InvalidValueError,
]
