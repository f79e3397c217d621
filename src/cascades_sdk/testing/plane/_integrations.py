"""Storing and trying the credentials of integrations.

Decided here: which of the contract's codes a body gets, what is kept of a credential, and how a test ends.
Never here: requests, and providers: none is ever asked.

The credential itself is not kept: only its last four characters, and not even these where they are more than half of
it. No answer quotes the body.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import attrs

from cascades_sdk import types
from cascades_sdk.contract import OPERATIONS, Operation
from cascades_sdk.protocol.bodies import read_json
from cascades_sdk.testing.plane._events import Reply
from cascades_sdk.testing.plane._state import Integration, PlaneState
from cascades_sdk.types import fault_of
from cascades_sdk.values import FrozenDict, Refusal

__all__ = ["TRIED", "Saving", "provider_of", "saved", "saving", "tried"]


@attrs.frozen
class Saving:
    """A request to store an integration that is in order."""

    provider: str
    integration: Integration


@attrs.frozen
class _Form:
    """What is particular to a provider: the key of its credential, the codes of what is wrong, and what is told.

    ``codes`` go by the key that is at fault; ``other`` is the code of anything else. ``last_four`` are the keys of
    credentials with the names under which their last four characters are told.
    """

    credential: str
    codes: Mapping[str, str]
    other: str
    last_four: Mapping[str, str]
    stored: str = "secretKey"
    unknown: str = "unknown_secret_key"
    echoed: tuple[str, ...] = ()
    lacking: str = "missing_token"


_TOKEN: Final = {"token": "tokenLastFour"}

_FORMS: Final[Mapping[str, _Form]] = {
    "github": _Form(
        "token",
        {"defaultRepository": "invalid_repository"},
        "invalid_token",
        _TOKEN,
        echoed=("defaultRepository",),
    ),
    "gitlab": _Form(
        "token", {"defaultProject": "invalid_project"}, "invalid_token", _TOKEN, echoed=("defaultProject",)
    ),
    "jira": _Form("apiToken", {"apiToken": "invalid_token"}, "invalid_body", {"apiToken": "tokenLastFour"}),
    "servicenow": _Form("password", {"password": "invalid_token"}, "invalid_body", {"password": "passwordLastFour"}),
    "slack": _Form(
        "webhookUrl",
        {},
        "invalid_webhook",
        {},
        stored="webhookSecretKey",
        unknown="unknown_webhook_secret_key",
    ),
    "pagerduty": _Form("routingKey", {}, "invalid_routing_key", {"routingKey": "routingKeyLastFour"}),
    "hubspot": _Form("privateAppToken", {}, "invalid_token", {"privateAppToken": "tokenLastFour"}),
    "salesforce": _Form(
        "password",
        {},
        "invalid_body",
        {"password": "passwordLastFour", "clientSecret": "clientSecretLastFour"},
        lacking="missing_credentials",
    ),
    "vercel": _Form("accessToken", {}, "invalid_token", {"accessToken": "tokenLastFour"}),
}

#: The providers whose stored integration can be tested.
TRIED: Final = frozenset(
    operation.path.split("/")[3]
    for operation in OPERATIONS
    if re.fullmatch("/api/integrations/[a-z]+/test", operation.path)
)

_SCHEMAS: Final[Mapping[str, type[types.WireRequest]]] = {
    operation.path.rpartition("/")[2]: operation.body.schema
    for operation in OPERATIONS
    if operation.path.startswith("/api/integrations/") and operation.body is not None
}


def provider_of(operation: Operation[Any]) -> str:
    """The provider that an operation of an integration is about."""
    return operation.path.split("/")[3]


def saving(state: PlaneState, connection: int, provider: str, body: bytes) -> Saving | Reply:
    """The integration that a body asks to store, or the 400 that it gets."""
    form, value = _FORMS[provider], read_json(body)
    fault = value if isinstance(value, Refusal) else fault_of(_SCHEMAS[provider], value)
    if fault is not None:
        at = fault.pointer[1:]
        return _refused(connection, form.unknown if at == form.stored else form.codes.get(at, form.other))
    assert type(value) is FrozenDict  # anything else has a fault
    key = value.get(form.stored)
    credential = value.get(form.credential) if key is None else state.secrets.get(str(key))
    if credential is None:
        return _refused(connection, form.unknown)
    known: dict[str, object] = {**value, form.credential: credential}
    told = {name: value[name] for name in form.echoed if name in value and state.latitude.defaults}
    if state.latitude.last_four:
        found = {name: _last_four(str(known[key])) for key, name in form.last_four.items()}
        told |= {name: text for name, text in found.items() if text is not None}
    identity = state.identity(f"integration-{provider}", provider)
    return Saving(provider, Integration(identity, FrozenDict(told), None if key is None else str(key)))


def saved(connection: int, asked: Saving) -> Reply:
    """What is answered once it is stored."""
    stored = asked.integration
    return Reply(connection, 200, FrozenDict({"ok": True, "id": stored.id, "provider": asked.provider, **stored.told}))


def tried(state: PlaneState, connection: int, provider: str) -> Reply:
    """What a test of the stored integration answers. No provider is asked: it refuses where the plane was told so."""
    stored = state.integrations.get(provider)
    if stored is None:
        return _untried(state, connection, 400, "not_configured", detail="no integration is stored")
    if stored.secret_key is not None and stored.secret_key not in state.secrets:
        lost = "the stored secret is not there any more"
        return _untried(state, connection, 400, _FORMS[provider].lacking, detail=lost)
    status = state.providers.get(provider)
    if status is None:
        return Reply(connection, 200, FrozenDict({"ok": True}))
    detail = f"the provider answered {status}"
    return _untried(state, connection, 502, "provider_api_error", status=status, detail=detail)


def _untried(state: PlaneState, connection: int, answer: int, code: str, **details: object) -> Reply:
    return Reply(connection, answer, FrozenDict({"error": code, **(details if state.latitude.test_details else {})}))


def _last_four(credential: str) -> str | None:
    # Never more than half: the contract asks for no last four, and sets no least length for some passwords.
    return credential[-4:] if len(credential) >= 8 else None


def _refused(connection: int, code: str) -> Reply:
    return Reply(connection, 400, FrozenDict({"error": code}))
