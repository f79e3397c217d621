"""An outside witness: openapi-core reads every request and every answer of the client's tests by the contract alone.

What it does not judge: the body of the run's stream (it knows no event streams), and that a request has no cookie: a
client without a credential is free to send it.
"""

import gzip
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import yaml
from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse
from openapi_core.validation.request.exceptions import SecurityValidationError

DOCUMENT = yaml.safe_load((Path(__file__).parents[1] / "contracts" / "api.yaml").read_text("utf-8"))
API = OpenAPI.from_dict(DOCUMENT)
STREAM = "text/event-stream"


def _asked(request: httpx.Request) -> Any:
    pairs = (pair.strip().partition("=") for pair in request.headers.get("cookie", "").split(";"))
    return MockRequest(
        f"{request.url.scheme}://{request.url.netloc.decode()}",
        request.method.lower(),
        request.url.raw_path.partition(b"?")[0].decode(),
        args=dict(parse_qsl(request.url.query.decode())),
        headers=dict(request.headers),
        cookies={name: value for name, _, value in pairs},
        data=request.content or None,
        content_type=request.headers.get("content-type", ""),
    )


def request_complaints(request: httpx.Request) -> list[str]:
    """What the contract has against a request."""
    errors = API.unmarshal_request(_asked(request)).errors
    anonymous = "cookie" not in request.headers
    return [_text(error) for error in errors if not (anonymous and isinstance(error, SecurityValidationError))]


def response_complaints(request: httpx.Request, response: httpx.Response) -> list[str]:
    """What the contract has against an answer; a body that is still to be streamed counts as there."""
    media = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media == STREAM and response.status_code == 200:
        return [] if request.url.path.endswith("/stream") else ["a stream that was not asked for"]
    body = b"".join(response.stream) if not hasattr(response, "_content") else response.content  # type: ignore[arg-type]
    if response.headers.get("content-encoding") == "gzip" and not hasattr(response, "_content"):
        body = gzip.decompress(body)
    told = MockResponse(_without_nulls(body), response.status_code, content_type=media)
    return [_text(error) for error in API.unmarshal_response(_asked(request), told).errors]


def _without_nulls(body: bytes) -> bytes:
    """The body without keys that are null: the client takes these as absent, and the contract is to judge the rest."""
    try:
        value = json.loads(body)
    except ValueError:
        return body
    if not isinstance(value, dict) or None not in value.values():
        return body
    return json.dumps({name: member for name, member in value.items() if member is not None}).encode()


def _text(error: OpenAPIError | Exception) -> str:
    return f"{type(error).__name__}: {error} {error.__cause__ or ''}"
