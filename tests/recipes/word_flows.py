"""Flows that the recipes are tried with."""

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
