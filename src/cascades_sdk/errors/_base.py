"""The base of every error: an exception that is first of all a value.

Decided here: equality, hashing, copying, pickling and the text of errors, once for all of them.
Never here: which errors exist.

An error class is written as::

    @error
    class NotFoundError(CascadesSDKError):
        operation: str
        reason: str | None = None

        def message(self) -> str:
            return f"{self.operation}: not found ({self.reason})"

It is frozen, equal by value, hashable, picklable and copyable. ``str(error)`` is ``message()``: one
helpful line, free of credentials, and printable, whatever stands in a document or in the text of an exception. The
fields hold what was found as it was found.
"""

from collections.abc import Callable
from typing import Any, TypeVar, Union, dataclass_transform

import attrs
from returns.result import Failure, Success

from cascades_sdk.values import printable

_T = TypeVar("_T")
_E = TypeVar("_E")
_C = TypeVar("_C", bound=type)

# `Success[T] | Failure[E]` rather than `Result[T, E]`: a `match` on the union is exact and exhaustive in
# mypy and pyright without a plugin, while on `Result` mypy binds `Any`.
Outcome = Union[Success[_T], Failure[_E]]  # noqa: UP007 - a generic alias must be subscriptable at run time


class CascadesSDKError(Exception):
    """The base class of every error of this package; catch it to catch them all.

    The functions and methods of this package return errors inside ``Failure``. Constructors (of a
    client, an auth, a ``Dag``) raise them, because there is nothing to return.
    """

    def message(self) -> str:
        """One line that says what was wrong, where, and what to do."""
        return type(self).__name__

    def __str__(self) -> str:
        return printable(self.message())

    def __reduce__(self) -> tuple[Callable[..., "CascadesSDKError"], tuple[Any, ...]]:
        # BaseException pickles `args`, which attrs does not fill; the fields are the state.
        values = tuple(getattr(self, field.name) for field in _fields(type(self)))
        return _rebuilt, (type(self), values)


#: The same class under the name that some users know.
CascadeSDKError = CascadesSDKError


def _fields(cls: type[CascadesSDKError]) -> tuple[Any, ...]:
    # The base itself has no fields and is no attrs class.
    return attrs.fields(cls) if attrs.has(cls) else ()


def _rebuilt(cls: type[CascadesSDKError], values: tuple[Any, ...]) -> CascadesSDKError:
    names = [field.name for field in _fields(cls)]
    return cls(**dict(zip(names, values, strict=True)))


@dataclass_transform(frozen_default=True, field_specifiers=(attrs.field,))
def error(cls: _C) -> _C:
    """A class decorator: frozen attrs, equal and hashed by value, on an exception base."""
    # auto_exc would compare by identity; slots clash with the layout of builtin bases.
    # str stays the base's: attrs would not write one anyway with auto_exc off.
    return attrs.define(cls, frozen=True, slots=False, auto_exc=False, eq=True, unsafe_hash=True)


def fresh(error_value: CascadesSDKError) -> CascadesSDKError:
    """A copy without traceback, cause or context: what is raised, so that one value can be raised often."""
    rebuild, arguments = error_value.__reduce__()
    return rebuild(*arguments)


def raise_on_failure(outcome: Outcome[_T, CascadesSDKError]) -> _T:
    """The value of an outcome, for code that prefers exceptions.

    Raises:
        CascadesSDKError: a fresh copy of the error of a ``Failure``, so that no traceback grows.
    """
    if isinstance(outcome, Failure):
        raise fresh(outcome.failure())
    return outcome.unwrap()
