import pytest

from cascades_sdk import flow, submit_and_wait, task
from cascades_sdk.testing import ControlPlane, assert_flow_deterministic
from cascades_sdk.testing.plane import Cut


@task
def words(text: str) -> list[str]:
    return text.split()


@flow
def report(text: str) -> dict[str, list[str]]:
    return {"words": words(text)}


def test_the_flow_is_one_document_in_every_process() -> None:
    assert_flow_deterministic(report)


@pytest.mark.control_plane({"report": report}, task_delay=3600.0)  # an hour each, over in no time
def test_the_pipeline_outlasts_a_flaky_server(control_plane: ControlPlane) -> None:
    control_plane.fail_next(503, operation="submitWorkflowRun", times=2, retry_after=1.0)
    control_plane.faults(Cut(after=100), operation="streamRunTelemetry", times=3)
    with control_plane.client() as client:
        run = submit_and_wait(client, {"workflowId": "report", "context": {"text": "a flow"}}, timeout=86400.0)
    assert run.unwrap().status == "SUCCESS"
    assert [each.status for each in control_plane.history[:3]] == [503, 503, 200]
