"""The commands about graphs: what they print, what they write, and with which code they end."""

import errno
import io
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cascades_sdk.cli import main
from cascades_sdk.compiler import build_dag_from_flow
from cascades_sdk.encoding import dag_digest, dag_from_cbor, dag_from_json, dag_to_cbor, dag_to_json
from cascades_sdk.graph import Dag
from cascades_sdk.views import to_dot, to_mermaid, to_text
from cli.flows_of_tests import folder_with_flows, one_line_on_stderr

Capture = pytest.CaptureFixture[str]

POSIX = pytest.mark.skipif(os.name != "posix", reason="links, modes and devices are those of POSIX")

HALVED, LARGER = "flows_of_a_user:halved", "flows_of_a_user.py:larger"


@pytest.fixture(autouse=True)
def flows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    yield from folder_with_flows(tmp_path, monkeypatch)


def graph_of(name: str, **inputs: Any) -> Dag:
    import importlib

    sys.path.insert(0, "")
    return build_dag_from_flow(getattr(importlib.import_module("flows_of_a_user"), name), inputs).unwrap()


def printed(capsys: Capture) -> Any:
    """The one JSON object on stdout."""
    told = capsys.readouterr()
    assert told.err == ""
    return json.loads(told.out)


class TestCompile:
    def test_the_document_is_printed_as_its_bytes_and_nothing_else(self, capsysbinary: Any) -> None:
        assert main(["compile", HALVED]) == 0
        assert capsysbinary.readouterr().out == dag_to_json(graph_of("halved"))
        assert main(["compile", HALVED, "--format", "cbor"]) == 0
        assert capsysbinary.readouterr().out == dag_to_cbor(graph_of("halved"))

    @pytest.mark.parametrize(("form", "written"), [("mermaid", to_mermaid), ("dot", to_dot), ("text", to_text)])
    def test_a_picture_is_printed(self, form: str, written: Any, capsys: Capture) -> None:
        assert main(["compile", LARGER, "--format", form]) == 0
        assert capsys.readouterr().out == written(graph_of("larger"))

    def test_into_a_file_nothing_is_printed(self, flows: Path, capsys: Capture) -> None:
        assert main(["compile", LARGER, "--format", "cbor", "-o", "larger.cbor"]) == 0
        assert capsys.readouterr().out == ""
        assert dag_from_cbor((flows / "larger.cbor").read_bytes()).unwrap() == graph_of("larger")

    @POSIX
    def test_a_file_is_replaced_whole_and_keeps_its_mode_and_its_links(self, flows: Path) -> None:
        (flows / "real.json").write_text("old")
        (flows / "real.json").chmod(0o640)
        (flows / "linked.json").symlink_to("real.json")
        assert main(["compile", HALVED, "-o", "linked.json"]) == 0
        assert (flows / "linked.json").is_symlink()
        assert (flows / "real.json").read_bytes() == dag_to_json(graph_of("halved"))
        assert (flows / "real.json").stat().st_mode & 0o777 == 0o640

    def test_a_disk_that_is_full_leaves_a_file_as_it_was(
        self, flows: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        def fail(self: Path, data: bytes) -> int:
            with self.open("wb") as file:
                file.write(data[:10])
            raise OSError(errno.ENOSPC, "full", str(self))

        (flows / "x.json").write_text("old")
        monkeypatch.setattr(Path, "write_bytes", fail)
        assert main(["compile", HALVED, "-o", "x.json"]) == 3
        assert one_line_on_stderr(capsys) == "cascades: x.json: full"
        assert (flows / "x.json").read_text() == "old"
        assert [path.name for path in flows.iterdir() if path.suffix == ".part"] == []

    def test_a_file_that_cannot_be_replaced_is_written_where_it_is(
        self, flows: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(self: Path, _: object) -> Path:
            raise OSError(errno.EBUSY, "a mount", str(self))

        monkeypatch.setattr(Path, "replace", fail)
        assert main(["compile", HALVED, "-o", "x.json"]) == 0
        assert (flows / "x.json").read_bytes() == dag_to_json(graph_of("halved"))
        assert [path.name for path in flows.iterdir() if path.suffix == ".part"] == []

    @POSIX
    def test_what_is_no_file_is_written_as_it_is(self, flows: Path) -> None:
        assert main(["compile", HALVED, "-o", os.devnull]) == 0
        assert not Path(os.devnull).is_file()

    def test_parameters_are_bound_to_json_or_else_to_text(self, flows: Path) -> None:
        arguments = ["compile", LARGER, "--input", "number=7", "--input", "times=x=y z", "-o", "bound.json"]
        assert main(arguments) == 0
        assert dag_from_json((flows / "bound.json").read_bytes()).unwrap() == graph_of(
            "larger", number=7, times="x=y z"
        )

    def test_a_report_holds_the_document_or_says_where_it_is(self, capsys: Capture) -> None:
        dag = graph_of("larger")
        assert main(["compile", LARGER, "--json"]) == 0
        told = printed(capsys)
        assert told.pop("json") == json.loads(dag_to_json(dag))
        assert told == {
            "name": "larger", "digest": dag_digest(dag), "nodes": 4, "tasks": 2, "calls": 2, "maps": 1, "choices": 1,
            "groups": 2, "edges": 4, "format": "json", "output": None,
        }  # fmt: skip
        assert main(["compile", LARGER, "--format", "dot", "--json"]) == 0
        assert printed(capsys)["dot"] == to_dot(dag)
        assert main(["compile", LARGER, "--json", "-o", "x.json"]) == 0
        told = printed(capsys)
        assert told["output"] == "x.json"
        assert "json" not in told

    def test_only_a_terminal_gets_a_line_end_and_no_cbor(
        self, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        assert main(["compile", HALVED]) == 0
        assert capsys.readouterr().out == dag_to_json(graph_of("halved")).decode() + "\n"
        assert main(["compile", HALVED, "--format", "cbor"]) == 2
        assert "give -o FILE" in one_line_on_stderr(capsys)

    def test_a_dash_is_stdout(self, flows: Path, capsysbinary: Any) -> None:
        assert main(["compile", HALVED, "-o", "-"]) == 0
        assert capsysbinary.readouterr().out == dag_to_json(graph_of("halved"))
        assert not (flows / "-").exists()

    def test_a_module_in_a_package_is_found_by_its_path(self, flows: Path, capsys: Capture) -> None:
        package = flows / "outer" / "inner"
        package.mkdir(parents=True)
        (flows / "outer" / "__init__.py").touch()
        (package / "__init__.py").touch()
        (package / "sums.py").write_text(
            "from cascades_sdk import flow, task\n\n@task\ndef one() -> int:\n    return 1\n\n"
            "@flow\ndef ones() -> int:\n    return one()\n"
        )
        assert main(["compile", "outer/inner/sums.py:ones"]) == 0
        assert '"reference":"outer.inner.sums:one"' in capsys.readouterr().out


class TestCheck:
    @pytest.fixture(autouse=True)
    def committed(self, flows: Path) -> Path:
        (flows / "halved.json").write_bytes(dag_to_json(graph_of("halved")))
        (flows / "halved.cbor").write_bytes(dag_to_cbor(graph_of("halved")))
        return flows

    @pytest.mark.parametrize("name", ["halved.json", "halved.cbor"])
    def test_what_is_as_committed_is_0(self, name: str, capsys: Capture) -> None:
        assert main(["check", HALVED, "--against", name]) == 0
        assert capsys.readouterr().out == f"{name} is up to date: {dag_digest(graph_of('halved'))}\n"

    def test_what_is_stale_is_1_and_says_what_differs(self, capsys: Capture) -> None:
        assert main(["check", HALVED, "--against", "halved.json", "--input", "number=3"]) == 1
        assert capsys.readouterr().out.splitlines() == [
            "halved.json is stale:",
            "  input number: removed",
            "  node-0 halve: /number input number -> 3",
        ]

    def test_the_same_graph_in_other_bytes_is_1(self, committed: Path, capsys: Capture) -> None:
        (committed / "halved.json").write_bytes(dag_to_json(graph_of("halved")) + b"\n")
        assert main(["check", HALVED, "--against", "halved.json"]) == 1
        assert "not in its canonical bytes" in capsys.readouterr().out

    def test_a_report_says_the_same(self, capsys: Capture) -> None:
        assert main(["check", HALVED, "--against", "halved.json", "--json"]) == 0
        assert printed(capsys) == {
            "fresh": True, "canonical": True, "equal": True, "old": dag_digest(graph_of("halved")),
            "new": dag_digest(graph_of("halved")), "changes": [], "affected": [],
        }  # fmt: skip


class TestDiff:
    def test_graphs_that_are_alike_are_0_and_silent(self, capsys: Capture) -> None:
        assert main(["diff", HALVED, HALVED]) == 0
        assert capsys.readouterr().out == ""

    def test_files_and_flows_are_compared_and_differ_with_1(self, flows: Path, capsys: Capture) -> None:
        (flows / "old.json").write_bytes(dag_to_json(graph_of("larger", number=1)))
        assert main(["diff", "old.json", LARGER]) == 1
        lines = capsys.readouterr().out.splitlines()
        assert "  input number: added, default 84" in lines
        assert lines[-1] == "  and 1 downstream of that"

    def test_a_report_names_each_change_and_what_is_downstream(self, flows: Path, capsys: Capture) -> None:
        (flows / "old.json").write_bytes(dag_to_json(graph_of("larger", number=1)))
        assert main(["diff", "old.json", LARGER, "--json"]) == 1
        told = printed(capsys)
        assert {"kind": "InputAdded", "text": "input number: added, default 84"} in told["changes"]
        assert (told["equal"], told["affected"]) == (False, ["node-3"])


class TestVerify:
    def test_one_document_in_every_process_is_0(self, capsys: Capture) -> None:
        assert main(["verify", LARGER, "--hash-seeds", "2", "--input", "number=3"]) == 0
        told = capsys.readouterr().out
        assert re.fullmatch(r"flow 'larger': \d+ compiles in 3 processes gave sha256:\w{64}\n", told)
        assert dag_digest(graph_of("larger", number=3)) in told

    def test_a_report_says_the_same(self, capsys: Capture) -> None:
        assert main(["verify", HALVED, "--hash-seeds", "1", "--json"]) == 0
        told = printed(capsys)
        assert told["digest"] == dag_digest(graph_of("halved"))
        assert (told["deterministic"], told["processes"]) == (True, 2)

    @pytest.mark.parametrize("as_json", [False, True])
    def test_what_hangs_on_the_hash_seed_is_1_and_says_what_to_do(self, as_json: bool, capsys: Capture) -> None:
        assert main(["verify", "flows_of_a_user:by_chance", "--hash-seeds", "4", *["--json"] * as_json]) == 1
        out, err = capsys.readouterr()
        assert err == ""
        if as_json:
            told = json.loads(out)
            assert told["deterministic"] is False
            assert told["changes"]
        else:
            assert "the order of a set (sort it)" in out

    def test_another_interpreter_is_asked_too(self, capsys: Capture) -> None:
        assert main(["verify", HALVED, "--hash-seeds", "1", "--python", sys.executable, "--json"]) == 0
        assert printed(capsys)["processes"] == 3


class TestShow:
    def test_a_document_is_drawn_counted_and_named_by_its_digest(self, flows: Path, capsys: Capture) -> None:
        dag = graph_of("larger")
        (flows / "larger.cbor").write_bytes(dag_to_cbor(dag))
        assert main(["show", "larger.cbor"]) == 0
        assert capsys.readouterr().out == (
            to_text(dag)
            + "counts  nodes 4, tasks 2, calls 2, maps 1, choices 1, groups 2, edges 4\n"
            + f"digest  {dag_digest(dag)}\n"
        )

    def test_other_bytes_of_a_graph_are_told(self, flows: Path, capsys: Capture) -> None:
        (flows / "x.json").write_text(json.dumps(json.loads(dag_to_json(graph_of("halved"))), indent=2))
        assert main(["show", "x.json"]) == 0
        assert capsys.readouterr().out.endswith("note    these are not the canonical bytes of this graph\n")
        assert main(["show", "x.json", "--json"]) == 0
        told = printed(capsys)
        assert (told["canonical"], told["inputs"], told["name"]) == (False, ["number"], "halved")

    @pytest.mark.parametrize("command", [["show"], ["compile", "--format", "text"]])
    def test_a_picture_that_a_terminal_has_no_room_for_is_cut_there(
        self, command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        whole = to_text(graph_of("larger")).splitlines()
        width = max(map(len, whole[1:]))
        for columns, terminal, cut in ((width, True, False), (width - 1, True, True), (width - 1, False, False)):
            monkeypatch.setenv("COLUMNS", str(columns))
            monkeypatch.setattr(sys.stdout, "isatty", lambda terminal=terminal: terminal)
            assert main([*command, LARGER]) == 0
            told = capsys.readouterr().out.splitlines()
            shown = [row if len(row) < width else f"{row[: width - 2]}…" for row in whole[1:]] if cut else whole[1:]
            assert told[: len(whole)] == [whole[0], *shown]
            assert (f"note    the picture has {width} columns: make the terminal wider" in told) == cut

    def test_a_dash_is_stdin(self, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
        def given(data: bytes) -> None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

        for written in (dag_to_json, dag_to_cbor):
            given(written(graph_of("halved")))
            assert main(["show", "-"]) == 0
            assert f"digest  {dag_digest(graph_of('halved'))}\n" in capsys.readouterr().out
            given(written(graph_of("halved")))
            assert main(["check", HALVED, "--against", "-"]) == 0
            given(written(graph_of("halved")))
            assert main(["diff", "-", LARGER]) == 1
            capsys.readouterr()
        given(b"no document")
        assert main(["show", "-"]) == 3
        assert one_line_on_stderr(capsys).startswith("cascades: -: neither a document")
        monkeypatch.setattr(sys, "stdin", None)
        assert main(["show", "-"]) == 2
        assert "there is no stdin to read from" in one_line_on_stderr(capsys)

    def test_a_flow_is_shown_too(self, capsys: Capture) -> None:
        assert main(["show", HALVED]) == 0
        assert capsys.readouterr().out.startswith(to_text(graph_of("halved")))
