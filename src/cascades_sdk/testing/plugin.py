"""What the fixtures for pytest do.

pytest knows them by the module ``cascades_sdk_pytest``, which it loads by an entry point; this module is loaded when a
test asks for one of them.

Needs the extra ``test``.

Decided here: how a test says what it wants. Never here: planes, and what a snapshot is.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from cascades_sdk.testing._extras import require

require("pytest", __name__)

import pytest  # noqa: E402 - not before it is known to be there

from cascades_sdk.compiler import Flow  # noqa: E402
from cascades_sdk.encoding import dag_digest  # noqa: E402
from cascades_sdk.graph import Dag  # noqa: E402
from cascades_sdk.testing._subjects import require_flow  # noqa: E402
from cascades_sdk.testing.plane import ControlPlane  # noqa: E402
from cascades_sdk.testing.snapshots import check_snapshot, snapshot_name  # noqa: E402

__all__ = ["ControlPlane", "FlowSnapshots"]

#: The folder of snapshots, beside the file of a test.
_FOLDER: Final = "snapshots"

#: What the snapshots of this session hold, so that two graphs in one file do not take turns.
_WRITTEN: Final = pytest.StashKey[dict[Path, str]]()

_HOW: Final = "if that is meant, pytest --update-flow-snapshots writes it; commit the file"


@attrs.frozen
class FlowSnapshots:
    """The snapshots beside one file of tests. Call it: ``assert_flow_snapshot(report, {"tables": ["a"]})``."""

    folder: Path
    update: bool = False
    written: dict[Path, str] = attrs.field(factory=dict, eq=False, repr=False)

    def __call__(
        self, flow: Flow[..., Any], inputs: Mapping[str, Any] | None = None, *, name: str | None = None
    ) -> Dag:
        """The graph of the flow, which is the one of the snapshot.

        Args:
            flow: the flow.
            inputs: the parameters to bind.
            name: what the file is called, if not like the flow: give one where a flow is checked with several inputs.

        Raises:
            AssertionError: it is another; the text says what changed. Or the same file was asked to hold two graphs,
                as where a test is parametrized. Or this is no flow.
        """
        __tracebackhide__ = True  # pytest shows the test, and not this line
        require_flow(flow)
        file = self.folder / snapshot_name(flow.name if name is None else name)
        dag = check_snapshot(flow, inputs, file, update=self.update, how=_HOW)
        digest = dag_digest(dag)
        if self.update and self.written.setdefault(file, digest) != digest:
            raise AssertionError(f"{file} is to hold two graphs of flow {flow.name!r}: give each a name=… of its own")
        return dag


def snapshots_for(request: pytest.FixtureRequest) -> FlowSnapshots:
    """The snapshots beside the file of a test."""
    update = bool(request.config.getoption("--update-flow-snapshots"))
    return FlowSnapshots(request.path.parent / _FOLDER, update, request.config.stash.setdefault(_WRITTEN, {}))


def plane_for(request: pytest.FixtureRequest) -> ControlPlane:
    """A plane made with what the markers around a test say, the nearest last: in process, or one that listens."""
    options: dict[str, Any] = {}
    for marker in reversed([*request.node.iter_markers("control_plane")]):
        options |= {**({"catalog": marker.args[0]} if marker.args else {}), **marker.kwargs}
    make = ControlPlane.serve if options.pop("listens", False) else ControlPlane
    return make(**options)
