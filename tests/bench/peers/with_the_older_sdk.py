"""The older SDK: a flow to canonical JSON and a digest of it.

It records no arguments, and passes over references in lists; the shapes are those of which it sees nearly all edges.
"""

import hashlib
from typing import Any

from answering import answer
from shapes import SHAPES, TASKS

from cascades_sdk import flow, task
from cascades_sdk.compiler import build_dag_from_flow_json

tasks: dict[str, Any] = {name: task(function) for name, function in TASKS.items()}


def to_bytes(shape: str, size: int) -> bytes:
    @flow
    def measured() -> Any:
        return SHAPES[shape](tasks, size, 1)

    data = str(build_dag_from_flow_json(measured)).encode()
    hashlib.sha256(data).hexdigest()
    return data


answer("cascades-sdk", ("chain", "fan_out"), to_bytes)
