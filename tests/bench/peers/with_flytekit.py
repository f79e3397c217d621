"""flytekit: a workflow to the bytes of its specification, and a digest of them."""

import hashlib
from typing import Any

from answering import answer
from flytekit import task, workflow
from flytekit.configuration import Image, ImageConfig, SerializationSettings
from flytekit.tools.translator import get_serializable
from shapes import SHAPES, add, total

tasks: dict[str, Any] = {}
for function in (add, total):
    function.__module__ = "shapes"
    tasks[function.__name__] = task(function)
settings = SerializationSettings(
    project="p", domain="d", version="v", image_config=ImageConfig(Image(name="i", fqn="i", tag="t"))
)


def by_name(name: str, *names: str) -> Any:
    """A task that is given its arguments by position; flytekit wants them by name."""
    return lambda *args: tasks[name](**dict(zip(names, args, strict=False)))


named = {"add": by_name("add", "a", "b"), "total": by_name("total", "items")}


def to_bytes(shape: str, size: int) -> bytes:
    def measured(n: int = 1) -> int:
        return SHAPES[shape](named, size, n)

    specification: Any = get_serializable({}, settings, workflow(measured))
    data: bytes = specification.to_flyte_idl().SerializeToString(deterministic=True)
    hashlib.sha256(data).hexdigest()
    return data


answer("flytekit", ("chain", "fan_in", "fan_out"), to_bytes)
