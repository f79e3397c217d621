"""What people get wrong: each is one line of help on stderr, nothing on stdout, no traceback, and the right code."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cascades_sdk.cli import main
from cascades_sdk.encoding import MAX_DOCUMENT_BYTES
from cli.flows_of_tests import folder_with_flows, one_line_on_stderr

HALVED = "flows_of_a_user:halved"
NOWHERE = "http://127.0.0.1:9"

EXITS = """
from cascades_sdk.compiler import flow
from flows_of_a_user import halve

@flow
def exits() -> float:
    raise SystemExit(4)

@flow
def counts(n: int) -> float:
    return [halve(number) for number in range(n)][0]

@flow
def many(*ns: int) -> float:
    return halve(ns[0])

@flow
def calls() -> float:
    return halve()

times = []

@flow
def later() -> float:
    times.append(1)
    if len(times) > 1:
        raise SystemExit(5)
    return halve(1)

@flow
def again(n: int) -> float:
    return again(n)
"""

MISUSES = {
    # what is typed: the code, and what the line says
    "no such command": (["compil", HALVED], 2, "No such command 'compil'"),
    "no such option": (["compile", HALVED, "--fromat", "dot"], 2, "No such option"),
    "an option that is misspelt": (["compile", HALVED, "--outptu", "x"], 2, "Did you mean '--output'?"),
    "an option that only rhymes": (["demo", "--version"], 2, "No such option '--version'; see cascades demo --help"),
    "no such format": (["compile", HALVED, "--format", "svg"], 2, "'svg' is not one of"),
    "no flow is named": (["compile", "flows_of_a_user"], 2, "expected MODULE:FLOW"),
    "a module that is not there": (["compile", "nowhere:flow"], 2, "there is no module 'nowhere'"),
    "a module that needs another": (["compile", "needy.py:flow"], 3, "No module named 'no_such_module'"),
    "a path without its ending": (
        ["compile", "./flows_of_a_user:halved"],
        2,
        "there is no module './flows_of_a_user'; did you mean './flows_of_a_user.py'?",
    ),
    "a path in a folder, too": (["compile", "folder/x:flow"], 2, "there is no module 'folder/x'; see"),
    "a name that begins with a dot": (["compile", ".needy:flow"], 2, "there is no module '.needy'"),
    "a folder to compile": (["compile", "..:flow"], 2, "there is no module '..'"),
    "a path to serve": (["serve", "./needy"], 2, "there is no module './needy'; did you mean './needy.py'?"),
    "a folder to serve": (["serve", "."], 2, "there is no module '.'"),
    "a file with a dot in its name": (
        ["compile", "a.b.py:flow"],
        3,
        "'a.b.py' cannot be imported: no module has the name 'a.b'; leave out the dot",
    ),
    "a file that is not there": (["compile", "nowhere.py:flow"], 2, "there is no file 'nowhere.py'"),
    "a flow that is not there": (
        ["compile", "flows_of_a_user:halfed"],
        2,
        "has no 'halfed'; its flows are branching, by_chance, failing, gated, halved, larger",
    ),
    "a task, and no flow": (["compile", "flows_of_a_user:halve"], 2, "decorate the function with @flow"),
    "a module with a syntax error": (["compile", "broken.py:flow"], 3, "SyntaxError"),
    "a module that another one shadows": (["compile", "click.py:flow"], 3, "give it another name"),
    "a flow that does not compile": (["compile", "flows_of_a_user:branching"], 3, "flow 'branching': input 'number'"),
    "an input that the flow has not": (
        ["compile", HALVED, "--input", "nmber=1"],
        2,
        "there is no parameter 'nmber'; the parameters are: number",
    ),
    "such an input to verify": (["verify", HALVED, "--hash-seeds", "1", "--input", "nmber=1"], 2, "'nmber'"),
    "an input with a name twice": (["compile", HALVED, "--input", 'number={"a":1,"a":2}'], 2, "'a' stands twice"),
    "a flow that ends the process": (
        ["compile", "exits.py:exits"],
        3,
        "exits.py:7, flow 'exits': raised SystemExit: 4",
    ),
    "a flow that ends the process later": (
        ["verify", "exits.py:later", "--hash-seeds", "1"],
        3,
        "the flow raised SystemExit: 5",
    ),
    "a parameter that counts": (
        ["compile", "exits.py:counts"],
        3,
        "do it inside a task that takes the reference as an argument, or bind 'n' with --input n=…",
    ),
    "a parameter that decides": (
        ["compile", "flows_of_a_user:branching"],
        3,
        "bind the parameter with --input number=… to branch on it, or decide inside a task",
    ),
    "a parameter that takes many": (["compile", "exits.py:many"], 3, "bind with --input ns=…: a list for 'ns'"),
    "a parameter that cannot be bound here": (
        ["show", "flows_of_a_user:branching"],
        3,
        "bind the parameter with compile --input number=… -o FILE to branch on it",
    ),
    "another fault of a flow": (["compile", "exits.py:calls"], 3, "flow 'calls'"),
    "a flow that calls itself": (
        ["compile", "exits.py:again"],
        3,
        "end it sooner, on a parameter bound with --input NAME=…, write a loop in its place",
    ),
    "an input without a value": (["compile", HALVED, "--input", "number"], 2, "expected NAME=VALUE"),
    "an input twice": (["compile", HALVED, "--input", "a=1", "--input", "a=2"], 2, "'a' is given twice"),
    "an input that is no value": (["compile", HALVED, "--input", "number=NaN"], 2, "nan is not a finite number"),
    "an output in no folder": (
        ["compile", HALVED, "-o", "no/such/x.json"],
        2,
        "cascades: no/such/x.json: No such file",
    ),
    "no document to check against": (["check", HALVED], 2, "Missing option '--against'"),
    "a document that is not there": (["check", HALVED, "--against", "nope.json"], 2, "No such file"),
    "a document that is damaged": (["check", HALVED, "--against", "damaged.json"], 3, "damaged.json: "),
    "a document that is none": (["show", "list.json"], 3, "list.json: "),
    "a document that is empty": (["show", "empty.json"], 3, "empty.json: "),
    "a text in place of a document": (
        ["show", "readme.md"],
        3,
        "readme.md: neither a document in JSON nor one in CBOR: it begins with '# A shop'",
    ),
    "a picture in place of a document": (["diff", "picture.dot", HALVED], 3, "it begins with 'digraph {'"),
    "a text to check against": (["check", HALVED, "--against", "readme.md"], 3, "neither a document in JSON nor one"),
    "a text to draw": (
        ["run", "x", "--url", NOWHERE, "--session-file", "session", "--graph", "readme.md"],
        3,
        "neither a document in JSON nor one",
    ),
    "bytes in place of a document": (["show", "b"], 3, "b: neither a document in JSON nor one in CBOR"),
    "a document in CBOR that is damaged": (["show", "damaged.cbor"], 3, "ends in the middle of an item"),
    "a document that is a folder": (["show", "folder"], 2, "folder: Is a directory"),
    "an output that is a folder": (["compile", HALVED, "-o", "folder"], 2, "folder: Is a directory"),
    "a folder to check against": (["check", HALVED, "--against", "folder"], 2, "folder: Is a directory"),
    "a session file that is a folder": (
        ["run", "x", "--url", NOWHERE, "--session-file", "folder"],
        2,
        "folder: Is a directory",
    ),
    "a document that is too large": (["show", "huge.json"], 3, "huge.json: "),
    "a module in place of a document": (["show", "flows_of_a_user.py"], 2, "expected flows_of_a_user.py:FLOW"),
    "no hash seed at all": (["verify", HALVED, "--hash-seeds", "0"], 2, "--hash-seeds"),
    "nothing to verify": (["verify", "flows_of_a_user:branching"], 3, "flow 'branching'"),
    "an interpreter that is none": (["verify", HALVED, "--hash-seeds", "1", "--python", "no/python"], 2, "no/python"),
    "one graph to compare": (["diff", HALVED], 2, "Missing argument 'NEW'"),
    "a run of nothing": (["run", "--url", NOWHERE], 2, "give a WORKFLOW_ID to submit, or --resume POSITION"),
    "a run of two things": (["run", "x", "--resume", "run_id=1", "--url", NOWHERE], 2, "or --resume POSITION"),
    "a context for a run that goes on": (
        ["run", "--resume", "run_id=1", "--context", '{"a": 1}', "--url", NOWHERE],
        2,
        "--context is for a run that is submitted",
    ),
    "a position that is none": (["run", "--resume", "there", "--url", NOWHERE], 2, "expected the text of a position"),
    "a context with a name twice": (
        ["run", "x", "--url", NOWHERE, "--context", '{"a": 1, "b": {"c": 1, "c": 2}}'],
        2,
        "'c' stands twice in one object",
    ),
    "a context that is no JSON": (["run", "x", "--url", NOWHERE, "--context", "{a:1}"], 2, "no JSON"),
    "a context in a file that is not there": (["run", "x", "--url", NOWHERE, "--context", "@no"], 2, "cannot be read"),
    "a context in a file that is no text": (["run", "x", "--url", NOWHERE, "--context", "@b"], 2, "cannot be read"),
    "no session": (["run", "x", "--url", NOWHERE], 2, "set CASCADES_SESSION"),
    "two sessions": (["run", "x", "--url", NOWHERE, "--prompt", "--session-file", "s"], 2, "exclude each other"),
    "nobody to ask for the session": (["run", "x", "--url", NOWHERE, "--prompt"], 2, "needs a terminal"),
    "a session as an argument": (["run", "x", "--url", NOWHERE, "--session", "abc"], 2, "No such option '--session'"),
    "a session file that is empty": (
        ["run", "x", "--url", NOWHERE, "--session-file", "empty.json"],
        2,
        "'--session-file': 'empty.json' is empty",
    ),
    "a session file that holds a header": (
        ["run", "x", "--url", NOWHERE, "--session-file", "header"],
        3,
        "the session cookie (not shown) cannot be sent: give its value alone, without name and attributes",
    ),
    "a session file that is not there": (["run", "x", "--url", NOWHERE, "--session-file", "no"], 2, "No such file"),
    "nobody listens": (["run", "x", "--url", NOWHERE, "--session-file", "session"], 3, "no connection"),
    "a URL that is none": (["run", "x", "--url", "nonsense", "--session-file", "session"], 2, "'--url'"),
    "a URL that all can read": (
        ["run", "x", "--url", "http://192.0.2.1", "--session-file", "session"],
        2,
        "all could read the cookie on its way to http://192.0.2.1; use https, or give --allow-insecure if you know",
    ),
    "a cookie's name that is none": (
        ["run", "x", "--url", NOWHERE, "--session-file", "session", "--cookie-name", "a b"],
        2,
        "'--cookie-name': the cookie's name is no token",
    ),
    "a graph to draw that is not there": (
        ["run", "x", "--url", NOWHERE, "--session-file", "session", "--graph", "no.json"],
        2,
        "No such file",
    ),
    "nothing to serve": (["serve"], 2, "Missing argument"),
    "a module without flows": (["serve", "empty_module"], 3, "module 'empty_module' has no flows"),
    "a flow twice": (["serve", "flows_of_a_user:halved,halved"], 2, "two flows have the name 'halved'"),
    "a flow by name that does not compile": (
        ["serve", "flows_of_a_user:branching"],
        3,
        "bind the parameter in a flow that calls this one to branch on it",
    ),
    "a module of which no flow compiles": (["serve", "hopeless.py"], 3, "no flow compiles: "),
    "a port that is none": (["serve", HALVED, "--port", "http"], 2, "--port"),
    "a timeout of nothing": (["demo", "--timeout", "0"], 2, "--timeout"),
    "an argument too many": (["version", "please"], 2, "unexpected extra argument"),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.delenv("CASCADES_SESSION", raising=False)
    (tmp_path / "broken.py").write_text("def flow(:\n")
    (tmp_path / "needy.py").write_text("import no_such_module\n")
    (tmp_path / "hopeless.py").write_text("from flows_of_a_user import branching\n")
    (tmp_path / "exits.py").write_text(EXITS)
    (tmp_path / "click.py").touch()
    (tmp_path / "a.b.py").touch()
    (tmp_path / "empty_module.py").touch()
    (tmp_path / "damaged.json").write_text('{"kind": ')
    (tmp_path / "damaged.cbor").write_bytes(b"\xa4\x64")
    (tmp_path / "readme.md").write_text("\n# A shop\n\nof flows\n")
    (tmp_path / "picture.dot").write_text("digraph {\n}\n")
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "empty.json").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "b").write_bytes(b"\xff\xfe")
    (tmp_path / "header").write_text("__session=abc; Path=/\n")
    (tmp_path / "session").write_text("abc\n")
    with (tmp_path / "huge.json").open("wb") as huge:
        huge.write(b"{")
        os.truncate(huge.fileno(), MAX_DOCUMENT_BYTES + 1)
    yield from folder_with_flows(tmp_path, monkeypatch)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("arguments", "code", "told"), MISUSES.values(), ids=MISUSES)
def test_it_is_one_line_of_help(arguments: list[str], code: int, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == code
    line = one_line_on_stderr(capsys)
    assert told in f"{line}\n"
    assert len(line) < 500


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", MISUSES)
def test_with_json_wanted_it_is_one_object_on_stdout_too(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, code, _ = MISUSES[name]
    assert main([*arguments, *["--json"] * ("--json" not in arguments)]) in (2, code)
    out, err = capsys.readouterr()
    assert out.count("\n") == err.count("\n") == 1
    told = json.loads(out)["error"]
    assert err == f"cascades: {told['message']}\n"
    assert told["kind"] == "usage" or code == 3 or told["path"]


@pytest.mark.usefixtures("folder")
def test_the_object_says_where_it_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    def told(*arguments: str) -> Any:
        main([*arguments, "--json"])
        error = json.loads(capsys.readouterr().out)["error"]
        assert error.pop("message")
        return error

    assert told("show", "list.json") == {"kind": "InvalidDocumentError", "pointer": "", "path": "list.json"}
    assert told("show", "readme.md") == {"kind": "InvalidDocumentError", "pointer": "", "path": "readme.md"}
    assert told("show", "nope.json") == {"kind": "FileNotFoundError", "path": "nope.json"}
    assert told("compile", "broken.py:flow") == {"kind": "SyntaxError"}
    assert told("compile", "flows_of_a_user:branching") == {"kind": "CaptureError"}
    assert told("compile", "--fromat") == {"kind": "usage"}
    assert told("run", "x", "--url", NOWHERE, "--session-file", "session") == {"kind": "NetworkError"}


@pytest.mark.usefixtures("folder")
def test_cbor_is_nothing_for_a_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", HALVED, "--format", "cbor", "--json", "-o", "-"]) == 2
    assert "give -o FILE" in json.loads(capsys.readouterr().out)["error"]["message"]


@pytest.mark.usefixtures("folder")
def test_what_stands_behind_two_dashes_is_no_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "--", "--json"]) == 2
    assert "--json" in one_line_on_stderr(capsys)


def test_there_are_many() -> None:
    assert len(MISUSES) > 20
