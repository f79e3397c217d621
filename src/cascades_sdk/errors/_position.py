"""How far a wait had come: what errors carry, and what a later wait goes on from.

Decided here: what of it may be shown, and its one line of text. Never here: what a cursor means.
"""

import re
from urllib.parse import quote

import attrs

from cascades_sdk.values import printable

__all__ = ["WaitPosition", "shortened"]


def shortened(text: str, longest: int = 300) -> str:
    """What others chose, as a part of one line of bearable length."""
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


@attrs.frozen(repr=False)
class WaitPosition:
    """How far a wait had come: the run, its last known status, and the cursors of the last rows seen.

    ``since`` and ``task_since`` are what ``iter_run_stream_events`` takes to go on from there; ``resume_from=`` of the
    waits takes all of it, or its :meth:`text`, in another process too. What stands in errors is shorter: a server chose
    most of this, and a text that is shown holds nothing of it but what looks as it should.
    """

    run_id: str
    status: str | None = None
    since: str | None = None
    task_since: str | None = None
    last_event_id: str | None = None

    def text(self) -> str:
        """One line that :func:`position_from_text` reads: all of it, percent-encoded. Keep it; do not log it."""
        return "&".join(f"{name}={quote(value, safe=':')}" for name, value in self._told())

    def _told(self) -> list[tuple[str, str]]:
        values = ((field.name, getattr(self, field.name)) for field in attrs.fields(type(self)))
        return [(name, value) for name, value in values if value is not None]

    def __str__(self) -> str:
        shown = (
            ("status", self.status if re.fullmatch("[A-Z_]{1,20}", self.status or "") else None),
            *((name, value if _is_time(value) else None) for name, value in self._told()[1:] if name.endswith("since")),
        )
        return " ".join(
            (
                f"run {shortened(printable(str(self.run_id)), 100)}",
                *(f"{name}={value}" for name, value in shown if value),
            )
        )

    def __repr__(self) -> str:
        return f"<WaitPosition {self}>"


def _is_time(value: str) -> bool:
    return re.fullmatch("[0-9T:.+Z-]{10,40}", value) is not None
