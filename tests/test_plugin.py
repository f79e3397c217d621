"""The kit under pytest: a plane for each test, and a flow's document in a file that is committed."""

import importlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from returns.result import Failure

import cascades_sdk_pytest
from cascades_sdk.compiler import build_dag_from_flow, flow, task
from cascades_sdk.encoding import dag_digest
from cascades_sdk.graph import Dag
from cascades_sdk.testing.plane import ControlPlane
from cascades_sdk.testing.plugin import FlowSnapshots
from cascades_sdk.testing.snapshots import check_snapshot, dag_from_snapshot, snapshot_name, snapshot_text
from nightly import nightly

pytest_plugins = ["pytester"]


@task
def add(a: int, b: int = 1) -> int:
    return a + b


@flow
def report(n: int) -> int:
    return add(n, 2)


@flow
def grown(n: int, times: int = 2) -> int:
    for _ in range(times):
        n = add(n)
    return n


pytestmark = pytest.mark.control_plane({"report": report, "other": report})

FLOWS = """
from cascades_sdk import flow, task

@task
def add(a: int, b: int = 1) -> int:
    return a + b

@flow
def report(n: int) -> int:
    return add(add(n), 2)

@flow
def hasty(n: int) -> int:
    return 1 if n else 0
"""


def compiled(times: int = 2) -> Dag:
    return build_dag_from_flow(grown, {"times": times}).unwrap()


