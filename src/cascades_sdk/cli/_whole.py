"""A stdout on which all of a text arrives, or is an error.

Decided here: what is done about a part that the system did not take. Never here: what is printed.
"""

import io
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["whole"]


def whole(stdout: TextIO) -> TextIO:
    """The stream, or one to the same place that gives the system all of a text.

    Unbuffered (PYTHONUNBUFFERED), Python gives it a text once, and forgets what was not taken.
    """
    raw = getattr(stdout, "buffer", None)
    if not isinstance(stdout, io.TextIOWrapper) or not isinstance(raw, io.RawIOBase):
        return stdout
    return io.TextIOWrapper(_Whole(raw), stdout.encoding, stdout.errors, write_through=True)


class _Whole(io.BufferedIOBase):
    """Nothing is kept here, and what it writes to is not closed with it."""

    name = "<stdout>"

    def __init__(self, raw: io.RawIOBase) -> None:
        self._raw = raw

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def isatty(self) -> bool:
        return self._raw.isatty()

    def write(self, data: "ReadableBuffer") -> int:
        left = memoryview(data).cast("B")
        size = len(left)
        while left:
            taken = self._raw.write(left)
            if taken is None:
                raise BlockingIOError("stdout takes nothing now, and does not block")
            left = left[taken:]
        return size
