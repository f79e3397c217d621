"""The golden vectors: frozen, right by writers and readers that nobody here wrote, and kept by this package."""

import hashlib
import json
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest
from returns.result import Failure, Success

import make_vectors
from cascades_sdk.encoding import (
    _fast,
    canonical_cbor,
    canonical_json,
    dag_digest,
    dag_from_cbor,
    dag_from_json,
    dag_to_cbor,
    dag_to_json,
)
from documents import CONTRACTS, VECTORS
from node import installed, without_node

Entry = dict[str, Any]

WITNESSES = Path(__file__).resolve().parent / "witnesses"

rfc8785_and_cbor2 = pytest.mark.witness("rfc8785 and cbor2: they write the golden vectors")


def each(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("entry", VECTORS[name], ids=lambda entry: entry["name"])


class TestTheFilesAreFrozen:
    @rfc8785_and_cbor2
    @pytest.mark.parametrize("name", list(VECTORS))
    def test_what_stands_is_what_the_sources_tell(self, name: str) -> None:
        """In whatever order: the script puts what is new behind what stands."""
        told = {entry["name"]: entry for entry in make_vectors.emitted()[name]}
        assert {entry["name"]: entry for entry in VECTORS[name]} == told

    @pytest.mark.parametrize(
        ("name", "count", "digest"),
        [
            ("values.json", 99, "12f7dcbd5124f02a67d3695fb182141615f3ed2dd3528992b6fd84b7b74d2eb4"),
            ("dags.json", 35, "d3a60309eea9a22f40e68fa1421626de6d8618964105421649376d614708a39b"),
            ("refused-json.json", 207, "203d16d0a259f4f69241df4daaa2eec15e1d43eff4c11e53beca71ff6000a652"),
            ("refused-cbor.json", 229, "7daa5d594e78d495149c2067835629d370e7f487bcc55d6ed401a4530ecb8425"),
            # Maps, choices and guards.
            ("dags.json", 42, "966cc11543bce11218c267d8acca22129e5f3dff6f0fa11ed87b2996198487ff"),
            ("refused-json.json", 260, "dfc67c6d268d5185faf61bb02483d1c8bcfba6e2c286ef2765cf1b7a9d404116"),
            ("refused-cbor.json", 282, "6deada4b5f877d840974e2ccdbaf542eccf0bb176a4d6ea343f28dee0a5b66e6"),
            # Limits.
            ("dags.json", 45, "8540a0a75c3524ae281ac94d6c8334af180eff06acde2ae963da20196ba29657"),
            ("refused-json.json", 264, "0a688baf69ac310e544d72297e833a2bd5cec0234cadb279d98ea6113de0ff6c"),
            ("refused-cbor.json", 286, "554970d669dfa7afa39fc2d5641cee994a6b94f40394011aa8a72bcaeb21e57c"),
        ],
    )
    def test_later_work_only_adds(self, name: str, count: int, digest: str) -> None:
        """The first entries of each file are these for ever: what is new stands after them."""
        text = json.dumps(VECTORS[name][:count], sort_keys=True)
        assert hashlib.sha256(text.encode()).hexdigest() == digest

    @pytest.mark.parametrize("name", list(VECTORS))
    def test_a_name_stands_once(self, name: str) -> None:
        names = [entry["name"] for entry in VECTORS[name]]
        assert len(set(names)) == len(names)

    @pytest.mark.parametrize(
        ("name", "keys", "optional"),
        [
            ("values.json", {"name", "shows", "value", "json", "cbor", "sha256"}, set()),
            ("dags.json", {"name", "shows", "json", "cbor", "digest", "nodes"}, set()),
            ("refused-json.json", {"name", "reason", "json"}, {"pointer", "offset", "lenient", "schemas"}),
            ("refused-cbor.json", {"name", "reason", "cbor"}, {"pointer", "offset", "schemas"}),
        ],
    )
    def test_an_entry_has_the_keys_that_their_readme_describes(
        self, name: str, keys: set[str], optional: set[str]
    ) -> None:
        readme = (CONTRACTS / "vectors" / "README.md").read_text(encoding="utf-8")
        assert all(f"`{key}`" in readme for key in keys | optional)
        assert all(keys <= set(entry) <= keys | optional for entry in VECTORS[name])

    def test_the_files_are_ascii(self) -> None:
        assert all((CONTRACTS / "vectors" / name).read_bytes().isascii() for name in VECTORS)


class TestValues:
    @each("values.json")
    def test_the_canonical_forms_are_these(self, entry: Entry) -> None:
        value = json.loads(entry["value"], parse_int=float)
        data = bytes.fromhex(entry["json"])
        assert canonical_json(value) == Success(data.decode())
        assert canonical_cbor(value) == Success(bytes.fromhex(entry["cbor"]))
        assert hashlib.sha256(data).hexdigest() == entry["sha256"]

    @pytest.mark.parametrize(
        ("bits", "text"),
        [
            ("0000000000000000", "0"),
            ("8000000000000000", "0"),
            ("0000000000000001", "5e-324"),
            ("8000000000000001", "-5e-324"),
            ("7fefffffffffffff", "1.7976931348623157e+308"),
            ("ffefffffffffffff", "-1.7976931348623157e+308"),
            ("4340000000000000", "9007199254740992"),
            ("c340000000000000", "-9007199254740992"),
            ("4430000000000000", "295147905179352830000"),
            ("44b52d02c7e14af5", "9.999999999999997e+22"),
            ("44b52d02c7e14af6", "1e+23"),
            ("44b52d02c7e14af7", "1.0000000000000001e+23"),
            ("444b1ae4d6e2ef4e", "999999999999999700000"),
            ("444b1ae4d6e2ef4f", "999999999999999900000"),
            ("444b1ae4d6e2ef50", "1e+21"),
            ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
            ("3eb0c6f7a0b5ed8d", "0.000001"),
            ("41b3de4355555553", "333333333.3333332"),
            ("41b3de4355555554", "333333333.33333325"),
            ("41b3de4355555555", "333333333.3333333"),
            ("41b3de4355555556", "333333333.3333334"),
            ("41b3de4355555557", "333333333.33333343"),
            ("becbf647612f3696", "-0.0000033333333333333333"),
            ("43143ff3c1cb0959", "1424953923781206.2"),
        ],
    )
    def test_the_numbers_of_rfc_8785_appendix_b_are_among_them(self, bits: str, text: str) -> None:
        (number,) = struct.unpack(">d", bytes.fromhex(bits))
        assert canonical_json(number) == Success(text)
        shown = [entry for entry in VECTORS["values.json"] if f"{bits} of RFC 8785" in entry["shows"]]
        assert [bytes.fromhex(entry["json"]).decode() for entry in shown] == [text]
        assert canonical_cbor(number) == Success(bytes.fromhex(shown[0]["cbor"]))


@pytest.fixture(params=["with what is installed", "without an accelerator"])
def accelerator(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "without an accelerator":
        monkeypatch.setattr(_fast, "orjson", None)


@pytest.mark.usefixtures("accelerator")
class TestDags:
    @each("dags.json")
    def test_both_encodings_are_read_to_one_graph_and_written_back(self, entry: Entry) -> None:
        dag = dag_from_json(bytes.fromhex(entry["json"])).unwrap()
        assert dag_from_cbor(bytes.fromhex(entry["cbor"])) == Success(dag)
        assert dag_to_json(dag).hex() == entry["json"]
        assert dag_to_cbor(dag).hex() == entry["cbor"]
        assert dag_digest(dag) == entry["digest"]

    def test_equal_calls_share_a_digest_and_all_else_has_its_own(self) -> None:
        shared = {entry["name"] for entry in VECTORS["dags.json"] if len(set(entry["nodes"])) < len(entry["nodes"])}
        assert shared == {"after-equal-calls", "diamond", "equal-calls"}


@pytest.mark.usefixtures("accelerator")
class TestRefusals:
    @each("refused-json.json")
    def test_json_is_refused_where_it_says(self, entry: Entry) -> None:
        data = bytes.fromhex(entry["json"])
        error = dag_from_json(data).failure()
        assert entry.get("pointer", error.pointer) == error.pointer
        assert entry.get("offset", error.offset) == error.offset
        assert isinstance(dag_from_json(data, strict=False), Success) == entry.get("lenient", False)

    @each("refused-cbor.json")
    def test_cbor_is_refused_where_it_says(self, entry: Entry) -> None:
        outcome = dag_from_cbor(bytes.fromhex(entry["cbor"]))
        assert isinstance(outcome, Failure)
        error = outcome.failure()
        assert entry.get("pointer", error.pointer) == error.pointer
        assert entry.get("offset", error.offset) == error.offset

    def test_there_are_many_of_each(self) -> None:
        assert min(len(VECTORS["refused-json.json"]), len(VECTORS["refused-cbor.json"])) > 200


@pytest.mark.witness("Node: canonicalize, json-canonicalize, cborg, cbor2 and ajv: the golden vectors")
@without_node
def test_packages_of_node_agree(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = installed(tmp_path_factory)
    shutil.copy(WITNESSES / "vectors.mjs", folder)
    script = ["node", "vectors.mjs", str(CONTRACTS)]
    judged = subprocess.run(script, cwd=folder, capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stderr
    assert judged.stdout.endswith("all agree\n")
    assert judged.stdout.startswith(f"{len(VECTORS['values.json'])} values, {len(VECTORS['dags.json'])} DAGs, ")
