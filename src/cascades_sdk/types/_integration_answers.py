"""What the integrations answer: what was stored, why it was not, and how a test of it went.

Decided here: names and enums of these bodies. Never here: how a body is read, and what follows from it.

A credential is never in an answer: at most its last four characters are.
"""

from typing import Literal, TypeAlias

import attrs

from cascades_sdk.types._wire import key
from cascades_sdk.values import FrozenDict

__all__ = [
    "GithubIntegrationSaveError",
    "GithubIntegrationSaved",
    "GitlabIntegrationSaveError",
    "GitlabIntegrationSaved",
    "HubspotIntegrationSaveError",
    "HubspotIntegrationSaved",
    "HubspotVercelIntegrationTestError",
    "IntegrationSaveError",
    "IntegrationTestError",
    "IntegrationTestOk",
    "JiraIntegrationSaveError",
    "JiraIntegrationSaved",
    "PagerdutyIntegrationSaveError",
    "PagerdutyIntegrationSaved",
    "SalesforceIntegrationSaveError",
    "SalesforceIntegrationSaved",
    "SalesforceIntegrationTestError",
    "ServicenowIntegrationSaveError",
    "ServicenowIntegrationSaved",
    "SlackIntegrationSaveError",
    "SlackIntegrationSaved",
    "VercelIntegrationSaveError",
    "VercelIntegrationSaved",
]

_EMPTY = FrozenDict()

#: The document allows false; an answer of status 200 that says so is no answer, which is a check of ours.
_STORED = key("ok", "boolean", True, own=("enum",))


