"""What a client is configured with, sync and async alike, and what follows from it for each call.

Decided here: what is refused where a client is made, and what is sent with every request.
Never here: sending, and what an answer means.
"""

from collections.abc import Mapping
from typing import Any, Final

import attrs
import httpx
from returns.result import Failure, Success

from cascades_sdk._meta import build_default_user_agent, vendor_telemetry_headers
from cascades_sdk.client._observing import PLAIN_FUNCTION, Hook, is_async, observer
from cascades_sdk.contract import STREAM_RUN_TELEMETRY, Operation
from cascades_sdk.errors import ClientError, Outcome, ValidationError, WaitPosition
from cascades_sdk.protocol.address import BaseAddress, base_address, unconfidential
from cascades_sdk.protocol.auth import Auth, checked_headers, normalize_auth, secrets_of
from cascades_sdk.protocol.calls import Terms
from cascades_sdk.protocol.effects import Program, Request
from cascades_sdk.protocol.following import RunOutcome
from cascades_sdk.protocol.limits import FollowPolicy, Limits, RetryPolicy, is_seconds
from cascades_sdk.protocol.observation import ReceivedResponse, SentRequest
from cascades_sdk.protocol.requests import request_for
from cascades_sdk.protocol.waiting import News, follow
from cascades_sdk.transport.clock import Clock
from cascades_sdk.transport.driver import Observer
from cascades_sdk.transport.route import Route

__all__ = ["KEEP", "AuthGiven", "Closed", "Keep", "Settings", "follow_program"]

_THROUGH_PROXY: Final = "a credential would be readable for the proxy; use https, or pass allow_insecure=True"

#: What an ``auth`` argument may be: see :func:`cascades_sdk.protocol.auth.normalize_auth`.
AuthGiven = Auth | Mapping[str, str] | str | None


class Keep:
    """The type of :data:`KEEP`."""

    def __repr__(self) -> str:
        return "KEEP"


#: Stands in ``with_options`` for whatever the client has; None is a value of its own there.
KEEP: Final = Keep()


def _is_hook(holder: Any, field: "attrs.Attribute[Any]", value: object) -> None:
    if value is not None and not callable(value):
        raise ValidationError(holder.where, "expected a function of one argument, or None", pointer=f"/{field.name}")
    if is_async(value):
        raise ValidationError(holder.where, PLAIN_FUNCTION, pointer=f"/{field.name}")


def _is_a(kind: type) -> Any:
    def check(holder: Any, field: "attrs.Attribute[Any]", value: object) -> None:
        if not isinstance(value, kind):
            raise ValidationError(holder.where, f"expected a {kind.__name__}", pointer=f"/{field.name}")

    return check


def _is_timeout(holder: Any, field: "attrs.Attribute[Any]", value: object) -> None:
    if not is_seconds(value):
        raise ValidationError(holder.where, "expected a number of seconds above 0", pointer=f"/{field.name}")


def _is_agent(holder: Any, field: "attrs.Attribute[Any]", value: object) -> None:
    if value is not None and not (isinstance(value, str) and value.strip() == value != "" and _is_plain(value)):
        raise ValidationError(holder.where, "expected printable ASCII", pointer=f"/{field.name}")


def _is_plain(value: str) -> bool:
    return value.isascii() and value.isprintable()


