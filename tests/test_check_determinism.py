"""A check that finds what a flow must not depend on, and says where nothing can be said."""

import copy
import json
import os
import pickle
import sys
import time
from collections.abc import Iterator
from inspect import isclass, isfunction
from pathlib import Path
from typing import Any, get_args

import attrs
import pytest
from returns.result import Failure, Success

from cascades_sdk.compiler import build_dag_from_flow, flow, task
from cascades_sdk.encoding import dag_digest
from cascades_sdk.errors import InvalidValueError
from cascades_sdk.testing import assert_flow_deterministic, check_determinism, determinism
from cascades_sdk.testing.determinism import (
    DeterminismReport,
    Environment,
    FlowNotFoundError,
    FreshProcessError,
    NotDeterministicError,
    UncompiledFlowError,
    UnfitPythonError,
    Way,
)
from cascades_sdk.testing.determinism import _processes as processes
from cascades_sdk.testing.determinism._check import _compared
from cascades_sdk.testing.determinism._child import INSIDE, answer, answer_from, answer_to, request_text
from cascades_sdk.testing.determinism._observing import Compile, Observation, observed
from cascades_sdk.testing.determinism._places import FlowPlace, flow_at, place_of
from nightly import nightly

PYTHONS = [*filter(None, os.environ.get("CASCADES_PYTHONS", "").split(os.pathsep))]


@task
def add(a: Any, b: Any = 1) -> Any:
    return a + b


@flow
def steady(n: int, times: int = 2) -> int:
    for _ in range(times):
        n = add(n)
    return n


@flow
def hasty(n: int) -> int:
    return 1 if n else 0


@flow
def _kept(n: int) -> int:
    return add(n)


kept_otherwise = _kept
del _kept


HEADER = """
from cascades_sdk import flow, task

@task
def keep(*parts):
    return parts

"""


PLAIN = "@flow\ndef main(n=1):\n    return keep(n)\n"
HASTY = "@flow\ndef main(n):\n    return 1 if n else 0\n"


def module(folder: Path, body: str, name: str = "user_flow") -> Path:
    file = folder / f"{name}.py"
    file.write_text(HEADER + body, encoding="utf-8")
    return file


def checked(folder: Path, body: str, **given: Any) -> Any:
    """The error of a check of the flow ``main`` of a module."""
    subject = f"{module(folder, body)}:main"
    return check_determinism(subject, hash_seeds=given.pop("hash_seeds", 2), **given).failure()


@pytest.fixture
def _as_it_was() -> Iterator[None]:
    """Modules and the search path, as they were before."""
    modules, path = dict(sys.modules), [*sys.path]
    yield
    sys.path[:] = path
    for name in set(sys.modules) - set(modules):
        del sys.modules[name]


