"""Every error of the package: two closed unions of frozen values.

:data:`CompileError` is what authoring, documents and evaluation can answer;
:data:`ClientError` is what HTTP and waiting can answer.

No error shows a credential: what a server echoes of one is hidden. That holds for errors only; the value of a
``Success`` is what the server sent, as it came.
"""

from cascades_sdk.errors._base import CascadeSDKError, CascadesSDKError, Outcome, error, fresh, raise_on_failure
from cascades_sdk.errors._client import (
    AmbiguousSubmitError,
    AuthenticationError,
    ClientError,
    DeadlineExceededError,
    EngineUnavailableError,
    IntegrationSaveCode,
    IntegrationTestCode,
    LimitExceededError,
    NetworkError,
    NetworkErrorKind,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    RedirectedError,
    ServerError,
    StreamLostError,
    UnexpectedResponseError,
    ValidationError,
    WaitPosition,
    WorkflowCode,
)
from cascades_sdk.errors._compile import (
    CaptureCode,
    CaptureError,
    CompileError,
    EvaluationError,
    FlowRaisedError,
    InvalidDagError,
    InvalidDocumentError,
    InvalidValueError,
    SourceLine,
    TaskRaisedError,
    cause_text,
)

__all__ = [
    "AmbiguousSubmitError",
    "AuthenticationError",
    "CaptureCode",
    "CaptureError",
    "CascadeSDKError",
    "CascadesSDKError",
    "ClientError",
    "CompileError",
    "DeadlineExceededError",
    "EngineUnavailableError",
    "EvaluationError",
    "FlowRaisedError",
    "IntegrationSaveCode",
    "IntegrationTestCode",
    "InvalidDagError",
    "InvalidDocumentError",
    "InvalidValueError",
    "LimitExceededError",
    "NetworkError",
    "NetworkErrorKind",
    "NotFoundError",
    "Outcome",
    "PermissionDeniedError",
    "RateLimitError",
    "RedirectedError",
    "ServerError",
    "SourceLine",
    "StreamLostError",
    "TaskRaisedError",
    "UnexpectedResponseError",
    "ValidationError",
    "WaitPosition",
    "WorkflowCode",
    "cause_text",
    "error",
    "fresh",
    "raise_on_failure",
]
