"""The benchmark works, from end to end; what it finds is nobody's business here, because time is asserted nowhere."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.append(str(HERE))  # its modules know each other by plain names, as in the command

from compiling import compiling  # noqa: E402
from measuring import Case, Settings, growth, spread  # noqa: E402
from peers import folder_of_the_user  # noqa: E402
from telling import growths, lines_of  # noqa: E402

FAMILIES = ("compile", "evaluate", "memory", "write", "read", "compare", "import", "call", "stream", "wait", "plane")


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(HERE), *arguments], capture_output=True, text=True, env={**os.environ, "COLUMNS": "100"}
    )


def test_one_command_measures_every_family_and_keeps_the_figures(tmp_path: Path) -> None:
    kept = tmp_path / "figures.json"
    done = run("--small", "--json", str(kept))
    assert done.returncode == 0, done.stderr
    figures = json.loads(kept.read_text())
    assert figures["machine"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert {case["family"] for case in figures["cases"]} == set(FAMILIES)
    for case in figures["cases"]:
        assert case["measured"], case["name"]
        for subject, values in case["measured"].items():
            assert values, (case["name"], subject)
            assert subject in done.stdout
        assert case["beside"] is None or case["beside"] in case["measured"]
        # A goal is of something that was measured, unless the accelerator that it is about is missing.
        assert all(subject in case["measured"] or "fast" in subject for subject in case["goals"])
    assert "growth, as the exponent of the size:\n" in done.stdout


def test_the_clients_of_calls_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONWARNINGS", "always::ResourceWarning")
    done = run("--small", "call")
    assert done.returncode == 0, done.stderr
    assert "ResourceWarning" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--peers", "airflow"], "nobody speaks for airflow; there are cascades-sdk, dask, flytekit, hera"),
        (["--sizes", "many"], "argument --sizes"),
        (["--sizes", "1"], "argument --sizes"),
        (["--rounds", "0"], "argument --rounds"),
        (["--json", "/nowhere/at/all.json"], "No such file or directory"),
        (["speed"], "invalid choice: 'speed'"),
    ],
)
def test_what_cannot_be_measured_is_told_in_one_line(arguments: list[str], told: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert told in done.stderr.splitlines()[-1]


def test_no_module_of_the_benchmark_has_the_name_of_one_that_the_suites_share() -> None:
    repository = HERE.parent.parent
    shared = {
        path.stem for folder in ("tests", "properties", "contracts") for path in (repository / folder).glob("*.py")
    }
    assert not shared & {path.stem for path in HERE.glob("*.py")}


def test_the_growth_of_a_quadratic_subject_is_two() -> None:
    cases = [Case("f", "n", "s", {"line": [size / 1e6], "square": [size**2 / 1e6]}, size) for size in (1000, 10, 100)]
    found = growth([*cases, Case("f", "once", "s", {"line": [1.0]}), Case("f", "n", "bytes", {"line": [5.0]}, 7)])
    assert {subject: round(exponent, 9) for (_, _, subject), (_, _, exponent) in found.items()} == {
        "line": 1.0,
        "square": 2.0,
    }
    assert {(small, large) for small, large, _ in found.values()} == {(10, 1000)}


def test_the_spread_is_half_of_what_lies_between_the_quartiles() -> None:
    assert spread([1.0, 2.0, 3.0, 4.0, 5.0]) == pytest.approx(1 / 3)
    assert spread([7.0, 7.0]) == spread([0.0, 0.0, 0.0]) == 0.0


def told(case: Case) -> list[str]:
    """The lines of a case, without their columns."""
    return [" ".join(line.split()) for line in lines_of(case)]


def test_what_a_coarse_clock_did_not_see_is_told_without_a_ratio_and_without_a_growth() -> None:
    small = Case("f", "n", "s", {"quick": [0.0, 0.0, 0.5], "slow": [1.0]}, 10, "quick", {"slow": 2.0}, {"quick": 3.0})
    large = Case("f", "n", "s", {"quick": [2.0], "slow": [4.0]}, 20, "slow", {"quick": 1.0}, {"slow": 3.0})
    assert (small.ratio("slow"), small.ratio("quick"), large.ratio("quick")) == (None, None, 0.5)
    assert {subject: exponent for (_, _, subject), (_, _, exponent) in growth([small, large]).items()} == {"slow": 2.0}
    assert told(small) == [
        "f: n, 10",
        "quick 0 us ± 0 %",
        "slow 1000.0 ms ± 0 %",
        "slow is 0.0 times as fast as quick (goal 3: MISSED)",
    ]
    assert told(large)[1:] == [
        "quick 2000.0 ms ± 0 % 0.50 x (goal 1: reached)",
        "slow 4000.0 ms ± 0 % 1.00 x",
        "quick is 2.0 times as fast as slow (goal 3: MISSED)",
    ]
    alone = Case("f", "n", "s", {"a": [0.0], "b": [1.0]}, goals={"a": 1.0}, leads={"b": 2.0})
    assert told(alone) == ["f: n", "a 0 us ± 0 % (goal 1000: reached)", "b 1000.0 ms ± 0 %"]
    assert [*growths([small, large])] == [f"  {'f: n, slow':<56} 10 to 20: 2.00"]


def test_environments_of_peers_are_in_a_folder_of_the_user(tmp_path: Path) -> None:
    home, told = tmp_path / "home", str(tmp_path / "told")
    assert folder_of_the_user("linux", {}, home) == home / ".cache"
    assert folder_of_the_user("linux", {"XDG_CACHE_HOME": told, "LOCALAPPDATA": "x"}, home) == Path(told)
    for ignored in ("", "relative/cache"):
        assert folder_of_the_user("darwin", {"XDG_CACHE_HOME": ignored}, home) == home / ".cache"
    assert folder_of_the_user("win32", {"LOCALAPPDATA": told, "XDG_CACHE_HOME": "x"}, home) == Path(told)
    assert folder_of_the_user("win32", {}, home) == home / "AppData" / "Local"


class _Peer:
    """A peer that is quadratic, and knows one shape."""

    shapes = frozenset({"chain"})

    def __call__(self, shape: str, size: int) -> float:
        return size**2 / 1000


def test_a_peer_that_would_take_too_long_is_left_out_and_told() -> None:
    settings = Settings(sizes=(10, 2_000, 20), rounds=1, peers={"slow": _Peer()})
    cases = {(case.name, case.size): case for case in compiling(settings) if case.name in ("chain", "mix")}
    assert cases["chain", 20].measured["slow"] == [0.4]
    assert cases["chain", 2_000].left_out == ("slow is not asked: it might take 4000 s, from 0.40 s for 20",)
    assert "slow" not in cases["chain", 2_000].measured
    assert "  slow is not asked for this shape" in list(lines_of(cases["mix", 10]))