class TestADeterministicFlow:
    def test_is_reported_with_its_digests_its_environments_and_their_number(self) -> None:
        report = check_determinism(steady, {"times": 3}, hash_seeds=2).unwrap()
        dag = build_dag_from_flow(steady, {"times": 3}).unwrap()
        assert report.digest == dag_digest(dag)
        assert report.cbor_digest.startswith("sha256:")
        assert [each.hash_seed for each in report.environments] == [None, 0, 1]
        assert report.compiles == 3 * (1 + 2 + 4 + 1)
        assert str(report) == f"flow 'steady': 24 compiles in 3 processes gave {report.digest}"

    @pytest.mark.parametrize("repeats", [0, 3])
    def test_is_compiled_as_often_as_is_asked(self, repeats: int) -> None:
        report = check_determinism(steady, {"times": 0}, hash_seeds=1, repeats=repeats).unwrap()
        assert report.compiles == 2 * (1 + repeats + 4 + 1)

    @pytest.mark.parametrize(
        ("wrong", "pointer"),
        [
            ({"hash_seeds": 0}, "/hash_seeds"),
            ({"hash_seeds": -1}, "/hash_seeds"),
            ({"hash_seeds": True}, "/hash_seeds"),
            ({"repeats": -1}, "/repeats"),
            ({"repeats": 1.0}, "/repeats"),
        ],
    )
    def test_is_not_compiled_so_often_that_nothing_is_shown(self, wrong: dict[str, Any], pointer: str) -> None:
        error = check_determinism(steady, {"times": 0}, **wrong).failure()
        assert isinstance(error, InvalidValueError)
        assert error.pointer == pointer

    def test_is_found_by_the_name_of_its_module(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        module(tmp_path, "class Flows:\n    @flow\n    def main(n=1):\n        return keep(n)\n", "by_name")
        monkeypatch.syspath_prepend(tmp_path)
        report = check_determinism("by_name:Flows.main", hash_seeds=1).unwrap()
        assert report.flow == "by_name:Flows.main"
        assert str(report).startswith("flow 'by_name:Flows.main': 8 compiles in 1 process gave sha256:")

    def test_is_found_in_a_file_beside_which_modules_are_imported(self, tmp_path: Path) -> None:
        (tmp_path / "beside.py").write_text("PARTS = ['a', 'b']\n")
        file = module(tmp_path, "from beside import PARTS\n@flow\ndef main(n):\n    return keep(n, PARTS)\n")
        assert check_determinism(f"{file}:main", hash_seeds=1).unwrap().compiles == 8

    def test_is_found_under_the_name_that_a_module_has_for_it(self) -> None:
        assert kept_otherwise.function.__qualname__ == "_kept"
        report = check_determinism(kept_otherwise, hash_seeds=1).unwrap()
        assert report.digest == dag_digest(build_dag_from_flow(kept_otherwise).unwrap())

    def test_prints_what_it_likes(self, tmp_path: Path) -> None:
        file = module(tmp_path, "print('{}', flush=True)\n@flow\ndef main(n):\n    print('[')\n    return keep(n)\n")
        assert isinstance(check_determinism(f"{file}:main", hash_seeds=1), Success)

    def test_may_be_async(self, tmp_path: Path) -> None:
        file = module(tmp_path, "@flow\nasync def main(n):\n    return keep(n)\n")
        assert isinstance(check_determinism(f"{file}:main", hash_seeds=1), Success)

    def test_sees_inputs_as_values_of_the_model(self, tmp_path: Path) -> None:
        file = module(tmp_path, "@flow\ndef main(n):\n    assert type(n) is list\n    return keep(*n)\n")
        assert isinstance(check_determinism(f"{file}:main", {"n": (1.0, "é")}, hash_seeds=1), Success)

    def test_leaves_nothing_behind(self, tmp_path: Path) -> None:
        file = module(tmp_path, PLAIN)
        check_determinism(f"{file}:main", hash_seeds=1).unwrap()
        assert list(tmp_path.iterdir()) == [file]

    def test_has_a_report_that_is_a_value(self) -> None:
        report = DeterminismReport("f", "sha256:0", "sha256:1", (Environment("python"),), 8)
        assert pickle.loads(pickle.dumps(report)) == copy.copy(report) == report
        assert hash(report) == hash(copy.copy(report))

    def test_is_asserted(self) -> None:
        assert assert_flow_deterministic(steady, {"times": 0}, hash_seeds=1).flow == "steady"

    def test_is_one_on_every_interpreter_that_is_at_hand(self) -> None:
        # The module of the flow imports nothing but the package, and so can be imported there.
        report = check_determinism(nightly, {"tables": ["a", "b"]}, hash_seeds=1, pythons=PYTHONS).unwrap()
        assert [each.python for each in report.environments] == [sys.executable, sys.executable, *PYTHONS]


class TestAFlowThatDependsOn:
    def test_the_order_of_a_set(self, tmp_path: Path) -> None:
        body = "@flow\ndef main(n):\n    return [keep(n, word) for word in {'a', 'b', 'c', 'd', 'e'}]\n"
        error = checked(tmp_path, body, hash_seeds=8)
        assert type(error) is NotDeterministicError
        assert (error.first.hash_seed, error.first.way, error.second.way) == (0, "first", "first")
        assert error.diff
        assert "the order of a set (sort it)" in str(error)
        assert "hash seed 0, TZ=UTC+12" in str(error)

    @pytest.mark.parametrize(
        "expression",
        ["id(object())", "time.time()", "random.random()", "next(counter)", "str(uuid.uuid4())", "repr(object())"],
    )
    def test_identity_time_chance_or_what_was_before(self, tmp_path: Path, expression: str) -> None:
        body = f"""
import itertools, random, time, uuid
counter = itertools.count()
held = []
@flow
def main(n):
    value = {expression}
    held.append(object())
    return keep(n, value)
"""
        error = checked(tmp_path, body)
        assert type(error) is NotDeterministicError
        assert [change.differences[0].place for change in error.diff.changes] == ["/parts/1"]

    def test_what_an_earlier_compile_left_behind_is_told_as_that(self, tmp_path: Path) -> None:
        error = checked(tmp_path, "seen = []\n@flow\ndef main(n):\n    seen.append(0)\n    return keep(n, len(seen))\n")
        assert (error.first.way, error.second.way) == ("first", "again")
        assert error.first.same_process(error.second)
        assert str(error).endswith(
            "node-0 keep: /parts/1 1 -> 2; let it not depend on the time, on chance, on id(), or on what an earlier "
            "compile left behind"
        )

    def test_the_thread_that_it_runs_in(self, tmp_path: Path) -> None:
        body = "import threading\n@flow\ndef main(n):\n    return keep(n, threading.current_thread().name)\n"
        error = checked(tmp_path, body)
        assert error.second.way == "in a thread"
        assert "on its thread" in error.advice

    def test_what_is_captured_around_it(self, tmp_path: Path) -> None:
        body = (
            "import sys\n@flow\ndef main(n):\n    frame, around = sys._getframe(), 0\n"
            "    while frame:\n        around += frame.f_code.co_name == 'around'\n        frame = frame.f_back\n"
            "    return keep(n, around)\n"
        )
        assert checked(tmp_path, body).second.way == "inside another capture"

    def test_the_local_date(self, tmp_path: Path) -> None:
        error = checked(tmp_path, "import time\n@flow\ndef main(n):\n    return keep(n, time.strftime('%Y-%m-%d'))\n")
        assert type(error) is NotDeterministicError
        assert (error.first.time_zone, error.second.time_zone) == ("UTC+12", "UTC-14")

    def test_the_interpreter(self, tmp_path: Path) -> None:
        other = script(tmp_path, f'MARK=1 exec "{sys.executable}" "$@"')
        body = "import os\n@flow\ndef main(n):\n    return keep(n, os.environ.get('MARK'))\n"
        error = checked(tmp_path, body, hash_seeds=1, pythons=[other])
        assert error.second.python == str(other)
        elsewhere = attrs.evolve(error.second, runtime="CPython 3.9.0")
        assert "on the version of Python" in attrs.evolve(error, second=elsewhere).advice

    def test_anything_of_these_fails_an_assertion_that_shows_every_change(self, tmp_path: Path) -> None:
        body = "import random\n@flow\ndef main(n):\n    return [keep(n, random.random()) for _ in range(5)]\n"
        with pytest.raises(AssertionError) as raised:
            assert_flow_deterministic(f"{module(tmp_path, body)}:main", hash_seeds=1)
        first, *lines = str(raised.value).splitlines()
        assert "; and 2 more; " in first
        assert [line.partition(" keep")[0] for line in lines] == [f"  node-{at}" for at in range(5)]


class TestAFlowThatDoesNotCompile:
    def test_is_told_with_the_error(self, tmp_path: Path) -> None:
        error = checked(tmp_path, HASTY)
        assert type(error) is UncompiledFlowError
        assert error.elsewhere is None
        assert "asking for its truth needs one" in str(error)

    def test_is_told_of_this_process_first(self) -> None:
        error = check_determinism(hasty).failure()
        assert type(error) is UncompiledFlowError
        assert error.environment.hash_seed is None

    def test_in_one_environment_only_is_told_with_one_in_which_it_does(self, tmp_path: Path) -> None:
        returns = "return keep(n) if len(seen) < 3 else bool(keep(n))"
        body = f"seen = []\n@flow\ndef main(n):\n    seen.append(0)\n    {returns}\n"
        error = checked(tmp_path, body)
        assert (error.environment.way, error.elsewhere.way) == ("again", "first")
        assert ", although it does in " in str(error)

    def test_fails_an_assertion(self, tmp_path: Path) -> None:
        subject = f"{module(tmp_path, HASTY)}:main"
        with pytest.raises(AssertionError, match="does not compile"):
            assert_flow_deterministic(subject, hash_seeds=1)


class TestAFlowThatIsNotFound:
    @pytest.mark.parametrize(
        ("subject", "problem"),
        [
            ("nightly", "names no flow"),
            (":main", "names no flow"),
            ("module:", "names no flow"),
            (7, "names no flow"),
            ("/no/such/file.py:main", "there is no file"),
            ("no_such_module_anywhere:main", "cannot be imported: ModuleNotFoundError"),
            ("json:loads", "'loads' is of type function; decorate"),
            ("json:nothing", "has no 'nothing'"),
        ],
    )
    def test_is_an_error_that_says_why(self, subject: Any, problem: str) -> None:
        error = check_determinism(subject, hash_seeds=1).failure()
        assert type(error) is FlowNotFoundError
        assert problem in str(error)

    def test_because_it_is_local(self) -> None:
        @flow
        def local(n: int) -> int:
            return add(n)

        error = check_determinism(local).failure()
        assert str(error) == (
            "flow 'local': it is made inside a function, where no other process finds it; define it in a module"
        )

    def test_because_nobody_can_look_into_a_session(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(kept_otherwise.function, "__module__", "__main__")
        monkeypatch.setattr(sys.modules["__main__"], "__file__", None, raising=False)
        monkeypatch.setattr(sys.modules["__main__"], "__spec__", None, raising=False)
        assert "interactive session" in str(check_determinism(kept_otherwise).failure())

    def test_because_its_module_checks_it_while_it_is_imported(self, tmp_path: Path) -> None:
        body = (
            f"{PLAIN}from cascades_sdk.testing import check_determinism\n"
            "raise SystemExit(str(check_determinism(main).failure()))\n"
        )
        assert "it is checked while its module is imported" in str(checked(tmp_path, body))

    def test_in_a_process_of_a_check_nothing_is_checked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(INSIDE, "1")
        assert type(check_determinism(steady).failure()) is FlowNotFoundError

    def test_inputs_outside_of_the_model_are_refused_with_the_pointer(self) -> None:
        error = check_determinism(steady, {"times": {1, 2}}).failure()
        assert type(error) is InvalidValueError
        assert (error.pointer, error.subject) == ("/times", "inputs of flow 'steady'")


def script(folder: Path, line: str) -> Path:
    """A program that stands in place of an interpreter."""
    file = folder / "python-of-its-own"
    file.write_text(f"#!/bin/sh\n{line}\n")
    file.chmod(0o755)
    return file


class TestAFreshProcess:
    def test_of_another_interpreter_is_told_by_it(self, tmp_path: Path) -> None:
        other = script(tmp_path, f'exec "{sys.executable}" "$@"')
        file = module(tmp_path, PLAIN)
        report = check_determinism(f"{file}:main", hash_seeds=2, pythons=[other]).unwrap()
        assert [each.python for each in report.environments] == [sys.executable] * 2 + [str(other)] * 2

    def test_without_the_package_is_an_error_that_says_so(self, tmp_path: Path) -> None:
        bare = script(tmp_path, f'exec "{sys.executable}" -S -I "$@"')
        error = check_determinism(steady, {"times": 1}, hash_seeds=1, pythons=[bare]).failure()
        assert type(error) is UnfitPythonError
        assert str(error).startswith(f"{bare}: it has no such cascades-sdk (ModuleNotFoundError: No module named ")

    def test_that_cannot_be_started_is_an_error_that_says_so(self, tmp_path: Path) -> None:
        error = check_determinism(steady, {"times": 1}, hash_seeds=1, pythons=[tmp_path / "missing"]).failure()
        assert type(error) is UnfitPythonError
        assert "cannot be started" in str(error)

    def test_that_crashes_is_told_with_the_end_of_what_it_said(self, tmp_path: Path) -> None:
        body = (
            "import os, sys\nsys.stderr.write('x' * 1000 + '\\x1b[31m the end\\n')\nsys.stderr.flush()\nos._exit(3)\n"
        )
        error = checked(tmp_path, body)
        assert type(error) is FreshProcessError
        assert "it ended with status 3 and without an answer; it said: …xxx" in str(error)
        assert error.stderr.endswith("\\x1b[31m the end")
        assert len(error.stderr) == 500

    def test_that_says_a_secret_does_not_have_it_repeated(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MY_API_TOKEN", "very-secret")
        monkeypatch.setenv("MY_PIN_PASSWORD", "12")
        body = (
            "import os, sys\nsys.stderr.write('with ' + os.environ['MY_API_TOKEN'])\nsys.stderr.flush()\nos._exit(1)\n"
        )
        assert checked(tmp_path, body).stderr == "with [hidden]"

    def test_that_takes_too_long_is_ended_with_what_it_started(self, tmp_path: Path) -> None:
        pid = tmp_path / "pid"
        body = (
            "import subprocess, sys, time\n"
            "sleeping = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
            f"open({str(pid)!r} + '.part', 'w').write(str(sleeping.pid))\n"
            f"import os; os.rename({str(pid)!r} + '.part', {str(pid)!r})\n"
            "time.sleep(600)\n"
        )
        error = checked(tmp_path, body, timeout=3.0, hash_seeds=1)
        assert type(error) is FreshProcessError
        assert error.problem == "no answer in 3 s, and ended"
        assert _is_gone(int(pid.read_text()))

    def test_that_nobody_waits_for_any_more_is_ended(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(processes, "_TOGETHER", 2)
        started: list[Any] = []
        real = processes.subprocess.Popen

        def kept(*args: Any, **kwargs: Any) -> Any:
            started.append(real(*args, **kwargs))
            return started[-1]

        monkeypatch.setattr(processes.subprocess, "Popen", kept)
        body = (
            "import os, time\nif os.environ['PYTHONHASHSEED'] == '1':\n    time.sleep(600)\n"
            "raise ValueError('the first one fails')\n"
        )
        assert "the first one fails" in str(checked(tmp_path, body))
        assert [each.returncode is not None for each in started] == [True, True]

    def test_is_ended_also_where_there_are_no_groups_of_processes(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delattr(os, "killpg")
        error = checked(tmp_path, "import time\ntime.sleep(600)\n", timeout=1e-9, hash_seeds=1)
        assert type(error) is FreshProcessError

    def test_finds_modules_where_the_user_has_them_and_not_in_libraries(self, tmp_path: Path) -> None:
        import attrs as installed

        (tmp_path / "site-packages").mkdir()
        library = Path(os.__file__).parent
        entries = [tmp_path, tmp_path / "site-packages", library, library / "lib-dynload", tmp_path / "python311.zip"]
        entries.append(Path(determinism.__file__).parents[3])
        assert [entry for entry in entries if processes._is_the_users(str(entry))] == [tmp_path]
        assert not processes._is_the_users(str(Path(installed.__file__).parents[1]))


def _is_gone(pid: int) -> bool:
    """Whether a process ends soon; whoever inherits it may take a moment to bury it."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state in "ZX":
            return True
    return False


@pytest.mark.usefixtures("_as_it_was")
class TestWhatAFreshProcessDoes:
    def test_it_answers_what_it_saw(self, tmp_path: Path) -> None:
        place = place_of(f"{module(tmp_path, PLAIN)}:main")
        assert isinstance(place, FlowPlace)
        request = json.loads(request_text(place, {"n": 2}, 1, [], True))
        answer(request, str(tmp_path / "answered"))
        answered = answer_from((tmp_path / "answered").read_text())
        found = flow_at(place)
        assert not isinstance(found, FlowNotFoundError)
        assert answered == observed(found, {"n": 2}, 1)

    def test_it_answers_that_there_is_no_such_flow(self) -> None:
        place = FlowPlace("f", "json", "loads")
        assert answer_from(json.dumps(answer_to({"place": attrs.asdict(place)}))) == flow_at(place)

    def test_a_module_that_would_be_found_is_imported(self) -> None:
        place = place_of(kept_otherwise)
        assert isinstance(place, FlowPlace)
        assert place.qualname == "kept_otherwise"
        assert place.file == str(Path(__file__).resolve())
        assert (
            flow_at(FlowPlace("f", "nightly", "nightly", str(Path(__file__).with_name("nightly.py")))).name == "nightly"
        )

    def test_a_file_that_another_module_of_its_name_hides_is_run_under_its_name(self, tmp_path: Path) -> None:
        for name in ("json", "no_parent_at_all.inner"):
            file = module(tmp_path, PLAIN, "hidden_flow")
            before = sys.modules.get(name)
            found = flow_at(FlowPlace("f", name, "main", str(file)))
            assert found.reference == f"{name}:main"
            sys.modules.pop(name)
            if before:
                sys.modules[name] = before

    def test_a_module_that_fails_or_exits_is_told(self, tmp_path: Path) -> None:
        for line, text in (("raise SystemExit('no')", "SystemExit: no"), ("1 / 0", "ZeroDivisionError")):
            file = module(tmp_path, line, "fails")
            assert text in str(flow_at(FlowPlace("f", "fails", "main", str(file))))

    def test_names_that_lead_nowhere_are_told(self) -> None:
        assert "has no 'nothing.more'" in str(flow_at(FlowPlace("f", "json", "nothing.more")))

    def test_a_flow_of_an_archive_is_found_by_its_module(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys.modules[__name__], "__file__", "/no/such/archive.zip/module.py")
        place = place_of(steady)
        assert isinstance(place, FlowPlace)
        assert place.file is None


def test_every_process_compiles_in_every_way() -> None:
    assert {each.way for each in observed(steady, {"times": 1}, 1).compiles} == {*get_args(Way)}


class TestComparing:
    HERE = Environment("python", runtime="CPython")

    def outcome(self, *compiles: Compile, documents: dict[str, str] | None = None) -> Any:
        seen = Observation("CPython", compiles, documents or {})
        return _compared("f", iter([(self.HERE, seen)]))

    def test_a_difference_of_the_cbor_alone_is_one(self) -> None:
        seen = observed(steady, {"times": 1}, 0)
        first = seen.compiles[0]
        error = self.outcome(first, attrs.evolve(first, cbor="sha256:0"), documents=dict(seen.documents)).failure()
        assert (error.encoding, bool(error.diff)) == ("CBOR", False)
        assert "CBOR of CPython (this process) and CPython (this process) differs: the graphs are equal" in str(error)

    def test_a_document_of_another_version_that_cannot_be_read_is_told(self) -> None:
        compiles = Compile("first", "sha256:0", "sha256:0"), Compile("again", "sha256:1", "sha256:1")
        error = self.outcome(*compiles, documents={"sha256:0": "{}", "sha256:1": "{}"}).failure()
        assert type(error) is FreshProcessError
        assert "its document cannot be read by this cascades-sdk: " in str(error)


ERRORS = [
    NotDeterministicError(
        "f",
        Environment("a"),
        Environment("b", 1, "UTC"),
        determinism._check.dag_diff(*[build_dag_from_flow(steady, {"times": times}).unwrap() for times in (1, 2)]),
    ),
    UncompiledFlowError("f", Environment("a"), "problem"),
    FlowNotFoundError("f", "problem", "advice"),
    UnfitPythonError("python", "problem"),
    FreshProcessError("f", Environment("a"), "problem", "said"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_errors_are_values_of_one_printable_line(error: Any) -> None:
    assert pickle.loads(pickle.dumps(error)) == copy.deepcopy(error) == error
    assert hash(error) == hash(copy.copy(error))
    assert str(error).isprintable()
    assert isinstance(Failure(error).failure(), Exception)


def test_every_error_of_the_union_is_tried_here() -> None:
    members = {*determinism.DeterminismError.__args__}  # type: ignore[attr-defined]
    assert members - {InvalidValueError} == {type(error) for error in ERRORS}


def test_every_public_name_is_documented() -> None:
    values = [getattr(determinism, name) for name in determinism.__all__]
    assert [each for each in values if (isclass(each) or isfunction(each)) and not each.__doc__] == []
