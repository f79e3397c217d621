"""Writing random programs: calls and maps of tasks.

Decided here: how each task is called. Never here: branches, subflows.
"""

from typing import Final

from cascades_sdk.testing.strategies._program_tasks import ASYNC, SYNC
from cascades_sdk.testing.strategies._program_values import KINDS, ExpressionWriter

__all__ = ["LATER", "CallWriter"]

#: The kinds of what can be mapped over as it is.
_LISTS: Final = ("pair", "point", "few")

#: The tasks whose first parameter takes what is mapped over.
_MAPPED: Final = (
    *("one", "two", "keyed", "positional", "mixed", "titled", "declared", "renamed", "pair", "point", "scaled"),
    *("placed", "odd", "few"),
)

LATER: Final = tuple(each.function.__name__ for each in ASYNC)


class CallWriter(ExpressionWriter):
    """Writes calls."""

    def arguments(self, name: str, variables: list[tuple[str, str]]) -> str:
        def expression() -> str:
            return self.expression(variables)

        if name == "nothing":
            return ""
        if name in ("one", "declared", "point", "odd", "judged", "few"):
            self.feature("by position")
            return expression()
        if name == "later":
            return expression() + (f", b={expression()}" if self.chance(50) else "")
        if name in ("renamed", "pair", "later_pair"):
            if self.chance(50):
                self.feature("default left")
                return ""
            self.feature("by name")
            return f"a={expression()}"
        unpacked = [text for text, kind in variables if kind in ("pair", "point")]
        if name in ("two", "many", "titled") and unpacked and self.chance(60):
            self.feature("star arguments")
            return f"*{self.random.choice(unpacked)}"
        if name == "titled":
            self.feature("parameter named self")
            extra = [f"{key}={expression()}" for key in ("name", "cls") if self.chance(50)]
            return ", ".join([f"self={expression()}", *extra])
        if name == "two":
            if self.chance(30):
                self.feature("by name")
                return f"b={expression()}, a={expression()}"
            if self.chance(40):
                self.feature("default left")
                return expression()
            return f"{expression()}, {expression()}"
        if name == "keyed":
            self.feature("keyword-only")
            return f"{expression()}, k={expression()}" + (f", z={expression()}" if self.chance(50) else "")
        if name == "positional":
            self.feature("positional-only")
            return expression() + (f", {expression()}" if self.chance(50) else "")
        if name in ("many", "later_many"):
            self.feature("*args")
            return ", ".join(expression() for _ in range(self.random.randrange(4)))
        if name == "named":
            self.feature("**kwargs")
            keys = self.random.sample(("a", "entries", "z", "é"), self.random.randrange(4))
            return ", ".join(f"{key}={expression()}" for key in keys)
        if name == "mixed":
            self.feature("positional-only", "*args", "**kwargs", "keyword-only")
            parts = [expression() for _ in range(self.random.randrange(1, 5))]
            parts += [f"{key}={expression()}" for key in self.random.sample(("c", "a", "rest", "more"), 2)]
            return ", ".join(parts)
        if name == "scaled":
            self.feature("float")
            factors = ", ".join(self.number(variables) for _ in range(self.random.randrange(1, 3)))
            return self.number(variables) + (f", factors=({factors},)" if self.chance(50) else "")
        if name == "joined":
            pairs = [text for text, kind in variables if kind == "pair"]
            at = [text for text, kind in variables if kind in ("pair", "maybe pair", "few") or kind.startswith("list ")]
            if not at:
                return "[1, 'literal']"
            self.feature("checked edge")
            return f"{self.random.choice(at)}" + (f", {self.random.choice(pairs)}[0]" if pairs else "")
        self.feature("named tuple")
        points = [text for text, kind in variables if kind == "point"]
        if points and self.chance(70):
            return self.random.choice(points)
        return f"Point({self.number(variables)}, (1, 'y'))"

    def number(self, variables: list[tuple[str, str]]) -> str:
        """Something that is a float in Python, too: a parameter annotated so is given nothing else.

        Never -0.0: the model does not tell it from 0.0, but repr() does.
        """
        floats = [text for text, kind in variables if kind == "float"]
        floats += [f"{text}.x" for text, kind in variables if kind == "point"]
        if floats and self.chance(60):
            return self.random.choice(floats)
        return repr(self.random.choice((1.0, 0.5, 0.0, 3e10, -2.0)))

    def call(self, variables: list[tuple[str, str]], nodes: list[str]) -> list[str]:
        tasks = (
            ("one", "two", "many", "mixed", "odd")
            if self.small
            else (*(each.function.__name__ for each in SYNC), "point", "point", "pair", "two", "many")
        )
        later = self.awaits and self.chance(40)
        name = self.random.choice(LATER if later else tasks)
        if later:
            self.feature("async task")
        elif not self.small and self.chance(25) and any(kind in ("pair", "maybe pair") for _, kind in variables):
            name = "joined"
        callee = self.variant(name, nodes)
        text = f"{'await ' if later else ''}{callee}({self.arguments(name, variables)})"
        target = self.fresh()
        nodes.append(target)
        name = name.removeprefix("later_") if later else name
        if name in ("pair", "point") and self.chance(40):
            self.feature("unpacking")
            second = self.fresh()
            nodes.append(second)
            variables += [
                (target, "float" if name == "point" else "any"),
                (second, "any" if name == "pair" else "pair"),
            ]
            return [f"{target}, {second} = {text}"]
        variables.append((target, KINDS.get(name, "record")))
        return [f"{target} = {text}"]

    def variant(self, name: str, nodes: list[str]) -> str:
        """The task, or one that comes after others, or with options."""
        callee = name
        if nodes and self.chance(15):
            self.feature("after")
            callee += f".after({', '.join(self.random.choice(nodes) for _ in range(self.random.randrange(1, 3)))})"
        if self.chance(15):
            self.feature("options")
            option = self.random.choice(("retries=3", "cache=True", "labels={'a': 'b'}", "version='7'", "timeout=2.0"))
            callee += f".with_options({option})"
        return callee

    def items(self, variables: list[tuple[str, str]]) -> tuple[str, bool]:
        """Something to map over, and whether it is sure to have an item."""
        whole = [(text, kind) for text, kind in variables if kind in _LISTS or kind.startswith("list ")]
        parts = [text for text, kind in variables if kind in ("record", "record input")]
        kind = self.random.randrange(10)
        if kind == 0:
            self.feature("map over a reference", "map of a map")
            items, some = self.items(variables)
            return f"{self.random.choice(('one', 'two'))}.map({items})", some
        if kind < 4 and whole:
            self.feature("map over a reference")
            text, kind_of = self.random.choice(whole)
            if kind_of.startswith("list "):
                self.feature("map of a map")
            return text, kind_of != "few"
        if kind < 6 and parts:
            self.feature("map over a reference")
            return self.random.choice(parts) + '["p"]', True
        parts = [self.expression(variables, 2) for _ in range(self.random.randrange(4))]
        if not parts:
            self.feature("map over nothing")
        if any(any(name in item for name, _ in variables) for item in parts):
            self.feature("map over a list with references")
        return (f"({', '.join(parts)},)" if parts and self.chance(30) else f"[{', '.join(parts)}]"), bool(parts)

    def mapping(self, variables: list[tuple[str, str]], nodes: list[str]) -> list[str]:
        """A map of a task over a list."""
        self.feature("map", *(["map in a branch"] if self.depth else []))
        later = self.awaits and self.chance(40)
        if later:
            self.feature("async map")
        name = self.random.choice(("later", "later_pair") if later else ("one", "two") if self.small else _MAPPED)
        if name in ("scaled", "placed"):
            taken = self.number if name == "scaled" else lambda known: self.arguments("placed", known)
            each = [taken(variables) for _ in range(self.random.randrange(3))]
            items, some = f"[{', '.join(each)}]", bool(each)
        else:
            items, some = self.items(variables)
        others = {
            "two": (", {}", ", b={}"),
            "keyed": (", k={}", ", z={}, k={}"),
            "positional": (", {}",),
            "mixed": (", {}, {}, c={}", ", more={}", ", b={}"),
            "titled": (", name={}, cls={}", ", {}"),
            "later": (", b={}",),
        }.get(name, ())
        rest = ""
        if others and (name == "keyed" or self.chance(60)):
            self.feature("map with other arguments")
            form = self.random.choice(others)
            rest = form.format(*(self.expression(variables, 1) for _ in range(form.count("{}"))))
        target = self.fresh()
        text = f"{'await ' if later else ''}{self.variant(name, nodes)}.map({items}{rest})"
        nodes.append(target)
        variables.append((target, f"list {KINDS.get(name.removeprefix('later_'), 'record')}" if some else "few"))
        return [f"{target} = {text}"]
