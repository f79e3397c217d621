"""Random flow programs, as Python source: what the laws of capture are tried on.

A program is text, so that a counterexample can be read and run. The same text is executed three ways: with real
tasks, called (run by asyncio, where the flow is async); with real tasks, compiled; and under the *free interpretation*,
in which each task returns the term of its own call and a log keeps what was called with what. The free interpretation
shares nothing with the recorder.

``generate`` counts the features that a program has; the laws fail when one of :data:`FEATURES` becomes rare.
"""

import asyncio
import inspect
from collections.abc import Callable, Coroutine, Mapping
from random import Random
from typing import Any, Final, NamedTuple
from zlib import crc32

import attrs

from cascades_sdk.compiler import AsyncFlow, AsyncTask, Flow, Task, flow, task
from cascades_sdk.encoding import canonical_json

__all__ = ["FEATURES", "TASKS", "FreeRun", "Program", "called", "flow_of", "free_run", "generate"]


# -- the tasks: functions of values of the model, whose answers depend on all that they got ---------------


def _told(*parts: Any) -> int:
    return crc32(canonical_json(parts).unwrap().encode())


def _record(*parts: Any) -> dict[str, Any]:
    """A short answer: what it got is echoed where that is short, so that values travel through graphs."""
    echo = parts if len(canonical_json(parts).unwrap()) < 60 else None
    return {"k": _told(*parts), "p": [echo, {"z": "é"}]}


class Point(NamedTuple):
    x: float
    y: tuple[int, str]


@task
def nothing() -> Any:
    return _record("nothing")


@task
def one(a: Any) -> Any:
    return _record("one", a)


@task
def two(a: Any, b: Any = 2) -> Any:
    return _record("two", a, b)


@task
def keyed(a: Any, *, k: Any, z: Any = None) -> Any:
    return _record("keyed", a, k, z)


@task
def positional(a: Any, b: Any = [1.0, {"x": None}], /) -> Any:  # noqa: B006
    return _record("positional", a, b)


@task
def many(*items: Any) -> Any:
    return _record("many", items)


@task
def named(**entries: Any) -> Any:
    return _record("named", entries)


@task
def mixed(a: Any, /, b: Any = 1.0, *rest: Any, c: Any = "c", **more: Any) -> Any:
    return _record("mixed", a, b, rest, c, more)


@task
def titled(self: Any, name: Any = "title", *, cls: Any = None) -> Any:
    """Its parameters have the names that methods, decorators and classes use themselves."""
    return _record("titled", self, name, cls)


@task(retries=2, labels={"team": "a"})
def declared(a: Any) -> Any:
    return _record("declared", a)


@task(name="another name", version="7")
def renamed(a: Any = True) -> Any:
    return _record("renamed", a)


@task
def pair(a: Any = 0) -> tuple[int, str]:
    return _told("pair", a), f"pair {_told(a)}"


@task
def point(a: Any) -> Point:
    return Point(_told("point", a) % 8 / 2, (_told(a), "y"))


@task
def scaled(x: float, factors: tuple[float, ...] = (1.0,)) -> float:
    """Depends on the Python types of its arguments, as annotated: 1.0 and 1 have different texts."""
    return _told("scaled", repr(x), repr(factors)) % 64 / 4


@task
def placed(at: Point) -> Any:
    return _record("placed", type(at).__name__, repr(at))


@task
async def later(a: Any, *, b: Any = None) -> Any:
    await asyncio.sleep(0)
    return _record("later", a, b)


@task(name="pair, later")
async def later_pair(a: Any = 0) -> tuple[int, str]:
    return _told("later pair", a), f"pair {_told(a)}"


@task
async def later_many(*items: Any) -> Any:
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return _record("later many", items)


@task
def joined(at: list[Any] | None, size: float = 1.0) -> Any:
    """Annotated otherwise than what it is given, and yet rightly."""
    return _record("joined", at, size)


_ASYNC: Final = (later, later_pair, later_many)