class TestThePlaneOfATest:
    def test_is_in_process_and_has_the_flows_of_the_module(self, control_plane: ControlPlane) -> None:
        assert "in process" in repr(control_plane)
        assert set(control_plane.state.workflows) == {"report", "other"}

    @pytest.mark.control_plane(listens=True)
    def test_listens_where_that_is_asked(self, control_plane: ControlPlane) -> None:
        assert control_plane.url.startswith("http://127.0.0.1:")

    @pytest.mark.control_plane(cookie="mine", seed=7)
    def test_is_made_with_what_the_nearest_marker_says_first(self, control_plane: ControlPlane) -> None:
        assert (control_plane.cookie, control_plane.state.seed) == ("mine", 7)
        assert set(control_plane.state.workflows) == {"report", "other"}

    @pytest.mark.control_plane({"mine": report})
    def test_has_the_catalog_of_the_nearest_marker(self, control_plane: ControlPlane) -> None:
        assert set(control_plane.state.workflows) == {"mine"}

    def test_is_another_for_each_test_and_stopped_when_it_is_over(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile(
            """
            import threading
            import pytest

            seen = []

            @pytest.mark.control_plane(listens=True)
            def test_one(control_plane):
                seen.append(control_plane)
                assert threading.active_count() > 1

            def test_two(control_plane):
                assert control_plane is not seen[0]
                assert threading.active_count() == 1
            """
        )
        pytester.runpytest_subprocess("--strict-markers").assert_outcomes(passed=2)

    @pytest.mark.parametrize("traceback", ["auto", "short", "long"])
    def test_that_fails_shows_its_seed(self, pytester: pytest.Pytester, traceback: str) -> None:
        pytester.makepyfile(
            """
            import pytest

            @pytest.mark.control_plane(seed=4711)
            def test_one(control_plane):
                assert not control_plane

            @pytest.fixture
            def broken(control_plane):
                raise ValueError

            @pytest.mark.control_plane(seed=815)
            def test_two(broken):
                pass

            @pytest.mark.control_plane(seed=1234)
            def test_three(control_plane):
                pass

            @pytest.mark.parametrize("control_plane", [1])
            def test_four(control_plane):
                raise ValueError

            def test_five():
                raise ValueError
            """
        )
        result = pytester.runpytest_inprocess(f"--tb={traceback}")
        result.assert_outcomes(failed=3, errors=1, passed=1)
        said = result.stdout.str()
        for seed in (4711, 815):
            assert f"ControlPlane(seed={seed}, in process, 0 runs): with this seed it happens again" in said
        assert said.count("with this seed") == 2


class TestASnapshot:
    def test_says_digest_and_document_and_reads_back(self) -> None:
        dag = compiled()
        text = snapshot_text(dag)
        assert json.loads(text)["digest"] == dag_digest(dag)
        assert len(text.splitlines()) > 20
        assert dag_from_snapshot(text).unwrap() == dag

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("", "no JSON"),
            ("[]", "must be an object of a digest and a document"),
            ('{"digest": ""}', "must be an object of a digest and a document"),
            ('{"digest": "", "document": {}}', "is missing"),
            ('{"digest": "", "document": NaN}', "NaN"),
        ],
    )
    def test_that_is_none_is_refused(self, text: str, problem: str) -> None:
        outcome = dag_from_snapshot(text)
        assert isinstance(outcome, Failure)
        assert problem.lower() in str(outcome.failure()).lower()

    @pytest.mark.parametrize(
        ("data", "problem"),
        [(b"\xff", "no JSON ('utf-8'"), (b"[" * 10**6, "nested too deep"), (b"\xef\xbb\xbf{}", "BOM")],
    )
    def test_of_any_bytes_is_told_and_written_when_that_is_asked(
        self, tmp_path: Path, data: bytes, problem: str
    ) -> None:
        file = tmp_path / "report.json"
        file.write_bytes(data)
        with pytest.raises(AssertionError, match=r"is no snapshot of a flow: .*\nif that is meant") as raised:
            FlowSnapshots(tmp_path)(report)
        assert problem in str(raised.value)
        FlowSnapshots(tmp_path, update=True)(report)
        assert FlowSnapshots(tmp_path)(report) == build_dag_from_flow(report).unwrap()

    def test_of_a_name_of_any_length_has_a_file(self, tmp_path: Path) -> None:
        names = ["a" * 200, "a" * 300, "a" * 301, "é" * 300, "\ud800"]
        assert len({snapshot_name(name) for name in names}) == len(names)
        assert snapshot_name("a" * 200) == "a" * 200 + ".json"
        for name in names:
            FlowSnapshots(tmp_path, update=True)(report, name=name)
            FlowSnapshots(tmp_path)(report, name=name)

    @pytest.mark.parametrize("given", [5, "flows:report", None])
    def test_is_of_a_flow(self, tmp_path: Path, given: Any) -> None:
        with pytest.raises(AssertionError, match="is not a flow; give a function that is decorated with @flow"):
            FlowSnapshots(tmp_path, update=True)(given)
        with pytest.raises(AssertionError, match="is not a flow; give a function that is decorated with @flow"):
            check_snapshot(given, None, tmp_path / "any.json", update=True, how="")

    def test_that_was_edited_by_hand_is_refused(self) -> None:
        text = snapshot_text(compiled()).replace('"grown"', '"mine"')
        assert str(dag_from_snapshot(text).failure()) == "/digest: is not the digest of the document"

    @pytest.mark.parametrize("name", ["report", "a b", "a-b", "../up", "é", ".hidden", "ü"])
    def test_has_a_file_of_its_own_for_each_name(self, name: str) -> None:
        others = {"report", "a b", "a-b", "../up", "é", ".hidden", "ü"} - {name}
        assert Path(snapshot_name(name)).name == snapshot_name(name)
        assert not snapshot_name(name).startswith(".")
        assert snapshot_name(name) not in {snapshot_name(other) for other in others}

    def test_is_what_a_flow_compiles_to(self, assert_flow_snapshot: FlowSnapshots) -> None:
        dag = assert_flow_snapshot(nightly, {"tables": ["kunden"]}, name="nightly, one table")
        assert dag == build_dag_from_flow(nightly, {"tables": ["kunden"]}).unwrap()
        assert assert_flow_snapshot.folder == Path(__file__).parent / "snapshots"

    def test_of_another_flow_fails_with_the_difference_and_is_written_when_that_is_asked(self, tmp_path: Path) -> None:
        updating, checking = FlowSnapshots(tmp_path / "new", update=True), FlowSnapshots(tmp_path / "new")
        assert updating(grown, {"times": 1}) == compiled(1)
        file = tmp_path / "new" / "grown.json"
        before = file.read_text()
        assert checking(grown, {"times": 1}) == compiled(1)
        with pytest.raises(AssertionError) as raised:
            checking(grown, {"times": 2})
        assert str(raised.value).splitlines() == [
            f"flow 'grown' is not what {file} says ({dag_digest(compiled(1))} -> {dag_digest(compiled(2))}):",
            "  node-1: added, add(a=node-0 add)",
            "  returns: node-0 add -> node-1 add (added)",
            "if that is meant, pytest --update-flow-snapshots writes it; commit the file",
        ]
        assert file.read_text() == before
        later = FlowSnapshots(tmp_path / "new", update=True)
        assert later(grown, {"times": 2}) == compiled(2)
        assert [each.name for each in file.parent.iterdir()] == ["grown.json"]
        assert checking(grown, {"times": 2}) == compiled(2)

    def test_needs_no_pytest(self, tmp_path: Path) -> None:
        file = tmp_path / "any.json"
        with pytest.raises(AssertionError, match=r"has no snapshot .*any\.json\nask for it$"):
            check_snapshot(report, None, file, update=False, how="ask for it")
        dag = check_snapshot(report, None, file, update=True, how="")
        assert check_snapshot(report, None, file, update=False, how="") == dag

    def test_that_is_right_is_not_written_again(self, tmp_path: Path) -> None:
        updating = FlowSnapshots(tmp_path, update=True)
        updating(report)
        file = tmp_path / "report.json"
        file.write_text(file.read_text().replace("\n", "\n\n"))
        before = file.read_text()
        updating(report)
        assert file.read_text() == before

    def test_that_cannot_be_read_is_told_and_written_when_that_is_asked(self, tmp_path: Path) -> None:
        (tmp_path / "report.json").write_text("{}")
        with pytest.raises(AssertionError, match=r"is no snapshot of a flow: .*\nif that is meant"):
            FlowSnapshots(tmp_path)(report)
        FlowSnapshots(tmp_path, update=True)(report)
        assert FlowSnapshots(tmp_path)(report) == build_dag_from_flow(report).unwrap()


