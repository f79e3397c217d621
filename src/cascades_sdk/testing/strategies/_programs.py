"""Writing random programs: flows, with their inputs.

Decided here: what is bound, and what is left as an input. Never here: bodies.
"""

from random import Random
from typing import Any

from hypothesis import strategies as st

from cascades_sdk.testing.strategies._program import Program
from cascades_sdk.testing.strategies._program_choices import BodyWriter

__all__ = ["program_from", "programs"]


def programs(*, small: bool = False) -> st.SearchStrategy[Program]:
    """Flows as runnable programs, with their inputs: source text over tasks of many signatures.

    They compile, and evaluating the graph gives what calling the flow gives. Leaves out tasks with effects, tasks that
    raise, exceptions in flows, and recursion. Shrinks to a flow of one call. A small program has few calls over few
    literals, so that many of them are neighbours.
    """
    return st.randoms(use_true_random=False).map(lambda random: program_from(random, small=small))


def program_from(random: Random, *, small: bool = False) -> Program:
    """A random program out of seeded chance, for plain loops: the same as hypothesis draws, and sooner."""
    return _ProgramWriter(random, small).program()


class _ProgramWriter(BodyWriter):
    """Writes a program."""

    def returned(self, variables: list[tuple[str, str]], inputs: list[str]) -> str:
        kind = 11 - self.random.randrange(12)  # the smallest draw is a reference
        if kind == 0 and inputs:
            self.feature("return of an input")
            return f"return {self.random.choice(inputs)}"
        if kind == 1:
            self.feature("return of a literal")
            return f"return {self.value()!r}"
        if kind == 2:
            self.feature("return of nothing")
            return "pass"
        if kind < 8:
            self.feature("structured return")
            return "return {" + f"'a': [{self.reference(variables)}, 1], 'b': ({self.expression(variables)},)" + "}"
        return f"return {self.reference(variables)}"

    def subflow(self, at: int, known: list[tuple[str, int]]) -> tuple[list[str], tuple[str, int]]:
        parameters = [f"p{index}" for index in range(self.random.randrange(1, 4))]
        variables = [(name, "any") for name in parameters]
        before = self.features
        self.features = set()
        outer = self.awaits
        self.awaits = outer and self.chance(60)
        known = known if self.awaits else [each for each in known if not each[0].startswith("later_")]
        lines = self.body(variables, known, [], [])
        nested = "subflow" in self.features
        # What a subflow has counts where the subflow is called; only its nesting is looked at here.
        self.features = before
        name = f"later_inner{at}" if self.awaits else f"inner{at}"
        definition = "async def" if self.awaits else "def"
        self.awaits = outer
        lines.append(f"return [{self.reference(variables)}]" if self.chance(50) else f"return {variables[-1][0]}")
        if nested:
            name += "_nested"
        return ["@flow", f"{definition} {name}({', '.join(parameters)}):", *(f"    {line}" for line in lines), ""], (
            name,
            len(parameters),
        )

    def program(self) -> Program:
        self.awaits = not self.small and self.chance(35)
        if self.awaits:
            self.feature("async flow")
        sources: list[list[str]] = []
        subflows: list[tuple[str, int]] = []
        for at in range(self.random.randrange(0 if self.small else 1, 4)):
            lines, known = self.subflow(at, subflows)
            sources.append(lines)
            subflows.append(known)
        required: list[str] = []
        optional: list[str] = []
        bound: dict[str, Any] = {}
        rest: dict[str, Any] = {}
        variables: list[tuple[str, str]] = []
        switches, loops = [], []
        for at in range(self.random.randrange(4)):
            name = f"n{at}"
            kind = self.random.choice(("any", "record input", "bool input", "bool input"))

            def value(kind: str = kind) -> Any:
                if kind == "bool input":
                    return self.chance(50)
                inside = self.value()
                return {"k": inside, "p": [self.value(), 1.0]} if kind == "record input" else inside

            variables.append((name, kind))
            has_default = self.chance(50)
            (optional if has_default else required).append(f"{name}={value()!r}" if has_default else name)
            if self.chance(30):
                self.feature("bound")
                bound[name] = value()
                if kind == "bool input":
                    variables[-1] = name, "bound bool"
            elif has_default and self.chance(50):
                self.feature("input", "input default left")
            else:
                self.feature("input", *(["input default given"] if has_default else []))
                rest[name] = value()
        if self.chance(40):
            self.feature("bound")
            bound["times"] = self.random.randrange(4)
            optional.append("times=1")
            switches, loops = ["times", "times > 1"], ["times"]
        star = ["*"] if optional and self.chance(30) else []
        inputs = [name for name, _ in variables]
        lines = self.body(variables, subflows, switches, loops)
        lines.append(self.returned(variables, inputs))
        source = ["@flow", f"{'async ' if self.awaits else ''}def main({', '.join([*required, *star, *optional])}):"]
        source += [f"    {line}" for line in lines]
        if any("_nested(" in line for line in lines):
            self.feature("subflow in a subflow")
        # What is not called would only stand in a reader's way.
        for (name, _), each in zip(reversed(subflows), reversed(sources), strict=True):
            if any(f"{name}(" in line for line in source):
                source = [*each, *source]
        return Program("\n".join(source) + "\n", bound, rest, frozenset(self.features))
