"""Two frozen containers for the state of the plane: a mapping, and a sequence that is cheap to append to.

Decided here: what a changed copy costs. Never here: what is kept in them.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Generic, NoReturn, Protocol, TypeVar

import attrs

__all__ = ["Rows", "Stamped", "Table"]

_K = TypeVar("_K")
_V = TypeVar("_V")

#: Rows per sealed chunk: an append copies at most this many references, and now and then the list of chunks.
CHUNK: Final = 256


class Table(Mapping[_K, _V]):
    """An immutable mapping in order of insertion. A changed copy costs one ``dict`` copy.

    That is linear in the number of entries, so tables hold what is bounded: runs, streams, workflows.
    """

    __slots__ = ("_entries",)

    _entries: dict[_K, _V]

    def __init__(self, entries: Mapping[_K, _V] | None = None) -> None:
        object.__setattr__(self, "_entries", dict(entries or {}))

    def __getitem__(self, key: _K) -> _V:
        return self._entries[key]

    def __iter__(self) -> Iterator[_K]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def put(self, key: _K, value: _V) -> "Table[_K, _V]":
        """A copy in which ``key`` has this value; a key that is there already keeps its place."""
        return Table({**self._entries, key: value})

    def without(self, *keys: _K) -> "Table[_K, _V]":
        """A copy that lacks these keys, whether or not they were there."""
        gone = set(keys)
        return Table({key: value for key, value in self._entries.items() if key not in gone})

    def __eq__(self, other: object) -> bool:
        if type(other) is not Table:
            return NotImplemented
        theirs: Table[Any, Any] = other
        return list(self._entries.items()) == list(theirs._entries.items())

    def __hash__(self) -> int:
        return hash(tuple(self._entries.items()))

    def __repr__(self) -> str:
        return f"Table({self._entries!r})"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"Table is immutable; .{name} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"Table is immutable; .{name} cannot be deleted")

    def __reduce__(self) -> tuple[Any, tuple[dict[_K, _V]]]:
        return Table, (dict(self._entries),)


class Stamped(Protocol):
    """A row that knows when it was written, in microseconds since 1970."""

    @property
    def stamp(self) -> int: ...


_R = TypeVar("_R", bound=Stamped)


@attrs.frozen
class Rows(Generic[_R]):
    """Rows in ascending order of their stamps; appending to n rows n times is linear in practice."""

    sealed: tuple[tuple[_R, ...], ...] = ()
    tail: tuple[_R, ...] = ()

    def __iter__(self) -> Iterator[_R]:
        for chunk in self.sealed:
            yield from chunk
        yield from self.tail

    def __len__(self) -> int:
        return CHUNK * len(self.sealed) + len(self.tail)

    def plus(self, *rows: _R) -> "Rows[_R]":
        """These rows and then those."""
        tail = (*self.tail, *rows)
        full = len(tail) // CHUNK
        if not full:
            return Rows(self.sealed, tail)
        chunks = (tail[CHUNK * index : CHUNK * (index + 1)] for index in range(full))
        return Rows((*self.sealed, *chunks), tail[CHUNK * full :])

    def newest(self, limit: int) -> "Rows[_R]":
        """The newest rows, in whole chunks: at least ``limit`` of them where there are as many."""
        surplus = (len(self) - limit) // CHUNK
        return self if surplus <= 0 else Rows(self.sealed[surplus:], self.tail)

    def after(self, stamp: int | None) -> tuple[_R, ...]:
        """The rows written later than ``stamp``; all of them for ``None``."""
        return tuple(row for row in self if stamp is None or row.stamp > stamp)
