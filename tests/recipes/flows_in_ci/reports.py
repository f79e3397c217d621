"""The flows of a small project. `report.json` is what is deployed; a change of the flow is a change of that file."""

from cascades_sdk import flow, task


@task(retries=2)
def words(text: str) -> list[str]:
    return text.split()


@task
def count(items: list[str], at_least: int = 1) -> int:
    return len([item for item in items if len(item) >= at_least])


@flow
def report(text: str, lengths: list[int]) -> dict[str, object]:
    found = words(text)
    return {"all": count(found), "long": [count(found, at_least=each) for each in lengths]}
