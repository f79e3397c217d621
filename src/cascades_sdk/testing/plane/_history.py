"""What was asked and answered, as frozen records without credentials.

Decided here: what a record shows. Never here: how many are kept.

Headers are shown by an allow-list; a body loses what the contract calls a credential, and the userinfo and query of
URLs; then every credential that the plane knows is hidden wherever it stands.
"""

from typing import Any, Final, cast

import attrs

from cascades_sdk.contract import Operation
from cascades_sdk.protocol.address import without_secrets
from cascades_sdk.protocol.auth import secrets_of
from cascades_sdk.protocol.bodies import read_json
from cascades_sdk.protocol.hiding import HIDDEN, Cover, cover_of, covered
from cascades_sdk.testing.plane._events import Answer, Reply, Request, StreamOpened
from cascades_sdk.testing.plane._faults import Fault
from cascades_sdk.testing.plane._routes import operation_at
from cascades_sdk.testing.plane._state import PlaneState
from cascades_sdk.types import wire_keys
from cascades_sdk.values import FrozenDict, FrozenValue, Refusal

__all__ = ["Recorded", "Redactor"]

#: The headers that a record shows; the others are named, with their values hidden.
_SHOWN: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "cache-control",
        "content-type",
        "content-length",
        "host",
        "last-event-id",
        "user-agent",
    }
)


@attrs.frozen
class Recorded:
    """A request and its answer. ``at`` is in seconds since 1970; ``operation`` None for a path that is none.

    ``body`` is None where there was none, or none in JSON. ``answer`` is None for a stream. ``fault`` is what befell
    the answer on its way.
    """

    at: float
    operation: str | None
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: FrozenValue
    status: int
    answer: FrozenDict | None = None
    fault: Fault | None = None


class Redactor:
    """What writes records: a run of a day is hundreds of requests, and nearly all show the plane's own credentials.

    What hides those is kept. Of a credential that only a request shows nothing is.
    """

    def __init__(self) -> None:
        self._known: frozenset[str] = frozenset()
        self._cover: Cover = cover_of(self._known)

    def _covering(self, state: PlaneState, request: Request) -> Cover:
        known, sent = _known(state), _sent(request)
        if not sent <= known:
            return cover_of(known | sent)
        if known != self._known:
            self._known, self._cover = known, cover_of(known)
        return self._cover

    def recorded(self, state: PlaneState, request: Request, answers: tuple[Answer, ...]) -> Recorded | None:
        """The record of a request that was answered so; None where a connection that carries a stream asks on."""
        head = next((answer for answer in answers if isinstance(answer, Reply | StreamOpened)), None)
        return None if head is None else _recorded(request, head, self._covering(state, request))


def _recorded(request: Request, head: Reply | StreamOpened, cover: Cover) -> Recorded:
    operation = operation_at(request.target)[0]
    shown = tuple(value if name in _SHOWN else None for name, value in request.headers)
    answer = head.body if isinstance(head, Reply) else None
    told = covered((request.target, shown, _body(operation, request.body), answer), cover)
    target, values, body, reply = cast("tuple[str, tuple[str | None, ...], FrozenValue, FrozenDict | None]", told)
    return Recorded(
        request.at,
        None if operation is None else operation.id,
        request.method,
        target,
        tuple(
            (name, HIDDEN if value is None else value) for (name, _), value in zip(request.headers, values, strict=True)
        ),
        body,
        head.status if isinstance(head, Reply) else 200,
        reply,
        head.fault,
    )


def _known(state: PlaneState) -> frozenset[str]:
    """Every credential that the plane knows."""
    return frozenset((state.cookie, *secrets_of(dict(state.tokens)), *state.secrets.values()))


def _sent(request: Request) -> frozenset[str]:
    """Every credential that the request shows."""
    return frozenset(
        text for name, value in request.headers if name not in _SHOWN for text in secrets_of({name: value})
    )


def _body(operation: Operation[Any] | None, body: bytes) -> FrozenValue:
    value = read_json(body) if body else None
    if isinstance(value, Refusal):
        return None
    if operation is None or operation.body is None or not operation.path.startswith("/api/integrations/"):
        return value
    if not isinstance(value, FrozenDict):
        return HIDDEN
    # A credential is easily put under another key: only what the contract calls no credential is shown.
    keys = {key.name: key for _, key in wire_keys(operation.body.schema) if not key.secret}
    return FrozenDict({name: _shown(keys.get(name), member) for name, member in value.items()})


def _shown(key: Any, value: FrozenValue) -> FrozenValue:
    if key is None or type(value) is not str:
        return HIDDEN
    if key.form == "uri" or "://" in value:
        return without_secrets(value) or HIDDEN
    return value
