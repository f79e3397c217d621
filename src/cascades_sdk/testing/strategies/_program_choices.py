"""Writing random programs: bodies, the choices in them, and what is awaited in one go.

Decided here: which statements follow each other. Never here: whole flows.
"""

from cascades_sdk.testing.strategies._program_calls import LATER, CallWriter
from cascades_sdk.testing.strategies._program_values import KINDS

__all__ = ["BodyWriter"]


class BodyWriter(CallWriter):
    """Writes bodies."""

    def condition(self, variables: list[tuple[str, str]]) -> str:
        """Something that is exactly a bool."""
        known = [(text, kind) for text, kind in variables if kind in ("bool", "bool input", "bound bool", "judged")]
        if not known or self.chance(20):
            if not self.small and self.chance(35):
                self.feature("choice on a part")
                return f'judged({self.expression(variables)})["ok"]'
            return f"odd({self.expression(variables)})"
        text, kind = self.random.choice(known)
        if kind == "bool":
            return text
        self.feature(
            {"bool input": "choice on an input", "bound bool": "choice on bound", "judged": "choice on a part"}[kind]
        )
        return f'{text}["ok"]' if kind == "judged" else text

    def choice(
        self,
        variables: list[tuple[str, str]],
        nodes: list[str],
        subflows: list[tuple[str, int]],
        switches: list[str],
        loops: list[str],
        later: bool,
    ) -> tuple[list[str], str, str]:
        """The lines before a choice, the choice, and the kind of what it answers."""
        condition = self.condition(variables)
        if (condition, "bound bool") not in variables:
            self.feature("choice", *(["choice in a choice"] if self.depth else []))
            self.feature(*(["async choice"] if later else []))
        before: list[str] = []
        texts: list[str] = []
        kinds: list[str] = []
        outer, self.awaits = self.awaits, later
        known = subflows if later else [each for each in subflows if not each[0].startswith("later_")]
        self.depth += 1
        for side in ("then", "otherwise"):
            if side == "otherwise" and self.chance(30):
                self.feature("choice without otherwise")
                kinds[0] = kinds[-1] = "maybe pair" if kinds[0] == "pair" else "any"
                break
            inner = list(variables)
            if not later and self.chance(40):
                text, kind = self.answer(inner)
                texts.append(f"lambda: {text}")
                kinds.append(kind)
                continue
            lines = self.body(inner, known, switches, loops, nodes=list(nodes), size=2)
            text, kind = self.answered(inner) if self.chance(80) else (f"[{self.expression(inner)}]", "any")
            name = f"{side}{len(self.used)}_{self.fresh()}"
            before += [f"{'async ' if later else ''}def {name}():", *(f"    {line}" for line in lines)]
            before.append(f"    return {text}")
            texts.append(name)
            kinds.append(kind)
        self.depth -= 1
        self.awaits = outer
        return before, f"when({', '.join([condition, *texts])})", kinds[0] if kinds[0] == kinds[-1] else "any"

    def answered(self, variables: list[tuple[str, str]]) -> tuple[str, str]:
        """A variable as what a branch answers; never None, which nothing but a branch that calls a task may answer."""
        text, kind = self.random.choice(variables)
        return (f"[{text}]" if kind == "any" else text), kind

    def answer(self, variables: list[tuple[str, str]]) -> tuple[str, str]:
        """What a branch without lines answers: a call, what is there already, or a literal that is not None."""
        kind = self.random.randrange(10)
        if kind < 6:
            name = self.random.choice(("one", "two", "many") if self.small else ("one", "two", "many", "pair", "point"))
            return f"{name}({self.arguments(name, variables)})", KINDS.get(name, "record")
        if kind < 8 and variables:
            return self.answered(variables)
        self.feature("choice that answers a literal")
        return self.random.choice(("0", "'text'", "[1, {'a': None}]")), "any"

    def together(self, variables: list[tuple[str, str]], subflows: list[tuple[str, int]]) -> list[str]:
        """Async calls made in one go: by gather, or in a task group."""
        self.feature("async task")
        calls, kinds = [f"later({self.arguments('later', variables)})"], ["record"]
        for _ in range(self.random.randrange(1, 4)):
            inner = [known for known in subflows if known[0].startswith("later_")]
            if inner and self.chance(60):
                self.feature("async subflow", "subflow")
                name, arity = self.random.choice(inner)
                calls.append(f"{name}({', '.join(self.expression(variables) for _ in range(arity))})")
                kinds.append("any")
            else:
                name = self.random.choice(LATER)
                calls.append(f"{name}({self.arguments(name, variables)})")
                kinds.append({"later_pair": "pair"}.get(name, "record"))
        before: list[str] = []
        if self.chance(25) and self.depth < 2:
            self.feature("choice in one go")
            before, text, kind = self.choice(variables, [], subflows, [], [], later=True)
            calls.append(text)
            kinds.append(kind)
        targets = [self.fresh() for _ in calls]
        variables += zip(targets, kinds, strict=True)
        if self.chance(50):
            self.feature("gather")
            return [*before, f"{', '.join(targets)} = await asyncio.gather({', '.join(calls)})"]
        self.feature("task group")
        return [
            *before,
            "async with asyncio.TaskGroup() as group:",
            *(f"    {target} = group.create_task({call})" for target, call in zip(targets, calls, strict=True)),
            f"{', '.join(targets)} = {', '.join(f'{target}.result()' for target in targets)}",
        ]

    def body(
        self,
        variables: list[tuple[str, str]],
        subflows: list[tuple[str, int]],
        switches: list[str],
        loops: list[str],
        *,
        nodes: list[str] | None = None,
        size: int = 8,
    ) -> list[str]:
        nested = any(name.endswith("_nested") for name, _ in subflows) or not (switches or loops)
        lines: list[str] = []
        nodes = [] if nodes is None else nodes
        for _ in range(self.random.randrange(1, min(size, 3 if self.small else 8) + 1)):
            kind = 9 - self.random.randrange(10)  # the smallest draw is a call
            if self.awaits and self.chance(10):
                self.feature("turns")
                lines.append("await asyncio.sleep(0)")
            if self.awaits and self.chance(20):
                lines += self.together(variables, subflows)
            elif self.depth < 2 and self.chance(12):
                later = self.awaits and self.chance(60)
                before, text, kind_of = self.choice(variables, nodes, subflows, switches, loops, later)
                target = self.fresh()
                lines += [*before, f"{target} = {'await ' if later else ''}{text}"]
                variables.append((target, kind_of))
                self.merged.add(target)
                if not any(text.startswith(f"when({name},") for name, kind_of in variables if kind_of == "bound bool"):
                    nodes.append(target)
            elif self.chance(13):
                lines += self.mapping(variables, nodes)
            elif (kind == 0 or (kind == 3 and nested)) and subflows:
                self.feature("subflow")
                name, arity = self.random.choice(subflows)
                later = name.startswith("later_")
                if self.awaits:
                    self.feature("async subflow" if later else "sync subflow in an async flow")
                target = self.fresh()
                given = ", ".join(self.expression(variables) for _ in range(arity))
                lines.append(f"{target} = {'await ' if later else ''}{name}({given})")
                variables.append((target, "any"))
            elif kind == 1 and switches:
                self.feature("branch on bound")
                target = self.fresh()
                first, second = (f"one({self.expression(variables)})" for _ in range(2))
                lines += [f"if {self.random.choice(switches)}:", f"    {target} = {first}"]
                lines += ["else:", f"    {target} = {second}"]
                variables.append((target, "record"))
                nodes.append(target)
            elif kind == 2 and loops:
                self.feature("loop on bound")
                target = self.fresh()
                lines += [f"{target} = {self.expression(variables)}", f"for at in range({self.random.choice(loops)}):"]
                lines.append(f"    {target} = two({target}, at)")
                variables.append((target, "any"))
            else:
                lines += self.call(variables, nodes)
        return lines
