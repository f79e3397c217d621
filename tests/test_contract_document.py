"""`contracts/api.yaml` says what the contract is, and says it completely.

Decided here: the contract's facts, written a second time and by hand, in the fewest words (paths,
statuses, shapes, limits). The document is compared with them in both directions: what it lacks fails, and
so does what it adds.
Never here: what the package does with the contract.
"""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
import yaml
from jsonschema import Draft4Validator, FormatChecker
from openapi_spec_validator import OpenAPIV30SpecValidator

from cascades_sdk import _meta

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / "contracts" / "api.yaml").read_text(encoding="utf-8"))
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
OPERATION_KEYS = {
    *("operationId", "tags", "summary", "description", "security"),
    *("parameters", "requestBody", "responses"),
}
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

pytestmark = pytest.mark.witness("openapi-spec-validator and jsonschema: api.yaml and its examples")

# --- The facts -------------------------------------------------------------------------------------------


class Row(NamedTuple):
    """One operation: `answers` maps a status to its schema, or to `None` where no body is described."""

    method: str
    path: str
    operation_id: str
    tag: str
    needs_session: bool
    body: tuple[str, bool] | None  # the schema, and whether a body is required
    answers: dict[str, str | None]


def saves(name: str) -> Row:
    return Row(
        "post", f"/api/integrations/{name.lower()}", f"save{name}Integration", "Integrations", True,
        (f"{name}IntegrationSaveRequest", True),
        {"200": f"{name}IntegrationSaved", "400": f"{name}IntegrationSaveError", "401": None, "500": None},
    )  # fmt: skip


def tries(name: str, error: str) -> Row:
    return Row(
        "post", f"/api/integrations/{name.lower()}/test", f"test{name}Integration", "Integrations", True,
        None, {"200": "IntegrationTestOk", "400": error, "401": None, "502": error},
    )  # fmt: skip


ROWS = (
    Row(
        "get", "/api/system/version", "getPublicApiVersion", "System", False,
        None, {"200": "ApiVersionResponse"},
    ),
    Row(
        "post", "/api/workflows/run", "submitWorkflowRun", "Workflows", True,
        ("WorkflowRunRequestBody", False),
        {
            "200": "WorkflowRunAccepted", "400": "WorkflowValidationError", "401": None,
            "404": "WorkflowNotFound", "503": "WorkflowEngineUnavailable",
        },
    ),
    Row(
        "post", "/api/workflows/clone", "cloneCatalogWorkflow", "Workflows", True,
        ("WorkflowCloneRequest", True),
        {"200": "WorkflowCloneResponse", "400": None, "401": None, "404": "WorkflowNotFound"},
    ),
    Row(
        "get", "/api/runs/{id}/stream", "streamRunTelemetry", "Runs", True,
        None, {"200": "RunStreamEvent", "401": None, "404": None},
    ),
    saves("Github"), saves("Gitlab"), saves("Jira"), saves("Servicenow"), saves("Slack"), saves("Pagerduty"),
    saves("Hubspot"), tries("Hubspot", "HubspotVercelIntegrationTestError"),
    saves("Salesforce"), tries("Salesforce", "SalesforceIntegrationTestError"),
    saves("Vercel"), tries("Vercel", "HubspotVercelIntegrationTestError"),
)  # fmt: skip

TEXT = {"type": "string"}
WHOLE = {"type": "integer"}
FLAG = {"type": "boolean"}
URI = {"type": "string", "format": "uri"}
OPEN_OBJECT = {"type": "object", "additionalProperties": True}


def words(*allowed: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(allowed)}


def length(shortest: int, longest: int) -> dict[str, Any]:
    return {"type": "string", "minLength": shortest, "maxLength": longest}


def shape(*, closed: bool = False, **properties: Any) -> dict[str, Any]:
    """An object's schema, from its properties' schemas; one whose name ends in `_` may be left out."""
    required = [name for name in properties if not name.endswith("_")]
    return {
        "type": "object",
        "properties": {name.removesuffix("_"): schema for name, schema in properties.items()},
        **({"required": required} if required else {}),
        **({"additionalProperties": False} if closed else {}),
    }


