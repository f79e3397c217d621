"""What goes wrong on the way back, as frozen values, and which answer it befalls.

Decided here: the kinds of faults, and how the seed chooses among them. Never here: how a door carries one out.

Sizes are in bytes of the body, times in seconds. A fault befalls the answer only: the request was taken, and has had
its effect.
"""

from hashlib import sha256
from typing import Any, Final, TypeAlias, Union, get_args

import attrs

from cascades_sdk.contract import OPERATIONS
from cascades_sdk.errors import ValidationError
from cascades_sdk.protocol.limits import is_seconds
from cascades_sdk.testing.plane._checks import check, checked_by, is_header_name, is_header_value
from cascades_sdk.values import FrozenDict

__all__ = [
    "BODILESS",
    "Cut",
    "Drip",
    "Failing",
    "Fault",
    "FaultPlan",
    "MediaType",
    "Reset",
    "Silence",
    "WrongLength",
    "drawn",
    "with_plan",
]

#: What a door says itself of an answer's framing.
_FRAMING: Final = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"})

#: The statuses whose answers have no body, and tell no length (RFC 9110 §6.4.1, §8.6).
BODILESS: Final = frozenset({204, 304})

_IDS: Final = frozenset(operation.id for operation in OPERATIONS)


def _is_count(holder: Any, field: "attrs.Attribute[int]", value: object) -> None:
    if type(value) is not int or value < 0:
        problem = "expected a whole number of 0 or more"
        raise ValidationError(type(holder).__name__, problem, pointer=f"/{field.name}")


def _is_positive(holder: Any, field: "attrs.Attribute[Any]", value: object) -> None:
    if not is_seconds(value):
        raise ValidationError(type(holder).__name__, "expected a number above 0", pointer=f"/{field.name}")


@attrs.frozen
class Reset:
    """The connection is reset after so many bytes of the body; None: before anything is answered."""

    after: int | None = attrs.field(default=None, validator=attrs.validators.optional(_is_count))


@attrs.frozen
class Cut:
    """The connection is closed after so many bytes of the body, although more was to come."""

    after: int = attrs.field(default=0, validator=_is_count)


@attrs.frozen
class Drip:
    """The body comes in pieces of ``size``, one in ``every`` seconds."""

    size: int = attrs.field(default=1, validator=(_is_count, _is_positive))
    every: float = attrs.field(default=0.5, validator=_is_positive)


@attrs.frozen
class Silence:
    """Nothing comes after so many bytes of the body, and the connection stays open; None: not even the head."""

    after: int | None = attrs.field(default=None, validator=attrs.validators.optional(_is_count))


@attrs.frozen
class WrongLength:
    """The answer claims to be so many bytes longer than it is, or shorter; a stream is given a length at all."""

    by: int = attrs.field(
        default=1, validator=checked_by(lambda value: type(value) is int, "WrongLength", "a whole number")
    )


@attrs.frozen
class MediaType:
    """The answer claims to be of another type."""

    says: str = attrs.field(
        default="text/html", validator=checked_by(is_header_value, "MediaType", "the value of a header, in ASCII")
    )


Fault: TypeAlias = Union[Reset, Cut, Drip, Silence, WrongLength, MediaType]  # noqa: UP007

_FAULTS: Final = get_args(Fault)


def _are_faults(_: object, __: object, value: tuple[object, ...]) -> None:
    wrong = next((index for index, fault in enumerate(value) if not isinstance(fault, _FAULTS)), None)
    if wrong is not None:
        names = ", ".join(kind.__name__ for kind in _FAULTS)
        raise ValidationError("ControlPlane.faults", f"expected one of {names}", pointer=f"/{wrong}")


def _is_operation(where: str) -> Any:
    def check(_: object, __: object, value: object) -> None:
        if value is not None and value not in _IDS:
            problem = "expected the operationId of an operation of the contract, as in 'submitWorkflowRun'"
            raise ValidationError(where, problem, pointer="/operation")

    return check


