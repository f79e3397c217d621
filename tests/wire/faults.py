"""What the wire does to clients, by id: each row has tests on raw sockets, in every colour of the client.

A test says which row it is about with the mark ``fault``; ``test_fault_table`` walks the rows.
"""

from typing import Final

__all__ = ["BEFORE_SENDING", "FAULTS"]

FAULTS: Final = {
    "T1": "the server refuses; accepts and stays silent; resets after accepting",
    "T2": "the connection ends or is reset inside a body whose prefix is valid JSON",
    "T3": "head or body come by the drop",
    "T4": "endless informational answers, a status line that is none, a megabyte of headers",
    "T5": "a kept connection is closed under a POST",
    "T6": "a host that is unknown; TLS that cannot be trusted, or is none",
    "T7": "a proxy that is dead, wants credentials, or answers by itself",
    "A1": "another media type than is due, an empty body or none",
    "A2": "a body of the wrong shape, duplicate keys, NaN, invalid UTF-8",
    "A3": "very deep nesting, an integer of very many digits",
    "A4": "errors with a page or nothing for a body; both forms of Retry-After",
    "A5": "bodies that are too large, as sent or once decompressed; another coding than was asked for",
    "A6": "ok: false with status 200",
    "R1": "redirects of any kind",
    "R2": "a run id that could leave its segment of the path",
    "R3": "the environment names credentials, proxies and authorities",
    "R4": "control characters and separators in cookies and headers",
    "R5": "credentials over plain http to another machine",
    "R6": "an error echoes the credential",
    "S1": "a stream is silent at once or after an event; heartbeats only; endless logs",
    "S2": "a stream ends, or is reset, before the verdict, or reports stream.error",
    "S3": "429 or 503, then recovery; a server that accepts and hangs up for ever",
    "S4": "something else than a stream: a page, JSON, 204, 401, 404",
    "S5": "a byte order mark, other line ends, characters cut between chunks, no chunking, lines of data, U+2028",
    "S6": "events of a megabyte, a line without end",
    "S7": "frames that cannot be read, unknown types, other event names",
    "S8": "the verdict in the first snapshot; the verdict on a connection that stays open",
    "S9": "rows that come twice or out of order, and clocks that disagree",
    "P1": "whoever waits is cancelled",
    "P2": "the process is forked, or interrupted",
}

#: What is refused before anything is sent needs no socket.
BEFORE_SENDING: Final = frozenset({"R2", "R4", "R5"})
