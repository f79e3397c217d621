"""The 16 operations of the HTTP contract as data: one frozen row for each.

Decided here: identity, method, path, who may call, what is sent, and what each documented status answers.
Never here: functions that send, host names, what is tried again.

``tests/test_operations.py`` walks these rows against ``contracts/api.yaml``.
"""

from typing import Any, Final, Generic, Literal, TypeVar

import attrs

from cascades_sdk import types

__all__ = [
    "CLONE_CATALOG_WORKFLOW",
    "GET_PUBLIC_API_VERSION",
    "OPERATIONS",
    "SAVE_GITHUB_INTEGRATION",
    "SAVE_GITLAB_INTEGRATION",
    "SAVE_HUBSPOT_INTEGRATION",
    "SAVE_JIRA_INTEGRATION",
    "SAVE_PAGERDUTY_INTEGRATION",
    "SAVE_SALESFORCE_INTEGRATION",
    "SAVE_SERVICENOW_INTEGRATION",
    "SAVE_SLACK_INTEGRATION",
    "SAVE_VERCEL_INTEGRATION",
    "STREAM_RUN_TELEMETRY",
    "SUBMIT_WORKFLOW_RUN",
    "TEST_HUBSPOT_INTEGRATION",
    "TEST_SALESFORCE_INTEGRATION",
    "TEST_VERCEL_INTEGRATION",
    "Body",
    "Operation",
]

_T = TypeVar("_T")


@attrs.frozen
class Body:
    """The body of a request. Its class knows the rest: keys, limits, whether it is closed."""

    schema: type[types.WireRequest]
    required: bool = True


@attrs.frozen
class Operation(Generic[_T]):
    """One operation. ``answer`` is the class of a 200's body, in the media type ``media``.

    ``errors`` lists the other documented statuses, each with the class of its body, or None for no body schema.
    """

    id: str
    method: Literal["GET", "POST"]
    path: str
    answer: type[_T]
    auth: Literal["none", "cookie"] = "cookie"
    body: Body | None = None
    query: tuple[str, ...] = ()
    media: Literal["application/json", "text/event-stream"] = "application/json"
    errors: tuple[tuple[int, type | None], ...] = ()


GET_PUBLIC_API_VERSION: Final = Operation(
    id="getPublicApiVersion",
    method="GET",
    path="/api/system/version",
    answer=types.ApiVersionResponse,
    auth="none",
)

SUBMIT_WORKFLOW_RUN: Final = Operation(
    id="submitWorkflowRun",
    method="POST",
    path="/api/workflows/run",
    answer=types.WorkflowRunAccepted,
    body=Body(types.WorkflowRunRequestBody, required=False),
    errors=(
        (400, types.WorkflowValidationError),
        (401, None),
        (404, types.WorkflowNotFound),
        (503, types.WorkflowEngineUnavailable),
    ),
)

CLONE_CATALOG_WORKFLOW: Final = Operation(
    id="cloneCatalogWorkflow",
    method="POST",
    path="/api/workflows/clone",
    answer=types.WorkflowCloneResponse,
    body=Body(types.WorkflowCloneRequest),
    errors=((400, None), (401, None), (404, types.WorkflowNotFound)),
)

STREAM_RUN_TELEMETRY: Final = Operation(
    id="streamRunTelemetry",
    method="GET",
    path="/api/runs/{id}/stream",
    answer=types.RunStreamEvent,
    query=("since", "taskSince"),
    media="text/event-stream",
    errors=((401, None), (404, None)),
)

SAVE_GITHUB_INTEGRATION: Final = Operation(
    id="saveGithubIntegration",
    method="POST",
    path="/api/integrations/github",
    answer=types.GithubIntegrationSaved,
    body=Body(types.GithubIntegrationSaveRequest),
    errors=((400, types.GithubIntegrationSaveError), (401, None), (500, None)),
)

SAVE_GITLAB_INTEGRATION: Final = Operation(
    id="saveGitlabIntegration",
    method="POST",
    path="/api/integrations/gitlab",
    answer=types.GitlabIntegrationSaved,
    body=Body(types.GitlabIntegrationSaveRequest),
    errors=((400, types.GitlabIntegrationSaveError), (401, None), (500, None)),
)

SAVE_JIRA_INTEGRATION: Final = Operation(
    id="saveJiraIntegration",
    method="POST",
    path="/api/integrations/jira",
    answer=types.JiraIntegrationSaved,
    body=Body(types.JiraIntegrationSaveRequest),
    errors=((400, types.JiraIntegrationSaveError), (401, None), (500, None)),
)

