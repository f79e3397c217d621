"""Canonical JSON of a binding.

Decided here: the keys of the five forms, for the document and for what a node's digest covers. The two differ in how
they name a node: by its id, or by its digest. Never here: which node is which.
"""

from collections.abc import Sequence

from cascades_sdk.encoding._canonical import frozen_text, string_text
from cascades_sdk.graph import Binding, InputReference, ListBinding, Literal, NodeReference, Path

__all__ = ["binding_json"]


def binding_json(binding: Binding, names: Sequence[str]) -> str:
    """The text of a binding; ``names`` are those of the nodes, ASCII without quotes, by position. Total."""
    kind = type(binding)
    if kind is NodeReference:
        return f'{{"node":"{names[binding.node]}"{_path(binding.path)}}}'  # type: ignore[union-attr]  # by kind
    if kind is Literal:
        value = binding.value  # type: ignore[union-attr]
        return f'{{"literal":{string_text(value) if type(value) is str else frozen_text(value)}}}'
    if kind is InputReference:
        return f'{{"input":{string_text(binding.name)}{_path(binding.path)}}}'  # type: ignore[union-attr]
    if kind is ListBinding:
        return f'{{"list":[{",".join([binding_json(item, names) for item in binding.items])}]}}'  # type: ignore[union-attr]
    entries = [f"{string_text(key)}:{binding_json(inner, names)}" for key, inner in binding.entries]  # type: ignore[union-attr]
    return f'{{"object":{{{",".join(entries)}}}}}'


def _path(path: Path) -> str:
    return f',"path":{frozen_text(path)}' if path else ""
