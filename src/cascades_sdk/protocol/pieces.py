"""Bytes that arrive in parts, kept frozen.

Decided here: how parts are held, so that neither adding nor joining is quadratic. Never here: what they are.
"""

from typing import Final

import attrs

__all__ = ["NOTHING", "Pieces"]


@attrs.frozen
class Pieces:
    """Parts whose sizes fall from left to right, each less than the one before.

    Parts of like size are joined as in a binary counter: there are few of them, a million parts of one byte
    take a million bytes, and each byte is copied O(log n) times.
    """

    parts: tuple[bytes, ...] = ()
    size: int = 0

    def plus(self, part: bytes) -> "Pieces":
        """These bytes and then ``part``."""
        if not part:
            return self
        parts, size = self.parts, self.size + len(part)
        while parts and len(parts[-1]) <= len(part):
            parts, part = parts[:-1], parts[-1] + part
        return Pieces((*parts, part), size)

    def joined(self) -> bytes:
        """All bytes, in order."""
        return b"".join(self.parts)


NOTHING: Final = Pieces()
