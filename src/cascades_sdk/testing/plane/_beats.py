"""What a scripted run does, beat by beat.

Decided here: the kinds of beats, and the short forms that stand for them. Never here: what a beat makes of a run.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, TypeAlias, Union, get_args

import attrs

from cascades_sdk.errors import ValidationError
from cascades_sdk.testing.plane._checks import PAUSE, check, checked_by, is_flag, is_pause, is_text
from cascades_sdk.values import FrozenDict, FrozenValue, Refusal, freeze

__all__ = ["Beat", "BeatLike", "Finish", "Hangup", "Log", "Progress", "Send", "SendBytes", "Update", "Wait", "beats_of"]

_WHERE: Final = "ControlPlane.script"

#: How many nodes a scripted run may have; each position below that of an update is one.
_NODES: Final = 100_000

TaskStatus: TypeAlias = Literal["PENDING", "RUNNING", "SUCCESS", "FAILED", "CANCELLED"]
Level: TypeAlias = Literal["info", "error"]
EndStatus: TypeAlias = Literal["SUCCESS", "FAILED", "CANCELLED"]


def _frozen(value: object) -> FrozenValue:
    frozen = freeze(value)
    if isinstance(frozen, Refusal):
        raise ValidationError(_WHERE, f"{frozen.problem}; {frozen.advice}", pointer=frozen.pointer)
    return frozen


def _frozen_object(value: Mapping[str, Any]) -> FrozenDict:
    given: object = value
    check(isinstance(given, Mapping), _WHERE, "data", "an object")
    frozen = _frozen(dict(value))
    assert type(frozen) is FrozenDict  # a mapping is frozen to nothing else
    return frozen


def _is_task(value: object) -> bool:
    return is_text(value) or (type(value) is int and 0 <= value < _NODES)


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _is_text_or_none(value: object) -> bool:
    return value is None or is_text(value)


def _is_one_of(words: Any) -> Any:
    return checked_by(lambda value: value in get_args(words), _WHERE, f"one of {', '.join(get_args(words))}")


_IS_TEXT: Final = checked_by(is_text, _WHERE, "a text, without lone surrogates")


@attrs.frozen
class Wait:
    """Nothing happens for some seconds."""

    seconds: float = attrs.field(validator=checked_by(is_pause, _WHERE, PAUSE))


@attrs.frozen
class Log:
    """A row of the execution log."""

    message: str = attrs.field(validator=_IS_TEXT)
    level: Level = attrs.field(default="info", validator=_is_one_of(Level))


@attrs.frozen
class Update:
    """A task, by name or by the position of its node, has this status now. A name that is new is a new task."""

    task: str | int = attrs.field(
        validator=checked_by(_is_task, _WHERE, f"the name of a task, or a position from 0 to {_NODES - 1}")
    )
    status: TaskStatus = attrs.field(default="RUNNING", validator=_is_one_of(TaskStatus))


@attrs.frozen
class Progress:
    """A snapshot: the run is RUNNING, and this much of it is done, from 0 to 1."""

    completion: float = attrs.field(validator=checked_by(_is_share, _WHERE, "a number from 0 to 1"))


@attrs.frozen
class Finish:
    """The run ends: SUCCESS with a result, FAILED with an error, or CANCELLED."""

    status: EndStatus = attrs.field(default="SUCCESS", validator=_is_one_of(EndStatus))
    result: FrozenValue = attrs.field(default=None, converter=_frozen)
    error: str | None = attrs.field(
        default=None, validator=checked_by(_is_text_or_none, _WHERE, "a text, without lone surrogates, or None")
    )


@attrs.frozen
class Send:
    """A frame with this type and data, to those who listen at that moment; it is not kept."""

    type: str = attrs.field(validator=_IS_TEXT)
    data: FrozenDict = attrs.field(factory=FrozenDict, converter=_frozen_object)


@attrs.frozen
class SendBytes:
    """Bytes in the stream, to those who listen at that moment."""

    payload: bytes = attrs.field(validator=checked_by(lambda value: isinstance(value, bytes), _WHERE, "bytes"))


@attrs.frozen
class Hangup:
    """Every open stream of the run ends before the run does: in order, or by a reset."""

    reset: bool = attrs.field(default=False, validator=checked_by(is_flag, _WHERE, "True or False"))


Beat: TypeAlias = Union[Wait, Log, Update, Progress, Finish, Send, SendBytes, Hangup]  # noqa: UP007

#: A beat, or what stands for one: seconds to wait, a terminal status, or any other text, which is a line of the log.
BeatLike: TypeAlias = Union[Beat, float, str]  # noqa: UP007

_BEATS: Final = get_args(Beat)


def beats_of(script: Iterable[BeatLike]) -> tuple[Beat, ...]:
    """The beats that a script stands for; a text alone is one of them.

    Raises:
        ValidationError: one of them stands for none.
    """
    given: object = script
    check(isinstance(given, Iterable), _WHERE, "beats", "beats, as in ['a line', 0.5, 'SUCCESS']")
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
