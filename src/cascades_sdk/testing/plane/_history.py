"""What was asked and answered, as frozen records without credentials.

Decided here: what a record shows. Never here: how many are kept.

Headers are shown by an allow-list. Of a body, those keys show their values that the contract has at just this path and
calls no credential, URLs without userinfo and query: a credential is easily sent to another path, or under another key.
Then every credential that the plane knows is hidden wherever it stands, and so is each text that stands in the body, at
any depth, under a name that the contract has for a credential.
"""

from collections.abc import Iterator
from typing import Any, Final, cast

import attrs

from cascades_sdk.contract import OPERATIONS, Operation
from cascades_sdk.protocol.address import without_secrets
from cascades_sdk.protocol.auth import secrets_of
from cascades_sdk.protocol.bodies import read_json
from cascades_sdk.protocol.hiding import HIDDEN, Cover, cover_of, covered
from cascades_sdk.testing.plane._events import Answer, Reply, Request, StreamOpened
from cascades_sdk.testing.plane._faults import Fault
from cascades_sdk.testing.plane._routes import operation_at
from cascades_sdk.testing.plane._state import PlaneState
from cascades_sdk.types import WireKey, wire_keys
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

    ``body`` is None where there was none, or none in JSON; a text that stands in it under a name that the contract has
    for a credential, such as ``token`` or ``password``, is hidden, in the context of a run too, and so is what the
    contract does not have at this path. ``answer`` is None for a stream, and for what is no JSON.
    ``fault`` is what befell it on its way.
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

    def _covering(self, state: PlaneState, request: Request, body: FrozenValue | Refusal) -> Cover:
        known, sent = _known(state), _sent(request, body)
        if not sent <= known:
            return cover_of(known | sent)
        if known != self._known:
            self._known, self._cover = known, cover_of(known)
        return self._cover

    def recorded(self, state: PlaneState, request: Request, answers: tuple[Answer, ...]) -> Recorded | None:
        """The record of a request that was answered so; None where a connection that carries a stream asks on."""
        head = next((answer for answer in answers if isinstance(answer, Reply | StreamOpened)), None)
        if head is None:
            return None
        body = read_json(request.body) if request.body else None
        return _recorded(request, body, head, self._covering(state, request, body))


def _recorded(request: Request, body: FrozenValue | Refusal, head: Reply | StreamOpened, cover: Cover) -> Recorded:
    operation = operation_at(request.target)[0]
    shown = tuple(value if name in _SHOWN else None for name, value in request.headers)
    answer = head.body if isinstance(head, Reply) and not isinstance(head.body, bytes) else None
    told = covered((request.target, shown, _body(operation, request.body, body), answer), cover)
    target, values, told_body, reply = cast("tuple[str, tuple[str | None, ...], FrozenValue, FrozenDict | None]", told)
    return Recorded(
        request.at,
        None if operation is None else operation.id,
        request.method,
        target,
        tuple(
            (name, HIDDEN if value is None else value) for (name, _), value in zip(request.headers, values, strict=True)
        ),
        told_body,
        head.status if isinstance(head, Reply) else 200,
        reply,
        head.fault,
    )


def _known(state: PlaneState) -> frozenset[str]:
    """Every credential that the plane knows."""
    return frozenset((state.cookie, *secrets_of(dict(state.tokens)), *state.secrets.values()))


def _sent(request: Request, body: FrozenValue | Refusal) -> frozenset[str]:
    """Every credential that the request shows."""
    headers = (text for name, value in request.headers if name not in _SHOWN for text in secrets_of({name: value}))
    return frozenset((*headers, *_credentials(body)))


#: The names that the contract has for credentials, whatever the provider.
_CREDENTIALS: Final = frozenset(
    key.name
    for operation in OPERATIONS
    if operation.body is not None
    for _, key in wire_keys(operation.body.schema)
    if key.secret
)


def _credentials(body: FrozenValue | Refusal) -> Iterator[str]:
    """The texts that stand in a body under names for credentials, at any depth."""
    waiting: list[tuple[Any, bool]] = [(body, False)]
    while waiting:
        value, is_secret = waiting.pop()
        if type(value) is FrozenDict:
            waiting += [(member, is_secret or name in _CREDENTIALS) for name, member in value.items()]
        elif type(value) is tuple:
            waiting += [(item, is_secret) for item in value]
        elif is_secret and type(value) is str and value:
            yield value


def _body(operation: Operation[Any] | None, sent: bytes, value: FrozenValue | Refusal) -> FrozenValue:
    if not sent or isinstance(value, Refusal):
        return None
    if not isinstance(value, FrozenDict):
        return HIDDEN
    known = () if operation is None or operation.body is None else wire_keys(operation.body.schema)
    keys = {key.name: key for _, key in known if not key.secret}
    # Frozen already: what a context holds may be an integer beyond the value model's.
    return FrozenDict.of_frozen({name: _shown(keys.get(name), member) for name, member in value.items()})


def _shown(key: WireKey | None, value: FrozenValue) -> FrozenValue:
    if key is not None and key.kind == "object" and type(value) is FrozenDict:
        return value
    if key is None or type(value) is not str:
        return HIDDEN
    if key.form == "uri" or "://" in value:
        return without_secrets(value) or HIDDEN
    return value
