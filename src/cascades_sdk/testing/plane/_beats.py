"""What a scripted run does, beat by beat.

Decided here: the kinds of beats, and the short forms that stand for them. Never here: what a beat makes of a run.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, TypeAlias, Union, get_args

import attrs

from cascades_sdk.errors import ValidationError
from cascades_sdk.protocol.limits import is_seconds
from cascades_sdk.values import FrozenDict, FrozenValue, Refusal, freeze

__all__ = ["Beat", "BeatLike", "Finish", "Hangup", "Log", "Progress", "Send", "SendBytes", "Update", "Wait", "beats_of"]

_WHERE: Final = "ControlPlane.script"

TaskStatus: TypeAlias = Literal["PENDING", "RUNNING", "SUCCESS", "FAILED", "CANCELLED"]
EndStatus: TypeAlias = Literal["SUCCESS", "FAILED", "CANCELLED"]


def _frozen(value: object) -> FrozenValue:
    frozen = freeze(value)
    if isinstance(frozen, Refusal):
        raise ValidationError(_WHERE, f"{frozen.problem}; {frozen.advice}", pointer=frozen.pointer)
    return frozen


def _frozen_object(value: Mapping[str, Any]) -> FrozenDict:
    frozen = _frozen(dict(value))
    assert type(frozen) is FrozenDict  # a mapping is frozen to nothing else
    return frozen


def _is_wait(_: object, __: "attrs.Attribute[float]", value: object) -> None:
    if value != 0 and not is_seconds(value):
        raise ValidationError(_WHERE, "expected a finite number of seconds, 0 or more", pointer="/seconds")


def _is_end(_: object, __: object, value: object) -> None:
    if value not in get_args(EndStatus):
        raise ValidationError(_WHERE, f"expected one of {', '.join(get_args(EndStatus))}", pointer="/status")


@attrs.frozen
class Wait:
    """Nothing happens for some seconds."""

    seconds: float = attrs.field(validator=_is_wait)


@attrs.frozen
class Log:
    """A row of the execution log."""

    message: str
    level: Literal["info", "error"] = "info"


@attrs.frozen
class Update:
    """A task, by name or by the position of its node, has this status now. A name that is new is a new task."""

    task: str | int
    status: TaskStatus = "RUNNING"


@attrs.frozen
class Progress:
    """A snapshot: the run is RUNNING, and this much of it is done, from 0 to 1."""

    completion: float


@attrs.frozen
class Finish:
    """The run ends: SUCCESS with a result, FAILED with an error, or CANCELLED."""

    status: EndStatus = attrs.field(default="SUCCESS", validator=_is_end)
    result: FrozenValue = attrs.field(default=None, converter=_frozen)
    error: str | None = None


@attrs.frozen
class Send:
    """A frame with this type and data, to those who listen at that moment; it is not kept."""

    type: str
    data: FrozenDict = attrs.field(factory=FrozenDict, converter=_frozen_object)


@attrs.frozen
class SendBytes:
    """Bytes in the stream, to those who listen at that moment."""

    payload: bytes


@attrs.frozen
class Hangup:
    """Every open stream of the run ends before the run does: in order, or by a reset."""

    reset: bool = False


Beat: TypeAlias = Union[Wait, Log, Update, Progress, Finish, Send, SendBytes, Hangup]  # noqa: UP007

#: A beat, or what stands for one: seconds to wait, a terminal status, or any other text, which is a line of the log.
BeatLike: TypeAlias = Union[Beat, float, str]  # noqa: UP007

_BEATS: Final = get_args(Beat)


def beats_of(script: Iterable[BeatLike]) -> tuple[Beat, ...]:
    """The beats that a script stands for; a text alone is one of them.

    Raises:
        ValidationError: one of them stands for none.
    """
    beats = (script,) if isinstance(script, str | bytes) else script  # not letter by letter
    return tuple(_beat_of(index, beat) for index, beat in enumerate(beats))


def _beat_of(index: int, beat: Any) -> Beat:
    if isinstance(beat, _BEATS):
        return beat  # type: ignore[no-any-return]  # one of the union
    if isinstance(beat, str):
        return Finish(beat) if beat in get_args(EndStatus) else Log(beat)  # type: ignore[arg-type]  # looked at
    if isinstance(beat, int | float) and not isinstance(beat, bool):
        return Wait(beat)
    expected = "expected a beat, a number of seconds, or a text"
    raise ValidationError(_WHERE, f"{expected}; found a {type(beat).__name__}", pointer=f"/{index}")