class Save(NamedTuple):
    """One save request: the two credential keys with their limits, and what else it has."""

    credential: str
    credential_limits: dict[str, Any]
    stored_key: str
    closed: bool
    further: dict[str, dict[str, Any]]  # as in `shape`
    last_four: tuple[str, ...]
    echoes: tuple[str, ...]
    errors: tuple[str, ...]


SAVES = {
    "Github": Save(
        "token", length(20, 512), "secretKey", False,
        {"defaultRepository_": {"type": "string", "pattern": r"^[^/\s]+/[^/\s]+$"}},
        ("tokenLastFour",), ("defaultRepository",),
        ("invalid_token", "invalid_repository", "unknown_secret_key"),
    ),
    "Gitlab": Save(
        "token", length(20, 512), "secretKey", False,
        {"defaultProject_": {"type": "string", "pattern": r"^[a-zA-Z0-9_.-]+(?:/[a-zA-Z0-9_.-]+)+$"}},
        ("tokenLastFour",), ("defaultProject",),
        ("invalid_token", "invalid_project", "unknown_secret_key"),
    ),
    "Jira": Save(
        "apiToken", length(8, 512), "secretKey", False,
        {"baseUrl": URI, "email": {"type": "string", "format": "email"}},
        ("tokenLastFour",), (), ("invalid_token", "invalid_body", "unknown_secret_key"),
    ),
    "Servicenow": Save(
        # The form of an instance's address is told in words only; the document states no pattern.
        "password", length(1, 512), "secretKey", False, {"instanceUrl": TEXT, "username": TEXT},
        ("passwordLastFour",), (), ("invalid_token", "invalid_body", "unknown_secret_key"),
    ),
    "Slack": Save(
        "webhookUrl", length(24, 2048), "webhookSecretKey", True, {},
        (), (), ("invalid_webhook", "unknown_webhook_secret_key"),
    ),
    "Pagerduty": Save(
        "routingKey", length(10, 512), "secretKey", True, {},
        ("routingKeyLastFour",), (), ("invalid_routing_key", "unknown_secret_key"),
    ),
    "Hubspot": Save(
        "privateAppToken", length(10, 512), "secretKey", True, {},
        ("tokenLastFour",), (), ("invalid_token", "unknown_secret_key"),
    ),
    "Salesforce": Save(
        "password", TEXT, "secretKey", True,
        {
            "instanceUrl": URI, "username": TEXT, "clientId": TEXT, "clientSecret": TEXT,
            "securityToken_": {"type": "string", "maxLength": 128}, "loginHost_": URI,
        },
        ("passwordLastFour", "clientSecretLastFour"), (), ("invalid_body", "unknown_secret_key"),
    ),
    "Vercel": Save(
        "accessToken", length(10, 512), "secretKey", True, {},
        ("tokenLastFour",), (), ("invalid_token", "unknown_secret_key"),
    ),
}  # fmt: skip


def save_request(save: Save) -> dict[str, Any]:
    variants = {f"{save.credential}_": save.credential_limits, f"{save.stored_key}_": length(1, 128)}
    exactly_one = [{"required": [save.credential]}, {"required": [save.stored_key]}]
    return {**shape(closed=save.closed, **variants, **save.further), "oneOf": exactly_one}


def saved(name: str, save: Save) -> dict[str, Any]:
    optional: dict[str, Any] = {f"{key}_": TEXT for key in (*save.last_four, *save.echoes)}
    return shape(ok=FLAG, id=TEXT, provider=words(name.lower()), **optional)