def test_without_pytest_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as without:
        without.delitem(sys.modules, "cascades_sdk.testing.plugin")
        without.setitem(sys.modules, "pytest", None)
        with pytest.raises(ModuleNotFoundError) as raised:
            importlib.import_module("cascades_sdk.testing.plugin")
    assert raised.value.name == "pytest"
    assert str(raised.value) == (
        'cascades_sdk.testing.plugin needs pytest, which the extra test brings: pip install "cascades-sdk[test]"'
    )


class TestUnderPytest:
    def test_a_flow_without_a_snapshot_fails_and_the_option_writes_it(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile(
            flows=FLOWS,
            test_flows="""
                from flows import report

                def test_it(assert_flow_snapshot):
                    assert_flow_snapshot(report)
            """,
        )
        missing = pytester.runpytest_inprocess()
        missing.assert_outcomes(failed=1)
        missing.stdout.fnmatch_lines(["E *flow 'report' has no snapshot *snapshots/report.json", "E *--update-flow-*"])
        assert not (pytester.path / "snapshots").exists()
        pytester.runpytest_inprocess("--update-flow-snapshots").assert_outcomes(passed=1)
        assert (pytester.path / "snapshots" / "report.json").is_file()
        pytester.runpytest_inprocess().assert_outcomes(passed=1)

    def test_a_flow_that_does_not_compile_fails_with_its_error(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile(
            flows=FLOWS,
            test_flows="""
                from flows import hasty

                def test_it(assert_flow_snapshot):
                    assert_flow_snapshot(hasty)
            """,
        )
        result = pytester.runpytest_inprocess("--update-flow-snapshots")
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["E *flow 'hasty' does not compile: *asking for its truth needs one*"])

    def test_determinism_is_asserted_of_a_flow_beside_the_test(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile(
            flows=FLOWS,
            test_flows="""
                from cascades_sdk.testing import assert_flow_deterministic
                from flows import report

                def test_it():
                    assert_flow_deterministic(report, hash_seeds=2)
            """,
        )
        pytester.runpytest_inprocess().assert_outcomes(passed=1)

    def test_all_of_it_is_known_without_a_line_of_configuration(self, pytester: pytest.Pytester) -> None:
        fixtures = pytester.runpytest_subprocess("--fixtures")
        fixtures.stdout.fnmatch_lines(["control_plane*", "assert_flow_snapshot*"])
        markers = pytester.runpytest_subprocess("--markers")
        markers.stdout.fnmatch_lines(["@pytest.mark.control_plane(catalog, [*], listens=False, [*][*]options): *"])

    def test_two_graphs_for_one_file_are_told(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile(
            flows="""
            from cascades_sdk import flow, task

            @task
            def one(n: int) -> int:
                return n

            @flow
            def many(n: int) -> list[int]:
                return [one(i) for i in range(n)]
            """
        )
        pytester.makepyfile(
            """
            import pytest
            from flows import many

            @pytest.mark.parametrize("n", [1, 2, 1])
            def test_many(n, assert_flow_snapshot):
                assert_flow_snapshot(many, {"n": n})
            """
        )
        result = pytester.runpytest_inprocess("--update-flow-snapshots")
        result.assert_outcomes(passed=2, failed=1)
        result.stdout.fnmatch_lines(["*many.json is to hold two graphs of flow 'many': give each a name=… of its own*"])


class TestWhatEverySessionPays:
    def test_a_session_that_asks_for_nothing_loads_nothing(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile(
            """
            import sys

            def test_it():
                assert "cascades_sdk_pytest" in sys.modules
                assert not [name for name in sys.modules if name.partition(".")[0] == "cascades_sdk"]
            """
        )
        pytester.runpytest_subprocess().assert_outcomes(passed=1)

    def test_the_module_of_the_entry_point_loads_pytest_alone(self) -> None:
        program = (
            "import sys, pytest, typing; before = set(sys.modules); import cascades_sdk_pytest; "
            "print(*sorted(set(sys.modules) - before))"
        )
        ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert ran.stdout.split() == ["cascades_sdk_pytest"]

    def test_it_is_all_that_pytest_loads_of_this_package(self) -> None:
        from importlib.metadata import entry_points

        named: list[Any] = [each for each in entry_points(group="pytest11") if "cascades" in each.value]
        assert [(each.name, each.value) for each in named] == [("cascades_sdk", "cascades_sdk_pytest")]

    def test_it_holds_what_it_promises(self) -> None:
        # Executed anew, because pytest did that before anybody measured.
        spec = importlib.util.find_spec("cascades_sdk_pytest")
        assert spec is not None
        assert spec.loader is not None
        anew = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(anew)
        hooks = {"pytest_addoption", "pytest_configure", "pytest_runtest_makereport"}
        assert {*anew.__all__, *hooks} <= set(dir(anew))
        assert set(anew.__all__) == set(cascades_sdk_pytest.__all__)
        assert all(getattr(anew, name).__doc__ for name in {*anew.__all__, *hooks})
