"""hera: a workflow of Argo to JSON (which is faster than its YAML), and a digest of it."""

import hashlib
import json
from typing import Any

from answering import answer
from hera.workflows import DAG, Workflow, script
from shapes import SHAPES


@script(image="python:3.11")
def add(a: int, b: int = 1) -> None:
    print(a + b)


@script(image="python:3.11")
def total(items: str) -> None:
    print(items)


def to_bytes(shape: str, size: int) -> bytes:
    made = 0

    def called(template: Any, upstream: list[Any], **arguments: Any) -> Any:
        nonlocal made
        made += 1
        call = template(name=f"task-{made}", arguments=arguments)
        for each in upstream:
            each >> call
        return call

    def added(a: Any, b: int) -> Any:
        return called(add, [] if a == 1 else [a], a=a if a == 1 else a.result, b=b)

    def totalled(items: list[Any]) -> Any:
        return called(total, items, items=",".join([each.result for each in items]))

    with Workflow(generate_name="measured-", entrypoint="whole") as workflow, DAG(name="whole"):
        SHAPES[shape]({"add": added, "total": totalled}, size, 1)
    data = json.dumps(workflow.to_dict()).encode()
    hashlib.sha256(data).hexdigest()
    return data


answer("hera-workflows", ("chain", "fan_in", "fan_out"), to_bytes)
