"""Writing random programs: literals, references, expressions.

Decided here: what stands as an argument. Never here: which task is called.
"""

from random import Random
from typing import Any, Final

__all__ = ["KINDS", "ExpressionWriter"]

#: The kinds of what tasks return, where it is not a record.
KINDS: Final = {
    "pair": "pair",
    "point": "point",
    "scaled": "float",
    "odd": "bool",
    "judged": "judged",
    "few": "few",
}

_SCALARS: Final[tuple[Any, ...]] = (
    *(0, 1, -7, 2**53 - 1, True, False, None, 1.0, -0.0, 0.5, 1e300, 1e-7, -2.5e20),
    *("", "a", "1", "node-0", "é", "\U0001f600", "\uffff", 'q"\\\n\x00', "<input n>"),
)
_FEW: Final[tuple[Any, ...]] = (0, 1, True, "1", None, [], [1], {}, {"a": 1})
_KEYS: Final = ("a", "k", "z", "", "a/b~", "é", "\U0001f600", "\uffff", "reference", "node")


class ExpressionWriter:
    """Writes one program. A variable is ``(text, kind)``; the kind says which selectors are sure to lead somewhere."""

    def __init__(self, random: Random, small: bool) -> None:
        self.random = random
        self.small = small
        #: Whether the flow that is being written may await.
        self.awaits = False
        self.features: set[str] = set()
        #: Variables that hold what a choice answers.
        self.merged: set[str] = set()
        #: How many branches are around what is being written.
        self.depth = 0
        self.used: set[str] = set()
        self.count = 0

    def chance(self, percent: int) -> bool:
        # The smallest draw is no: hypothesis so makes programs smaller.
        return self.random.randrange(100) >= 100 - percent

    def feature(self, *names: str) -> None:
        self.features.update(names)

    def fresh(self) -> str:
        self.count += 1
        return f"v{self.count}"

    def value(self, depth: int = 0) -> Any:
        if self.small:
            return self.random.choice(_FEW)
        kind = self.random.randrange(10 if depth < 3 else 6)
        if kind < 6:
            return self.random.choice(_SCALARS)
        size = self.random.randrange(4)
        if kind < 8:
            return [self.value(depth + 1) for _ in range(size)]
        return {self.random.choice(_KEYS): self.value(depth + 1) for _ in range(size)}

    def reference(self, variables: list[tuple[str, str]]) -> str:
        text, kind = self.random.choice(variables)
        if text in self.used and kind != "input":
            self.feature("upstream used again")
        self.used.add(text)
        selectors = {
            "record": ('["k"]', '["p"]', '["p"][1]', '["p"][1]["z"]'),
            "pair": ("[0]", "[1]"),
            "point": ("[0]", ".x", ".y", ".y[0]", ".y[1]", "[1][1]"),
            "record input": ('["k"]', '["p"][0]'),
            "judged": ('["ok"]', '["n"][0]'),
            "list record": ("[0]", '[0]["k"]', '[0]["p"][1]["z"]'),
            "list pair": ("[0]", "[0][1]"),
            "list point": ("[0]", "[0].x", "[0].y[1]"),
        }.get(kind, ("[0]",) if kind.startswith("list ") else ())
        if text in self.merged:
            self.feature("output of a choice")
        if kind.startswith("list "):
            self.feature("output of a map")
        if not (selectors and self.chance(50)):
            return text
        chosen = self.random.choice(selectors)
        self.feature("field" if "." in chosen else "selector")
        if chosen.count("[") + chosen.count(".") > 1:
            self.feature("deep selector")
        return text + chosen

    def expression(self, variables: list[tuple[str, str]], depth: int = 0) -> str:
        kind = self.random.randrange(10)
        if kind < 5 and variables:
            return self.reference(variables)
        if kind < 7 or depth >= 3:
            return repr(self.value())
        items = [self.expression(variables, depth + 1) for _ in range(self.random.randrange(1, 4))]
        symbolic = any(any(name in item for name, _ in variables) for item in items)
        if kind < 9:
            if symbolic:
                self.feature("reference in a list")
            if self.chance(30):
                self.feature("tuple")
                return f"({', '.join(items)},)"
            return f"[{', '.join(items)}]"
        if symbolic:
            self.feature("reference in a dict")
        return "{" + ", ".join(f"{key!r}: {item}" for key, item in zip(_KEYS, items, strict=False)) + "}"
