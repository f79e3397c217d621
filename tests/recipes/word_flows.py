"""Flows that the recipes are tried with."""

from typing import Any

from cascades_sdk import flow, task, when


@task
def words(text: str) -> list[str]:
    return text.split()


@task
def length(word: str, *, least: int = 0) -> int:
    return max(len(word), least)


@task
def is_long(count: int, limit: int = 10) -> bool:
    return count > limit


@task(retries=2)
def total(*numbers: int, **weights: int) -> int:
    return sum(numbers) * weights.get("times", 1)


@task
def told(counts: dict[str, int], note: str | None = None) -> str:
    return f"{note or 'sum'}: {counts['all']}"


@flow
def report(text: str, times: int = 1) -> dict[str, object]:
    lengths = length.map(words(text), least=3)
    first, everything = lengths[0], total(lengths[0], lengths[1], times=times)
    note = when(is_long(everything), then=lambda: told({"all": everything}, note="long"), otherwise=lambda: "short")
    return {"first": first, "lengths": lengths, "note": note}


@task
async def longest(words: list[str]) -> tuple[int, int]:
    lengths = sorted(map(len, words))
    return lengths[0], lengths[-1]


@task
def kind_of(pair: tuple[int, int]) -> str:
    return type(pair).__name__


@flow
async def spread(text: str) -> list[object]:
    pair = await longest(words(text))
    least, most = pair
    return [least, most, kind_of(pair)]


@task
def count(words: list[str]) -> Any:
    return len(words)


@flow
def undecided(text: str) -> object:
    return when(count(words(text)), then=lambda: told({"all": 1}))


@task
def first(words: list[str]) -> Any:
    return words[0]


@flow
def unlisted(text: str) -> object:
    return length.map(first(words(text)))
