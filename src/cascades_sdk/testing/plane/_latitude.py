"""What the contract leaves open, as named switches: a client that holds the contract works with every setting.

Decided here: the switches, and what this plane does where nobody says otherwise. Never here: what is promised.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

import attrs

from cascades_sdk.testing.plane._checks import check, is_flag, is_text

__all__ = ["LATITUDE", "Cursors", "Latitude", "SnapshotType"]

Cursors = Literal["exclusive", "inclusive", "ignored"]
SnapshotType = Literal["run.started", "run.progress", "run.completed", "run.failed"]
LineEnd = Literal["\n", "\r\n", "\r"]
ExecutionMode = Literal["inline", "queued"]

_WORDS: Final[Mapping[str, tuple[object, ...]]] = {
    "cursors": get_args(Cursors),
    "cancelled_as": get_args(SnapshotType),
    "line_end": get_args(LineEnd),
    "execution_mode": get_args(ExecutionMode),
}


@attrs.frozen(kw_only=True)
class Latitude:
    """What a deployment may do either way. A key is what it is called inside ``data``; None leaves it out.

    ``log_id``, ``log_time``, ``log_message``, ``task_id``, ``task_name``, ``task_time``, ``task_status`` and
    ``completion`` are such keys. ``whole`` is what a completed run counts as (1 or 100). ``run_id`` and ``result`` say
    whether snapshots have these keys (``result`` is an extension of this plane). ``cursors``: whether the row at a
    cursor comes again (``inclusive``), or all of them (``ignored``). ``event_name`` is the name of the frames, None for
    no name. ``event_ids``: frames have ids, and ``Last-Event-ID`` serves as a cursor. ``terminal_first``: who joins
    late gets one snapshot that is terminal, and no story. ``cancelled_as`` is the type of the snapshot that says
    CANCELLED. ``hangs_up``: the stream is closed after the end. ``line_end`` and ``byte_order_mark`` are those of
    streams. ``catalog_item_id``, ``last_four``, ``explained`` (code, message and details of a 400),
    ``defaults`` (``defaultRepository`` and ``defaultProject`` that were sent), ``test_details`` (status and detail of a
    failed test of an integration) and ``engine_reason`` (the reason of a 503) say whether optional keys of answers are
    there; ``execution_mode`` is what an accepted run says.

    How failures look, which the contract leaves open too, is said where they are asked for: ``fail_next`` takes a body
    of any kind, or none, and may have had an effect; ``faults(MediaType())`` tells another type.

    Raises:
        ValidationError: a switch has no such position.
    """

    log_id: str | None = "id"
    log_time: str | None = "createdAt"
    log_message: str | None = "message"
    task_id: str | None = "id"
    task_name: str | None = "name"
    task_time: str | None = "updatedAt"
    task_status: str | None = "status"
    completion: str | None = "completion"
    whole: int = 1
    run_id: bool = True
    result: bool = True
    cursors: Cursors = "exclusive"
    event_name: str | None = "telemetry"
    event_ids: bool = False
    terminal_first: bool = False
    cancelled_as: SnapshotType = "run.progress"
    hangs_up: bool = True
    line_end: LineEnd = "\n"
    byte_order_mark: bool = False
    catalog_item_id: bool = True
    last_four: bool = True
    explained: bool = True
    defaults: bool = True
    test_details: bool = True
    engine_reason: bool = True
    execution_mode: ExecutionMode = "inline"

    def __attrs_post_init__(self) -> None:
        for field in attrs.fields(Latitude):
            holds, expected = _position(field, getattr(self, field.name))
            check(holds, "Latitude", field.name, expected)


def _position(field: "attrs.Attribute[Any]", value: object) -> tuple[bool, str]:
    """Whether a switch has this position, and which it has."""
    words = _WORDS.get(field.name)
    if words is not None:
        return value in words, f"one of {', '.join(map(repr, words))}"
    if is_flag(field.default):
        return is_flag(value), "True or False"
    if field.name == "whole":
        return type(value) is int and value in (1, 100), "1 or 100"
    # A name with a line end would be two lines of a frame.
    return value is None or (is_text(value) and not {*"\r\n"} & {*str(value)}), "a text of one line, or None"


LATITUDE: Final = Latitude()
