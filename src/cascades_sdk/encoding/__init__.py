"""Canonical encodings of values and graphs, and the digests over them.

Decided here: bytes. One graph has one canonical JSON text (RFC 8785), and its digest is the SHA-256 of it.
Never here: rules about graphs.
"""

from cascades_sdk.encoding._canonical import canonical_json
from cascades_sdk.encoding._deployed import canonicalize_dag
from cascades_sdk.encoding._parsing import MAX_DOCUMENT_BYTES, MAX_DOCUMENT_DEPTH
from cascades_sdk.encoding._reading import dag_from_json
from cascades_sdk.encoding._writing import DOCUMENT_KIND, dag_digest, dag_to_json

__all__ = [
    "DOCUMENT_KIND",
    "MAX_DOCUMENT_BYTES",
    "MAX_DOCUMENT_DEPTH",
    "canonical_json",
    "canonicalize_dag",
    "dag_digest",
    "dag_from_json",
    "dag_to_json",
]
