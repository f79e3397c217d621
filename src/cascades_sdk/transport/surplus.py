"""Bytes that were sent behind an answer: whoever finds some must not use the connection again.

Decided here: how they are found without reading HTTP. Whoever parses an answer asks for more until it is whole. The
last byte of all that came is held back until it is asked for; so what is still held when an answer is whole was no part
of it. Bytes that were not read yet are found by asking the socket, or the TLS object, which may hold some that the
socket does not tell of. Never here: what becomes of such a connection; httpcore closes what is readable while idle.
"""

import ssl
from typing import Any

__all__ = ["Unasked", "is_hidden"]


class Unasked:
    """What was read from a connection and not asked for yet."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = b""

    def __bool__(self) -> bool:
        return bool(self._held)

    def came(self, data: bytes, most: int) -> bytes:
        """Of what came all but the last byte, at most so much; what is left is held."""
        self._held = data
        return self.taken(most)

    def taken(self, most: int) -> bytes:
        """What is given away of what is held: the last byte only alone."""
        size = min(most, max(len(self._held) - 1, 1))
        given, self._held = self._held[:size], self._held[size:]
        return given


def is_hidden(tls: Any) -> bool:
    """Whether a TLS object that stands between two buffers has something to read, or an end."""
    if not isinstance(tls, ssl.SSLObject):  # that of a socket holds nothing back that the socket would not tell
        return False
    try:
        tls.read(1)
    except ssl.SSLWantReadError:
        return False
    except ssl.SSLError:
        return True
    return True