_SYNC: Final = (
    *(nothing, one, two, keyed, positional, many, named, mixed, titled),
    *(declared, renamed, pair, point, scaled, placed, joined),
)

_ALL: Final[tuple[Task[..., Any], ...]] = (*_SYNC, *_ASYNC)

#: The tasks by the name that documents know them by.
TASKS: Final[Mapping[str, Task[..., Any]]] = {each.definition.name: each for each in _ALL}

#: The names of NamedTuple fields that programs select by, and their positions.
_FIELDS: Final = {"x": 0, "y": 1}

#: What a program can have, and the suite wants to see often.
FEATURES: Final = frozenset(
    {
        "by position",
        "by name",
        "keyword-only",
        "positional-only",
        "*args",
        "**kwargs",
        "default left",
        "reference in a list",
        "reference in a dict",
        "upstream used again",
        "selector",
        "deep selector",
        "unpacking",
        "star arguments",
        "parameter named self",
        "field",
        "subflow",
        "subflow in a subflow",
        "options",
        "after",
        "float",
        "tuple",
        "named tuple",
        "input",
        "input default left",
        "input default given",
        "bound",
        "branch on bound",
        "loop on bound",
        "structured return",
        "return of an input",
        "return of a literal",
        "return of nothing",
        "checked edge",
        "async flow",
        "async task",
        "async subflow",
        "sync subflow in an async flow",
        "gather",
        "task group",
        "turns",
    }
)


@attrs.frozen
class Program:
    """Source of a module that defines ``main`` (a flow), and what to call it with."""

    source: str
    bound: Mapping[str, Any]
    rest: Mapping[str, Any]
    features: frozenset[str]


# -- executing -----------------------------------------------------------------------------------------


def flow_of(program: Program) -> Flow[..., Any]:
    """The program's flow, with real tasks."""
    return _executed(program, {each.function.__name__: each for each in _ALL}, flow)


def called(program: Program) -> Any:
    """What calling the program's flow gives, with real tasks."""
    subject = flow_of(program)
    value = subject(**program.bound, **program.rest)
    return asyncio.run(value) if type(subject) is AsyncFlow else value


def _executed(program: Program, tasks: Mapping[str, Any], flow_decorator: Callable[..., Any]) -> Any:
    namespace: dict[str, Any] = {
        "__name__": "a_program",
        "flow": flow_decorator,
        "Point": Point,
        "asyncio": asyncio,
        **tasks,
    }
    exec(compile(program.source, "<program>", "exec"), namespace)
    return namespace["main"]


class _Term:
    """A part of an input or of the result of a call."""

    def __init__(self, whole: Any, path: tuple[str | int, ...] = ()) -> None:
        self.whole, self.path = whole, path

    def __getitem__(self, token: str | int) -> "_Term":
        return _Term(self.whole, (*self.path, token))

    def __getattr__(self, name: str) -> "_Term":
        return self[_FIELDS[name]]

    def __iter__(self) -> Any:
        return iter([self[0], self[1]])  # programs unpack pairs only


@attrs.frozen
class _FreeTask:
    task: Task[..., Any]
    log: list[Mapping[str, Any]]
    upstream: tuple[_Term, ...] = ()
    overrides: Mapping[str, Any] = {}

    def after(self, *upstream: _Term) -> "_FreeTask":
        return attrs.evolve(self, upstream=(*self.upstream, *upstream))

    def with_options(self, **options: Any) -> "_FreeTask":
        return attrs.evolve(self, overrides={**self.overrides, **options})

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        bound = inspect.signature(self.task.function).bind(*args, **kwargs).arguments
        declared: Mapping[str, Mapping[str, Any]] = {
            "another name": {"version": "7"},
            "declared": {"retries": 2, "labels": {"team": "a"}},
        }
        name = self.task.definition.name
        self.log.append(
            {
                "task": name,
                "arguments": {parameter: _described(value) for parameter, value in bound.items()},
                "after": sorted({term.whole for term in self.upstream}),
                "options": {**declared.get(name, {}), **self.overrides},
            }
        )
        term = _Term(len(self.log) - 1)
        return _answering(term) if type(self.task) is AsyncTask else term


