"""The contract in OpenAPI 3.2, whose tools judge event streams: derived from the one document, for tests only.

OpenAPI 3.0 has no word for a stream; there the contract says in prose that its schema is that of the data of one frame.
Here the same schema stands where 3.2 has a place for it: as what the ``data`` of each item holds.
"""

import copy
from typing import Any

from openapi_witness import DOCUMENT, STREAM

__all__ = ["in_openapi_3_2"]

_PATH = "/api/runs/{id}/stream"


def in_openapi_3_2(run_id: str) -> dict[str, Any]:
    """The rendering; the example of a run's id is one that the server under test has."""
    rendered: dict[str, Any] = copy.deepcopy(DOCUMENT)
    rendered["openapi"] = "3.2.0"
    stream = rendered["paths"][_PATH]["get"]
    next(each for each in stream["parameters"] if each["name"] == "id")["example"] = run_id
    media = stream["responses"]["200"]["content"][STREAM]
    event = media.pop("schema")
    del media["examples"]  # those of an event, where 3.2 has those of the whole stream
    media["itemSchema"] = {
        "type": "object",
        "required": ["data", "event"],
        "properties": {
            "event": {"const": "telemetry"},
            "data": {"type": "string", "contentMediaType": "application/json", "contentSchema": event},
        },
    }
    return rendered
