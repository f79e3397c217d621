"""Event streams as bytes, right and wrong, in pieces.

Decided here: what readers of streams trip over. Never here: what a stream means.
"""

import json
from itertools import pairwise
from typing import Final

from hypothesis import strategies as st

from cascades_sdk.testing.strategies._values import json_values, texts

__all__ = ["event_streams", "in_chunks", "telemetry_streams"]

_PARTS: Final = (
    *(b"data", b"data: x", b"data:", b":", b": c", b"event: e", b"event", b"id: 1", b"id", b"id: \0"),
    *(b"retry: 5", b"retry: +5", b" ", b"\n", b"\r", b"\r\n", b"\n\n"),
    # A byte order mark, separators that are no line ends here, and bytes that are no UTF-8.
    *(b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\xc2\x85", b"\x0b", b"\xff", b"\xe2\x82", b"{}"),
)


def event_streams() -> st.SearchStrategy[bytes]:
    """Bodies of event streams (HTML Standard §9.2): fields, comments, line ends of all kinds, other bytes.

    Leaves out long lines and long events, which readers may refuse. Shrinks to no bytes.
    """
    return st.lists(st.sampled_from(_PARTS) | st.binary(max_size=4), max_size=40).map(b"".join)


def telemetry_streams() -> st.SearchStrategy[bytes]:
    """Streams of well-formed telemetry: events of a ``type``, known or not, with their ``data``.

    Leaves out the order in which a run's events come, and the end of the run: whatever is drawn here is one segment of
    a stream, which breaks off between two events. Shrinks to no bytes.
    """
    types = st.sampled_from(["log.entry", "task.run", "run.status", "run.completed"]) | texts()
    data = st.dictionaries(texts(), json_values(max_leaves=3), max_size=3)
    events = st.fixed_dictionaries({"type": types, "data": data}).map(
        lambda event: f"event: telemetry\ndata: {json.dumps(event)}\n\n".encode()
    )
    heartbeats = st.just(b": heartbeat\n\n")
    return st.lists(events | heartbeats, max_size=6).map(b"".join)


def in_chunks(bodies: st.SearchStrategy[bytes]) -> st.SearchStrategy[tuple[bytes, ...]]:
    """The bodies, cut anywhere into at most eleven pieces, some of them empty. Shrinks to one piece."""
    return st.tuples(bodies, st.lists(st.integers(0, 2**10), max_size=10)).map(_cut)


def _cut(drawn: tuple[bytes, list[int]]) -> tuple[bytes, ...]:
    body, places = drawn
    edges = (0, *sorted(place % (len(body) + 1) for place in places), len(body))
    return tuple(body[left:right] for left, right in pairwise(edges))