async def _answering(term: _Term) -> _Term:
    return term


def _described(value: Any) -> dict[str, Any]:
    if isinstance(value, _Term):
        return {"reference": [value.whole, list(value.path)]}
    if isinstance(value, (list, tuple)):
        return {"list": [_described(item) for item in value]}
    if isinstance(value, dict):
        return {"object": {key: _described(item) for key, item in value.items()}}
    return {"literal": value}


def _calls_in(description: Any) -> list[int]:
    """The calls that a description refers to, repeats kept."""
    if "reference" in description:
        whole = description["reference"][0]
        return [whole] if type(whole) is int else []
    inside = description.get("list", description.get("object", ()))
    return [call for item in (inside.values() if isinstance(inside, dict) else inside) for call in _calls_in(item)]


@attrs.frozen
class FreeRun:
    """What the free interpretation saw: canonical text of everything, and for each call its task and upstream calls."""

    text: str
    calls: tuple[tuple[str, tuple[int, ...]], ...]


def free_run(program: Program) -> FreeRun:
    """The program under the free interpretation, with the bound inputs bound and the others as terms."""
    log: list[Mapping[str, Any]] = []
    main = _executed(
        program, {each.function.__name__: _FreeTask(each, log) for each in _ALL}, lambda function: function
    )
    parameters = inspect.signature(main).parameters.values()
    symbolic = {each.name: _Term(each.name) for each in parameters if each.name not in program.bound}
    returned = main(**program.bound, **symbolic)
    if isinstance(returned, Coroutine):
        returned = asyncio.run(returned)
    inputs = [
        [each.name, [] if each.default is each.empty else [each.default]]
        for each in parameters
        if each.name in symbolic
    ]
    text = canonical_json({"log": log, "returns": _described(returned), "inputs": inputs}).unwrap()
    calls = [
        (
            entry["task"],
            (*sorted(call for each in entry["arguments"].values() for call in _calls_in(each)), *entry["after"]),
        )
        for entry in log
    ]
    return FreeRun(text, tuple(calls))


# -- generating ----------------------------------------------------------------------------------------

_LATER: Final = tuple(each.function.__name__ for each in _ASYNC)

_SCALARS: Final[tuple[Any, ...]] = (
    *(0, 1, -7, 2**53 - 1, True, False, None, 1.0, -0.0, 0.5, 1e300, 1e-7, -2.5e20),
    *("", "a", "1", "node-0", "é", "\U0001f600", "\uffff", 'q"\\\n\x00', "<input n>"),
)
_FEW: Final[tuple[Any, ...]] = (0, 1, True, "1", None, [], [1], {}, {"a": 1})
_KEYS: Final = ("a", "k", "z", "", "a/b~", "é", "\U0001f600", "\uffff", "reference", "node")


def generate(random: Random, *, small: bool = False) -> Program:
    """A random program. A small one has few calls over few literals, so that many of them are neighbours."""
    return _Writer(random, small).program()


