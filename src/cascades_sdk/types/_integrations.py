"""What the integrations are sent: each request is one of two variants, told apart by which credential is given.

Decided here: names, limits and patterns of these bodies. Never here: how a body is checked.

Exactly one of the two credential fields is given. No text shows a credential, nor the userinfo of a URL; nor does it
show the key of a stored secret, because the secret itself is easily put there. All fields are named: none can take
another's place.
"""

import re
from typing import Any, ClassVar

import attrs

from cascades_sdk.types._wire import Shape, WireRequest, key

__all__ = [
    "GithubIntegrationSaveRequest",
    "GitlabIntegrationSaveRequest",
    "HubspotIntegrationSaveRequest",
    "JiraIntegrationSaveRequest",
    "PagerdutyIntegrationSaveRequest",
    "SalesforceIntegrationSaveRequest",
    "ServicenowIntegrationSaveRequest",
    "SlackIntegrationSaveRequest",
    "VercelIntegrationSaveRequest",
]


def _covered(value: str | None) -> str:
    return "None" if value is None else "[hidden]"


def _bare(url: str | None) -> str:
    """A URL without what may be a credential in it: userinfo, query and fragment."""
    if url is None:
        return "None"
    # By the last "@" there is: a password may hold what ends an authority.
    scheme, colon, rest = url.partition("://")
    userinfo, at, place = rest.rpartition("@")
    shown = re.split("[?#]", place, maxsplit=1)[0]
    return repr(f"{scheme}{colon}{'[hidden]@' if at and userinfo else ''}{shown}")


def _secret(name: str, shortest: int | None = None, longest: int | None = None) -> dict[str, Any]:
    return key(name, required=False, shortest=shortest, longest=longest, secret=True)


@attrs.frozen(kw_only=True)
class GithubIntegrationSaveRequest(WireRequest):
    """The credential for GitHub: ``token`` (20 to 512 characters), or ``secret_key`` (1 to 128) of a stored one.

    Raises:
        ValidationError: none or both are given, a limit is broken, or ``default_repository`` is not ``owner/name``.
    """

    SHAPE: ClassVar[Shape] = Shape("saveGithubIntegration", closed=False, either=("token", "secretKey"))

    token: str | None = attrs.field(default=None, repr=_covered, metadata=_secret("token", 20, 512))
    secret_key: str | None = attrs.field(default=None, repr=_covered, metadata=_secret("secretKey", 1, 128))
    default_repository: str | None = attrs.field(
        default=None, metadata=key("defaultRepository", required=False, pattern=r"^[^/\s]+/[^/\s]+$")
    )


@attrs.frozen(kw_only=True)
class GitlabIntegrationSaveRequest(WireRequest):
    """The credential for GitLab: ``token`` (20 to 512 characters), or ``secret_key`` (1 to 128) of a stored one.

    Raises:
        ValidationError: none or both are given, a limit is broken, or ``default_project`` is not ``group/project``.
    """

    SHAPE: ClassVar[Shape] = Shape("saveGitlabIntegration", closed=False, either=("token", "secretKey"))

    token: str | None = attrs.field(default=None, repr=_covered, metadata=_secret("token", 20, 512))
    secret_key: str | None = attrs.field(default=None, repr=_covered, metadata=_secret("secretKey", 1, 128))
    default_project: str | None = attrs.field(
        default=None,
        metadata=key("defaultProject", required=False, pattern=r"^[a-zA-Z0-9_.-]+(?:/[a-zA-Z0-9_.-]+)+$"),
    )


@attrs.frozen(kw_only=True)
class JiraIntegrationSaveRequest(WireRequest):
    """The credential for Jira: ``api_token`` (8 to 512 characters), or ``secret_key`` (1 to 128) of a stored one.

    Raises:
        ValidationError: none or both are given, a limit is broken, ``base_url`` is no absolute URL, or ``email`` is
            no address.
    """

    SHAPE: ClassVar[Shape] = Shape("saveJiraIntegration", closed=False, either=("apiToken", "secretKey"))

    base_url: str = attrs.field(repr=_bare, metadata=key("baseUrl", form="uri"))
    email: str = attrs.field(metadata=key("email", form="email"))
    api_token: str | None = attrs.field(default=None, repr=_covered, metadata=_secret("apiToken", 8, 512))
    secret_key: str | None = attrs.field(default=None, repr=_covered, metadata=_secret("secretKey", 1, 128))