def _is_rate(_: object, __: "attrs.Attribute[float]", value: object) -> None:
    chance = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
    check(chance, "ControlPlane.faults", "rate", "a probability from 0 to 1")


def _is_status(_: object, __: "attrs.Attribute[int]", value: object) -> None:
    if type(value) is not int or not 200 <= value < 600:
        raise ValidationError("ControlPlane.fail_next", "expected a status from 200 to 599", pointer="/status")


def _are_headers(_: object, __: object, value: tuple[tuple[str, str], ...]) -> None:
    fits = all(is_header_name(name) and is_header_value(text) for name, text in value)
    expected = "names of headers with their values, in ASCII and without line ends"
    check(fits, "ControlPlane.fail_next", "headers", expected)
    framing = any(name.lower() in _FRAMING for name, _ in value)
    expected = "no header that says where the answer ends: each door has its own, and WrongLength lies about it"
    check(not framing, "ControlPlane.fail_next", "headers", expected)


@attrs.frozen
class FaultPlan:
    """Which answers are befallen: of one operation or of all, how many of them (None: all), and how likely each."""

    faults: tuple[Fault, ...] = attrs.field(validator=_are_faults)
    operation: str | None = attrs.field(default=None, validator=_is_operation("ControlPlane.faults"))
    times: int | None = attrs.field(default=None, validator=attrs.validators.optional(_is_count))
    rate: float = attrs.field(default=1.0, validator=_is_rate)

    def concerns(self, operation: str) -> bool:
        """Whether answers of this operation are meant."""
        return self.operation in (None, operation) and self.times != 0

    def used(self) -> "FaultPlan":
        """The plan after it befell one answer."""
        return self if self.times is None else attrs.evolve(self, times=self.times - 1)


@attrs.frozen
class Failing:
    """The next answers, of one operation or of all, have this status. ``body`` None: the least that the contract asks.

    A failure is an answer: nothing else happens on such a request, unless it was ``carried_out`` all the same.
    """

    status: int = attrs.field(validator=_is_status)
    operation: str | None = attrs.field(default=None, validator=_is_operation("ControlPlane.fail_next"))
    times: int = attrs.field(default=1, validator=_is_count)
    headers: tuple[tuple[str, str], ...] = attrs.field(default=(), validator=_are_headers)
    body: FrozenDict | bytes | None = None
    carried_out: bool = False

    def concerns(self, operation: str) -> bool:
        """Whether answers of this operation are meant."""
        return self.operation in (None, operation) and self.times > 0


def with_plan(plans: tuple[FaultPlan, ...], plan: FaultPlan) -> tuple[FaultPlan, ...]:
    """The plans, and another: those that end by themselves come first, in the order in which they were told.

    Of those that do not, the newest comes first, and takes the place of one for the same operation, or of all where it
    is for all: nothing is kept that is out of reach behind another.
    """
    counted = tuple(each for each in plans if each.times is not None)
    lasting = tuple(each for each in plans if each.times is None)
    if plan.times is not None:
        return (*counted, plan, *lasting)
    return (*counted, plan, *(each for each in lasting if plan.operation not in (None, each.operation)))


def drawn(seed: int, number: int, plans: tuple[FaultPlan, ...], operation: str) -> tuple[Fault | None, int]:
    """What befalls the answer to the request of this number, and the index of the plan that says so (or -1)."""
    for index, plan in enumerate(plans):
        if plan.concerns(operation) and plan.faults and _unit(seed, number, index, "whether") < plan.rate:
            return plan.faults[int(_unit(seed, number, index, "which") * len(plan.faults))], index
    return None, -1


def _unit(seed: int, number: int, plan: int, what: str) -> float:
    # Hashed, not drawn: the same seed and the same requests meet the same faults. In [0, 1).
    digest = sha256(f"{seed}/fault/{number}/{plan}/{what}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
