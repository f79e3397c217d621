"""A local control plane: a stand-in for tests and first steps, not an engine.

It speaks all of the HTTP contract. It evaluates the compiled DAG of a flow, node after node, in this process, or
follows a script. It has no queue, no retry and no persistence, and nobody should run anything on it that matters.

Decided here: the public names. The parts, bottom up:

- values: ``_checks`` (arguments that cannot be meant), ``_table`` (containers), ``_beats`` (what a script is made of),
  ``_latitude`` (what the contract leaves open), ``_faults`` (what goes wrong), ``_state``, ``_events`` (what goes in
  and comes out);
- the pure model: ``_telemetry`` (rows to frames), ``_submission`` and ``_integrations`` (bodies to decisions),
  ``_routes`` (requests to decisions), ``_progress`` and ``_scripts`` (how a run goes on), ``_model`` (``step``);
- what changes: ``_catalog`` (flows to documents), ``_history`` (records without credentials), ``_delivery`` (answers
  as pieces of HTTP), ``_crew`` (the threads at work), ``_hub`` (the state, its time, and who is told), ``_waiting``;
- the doors: ``_inprocess`` (httpx), ``_asgi``, ``_http`` (reading HTTP/1.1) and ``_server`` (sockets);
- the handle: ``_configured`` (where a plane begins) and ``_control``.
"""

from cascades_sdk.testing.plane._beats import (
    Beat,
    BeatLike,
    Finish,
    Hangup,
    Log,
    Progress,
    Send,
    SendBytes,
    Update,
    Wait,
    beats_of,
)
from cascades_sdk.testing.plane._catalog import workflow_from
from cascades_sdk.testing.plane._control import ControlPlane
from cascades_sdk.testing.plane._events import (
    Answer,
    Cancelled,
    Crashed,
    Disconnected,
    Due,
    EvaluationWanted,
    Event,
    Reply,
    Request,
    Restarted,
    Scripted,
    StreamEnded,
    StreamOpened,
    StreamSent,
    Tick,
    Told,
    Troubled,
    WakeWanted,
)
from cascades_sdk.testing.plane._faults import (
    Cut,
    Drip,
    Failing,
    Fault,
    FaultPlan,
    MediaType,
    Reset,
    Silence,
    WrongLength,
)
from cascades_sdk.testing.plane._history import Recorded
from cascades_sdk.testing.plane._hub import NothingDueError
from cascades_sdk.testing.plane._latitude import LATITUDE, Latitude
from cascades_sdk.testing.plane._model import step
from cascades_sdk.testing.plane._server import Settings
from cascades_sdk.testing.plane._state import Integration, LogRow, PlaneState, Run, TaskRow, Workflow
from cascades_sdk.testing.plane._table import Rows, Table

__all__ = [
    "LATITUDE",
    "Answer",
    "Beat",
    "BeatLike",
    "Cancelled",
    "ControlPlane",
    "Crashed",
    "Cut",
    "Disconnected",
    "Drip",
    "Due",
    "EvaluationWanted",
    "Event",
    "Failing",
    "Fault",
    "FaultPlan",
    "Finish",
    "Hangup",
    "Integration",
    "Latitude",
    "Log",
    "LogRow",
    "MediaType",
    "NothingDueError",
    "PlaneState",
    "Progress",
    "Recorded",
    "Reply",
    "Request",
    "Reset",
    "Restarted",
    "Rows",
    "Run",
    "Scripted",
    "Send",
    "SendBytes",
    "Settings",
    "Silence",
    "StreamEnded",
    "StreamOpened",
    "StreamSent",
    "Table",
    "TaskRow",
    "Tick",
    "Told",
    "Troubled",
    "Update",
    "Wait",
    "WakeWanted",
    "Workflow",
    "WrongLength",
    "beats_of",
    "step",
    "workflow_from",
]
