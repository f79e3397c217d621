"""Canonical encodings of values and graphs, and the digests over them.

Decided here: bytes. One graph has one canonical JSON text (RFC 8785), and its digest is the SHA-256 of it. Each
node has a digest of its own, which survives edits elsewhere.
Never here: rules about graphs.
"""

from cascades_sdk.encoding._cbor import canonical_cbor, dag_to_cbor
from cascades_sdk.encoding._deployed import canonicalize_dag
from cascades_sdk.encoding._digests import NODE_KIND, node_digests
from cascades_sdk.encoding._forms import DOCUMENT_KIND
from cascades_sdk.encoding._parsing import MAX_DOCUMENT_BYTES, MAX_DOCUMENT_DEPTH
from cascades_sdk.encoding._reading import dag_from_cbor, dag_from_json
from cascades_sdk.encoding._writing import canonical_json, dag_digest, dag_to_json, document_digest

__all__ = [
    "DOCUMENT_KIND",
    "MAX_DOCUMENT_BYTES",
    "MAX_DOCUMENT_DEPTH",
    "NODE_KIND",
    "canonical_cbor",
    "canonical_json",
    "canonicalize_dag",
    "dag_digest",
    "dag_from_cbor",
    "dag_from_json",
    "dag_to_cbor",
    "dag_to_json",
    "document_digest",
    "node_digests",
]