@attrs.frozen
class GithubIntegrationSaved:
    """The stored integration for GitHub."""

    ok: Literal[True] = attrs.field(metadata=_STORED)
    id: str = attrs.field(metadata=key("id"))
    provider: Literal["github"] = attrs.field(metadata=key("provider", "string", "github"))
    token_last_four: str | None = attrs.field(default=None, metadata=key("tokenLastFour", required=False))
    default_repository: str | None = attrs.field(default=None, metadata=key("defaultRepository", required=False))
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class GithubIntegrationSaveError:
    """Why the credential for GitHub was not stored."""

    error: Literal["invalid_token", "invalid_repository", "unknown_secret_key"] = attrs.field(
        metadata=key("error", "string", "invalid_token", "invalid_repository", "unknown_secret_key")
    )
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class GitlabIntegrationSaved:
    """The stored integration for GitLab."""

    ok: Literal[True] = attrs.field(metadata=_STORED)
    id: str = attrs.field(metadata=key("id"))
    provider: Literal["gitlab"] = attrs.field(metadata=key("provider", "string", "gitlab"))
    token_last_four: str | None = attrs.field(default=None, metadata=key("tokenLastFour", required=False))
    default_project: str | None = attrs.field(default=None, metadata=key("defaultProject", required=False))
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class GitlabIntegrationSaveError:
    """Why the credential for GitLab was not stored."""

    error: Literal["invalid_token", "invalid_project", "unknown_secret_key"] = attrs.field(
        metadata=key("error", "string", "invalid_token", "invalid_project", "unknown_secret_key")
    )
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class JiraIntegrationSaved:
    """The stored integration for Jira."""

    ok: Literal[True] = attrs.field(metadata=_STORED)
    id: str = attrs.field(metadata=key("id"))
    provider: Literal["jira"] = attrs.field(metadata=key("provider", "string", "jira"))
    token_last_four: str | None = attrs.field(default=None, metadata=key("tokenLastFour", required=False))
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class JiraIntegrationSaveError:
    """Why the credential for Jira was not stored."""

    error: Literal["invalid_token", "invalid_body", "unknown_secret_key"] = attrs.field(
        metadata=key("error", "string", "invalid_token", "invalid_body", "unknown_secret_key")
    )
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class ServicenowIntegrationSaved:
    """The stored integration for ServiceNow."""

    ok: Literal[True] = attrs.field(metadata=_STORED)
    id: str = attrs.field(metadata=key("id"))
    provider: Literal["servicenow"] = attrs.field(metadata=key("provider", "string", "servicenow"))
    password_last_four: str | None = attrs.field(default=None, metadata=key("passwordLastFour", required=False))
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class ServicenowIntegrationSaveError:
    """Why the credential for ServiceNow was not stored."""

    error: Literal["invalid_token", "invalid_body", "unknown_secret_key"] = attrs.field(
        metadata=key("error", "string", "invalid_token", "invalid_body", "unknown_secret_key")
    )
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class SlackIntegrationSaved:
    """The stored integration for Slack."""

    ok: Literal[True] = attrs.field(metadata=_STORED)
    id: str = attrs.field(metadata=key("id"))
    provider: Literal["slack"] = attrs.field(metadata=key("provider", "string", "slack"))
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class SlackIntegrationSaveError:
    """Why the credential for Slack was not stored."""

    error: Literal["invalid_webhook", "unknown_webhook_secret_key"] = attrs.field(
        metadata=key("error", "string", "invalid_webhook", "unknown_webhook_secret_key")
    )
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class PagerdutyIntegrationSaved:
    """The stored integration for PagerDuty."""

    ok: Literal[True] = attrs.field(metadata=_STORED)
    id: str = attrs.field(metadata=key("id"))
    provider: Literal["pagerduty"] = attrs.field(metadata=key("provider", "string", "pagerduty"))
    routing_key_last_four: str | None = attrs.field(default=None, metadata=key("routingKeyLastFour", required=False))
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class PagerdutyIntegrationSaveError:
    """Why the credential for PagerDuty was not stored."""

    error: Literal["invalid_routing_key", "unknown_secret_key"] = attrs.field(
        metadata=key("error", "string", "invalid_routing_key", "unknown_secret_key")
    )
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class HubspotIntegrationSaved:
    """The stored integration for HubSpot."""

    ok: Literal[True] = attrs.field(metadata=_STORED)
    id: str = attrs.field(metadata=key("id"))
    provider: Literal["hubspot"] = attrs.field(metadata=key("provider", "string", "hubspot"))
    token_last_four: str | None = attrs.field(default=None, metadata=key("tokenLastFour", required=False))
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class HubspotIntegrationSaveError:
    """Why the credential for HubSpot was not stored."""

    error: Literal["invalid_token", "unknown_secret_key"] = attrs.field(
        metadata=key("error", "string", "invalid_token", "unknown_secret_key")
    )
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class SalesforceIntegrationSaved:
    """The stored integration for Salesforce."""

    ok: Literal[True] = attrs.field(metadata=_STORED)
    id: str = attrs.field(metadata=key("id"))
    provider: Literal["salesforce"] = attrs.field(metadata=key("provider", "string", "salesforce"))
    password_last_four: str | None = attrs.field(default=None, metadata=key("passwordLastFour", required=False))
    client_secret_last_four: str | None = attrs.field(
        default=None, metadata=key("clientSecretLastFour", required=False)
    )
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class SalesforceIntegrationSaveError:
    """Why the credential for Salesforce was not stored."""

    error: Literal["invalid_body", "unknown_secret_key"] = attrs.field(
        metadata=key("error", "string", "invalid_body", "unknown_secret_key")
    )
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class VercelIntegrationSaved:
    """The stored integration for Vercel."""

    ok: Literal[True] = attrs.field(metadata=_STORED)
    id: str = attrs.field(metadata=key("id"))
    provider: Literal["vercel"] = attrs.field(metadata=key("provider", "string", "vercel"))
    token_last_four: str | None = attrs.field(default=None, metadata=key("tokenLastFour", required=False))
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class VercelIntegrationSaveError:
    """Why the credential for Vercel was not stored."""

    error: Literal["invalid_token", "unknown_secret_key"] = attrs.field(
        metadata=key("error", "string", "invalid_token", "unknown_secret_key")
    )
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class IntegrationTestOk:
    """The provider accepted the stored credential."""

    ok: Literal[True] = attrs.field(metadata=key("ok", "boolean", True))
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class HubspotVercelIntegrationTestError:
    """Why the test of the HubSpot or the Vercel integration failed. ``status`` goes with the provider's answer."""

    error: Literal["not_configured", "missing_token", "provider_api_error"] = attrs.field(
        metadata=key("error", "string", "not_configured", "missing_token", "provider_api_error")
    )
    status: int | None = attrs.field(default=None, metadata=key("status", "integer", required=False))
    detail: str | None = attrs.field(default=None, metadata=key("detail", required=False))
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


@attrs.frozen
class SalesforceIntegrationTestError:
    """Why the test of the Salesforce integration failed. ``status`` goes with the provider's answer."""

    error: Literal["not_configured", "missing_credentials", "provider_api_error"] = attrs.field(
        metadata=key("error", "string", "not_configured", "missing_credentials", "provider_api_error")
    )
    status: int | None = attrs.field(default=None, metadata=key("status", "integer", required=False))
    detail: str | None = attrs.field(default=None, metadata=key("detail", required=False))
    wire: FrozenDict = attrs.field(default=_EMPTY, repr=False)


#: The bodies of a 400 of all operations that store a credential.
IntegrationSaveError: TypeAlias = (
    GithubIntegrationSaveError
    | GitlabIntegrationSaveError
    | JiraIntegrationSaveError
    | ServicenowIntegrationSaveError
    | SlackIntegrationSaveError
    | PagerdutyIntegrationSaveError
    | HubspotIntegrationSaveError
    | SalesforceIntegrationSaveError
    | VercelIntegrationSaveError
)

#: The bodies of a 400 and a 502 of all operations that try one.
IntegrationTestError: TypeAlias = HubspotVercelIntegrationTestError | SalesforceIntegrationTestError