SHAPES = {
    "ApiVersionResponse": shape(apiVersion=words("v1")),
    "WorkflowRunRequestBody": shape(closed=True, workflowId_=TEXT, context_=OPEN_OBJECT),
    "WorkflowRunAccepted": shape(
        runId=TEXT, workflowId=TEXT, catalogItemId_=TEXT, workflowDefinitionSnapshotId=TEXT,
        definitionHash=TEXT, message=TEXT, taskRuns=WHOLE, executionMode=words("queued", "inline"),
    ),
    "WorkflowValidationError": shape(
        error=words("Workflow validation failed"), code_=TEXT, message_=TEXT, details_=OPEN_OBJECT
    ),
    "WorkflowNotFound": shape(
        error=words("Workflow not found"), reason=words("not_found", "invalid_definition"), workflowId=TEXT
    ),
    "WorkflowEngineUnavailable": shape(
        error=words("Execution engine unavailable"), message=TEXT, reason_=words("worker_queue_required")
    ),
    "WorkflowCloneRequest": shape(closed=True, catalogItemId=TEXT),
    "WorkflowCloneResponse": shape(catalogItemId=TEXT, workflowRowId=TEXT, definitionId=TEXT, name=TEXT),
    "RunStreamEvent": shape(type=TEXT, data=OPEN_OBJECT),
    "IntegrationTestOk": shape(ok={"type": "boolean", "enum": [True]}),
    "HubspotVercelIntegrationTestError": shape(
        error=words("not_configured", "missing_token", "provider_api_error"),
        status_=WHOLE, detail_=TEXT,
    ),
    "SalesforceIntegrationTestError": shape(
        error=words("not_configured", "missing_credentials", "provider_api_error"),
        status_=WHOLE, detail_=TEXT,
    ),
    **{f"{name}IntegrationSaveRequest": save_request(save) for name, save in SAVES.items()},
    **{f"{name}IntegrationSaved": saved(name, save) for name, save in SAVES.items()},
    **{f"{name}IntegrationSaveError": shape(error=words(*save.errors)) for name, save in SAVES.items()},
}  # fmt: skip

# --- Reading the document --------------------------------------------------------------------------------


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        assert set(item) <= set(METHODS), f"{path} holds more than operations"
        yield from ((method, path, operation) for method, operation in item.items())


def target(reference: str) -> Any:
    """What a reference inside the document points to; `KeyError` where it points to nothing."""
    assert reference.startswith("#/"), f"{reference} leads out of the document"
    found: Any = DOCUMENT
    for part in reference[2:].split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return found


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    return target(node["$ref"]) if "$ref" in node else node