SAVE_SERVICENOW_INTEGRATION: Final = Operation(
    id="saveServicenowIntegration",
    method="POST",
    path="/api/integrations/servicenow",
    answer=types.ServicenowIntegrationSaved,
    body=Body(types.ServicenowIntegrationSaveRequest),
    errors=((400, types.ServicenowIntegrationSaveError), (401, None), (500, None)),
)

SAVE_SLACK_INTEGRATION: Final = Operation(
    id="saveSlackIntegration",
    method="POST",
    path="/api/integrations/slack",
    answer=types.SlackIntegrationSaved,
    body=Body(types.SlackIntegrationSaveRequest),
    errors=((400, types.SlackIntegrationSaveError), (401, None), (500, None)),
)

SAVE_PAGERDUTY_INTEGRATION: Final = Operation(
    id="savePagerdutyIntegration",
    method="POST",
    path="/api/integrations/pagerduty",
    answer=types.PagerdutyIntegrationSaved,
    body=Body(types.PagerdutyIntegrationSaveRequest),
    errors=((400, types.PagerdutyIntegrationSaveError), (401, None), (500, None)),
)

SAVE_HUBSPOT_INTEGRATION: Final = Operation(
    id="saveHubspotIntegration",
    method="POST",
    path="/api/integrations/hubspot",
    answer=types.HubspotIntegrationSaved,
    body=Body(types.HubspotIntegrationSaveRequest),
    errors=((400, types.HubspotIntegrationSaveError), (401, None), (500, None)),
)

TEST_HUBSPOT_INTEGRATION: Final = Operation(
    id="testHubspotIntegration",
    method="POST",
    path="/api/integrations/hubspot/test",
    answer=types.IntegrationTestOk,
    errors=(
        (400, types.HubspotVercelIntegrationTestError),
        (401, None),
        (502, types.HubspotVercelIntegrationTestError),
    ),
)

SAVE_SALESFORCE_INTEGRATION: Final = Operation(
    id="saveSalesforceIntegration",
    method="POST",
    path="/api/integrations/salesforce",
    answer=types.SalesforceIntegrationSaved,
    body=Body(types.SalesforceIntegrationSaveRequest),
    errors=((400, types.SalesforceIntegrationSaveError), (401, None), (500, None)),
)

TEST_SALESFORCE_INTEGRATION: Final = Operation(
    id="testSalesforceIntegration",
    method="POST",
    path="/api/integrations/salesforce/test",
    answer=types.IntegrationTestOk,
    errors=(
        (400, types.SalesforceIntegrationTestError),
        (401, None),
        (502, types.SalesforceIntegrationTestError),
    ),
)

SAVE_VERCEL_INTEGRATION: Final = Operation(
    id="saveVercelIntegration",
    method="POST",
    path="/api/integrations/vercel",
    answer=types.VercelIntegrationSaved,
    body=Body(types.VercelIntegrationSaveRequest),
    errors=((400, types.VercelIntegrationSaveError), (401, None), (500, None)),
)

TEST_VERCEL_INTEGRATION: Final = Operation(
    id="testVercelIntegration",
    method="POST",
    path="/api/integrations/vercel/test",
    answer=types.IntegrationTestOk,
    errors=(
        (400, types.HubspotVercelIntegrationTestError),
        (401, None),
        (502, types.HubspotVercelIntegrationTestError),
    ),
)

#: Every operation, in the order of the contract.
OPERATIONS: Final[tuple[Operation[Any], ...]] = (
    GET_PUBLIC_API_VERSION,
    SUBMIT_WORKFLOW_RUN,
    CLONE_CATALOG_WORKFLOW,
    STREAM_RUN_TELEMETRY,
    SAVE_GITHUB_INTEGRATION,
    SAVE_GITLAB_INTEGRATION,
    SAVE_JIRA_INTEGRATION,
    SAVE_SERVICENOW_INTEGRATION,
    SAVE_SLACK_INTEGRATION,
    SAVE_PAGERDUTY_INTEGRATION,
    SAVE_HUBSPOT_INTEGRATION,
    TEST_HUBSPOT_INTEGRATION,
    SAVE_SALESFORCE_INTEGRATION,
    TEST_SALESFORCE_INTEGRATION,
    SAVE_VERCEL_INTEGRATION,
    TEST_VERCEL_INTEGRATION,
)