@attrs.frozen(kw_only=True)
class ServicenowIntegrationSaveRequest(WireRequest):
    """The credential for ServiceNow: ``password`` (1 to 512 characters), or ``secret_key`` (1 to 128) of a stored one.

    Raises:
        ValidationError: none or both are given, a limit is broken, or ``instance_url`` is not of the form
            ``https://example.service-now.com``. The contract states that form in words; the pattern is ours.
    """

    SHAPE: ClassVar[Shape] = Shape("saveServicenowIntegration", closed=False, either=("password", "secretKey"))

    instance_url: str = attrs.field(
        metadata=key("instanceUrl", pattern=r"^https://[A-Za-z0-9-]+\.service-now\.com/?$", own=("pattern",))
    )
    username: str = attrs.field(metadata=key("username"))
    password: str | None = attrs.field(default=None, repr=_covered, metadata=_secret("password", 1, 512))
    secret_key: str | None = attrs.field(default=None, repr=_covered, metadata=_secret("secretKey", 1, 128))


@attrs.frozen(kw_only=True)
class SlackIntegrationSaveRequest(WireRequest):
    """The credential for Slack: ``webhook_url`` (24 to 2048 characters), or ``webhook_secret_key`` (1 to 128) of a
    stored one.

    Raises:
        ValidationError: none or both are given, or a limit is broken.
    """

    SHAPE: ClassVar[Shape] = Shape("saveSlackIntegration", closed=True, either=("webhookUrl", "webhookSecretKey"))

    webhook_url: str | None = attrs.field(default=None, repr=_covered, metadata=_secret("webhookUrl", 24, 2048))
    webhook_secret_key: str | None = attrs.field(
        default=None, repr=_covered, metadata=_secret("webhookSecretKey", 1, 128)
    )


@attrs.frozen(kw_only=True)
class PagerdutyIntegrationSaveRequest(WireRequest):
    """The credential for PagerDuty: ``routing_key`` (10 to 512 characters), or ``secret_key`` (1 to 128) of a stored
    one.

    Raises:
        ValidationError: none or both are given, or a limit is broken.
    """

    SHAPE: ClassVar[Shape] = Shape("savePagerdutyIntegration", closed=True, either=("routingKey", "secretKey"))

    routing_key: str | None = attrs.field(default=None, repr=_covered, metadata=_secret("routingKey", 10, 512))
    secret_key: str | None = attrs.field(default=None, repr=_covered, metadata=_secret("secretKey", 1, 128))


@attrs.frozen(kw_only=True)
class HubspotIntegrationSaveRequest(WireRequest):
    """The credential for HubSpot: ``private_app_token`` (10 to 512 characters), or ``secret_key`` (1 to 128) of a
    stored one.

    Raises:
        ValidationError: none or both are given, or a limit is broken.
    """

    SHAPE: ClassVar[Shape] = Shape("saveHubspotIntegration", closed=True, either=("privateAppToken", "secretKey"))

    private_app_token: str | None = attrs.field(
        default=None, repr=_covered, metadata=_secret("privateAppToken", 10, 512)
    )
    secret_key: str | None = attrs.field(default=None, repr=_covered, metadata=_secret("secretKey", 1, 128))


@attrs.frozen(kw_only=True)
class SalesforceIntegrationSaveRequest(WireRequest):
    """The credential for Salesforce: ``password``, or ``secret_key`` (1 to 128 characters) of a stored one.

    Raises:
        ValidationError: none or both are given, a limit is broken (``security_token``: at most 128 characters), or
            ``instance_url`` or ``login_host`` is no absolute URL.
    """

    SHAPE: ClassVar[Shape] = Shape("saveSalesforceIntegration", closed=True, either=("password", "secretKey"))

    instance_url: str = attrs.field(repr=_bare, metadata=key("instanceUrl", form="uri"))
    username: str = attrs.field(metadata=key("username"))
    client_id: str = attrs.field(metadata=key("clientId"))
    client_secret: str = attrs.field(repr=_covered, metadata=key("clientSecret", secret=True))
    password: str | None = attrs.field(default=None, repr=_covered, metadata=_secret("password"))
    secret_key: str | None = attrs.field(default=None, repr=_covered, metadata=_secret("secretKey", 1, 128))
    security_token: str | None = attrs.field(
        default=None, repr=_covered, metadata=_secret("securityToken", longest=128)
    )
    login_host: str | None = attrs.field(
        default=None, repr=_bare, metadata=key("loginHost", required=False, form="uri")
    )


@attrs.frozen(kw_only=True)
class VercelIntegrationSaveRequest(WireRequest):
    """The credential for Vercel: ``access_token`` (10 to 512 characters), or ``secret_key`` (1 to 128) of a stored
    one.

    Raises:
        ValidationError: none or both are given, or a limit is broken.
    """

    SHAPE: ClassVar[Shape] = Shape("saveVercelIntegration", closed=True, either=("accessToken", "secretKey"))

    access_token: str | None = attrs.field(default=None, repr=_covered, metadata=_secret("accessToken", 10, 512))
    secret_key: str | None = attrs.field(default=None, repr=_covered, metadata=_secret("secretKey", 1, 128))