class _Writer:
    """Writes one program. A variable is ``(text, kind)``; the kind says which selectors are sure to lead somewhere."""

    def __init__(self, random: Random, small: bool) -> None:
        self.random = random
        self.small = small
        #: Whether the flow that is being written may await.
        self.awaits = False
        self.features: set[str] = set()
        self.used: set[str] = set()
        self.count = 0

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def feature(self, *names: str) -> None:
        self.features.update(names)

    # -- values and expressions

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
        }.get(kind, ())
        if not selectors or self.chance(50):
            return text
        chosen = self.random.choice(selectors)
        self.feature("field" if chosen.startswith(".") else "selector")
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

    # -- calls

    def arguments(self, name: str, variables: list[tuple[str, str]]) -> str:
        def expression() -> str:
            return self.expression(variables)

        if name == "nothing":
            return ""
        if name in ("one", "declared", "point"):
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
            if not pairs:
                return "[1, 'literal']"
            self.feature("checked edge")
            return f"{self.random.choice(pairs)}, {self.random.choice(pairs)}[0]"
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
            ("one", "two", "many", "mixed") if self.small else (*(each.function.__name__ for each in _SYNC), "point")
        )
        later = self.awaits and self.chance(40)
        name = self.random.choice(_LATER if later else tasks)
        if later:
            self.feature("async task")
        elif not self.small and self.chance(25) and any(kind == "pair" for _, kind in variables):
            name = "joined"
        callee = name
        if nodes and self.chance(15):
            self.feature("after")
            callee += f".after({', '.join(self.random.choice(nodes) for _ in range(self.random.randrange(1, 3)))})"
        if self.chance(15):
            self.feature("options")
            option = self.random.choice(("retries=3", "cache=True", "labels={'a': 'b'}", "version='7'", "timeout=2.0"))
            callee += f".with_options({option})"
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
        variables.append((target, name if name in ("pair", "point") else "float" if name == "scaled" else "record"))
        return [f"{target} = {text}"]

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
                name = self.random.choice(_LATER)
                calls.append(f"{name}({self.arguments(name, variables)})")
                kinds.append({"later_pair": "pair"}.get(name, "record"))
        targets = [self.fresh() for _ in calls]
        variables += zip(targets, kinds, strict=True)
        if self.chance(50):
            self.feature("gather")
            return [f"{', '.join(targets)} = await asyncio.gather({', '.join(calls)})"]
        self.feature("task group")
        return [
            "async with asyncio.TaskGroup() as group:",
            *(f"    {target} = group.create_task({call})" for target, call in zip(targets, calls, strict=True)),
            f"{', '.join(targets)} = {', '.join(f'{target}.result()' for target in targets)}",
        ]

    def fresh(self) -> str:
        self.count += 1
        return f"v{self.count}"

    # -- flows

    def body(
        self,
        variables: list[tuple[str, str]],
        subflows: list[tuple[str, int]],
        switches: list[str],
        loops: list[str],
    ) -> list[str]:
        nested = any(name.endswith("_nested") for name, _ in subflows) or not (switches or loops)
        lines: list[str] = []
        nodes: list[str] = []
        for _ in range(self.random.randrange(1, 4 if self.small else 8)):
            kind = self.random.randrange(10)
            if self.awaits and self.chance(10):
                self.feature("turns")
                lines.append("await asyncio.sleep(0)")
            if self.awaits and self.chance(20):
                lines += self.together(variables, subflows)
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

    def returned(self, variables: list[tuple[str, str]], inputs: list[str]) -> str:
        kind = self.random.randrange(12)
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
        source: list[str] = []
        subflows: list[tuple[str, int]] = []
        for at in range(self.random.randrange(0 if self.small else 1, 4)):
            lines, known = self.subflow(at, subflows)
            source += lines
            subflows.append(known)
        required, optional = [], []
        bound: dict[str, Any] = {}
        rest: dict[str, Any] = {}
        variables: list[tuple[str, str]] = []
        switches, loops = [], []
        for at in range(self.random.randrange(4)):
            name = f"n{at}"
            kind = self.random.choice(("any", "record input"))

            def value(kind: str = kind) -> Any:
                inside = self.value()
                return {"k": inside, "p": [self.value(), 1.0]} if kind == "record input" else inside

            variables.append((name, kind))
            has_default = self.chance(50)
            (optional if has_default else required).append(f"{name}={value()!r}" if has_default else name)
            if self.chance(30):
                self.feature("bound")
                bound[name] = value()
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
        source += ["@flow", f"{'async ' if self.awaits else ''}def main({', '.join([*required, *star, *optional])}):"]
        source += [f"    {line}" for line in lines]
        if any("_nested(" in line for line in lines):
            self.feature("subflow in a subflow")
        return Program("\n".join(source) + "\n", bound, rest, frozenset(self.features))
