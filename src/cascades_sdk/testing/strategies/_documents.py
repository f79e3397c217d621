"""Documents that were right, and were then damaged in a way that has a name.

Decided here: the damages; each is done to a document of any graph, and each is refused. Never here: what a reader says.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, TypeAlias

import attrs
from hypothesis import strategies as st

from cascades_sdk.encoding import canonical_cbor, canonical_json, dag_to_cbor, dag_to_json
from cascades_sdk.graph import Dag
from cascades_sdk.testing.strategies._arguments import refuse_strangers
from cascades_sdk.testing.strategies._dags import dags

__all__ = ["DAMAGES", "Damage", "DamagedDocument", "damaged_documents"]

Damage: TypeAlias = Literal[
    "cut off",
    "trailing byte",
    "byte order mark",
    "white space",
    "keys out of order",
    "repeated key",
    "number with a point",
    "number that is none",
    "lone surrogate",
    "unknown key",
    "missing key",
    "unknown kind",
    "reference to nothing",
    "name that is no text",
    "indefinite map",
    "long head",
    "tag",
]


@attrs.frozen
class DamagedDocument:
    """Bytes that are no document. ``forgiven`` says that a reader that is not strict takes them."""

    encoding: Literal["json", "cbor"]
    damage: Damage
    data: bytes
    forgiven: bool = False


#: What is changed in the plain document; each may be written in both encodings.
_CHANGES: Final[Mapping[Damage, Callable[[dict[str, Any]], object]]] = {
    "unknown key": lambda document: document.update(unknown=None),
    "missing key": lambda document: document.pop("returns"),
    "unknown kind": lambda document: document.update(kind="cascades/dag@0"),
    "reference to nothing": lambda document: document.update(returns={"node": f"node-{len(document['nodes'])}"}),
    "name that is no text": lambda document: document.update(name=0),
}

_KIND: Final = b'"kind":"cascades/dag@1",'

#: What is changed in the bytes of canonical JSON, where other keys stand around ``kind``.
_JSON: Final[Mapping[Damage, Callable[[bytes], bytes]]] = {
    "cut off": lambda data: data[:-1],
    "trailing byte": lambda data: data + b"}",
    "byte order mark": lambda data: b"\xef\xbb\xbf" + data,
    "white space": lambda data: b"{ " + data[1:],
    "keys out of order": lambda data: data[:-1].replace(_KIND, b"", 1) + b"," + _KIND.rstrip(b",") + b"}",
    "repeated key": lambda data: b"{" + _KIND + data[1:],
    "number with a point": lambda data: _returning(data, b'{"literal":1.0}'),
    "number that is none": lambda data: _returning(data, b'{"literal":NaN}'),
    "lone surrogate": lambda data: _returning(data, b'{"literal":"\\ud800"}'),
}

#: What is changed in the bytes of canonical CBOR: a map of fewer than 24 keys.
_CBOR: Final[Mapping[Damage, Callable[[bytes], bytes]]] = {
    "cut off": lambda data: data[:-1],
    "trailing byte": lambda data: data + b"\x00",
    "indefinite map": lambda data: b"\xbf" + data[1:] + b"\xff",
    "long head": lambda data: b"\xb8" + bytes([data[0] & 0x1F]) + data[1:],
    "tag": lambda data: b"\xd9\xd9\xf7" + data,
}

_FORGIVEN: Final = ("white space", "keys out of order", "number with a point")

#: The names of all damages.
DAMAGES: Final[tuple[Damage, ...]] = tuple(dict.fromkeys([*_JSON, *_CHANGES, *_CBOR]))


def _returning(data: bytes, returns: bytes) -> bytes:
    """A document that returns something else, written as it is given."""
    document = json.loads(data, parse_int=float)
    document["returns"] = "to be replaced"
    return canonical_json(document).unwrap().encode().replace(b'"to be replaced"', returns)


def damaged_documents(
    *damages: Damage, graphs: st.SearchStrategy[Dag] | None = None
) -> st.SearchStrategy[DamagedDocument]:
    """Documents with one damage that has a name, in both encodings; one of these damages, or any.

    Every strict reader refuses them. Leaves out damages of single nodes and bindings, and bytes that never were a
    document (``st.binary()`` are such). Shrinks to the document of the smallest graph, cut off.

    Raises:
        InvalidValueError: there is no damage of such a name.
    """
    refuse_strangers("damaged_documents", "damages", damages, DAMAGES, "DAMAGES has the names of all")
    known: list[tuple[Literal["json", "cbor"], Damage]] = [
        *(("json", damage) for damage in (*_JSON, *_CHANGES)),
        *(("cbor", damage) for damage in (*_CBOR, *_CHANGES)),
    ]
    wanted = [pair for pair in known if pair[1] in (damages or DAMAGES)]
    return st.builds(_damaged, dags() if graphs is None else graphs, st.sampled_from(wanted))


def _damaged(dag: Dag, wanted: tuple[Literal["json", "cbor"], Damage]) -> DamagedDocument:
    encoding, damage = wanted
    if damage in _CHANGES:
        document = json.loads(dag_to_json(dag), parse_int=float)
        _CHANGES[damage](document)
        written = (
            canonical_json(document).unwrap().encode() if encoding == "json" else canonical_cbor(document).unwrap()
        )
        return DamagedDocument(encoding, damage, written)
    data = _JSON[damage](dag_to_json(dag)) if encoding == "json" else _CBOR[damage](dag_to_cbor(dag))
    return DamagedDocument(encoding, damage, data, damage in _FORGIVEN)
