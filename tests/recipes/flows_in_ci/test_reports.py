"""The project's own tests, run by pytest with the extra `test`."""

from typing import Any

from cascades_sdk.evaluation import evaluate
from reports import report


def test_the_flow_is_the_one_that_was_reviewed(assert_flow_snapshot: Any) -> None:
    dag = assert_flow_snapshot(report, {"lengths": [4, 8]})
    assert evaluate(dag, {"text": "a flow is an ordinary function"}).unwrap() == {"all": 6, "long": [3, 2]}
