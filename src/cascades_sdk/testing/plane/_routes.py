"""What a request asks for: a decision about it that touches no run yet.

Decided here: paths, methods, the session cookie, and the cursors of a stream.
Never here: what the body of a run request may be, and how a run is accepted or followed.

Only the paths that flows need are served; every other path is answered 404.
"""

import hmac
import re
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, Union, assert_never
from urllib.parse import parse_qsl, unquote

import attrs

from cascades_sdk.testing.plane._events import Reply, Request
from cascades_sdk.testing.plane._state import PlaneState
from cascades_sdk.testing.plane._submission import Submission, refusal, submission
from cascades_sdk.testing.plane._telemetry import cursor_from
from cascades_sdk.values import FrozenDict

__all__ = ["Decision", "Watching", "decided"]


@attrs.frozen
class Watching:
    """A request for the stream of a run, which may or may not exist."""

    run_id: str
    since: int | None
    task_since: int | None


Decision: TypeAlias = Union[Reply, Submission, Watching]  # noqa: UP007

_Path: TypeAlias = Literal["version", "run", "stream"]

#: Each path, the method that it takes, and whether it needs a session.
_PATHS: Final[Mapping[_Path, tuple[re.Pattern[str], str, bool]]] = {
    "version": (re.compile(r"/api/system/version"), "GET", False),
    "run": (re.compile(r"/api/workflows/run"), "POST", True),
    "stream": (re.compile(r"/api/runs/([^/]+)/stream"), "GET", True),
}


def decided(state: PlaneState, request: Request) -> Decision:
    """What a request asks for, or the answer that it gets at once."""
    target, _, query = request.target.partition("?")
    for path, (pattern, method, needs_session) in _PATHS.items():
        found = pattern.fullmatch(target)
        if found is None:
            continue
        if request.method != method:
            body = refusal("Method not allowed", f"this path takes {method}")
            return Reply(request.connection, 405, body, (("Allow", method),))
        if needs_session and not _has_session(state, request):
            return Reply(request.connection, 401, refusal("Unauthorized", "send the session cookie"))
        match path:
            case "version":
                return Reply(request.connection, 200, FrozenDict({"apiVersion": "v1"}))
            case "run":
                return submission(state, request.connection, request.body)
            case "stream":
                return _watching(unquote(found[1]), query)
            case _:
                assert_never(path)
    return Reply(request.connection, 404, refusal("Not found", "this local control plane has no such path"))


def _watching(run_id: str, query: str) -> Watching:
    # Where a cursor is given twice, the last one counts.
    cursors = dict(parse_qsl(query))
    return Watching(run_id, cursor_from(cursors.get("since")), cursor_from(cursors.get("taskSince")))


def _has_session(state: PlaneState, request: Request) -> bool:
    # RFC 6265 §4.2.1: pairs divided by semicolons. The comparison takes the same time for every wrong value.
    expected = state.cookie.encode()
    sent = ";".join(value for name, value in request.headers if name == "cookie")
    pairs = (pair.strip().partition("=") for pair in sent.split(";"))
    return any(name == state.cookie_name and hmac.compare_digest(value.encode(), expected) for name, _, value in pairs)