def nodes(node: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """Every node below and including this one, with its JSON Pointer (RFC 6901)."""
    yield at, node
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from nodes(child, f"{at}/{str(key).replace('~', '~0').replace('/', '~1')}")


def references() -> set[str]:
    return {node["$ref"] for _, node in nodes(DOCUMENT) if isinstance(node, dict) and "$ref" in node}


def schema_named(content: dict[str, Any]) -> str:
    """The name of the schema that a media type's value refers to."""
    assert set(content["schema"]) == {"$ref"}, "bodies refer to named schemas"
    return str(content["schema"]["$ref"]).removeprefix("#/components/schemas/")


def the_only_content(holder: dict[str, Any], media_type: str) -> str | None:
    if "content" not in holder:
        return None
    assert list(holder["content"]) == [media_type]
    return schema_named(holder["content"][media_type])


FORMATS = FormatChecker(formats=["email"])


def is_absolute(text: object) -> bool:
    # The library checks `uri` only where a further package is installed, and otherwise accepts everything.
    return not isinstance(text, str) or (bool(urlsplit(text).scheme) and not any(map(str.isspace, text)))


FORMATS.checks("uri")(is_absolute)


def complaints(schema: dict[str, Any], value: Any) -> list[str]:
    """What is wrong with a value. OpenAPI 3.0 schemas without `nullable` read as JSON Schema draft 4."""
    rooted = {"allOf": [schema], "components": DOCUMENT["components"]}
    return [error.message for error in Draft4Validator(rooted, format_checker=FORMATS).iter_errors(value)]


def accepts(name: str, value: Any) -> bool:
    return not complaints(SCHEMAS[name], value)


def bare(schema: Any) -> Any:
    """A schema without its prose, and with `required` in one order: what it says to a machine."""
    kept = {key: value for key, value in schema.items() if key not in {"description", "example", "title"}}
    if "properties" in kept:
        kept["properties"] = {name: bare(value) for name, value in kept["properties"].items()}
    if "oneOf" in kept:
        kept["oneOf"] = [bare(value) for value in kept["oneOf"]]
    if isinstance(kept.get("required"), list):
        kept["required"] = sorted(kept["required"])
    return kept


def examples() -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Every example of the document: where it stands, the schema that it is one of, and its value."""
    for at, node in nodes(DOCUMENT):
        inside_an_example = "/example/" in f"{at}/" or "/examples/" in at
        if not isinstance(node, dict) or inside_an_example or at.endswith("/properties"):
            continue
        schema = node.get("schema", node)  # a media type or a parameter has a schema; a schema is its own
        if "example" in node:
            yield f"{at}/example", schema, node["example"]
        for name, example in node.get("examples", {}).items():
            yield f"{at}/examples/{name}", schema, example["value"]


EXAMPLES = list(examples())

# --- The document as a whole -----------------------------------------------------------------------------


def test_the_document_and_the_package_name_the_same_contract_version() -> None:
    stated, known = DOCUMENT["info"]["version"], _meta.API_CONTRACT_VERSION
    assert stated == known, (
        f"contracts/api.yaml is version {stated!r}, cascades_sdk._meta.API_CONTRACT_VERSION is {known!r}. "
        "Carry what changed (python contracts/sync.py --dry-run PATH prints it) into the table of facts of this file "
        "and into the code, and set both to the version of the contract that the package speaks, in the same commit."
    )


def test_the_document_is_valid_openapi_3_0_3() -> None:
    assert DOCUMENT["openapi"] == "3.0.3"
    OpenAPIV30SpecValidator(DOCUMENT).validate()


def test_the_server_is_the_origin_of_the_deployment() -> None:
    assert [server["url"] for server in DOCUMENT["servers"]] == ["/"]


def test_the_session_cookie_is_the_only_security_scheme() -> None:
    (scheme,) = DOCUMENT["components"]["securitySchemes"].items()
    name, stated = scheme
    assert name == "cookieSession"
    assert bare(stated) == {"type": "apiKey", "in": "cookie", "name": "__session"}


def test_the_four_tags_are_declared_in_order() -> None:
    assert [tag["name"] for tag in DOCUMENT["tags"]] == ["System", "Workflows", "Runs", "Integrations"]


def test_every_reference_resolves() -> None:
    assert references()
    for reference in references():
        assert isinstance(target(reference), dict), reference


def test_every_component_is_used() -> None:
    kinds = ("schemas", "responses")
    declared = {f"#/components/{kind}/{name}" for kind in kinds for name in DOCUMENT["components"][kind]}
    assert references() == declared
    assert set(DOCUMENT["components"]) == {"securitySchemes", *kinds}


def test_every_part_that_a_reader_meets_is_described() -> None:
    for _, path, operation in operations():
        assert operation["summary"], path
        assert operation["description"], path
        assert "requestBody" not in operation or operation["requestBody"]["description"], path
        assert all(resolved(answer)["description"] for answer in operation["responses"].values()), path
        assert all(parameter.get("description") for parameter in operation.get("parameters", [])), path
    for name, schema in SCHEMAS.items():
        assert schema["description"], name
        assert all(field.get("description") for field in schema["properties"].values()), name
    parts = (DOCUMENT["info"], *DOCUMENT["servers"], *DOCUMENT["tags"])
    schemes = DOCUMENT["components"]["securitySchemes"].values()
    assert all(part.get("description") for part in (*parts, *schemes))


# --- Operations ------------------------------------------------------------------------------------------


def test_the_operations_are_these_and_no_others() -> None:
    assert len(ROWS) == 16
    assert {(method, path) for method, path, _ in operations()} == {(row.method, row.path) for row in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=[row.operation_id for row in ROWS])
def test_an_operation_is_as_the_table_has_it(row: Row) -> None:
    operation = DOCUMENT["paths"][row.path][row.method]
    assert set(operation) <= OPERATION_KEYS
    assert operation["operationId"] == row.operation_id
    assert operation["tags"] == [row.tag]
    assert operation["security"] == ([{"cookieSession": []}] if row.needs_session else [])
    body = operation.get("requestBody")
    stated = body and (the_only_content(body, "application/json"), body.get("required", False))
    assert stated == row.body
    media_type = "text/event-stream" if row.operation_id == "streamRunTelemetry" else "application/json"
    answers = {status: resolved(answer) for status, answer in operation["responses"].items()}
    assert all(set(answer) <= {"description", "content"} for answer in answers.values())
    assert {status: the_only_content(answer, media_type) for status, answer in answers.items()} == row.answers


def test_nothing_weakens_or_widens_an_operation_from_above() -> None:
    # A top-level `security` or `servers` would speak for operations too; each says its own instead.
    assert set(DOCUMENT) == {"openapi", "info", "servers", "tags", "paths", "components"}


def test_only_the_run_stream_has_parameters() -> None:
    with_parameters = {path for _, path, operation in operations() if "parameters" in operation}
    assert with_parameters == {"/api/runs/{id}/stream"}
    stated = DOCUMENT["paths"]["/api/runs/{id}/stream"]["get"]["parameters"]
    assert [bare(parameter) for parameter in stated] == [
        {"name": "id", "in": "path", "required": True, "schema": TEXT},
        {"name": "since", "in": "query", "required": False, "schema": TEXT},
        {"name": "taskSince", "in": "query", "required": False, "schema": TEXT},
    ]


# --- Schemas ---------------------------------------------------------------------------------------------


def test_the_schemas_are_these_and_no_others() -> None:
    assert set(SCHEMAS) == set(SHAPES)


@pytest.mark.parametrize("name", SHAPES)
def test_a_schema_is_as_the_table_has_it(name: str) -> None:
    assert bare(SCHEMAS[name]) == bare(SHAPES[name])


def body_of(name: str, credential: dict[str, str]) -> dict[str, str]:
    """A save request's body with the credential keys replaced by those given."""
    save = SAVES[name]
    example = copy.deepcopy(SCHEMAS[f"{name}IntegrationSaveRequest"]["example"])
    return {key: value for key, value in example.items() if key != save.credential} | credential


@pytest.mark.parametrize("name", SAVES)
def test_a_save_request_takes_exactly_one_credential(name: str) -> None:
    save, schema = SAVES[name], f"{name}IntegrationSaveRequest"
    credential, stored = {save.credential: "x" * 30}, {save.stored_key: "a-stored-secret"}
    assert accepts(schema, body_of(name, credential))
    assert accepts(schema, body_of(name, stored))
    assert not accepts(schema, body_of(name, credential | stored))
    assert not accepts(schema, body_of(name, {}))


@pytest.mark.parametrize("name", SAVES)
def test_a_save_request_takes_a_further_key_only_where_it_is_not_closed(name: str) -> None:
    further = body_of(name, {SAVES[name].stored_key: "a-stored-secret"}) | {"unforeseen": "x"}
    assert accepts(f"{name}IntegrationSaveRequest", further) is not SAVES[name].closed


@pytest.mark.parametrize("name", SAVES)
def test_a_save_request_bounds_its_credential_in_characters(name: str) -> None:
    save, schema = SAVES[name], f"{name}IntegrationSaveRequest"
    limits = ((save.credential, save.credential_limits), (save.stored_key, length(1, 128)))
    for key, limit in limits:
        shortest, longest = limit.get("minLength", 0), limit.get("maxLength")
        # A character outside of the basic plane is one character, whatever its bytes or UTF-16 units.
        assert accepts(schema, body_of(name, {key: "𝄞" * shortest}))
        assert shortest == 0 or not accepts(schema, body_of(name, {key: "x" * (shortest - 1)}))
        assert accepts(schema, body_of(name, {key: "𝄞" * (longest or 10_000)}))
        assert longest is None or not accepts(schema, body_of(name, {key: "x" * (longest + 1)}))


@pytest.mark.parametrize("name", SAVES)
def test_a_save_request_needs_each_of_its_required_keys(name: str) -> None:
    whole = body_of(name, {SAVES[name].stored_key: "a-stored-secret"})
    for key in (key for key in SAVES[name].further if not key.endswith("_")):
        assert not accepts(f"{name}IntegrationSaveRequest", {k: v for k, v in whole.items() if k != key})


@pytest.mark.parametrize(
    ("name", "key", "good", "bad"),
    [
        (
            "Github",
            "defaultRepository",
            ["owner/repo", "ö/r.e-p_o"],
            ["repo", "a/b/c", "/b", "a/", "a b/c", ""],
        ),
        (
            "Gitlab",
            "defaultProject",
            ["g/p", "g/s/p", "g.g/p-p_p"],
            ["p", "g//p", "/p", "g/", "ö/p", "g p/q", ""],
        ),
        ("Jira", "baseUrl", ["https://jira.example.com/base"], ["jira.example.com", "https://a b"]),
        ("Jira", "email", ["someone@example.com"], ["someone"]),
        ("Servicenow", "instanceUrl", ["https://x.service-now.com/", "any text"], []),
        ("Salesforce", "securityToken", ["", "x" * 128], ["x" * 129]),
        ("Salesforce", "loginHost", ["https://login.example.com"], ["login.example.com"]),
    ],
)
def test_the_form_of_a_further_key_is_checked_as_far_as_it_is_promised(
    name: str, key: str, good: list[str], bad: list[str]
) -> None:
    whole = body_of(name, {SAVES[name].stored_key: "a-stored-secret"})
    assert [text for text in good if not accepts(f"{name}IntegrationSaveRequest", whole | {key: text})] == []
    assert [text for text in bad if accepts(f"{name}IntegrationSaveRequest", whole | {key: text})] == []


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        (
            "WorkflowRunRequestBody",
            [{}, {"workflowId": "db-7"}, {"context": {"deep": [{"er": None}]}}],
            [
                {"workflow": "db-7"},
                {"workflowId": None},
                {"workflowId": 7},
                {"context": []},
                {"context": None},
                [],
            ],
        ),
        ("WorkflowCloneRequest", [{"catalogItemId": "a"}], [{}, {"catalogItemId": "a", "name": "b"}]),
        (
            "RunStreamEvent",
            [{"type": "run.started", "data": {}}, {"type": "of.tomorrow", "data": {"a": 1}, "more": 1}],
            [
                {"type": "run.started"},
                {"data": {}},
                {"type": 1, "data": {}},
                {"type": "log.entry", "data": []},
            ],
        ),
        ("IntegrationTestOk", [{"ok": True}], [{"ok": False}, {}]),
        ("ApiVersionResponse", [{"apiVersion": "v1"}], [{"apiVersion": "v2"}, {"apiVersion": 1}, {}]),
    ],
)
def test_other_bodies_are_accepted_and_refused_as_promised(name: str, good: list[Any], bad: list[Any]) -> None:
    assert [body for body in good if not accepts(name, body)] == []
    assert [body for body in bad if accepts(name, body)] == []


