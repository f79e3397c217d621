"""Read by mypy and pyright, never run: choices and maps keep their types, under both checkers and without a plugin."""

from collections.abc import Coroutine
from typing import Any, assert_type

from cascades_sdk import flow, task, when


@task
def is_big(n: int) -> bool:
    return n > 3


@task
def double(n: int, times: int = 2) -> int:
    return n * times


@task
def name(n: int, *, upper: bool) -> str:
    return str(n)


@task
async def fetch(url: str, tries: int = 1) -> bytes:
    return url.encode()


@task
def half(n: float) -> float:
    return n / 2


@task
def shout(text: str) -> str:
    return text.upper()


@task
def pair(n: int) -> tuple[int, int]:
    return n, n


@flow
def choosing(n: int) -> None:
    assert_type(when(is_big(n), then=lambda: double(n), otherwise=lambda: double(0)), int)
    assert_type(when(is_big(n), then=lambda: double(n), otherwise=lambda: name(n, upper=True)), int | str)
    assert_type(when(is_big(n), then=lambda: double(n)), int | None)
    when(n, then=lambda: 1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    _ = when(is_big(n), then=double)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue]


@flow
def mapping(items: list[int]) -> None:
    assert_type(double.map(items), list[int])
    assert_type(double.map(double.map(items), 3), list[int])
    assert_type(double.map(items, times=3), list[int])
    assert_type(name.map((1, 2), upper=True), list[str])
    assert_type(double.after(items).with_options(retries=1).map(items)[0], int)
    assert_type(half.map(items), list[float])
    assert_type(half.map((1, 2.5)), list[float])
    assert_type(double.map(pair(1)), list[int])
    # Texts, bytes and dicts are no lists, though some are Sequences; nor are sets and what can only be iterated over.
    shout.map("abc")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportAttributeAccessIssue]
    double.map("abc")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportAttributeAccessIssue]
    double.map(b"abc")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportAttributeAccessIssue]
    double.map({"k": 1})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType, reportAttributeAccessIssue]
    double.map({1, 2})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportAttributeAccessIssue]
    double.map(n for n in items)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportAttributeAccessIssue]
    # mypy widens the type of an item here; what cannot be is refused at capture all the same.
    shout.map(items)  # pyright: ignore[reportArgumentType, reportAttributeAccessIssue]
    double.map(items, "x")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportAttributeAccessIssue]
    name.map(items)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


@flow
async def awaiting(ready: bool, urls: list[str]) -> None:
    async def then() -> bytes:
        return await fetch("a")

    assert_type(await when(ready, then=then, otherwise=lambda: fetch("b")), bytes)
    assert_type(await when(ready, then=then), bytes | None)
    assert_type(await fetch.map(urls, tries=2), list[bytes])
    mapped: Coroutine[Any, Any, list[bytes]] = fetch.map(urls)
    assert_type(await mapped, list[bytes])
