"""Writes the golden vectors in `vectors/` from their sources, by independent writers.

Decided here: how a source becomes bytes (RFC 8785 by ``rfc8785``, RFC 8949 §4.2.1 by ``cbor2``) and digests (the
recipes of README.md, over the plain document). Never here: anything of the package ``cascades_sdk``, which these
vectors judge.

The committed files are the truth. This script only adds: where it would write an entry otherwise than it
stands in a file, or drop one, it changes nothing and fails. Usage: python contracts/make_vectors.py
"""

import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import cbor2
import rfc8785

import vectors_of_dags
import vectors_of_damages
import vectors_of_refusals
import vectors_of_values

__all__ = [
    "FOLDER",
    "cbor_bytes",
    "committed",
    "document_digest",
    "emitted",
    "in_model",
    "json_bytes",
    "node_digests",
    "plain",
]

FOLDER: Final = Path(__file__).resolve().parent / "vectors"

MAX_SAFE_INTEGER: Final = 2**53 - 1


# -- values --------------------------------------------------------------------------------------------


def plain(text: str | bytes) -> Any:
    """The value of the model that a JSON text tells: each number token is read as binary64."""
    return in_model(json.loads(text, parse_int=float))


def in_model(value: Any) -> Any:
    """The same value with each number in its one form: an integer where it is one, and exact."""
    if isinstance(value, list):
        return [in_model(item) for item in value]
    if isinstance(value, dict):
        return {name: in_model(item) for name, item in value.items()}
    if isinstance(value, float) and value.is_integer() and abs(value) <= MAX_SAFE_INTEGER:
        return int(value)
    return value


def json_bytes(value: Any) -> bytes:
    """RFC 8785, of a value with each number in its one form."""
    return rfc8785.dumps(value)


def cbor_bytes(value: Any) -> bytes:
    """RFC 8949 §4.2.1, of a value with each number in its one form."""
    return cbor2.dumps(value, canonical=True)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# -- digests: the recipes of README.md, word by word ---------------------------------------------------------


def document_digest(document: Any) -> str:
    """The digest of a document, whichever encoding it came in."""
    return "sha256:" + sha256(json_bytes(document))


def node_digests(document: Any) -> list[str]:
    """The digest of each node of a document, in the order of the nodes."""
    groups = document.get("groups", [])
    homes = {node: group for group in groups for node in group["nodes"]}
    digests: dict[str, str] = {}
    for node in document["nodes"]:
        told = _choice(node, groups, digests) if node["kind"] == "choice" else _node(node, document["tasks"], digests)
        told["guards"] = [
            {"branch": guard["branch"], "condition": _binding(guard["condition"], digests)}
            for guard in _guards(homes.get(node["id"]), groups)
        ]
        present = {name: part for name, part in told.items() if part not in (None, {}, [])}
        digests[node["id"]] = "sha256:" + sha256(json_bytes(present))
    return list(digests.values())


def _guards(group: Any, groups: list[Any]) -> list[Any]:
    """The guards of a group and of those around it, outermost first."""
    found: list[Any] = []
    while group is not None:
        found = [group["guard"], *found] if "guard" in group else found
        group = groups[group["parent"]] if "parent" in group else None
    return found


def _node(node: Any, tasks: Any, digests: dict[str, str]) -> dict[str, Any]:
    definition = tasks[node["task"]]
    options = {**definition.get("options", {}), **node.get("options", {})}
    given = node.get("arguments", {})
    return {
        "kind": "cascades/node@1",
        "node": node["kind"],
        "task": node["task"],
        "version": options.pop("version", None),
        "options": options,
        "arguments": {name: _binding(binding, digests) for name, binding in given.items()},
        "defaults": {
            parameter["name"]: parameter["default"]
            for parameter in definition["parameters"]
            if "default" in parameter and parameter["name"] not in given
        },
        "after": sorted(digests[earlier] for earlier in node.get("after", [])),
    }


def _choice(node: Any, groups: list[Any], digests: dict[str, str]) -> dict[str, Any]:
    otherwise = node.get("otherwise")
    return {
        "kind": "cascades/node@1",
        "node": "choice",
        "condition": _binding(groups[node["then"]["group"]]["guard"]["condition"], digests),
        "then": _binding(node["then"]["returns"], digests),
        "otherwise": None if otherwise is None else _binding(otherwise["returns"], digests),
    }


def _binding(binding: Any, digests: dict[str, str]) -> Any:
    if "node" in binding:
        return {**binding, "node": digests[binding["node"]]}
    if "list" in binding:
        return {"list": [_binding(item, digests) for item in binding["list"]]}
    if "object" in binding:
        return {"object": {name: _binding(item, digests) for name, item in binding["object"].items()}}
    return binding


# -- the files -----------------------------------------------------------------------------------------


def _values() -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "shows": shows,
            "value": text,
            "json": json_bytes(plain(text)).hex(),
            "cbor": cbor_bytes(plain(text)).hex(),
            "sha256": sha256(json_bytes(plain(text))),
        }
        for name, shows, text in vectors_of_values.VALUES
    ]


def _dags() -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "shows": shows,
            "json": json_bytes(document).hex(),
            "cbor": cbor_bytes(document).hex(),
            "digest": document_digest(document),
            "nodes": node_digests(document),
        }
        for name, shows, document in vectors_of_dags.DAGS
    ]


def _refused_json() -> list[dict[str, Any]]:
    return [_refused("json", *entry) for entry in vectors_of_refusals.JSON] + [
        _refused("json", damage.name, damage.reason, json_bytes(damage.document), damage.where)
        for damage in vectors_of_damages.DAMAGES
    ]


def _refused_cbor() -> list[dict[str, Any]]:
    return [_refused("cbor", *entry) for entry in vectors_of_refusals.CBOR] + [
        _refused("cbor", damage.name, damage.reason, cbor_bytes(damage.document), damage.where)
        for damage in vectors_of_damages.DAMAGES
    ]


def _refused(encoding: str, name: str, reason: str, data: bytes, where: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "reason": reason, encoding: data.hex(), **where}


_FILES: Final[dict[str, Callable[[], list[dict[str, Any]]]]] = {
    "values.json": _values,
    "dags.json": _dags,
    "refused-json.json": _refused_json,
    "refused-cbor.json": _refused_cbor,
}


def emitted() -> dict[str, list[dict[str, Any]]]:
    """The entries of each file, as the sources tell them."""
    return {name: entries() for name, entries in _FILES.items()}


def committed() -> dict[str, list[dict[str, Any]]]:
    """The entries of each file, as they stand in the folder."""
    return {name: json.loads((FOLDER / name).read_text(encoding="utf-8")) for name in _FILES}


def main() -> int:
    """Adds what is new; changes nothing of what stands."""
    for name, entries in emitted().items():
        path = FOLDER / name
        standing = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
        by_name = {entry["name"]: entry for entry in entries}
        if len(by_name) < len(entries):
            print(f"{name}: a name is repeated", file=sys.stderr)
            return 1
        changed = [entry["name"] for entry in standing if by_name.get(entry["name"]) != entry]
        if changed:
            print(f"{name}: these stand otherwise, and what stands is frozen: {', '.join(changed)}", file=sys.stderr)
            return 1
        old = {entry["name"] for entry in standing}
        added = [entry for entry in entries if entry["name"] not in old]
        # ASCII, so that no editor and no font can change what a text holds.
        path.write_text(json.dumps([*standing, *added], indent=1) + "\n", encoding="utf-8")
        print(f"{name}: {len(standing)} stand, {len(added)} added")
    return 0


if __name__ == "__main__":
    sys.exit(main())