# --- Examples --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("schema", "value"), [row[1:] for row in EXAMPLES], ids=[row[0] for row in EXAMPLES])
def test_an_example_is_one_of_its_schema(schema: dict[str, Any], value: Any) -> None:
    assert complaints(schema, value) == []


def test_every_schema_and_every_described_body_has_an_example() -> None:
    assert [name for name, schema in SCHEMAS.items() if "example" not in schema] == []
    media = [(at, node) for at, node in nodes(DOCUMENT["paths"]) if at.rpartition("/")[0].endswith("/content")]
    bodies = [row.body for row in ROWS if row.body]
    answers = [name for row in ROWS for name in row.answers.values() if name]
    assert len(media) == len(bodies) + len(answers)
    assert [at for at, node in media if not node.get("examples")] == []


def test_both_variants_of_a_save_request_are_shown() -> None:
    for name, save in SAVES.items():
        content = DOCUMENT["paths"][f"/api/integrations/{name.lower()}"]["post"]["requestBody"]["content"]
        shown = content["application/json"]["examples"]
        assert list(shown) == [save.credential, save.stored_key]
        assert all(variant in example["value"] for variant, example in shown.items())


def test_every_error_code_of_a_save_is_shown() -> None:
    for name, save in SAVES.items():
        answer = DOCUMENT["paths"][f"/api/integrations/{name.lower()}"]["post"]["responses"]["400"]
        shown = [example["value"] for example in answer["content"]["application/json"]["examples"].values()]
        assert shown == [{"error": code} for code in save.errors]


def test_no_example_holds_what_could_be_a_credential() -> None:
    secret = {save.credential for save in SAVES.values()} | {"clientId", "clientSecret", "securityToken"}
    leaves = [(f"{at}{below}", leaf) for at, _, value in EXAMPLES for below, leaf in nodes(value)]
    shown = [(at, leaf) for at, leaf in leaves if at.removesuffix("/example").rpartition("/")[2] in secret]
    # The examples of a request are named by their variant; those are whole bodies, and their keys come too.
    credentials = [(at, leaf) for at, leaf in shown if isinstance(leaf, str)]
    assert len(credentials) >= 3 * len(SAVES)
    assert [at for at, leaf in credentials if "not-a-real" not in leaf] == []
