"""The contracts of the DAG document as tests use them: the two schemas, judged by others, and the golden vectors."""

import json
from pathlib import Path
from typing import Any

from cddl_verifier import Validator
from jsonschema import Draft202012Validator

import make_vectors

CONTRACTS = Path(__file__).resolve().parent.parent / "contracts"

JSON_SCHEMA: dict[str, Any] = json.loads((CONTRACTS / "dag.schema.json").read_text(encoding="utf-8"))
_JSON_SCHEMA = Draft202012Validator(JSON_SCHEMA)
_CDDL = Validator(CONTRACTS / "dag.cddl")

#: The committed entries of each file.
VECTORS = make_vectors.committed()

#: The CDDL validator recurses, and looks at an object of bindings several times at each level: 4 ** depth.
TOO_DEEP_FOR_CDDL = {"bindings-64", "bindings-65", "bindings-64-literal", "bindings-65-literal"}


def accepted_by_json_schema(document: Any) -> bool:
    """Whether a plain document is an instance of ``dag.schema.json``."""
    return bool(_JSON_SCHEMA.is_valid(document))


def accepted_by_cddl(data: bytes) -> bool:
    """Whether CBOR bytes are a ``document`` of ``dag.cddl``."""
    return bool(_CDDL.validate(data, root_type="document").valid)
