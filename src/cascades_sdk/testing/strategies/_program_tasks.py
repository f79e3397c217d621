"""The tasks of random programs: functions of values of the model, whose answers depend on all that they got.

Decided here: which parameters tasks have, and what they answer. Each tells what it got, so that two ways of running a
program can be held to the same calls. Never here: programs.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from zlib import crc32

from cascades_sdk.compiler import Task, task
from cascades_sdk.encoding import canonical_json

__all__ = ["ALL", "ASYNC", "SYNC", "TASKS", "Point", "heard"]

#: What the tasks got since somebody looked: one text for each part of the work of a task.
HEARD: list[str] = []


def told(*parts: Any) -> int:
    text = canonical_json(parts).unwrap()
    HEARD.append(text)
    return crc32(text.encode())


def heard() -> list[str]:
    """What the tasks got since this was last asked, in no order: each task that ran has left a text, or two."""
    texts = sorted(HEARD)
    HEARD.clear()
    return texts


def _record(*parts: Any) -> dict[str, Any]:
    """A short answer: what it got is echoed where that is short, so that values travel through graphs."""
    echo = parts if len(canonical_json(parts).unwrap()) < 60 else None
    return {"k": told(*parts), "p": [echo, {"z": "é"}]}


class Point(NamedTuple):
    x: float
    y: tuple[int, str]


@task
def nothing() -> Any:
    return _record("nothing")


@task
def one(a: Any) -> Any:
    return _record("one", a)


@task
def two(a: Any, b: Any = 2) -> Any:
    return _record("two", a, b)


@task
def keyed(a: Any, *, k: Any, z: Any = None) -> Any:
    return _record("keyed", a, k, z)


@task
def positional(a: Any, b: Any = [1.0, {"x": None}], /) -> Any:  # noqa: B006
    return _record("positional", a, b)


@task
def many(*items: Any) -> Any:
    return _record("many", items)


@task
def named(**entries: Any) -> Any:
    return _record("named", entries)


@task
def mixed(a: Any, /, b: Any = 1.0, *rest: Any, c: Any = "c", **more: Any) -> Any:
    return _record("mixed", a, b, rest, c, more)


@task
def titled(self: Any, name: Any = "title", *, cls: Any = None) -> Any:
    """Its parameters have the names that methods, decorators and classes use themselves."""
    return _record("titled", self, name, cls)


@task(retries=2, labels={"team": "a"})
def declared(a: Any) -> Any:
    return _record("declared", a)


@task(name="another name", version="7")
def renamed(a: Any = True) -> Any:
    return _record("renamed", a)


@task
def pair(a: Any = 0) -> tuple[int, str]:
    return told("pair", a), f"pair {told(a)}"


@task
def point(a: Any) -> Point:
    return Point(told("point", a) % 8 / 2, (told(a), "y"))


@task
def scaled(x: float, factors: tuple[float, ...] = (1.0,)) -> float:
    """Depends on the Python types of its arguments, as annotated: 1.0 and 1 have different texts."""
    return told("scaled", repr(x), repr(factors)) % 64 / 4


@task
def placed(at: Point) -> Any:
    return _record("placed", type(at).__name__, repr(at))


@task
def odd(a: Any) -> bool:
    return told("odd", a) % 2 == 1


@task
def judged(a: Any) -> Any:
    """What conditions are selected from."""
    return {"ok": told("judged", a) % 2 == 1, "n": [a is None]}


@task
def few(a: Any) -> list[Any]:
    """Up to two items: what is mapped over may turn out to be nothing."""
    return [told("few", at, a) for at in range(told("few", a) % 3)]


@task
async def later(a: Any, *, b: Any = None) -> Any:
    await asyncio.sleep(0)
    return _record("later", a, b)


@task(name="pair, later")
async def later_pair(a: Any = 0) -> tuple[int, str]:
    return told("later pair", a), f"pair {told(a)}"


@task
async def later_many(*items: Any) -> Any:
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return _record("later many", items)


@task
def joined(at: list[Any] | None, size: float = 1.0) -> Any:
    """Annotated otherwise than what it is given, and yet rightly."""
    return _record("joined", at, size)


ASYNC: Final = (later, later_pair, later_many)

SYNC: Final = (
    *(nothing, one, two, keyed, positional, many, named, mixed, titled),
    *(declared, renamed, pair, point, scaled, placed, joined, odd, judged, few),
)

ALL: Final[tuple[Task[..., Any], ...]] = (*SYNC, *ASYNC)

#: The tasks by the name that documents know them by.
TASKS: Final[Mapping[str, Task[..., Any]]] = {each.definition.name: each for each in ALL}
