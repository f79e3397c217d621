"""What pytest loads at its start, in every session of whoever has cascades-sdk installed: names, and nothing else.

It stands beside the package, because to import a part of the package is to import the package: that would cost every
session time, and would hide the package's first lines from a measurement of coverage that begins later.

Decided here: the names of fixtures, marker and option, and that a failure shows the seed. Never here: what they do
(``cascades_sdk.testing.plugin``, which is imported when a test asks for one of them).
"""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cascades_sdk.testing.plugin import ControlPlane, FlowSnapshots

__all__ = ["assert_flow_snapshot", "control_plane"]

#: Where a test keeps its plane.
_PLANE: "pytest.StashKey[ControlPlane]" = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The one option."""
    parser.getgroup("cascades-sdk").addoption(
        "--update-flow-snapshots",
        action="store_true",
        help="write the snapshots of flows that assert_flow_snapshot finds missing, broken or different",
    )


def pytest_configure(config: pytest.Config) -> None:
    """The one marker."""
    config.addinivalue_line(
        "markers", "control_plane(catalog, *, listens=False, **options): what the fixture control_plane is made with"
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails says with which seed its control plane can be made again."""
    report = yield
    plane = item.stash.get(_PLANE, None)
    if report.failed and plane is not None:
        report.sections.append(("control plane", f"{plane!r}: with this seed it happens again"))
    return report


@pytest.fixture
def control_plane(request: pytest.FixtureRequest) -> "Iterator[ControlPlane]":
    """A local control plane for one test: in process and in virtual time.

    ``@pytest.mark.control_plane({"report": report}, …)`` says with what: the arguments of ``ControlPlane``, those of
    the nearest marker first. With ``listens=True`` it listens on loopback, in real time, and takes the arguments of
    ``ControlPlane.serve``.
    """
    from cascades_sdk.testing.plugin import plane_for

    with plane_for(request) as plane:
        request.node.stash[_PLANE] = plane
        yield plane


@pytest.fixture
def assert_flow_snapshot(request: pytest.FixtureRequest) -> "FlowSnapshots":
    """Call it with a flow: it must compile to the document in ``snapshots/`` beside the test's file.

    ``pytest --update-flow-snapshots`` writes what is missing or different.
    """
    from cascades_sdk.testing.plugin import snapshots_for

    return snapshots_for(request)