@attrs.frozen
class Settings:
    """Everything but the connections. Checked where it is made, also where ``with_options`` changes it.

    ``where`` is the client that it is made for, which errors name.
    """

    where: str
    base_url: str
    auth: Auth | None = attrs.field(converter=normalize_auth)
    timeout: float = attrs.field(validator=_is_timeout)
    allow_insecure: bool = attrs.field(validator=_is_a(bool))
    user_agent: str | None = attrs.field(validator=_is_agent)
    vendor_headers: bool = attrs.field(validator=_is_a(bool))
    limits: Limits = attrs.field(validator=_is_a(Limits))
    retry: RetryPolicy = attrs.field(validator=_is_a(RetryPolicy))
    clock: Clock = attrs.field(validator=_is_a(Clock))
    on_request: Hook[SentRequest] | None = attrs.field(validator=_is_hook)
    on_response: Hook[ReceivedResponse] | None = attrs.field(validator=_is_hook)
    proxied: bool = False
    address: BaseAddress = attrs.field(init=False)
    base: httpx.URL = attrs.field(init=False)
    observe: Observer = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        known = self.auth is not None
        address = base_address(self.base_url, credentials=known, allow_insecure=self.allow_insecure, where=self.where)
        if isinstance(address, Failure):
            raise address.failure()
        if known and self.proxied and not self._confidential(address.unwrap()):
            raise ValidationError(self.where, _THROUGH_PROXY, pointer="/proxy")
        try:
            base = httpx.URL(str(address.unwrap()))
            _ = base.host  # decoded only here, and not every host that begins with xn-- can be
        except (httpx.InvalidURL, UnicodeError):
            # Without the cause: httpx may quote what it was given.
            raise ValidationError(self.where, "the host is malformed", pointer="/base_url") from None
        object.__setattr__(self, "address", address.unwrap())
        object.__setattr__(self, "base", base)
        object.__setattr__(self, "observe", observer(self.on_request, self.on_response))

    def _confidential(self, address: BaseAddress) -> bool:
        """Whether what is sent there is read by nobody in between: a proxy reads all that is plain http."""
        return self.allow_insecure or (address.confidential and not (self.proxied and address.scheme == "http"))

    def routed(self, route: Route) -> "Settings":
        """These settings over a route."""
        return self if route.proxy is None else attrs.evolve(self, proxied=True)

    def changed(self, **given: Any) -> "Settings":
        """These settings with some others; what is :data:`KEEP` stays."""
        return attrs.evolve(self, **{name: value for name, value in given.items() if value is not KEEP})

    def prepared(
        self, operation: Operation[Any], timeout: float | None, **arguments: Any
    ) -> Outcome[tuple[Request, Terms], ValidationError]:
        """The request of a call, and the terms that hold for it; or why nothing is to be sent."""
        seconds = self.timeout if timeout is None else timeout
        if not is_seconds(seconds):
            return Failure(ValidationError(operation.id, "expected a number of seconds above 0", pointer="/timeout"))
        credentials = checked_headers(self.auth) if operation.auth == "cookie" else {}
        if isinstance(credentials, str):
            return Failure(ValidationError(operation.id, credentials, pointer="/auth"))
        request = request_for(operation, headers=self.headers(), credentials=credentials, **arguments)
        if isinstance(request, Failure):
            return Failure(request.failure())
        return self._sendable(request.unwrap(), float(seconds))

    def _sendable(self, request: Request, seconds: float) -> Outcome[tuple[Request, Terms], ValidationError]:
        if request.body_secrets and not self._confidential(self.address):
            detail = _THROUGH_PROXY if self.proxied else unconfidential(self.address)
            return Failure(
                ValidationError(request.operation, detail, pointer="/proxy" if self.proxied else "/base_url")
            )
        return Success((request, self.terms(seconds, request.secrets)))

    def position_request(self, position: WaitPosition) -> Outcome[Request, ValidationError]:
        """The request of a run's stream from a position on."""
        prepared = self.prepared(
            STREAM_RUN_TELEMETRY,
            None,
            path={"id": position.run_id},
            query={"since": position.since, "taskSince": position.task_since},
            last_event_id=position.last_event_id,
        )
        return Failure(prepared.failure()) if isinstance(prepared, Failure) else Success(prepared.unwrap()[0])

    def terms(self, seconds: float, secrets: tuple[str, ...]) -> Terms:
        """What holds for the exchanges of a call."""
        return Terms(seconds, self.limits, self.retry, secrets)

    def headers(self) -> dict[str, str]:
        """What is sent with every request."""
        agent = build_default_user_agent() if self.user_agent is None else self.user_agent
        return {"User-Agent": agent} | (vendor_telemetry_headers() if self.vendor_headers else {})


class Closed:
    """Whether a client is closed: it, or the one whose connections it shares."""

    def __init__(self, outer: "Closed | None" = None) -> None:
        self._outer = outer
        self._closed = False

    def close(self) -> None:
        self._closed = True

    def check(self) -> None:
        """Raise ``RuntimeError`` where the client is used after its end: a bug of the caller's."""
        if self._closed:
            raise RuntimeError("the client is closed")
        if self._outer is not None:
            self._outer.check()


def follow_program(
    settings: Settings, origin: WaitPosition, seconds: float, policy: FollowPolicy
) -> Program[News, Outcome[RunOutcome, ClientError]]:
    """A run, followed to its end or to the deadline, from a position on."""
    # A credential that cannot be is told by the first request; nothing of it is known to hide here.
    credentials = checked_headers(settings.auth)
    secrets = () if isinstance(credentials, str) else secrets_of(credentials)
    terms = settings.terms(settings.timeout, secrets)
    return follow(origin, seconds, settings.position_request, policy, terms)
