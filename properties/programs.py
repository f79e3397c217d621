"""Random flow programs, as Python source: what the laws of capture are tried on.

A program is text, so that a counterexample can be read and run. The same text is executed three ways: with real
tasks, called (run by asyncio, where the flow is async); with real tasks, compiled; and under the *free interpretation*,
in which each task returns the term of its own call and a log keeps what was called with what. The free interpretation
shares nothing with the recorder.

``generate`` counts the features that a program has; the laws fail when one of :data:`FEATURES` becomes rare.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextvars import ContextVar
from random import Random
from typing import Any, Final, NamedTuple
from zlib import crc32

import attrs

from cascades_sdk.compiler import AsyncFlow, AsyncTask, Flow, Task, flow, task, when
from cascades_sdk.encoding import canonical_json

__all__ = ["FEATURES", "TASKS", "FreeCall", "FreeRun", "Program", "called", "flow_of", "free_run", "generate", "heard"]


# -- the tasks: functions of values of the model, whose answers depend on all that they got ---------------


#: What the tasks got since somebody looked: one text for each part of the work of a task.
_HEARD: list[str] = []


def _told(*parts: Any) -> int:
    text = canonical_json(parts).unwrap()
    _HEARD.append(text)
    return crc32(text.encode())


def heard() -> list[str]:
    """What the tasks got since this was last asked, in no order: each task that ran has left a text, or two."""
    texts = sorted(_HEARD)
    _HEARD.clear()
    return texts


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
def odd(a: Any) -> bool:
    return _told("odd", a) % 2 == 1


@task
def judged(a: Any) -> Any:
    """What conditions are selected from."""
    return {"ok": _told("judged", a) % 2 == 1, "n": [a is None]}


@task
def few(a: Any) -> list[Any]:
    """Up to two items: what is mapped over may turn out to be nothing."""
    return [_told("few", at, a) for at in range(_told("few", a) % 3)]


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
    *(declared, renamed, pair, point, scaled, placed, joined, odd, judged, few),
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
        "choice",
        "choice without otherwise",
        "choice in a choice",
        "choice on an input",
        "choice on a part",
        "choice on bound",
        "choice that answers a literal",
        "output of a choice",
        "async choice",
        "choice in one go",
        "map",
        "map over a reference",
        "map over a list with references",
        "map over nothing",
        "map with other arguments",
        "map in a branch",
        "map of a map",
        "output of a map",
        "async map",
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
    return _executed(program, {each.function.__name__: each for each in _ALL}, flow, when)


def called(program: Program) -> Any:
    """What calling the program's flow gives, with real tasks."""
    subject = flow_of(program)
    value = subject(**program.bound, **program.rest)
    return asyncio.run(value) if type(subject) is AsyncFlow else value


def _executed(
    program: Program, tasks: Mapping[str, Any], flow_decorator: Callable[..., Any], chooser: Callable[..., Any]
) -> Any:
    namespace: dict[str, Any] = {
        "__name__": "a_program",
        "flow": flow_decorator,
        "when": chooser,
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

    def map(self, items: Any, /, *args: Any, **kwargs: Any) -> Any:
        return self(items, *args, **kwargs, _mapped=True)

    def __call__(self, /, *args: Any, _mapped: bool = False, **kwargs: Any) -> Any:
        bound = inspect.signature(self.task.function).bind(*args, **kwargs).arguments
        declared: Mapping[str, Mapping[str, Any]] = {
            "another name": {"version": "7"},
            "declared": {"retries": 2, "labels": {"team": "a"}},
        }
        name = self.task.definition.name
        self.log.append(
            {
                "task": name,
                "mapped": _mapped,
                "branches": _BRANCHES.get(),
                "arguments": {parameter: _described(value) for parameter, value in bound.items()},
                "after": sorted({term.whole for term in self.upstream}),
                "options": {**declared.get(name, {}), **self.overrides},
            }
        )
        term = _Term(len(self.log) - 1)
        return _answering(term) if type(self.task) is AsyncTask else term


async def _answering(answer: Any) -> Any:
    return answer


#: The branches around the code that is running, outermost first, by their numbers in order of entry.
_BRANCHES: ContextVar[tuple[int, ...]] = ContextVar("branches around", default=())


@attrs.frozen
class _FreeWhen:
    """``when`` of the free interpretation: both branches are gone through, and what they answer is kept."""

    log: list[Mapping[str, Any]]
    #: For each branch that was entered: its condition, and which side of it.
    entered: list[tuple[Any, bool]]

    def __call__(self, condition: Any, then: Callable[[], Any], otherwise: Callable[[], Any] | None = None) -> Any:
        if not isinstance(condition, _Term):
            taken = then if condition else otherwise
            return taken() if taken else _answering(None) if inspect.iscoroutinefunction(then) else None
        sides = [self.side(condition, True, then)]
        if otherwise:
            sides.append(self.side(condition, False, otherwise))
        if any(isinstance(answer, Awaitable) for _, answer in sides):
            return self.awaited(sides)
        return self.merged(sides)

    def side(self, condition: _Term, taken: bool, branch: Callable[[], Any]) -> tuple[int, Any]:
        number = len(self.entered)
        self.entered.append((_described(condition), taken))
        around = (*_BRANCHES.get(), number)
        if inspect.iscoroutinefunction(branch):
            return number, _inside(around, branch)
        token = _BRANCHES.set(around)
        answer = branch()
        _BRANCHES.reset(token)
        return number, _inside(around, lambda: answer) if isinstance(answer, Awaitable) else answer

    async def awaited(self, sides: list[tuple[int, Any]]) -> _Term:
        return self.merged(
            [(number, await answer if isinstance(answer, Awaitable) else answer) for number, answer in sides]
        )

    def merged(self, sides: list[tuple[int, Any]]) -> _Term:
        answers = [[number, _described(answer)] for number, answer in sides]
        self.log.append({"answers": answers, "branches": _BRANCHES.get()})
        return _Term(len(self.log) - 1)


async def _inside(around: tuple[int, ...], branch: Callable[[], Awaitable[Any]]) -> Any:
    token = _BRANCHES.set(around)
    answer = await branch()
    _BRANCHES.reset(token)
    return answer


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
class FreeCall:
    """A call, a map, or a choice (which has no task), as the free interpretation saw it."""

    task: str | None
    mapped: bool
    #: The calls that it refers to, ascending, repeats kept, and then what it comes after.
    upstream: tuple[int, ...]
    #: The conditions under which it is reached, outermost first: the call or input, the path, and which side.
    guards: tuple[tuple[int | str, tuple[str | int, ...], bool], ...]


@attrs.frozen
class FreeRun:
    """What the free interpretation saw: canonical text of everything, and each call."""

    text: str
    calls: tuple[FreeCall, ...]


def free_run(program: Program) -> FreeRun:
    """The program under the free interpretation, with the bound inputs bound and the others as terms."""
    log: list[Mapping[str, Any]] = []
    entered: list[tuple[Any, bool]] = []
    tasks = {each.function.__name__: _FreeTask(each, log) for each in _ALL}
    main = _executed(program, tasks, lambda function: function, _FreeWhen(log, entered))
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
    everything = {"log": log, "branches": entered, "returns": _described(returned), "inputs": inputs}
    return FreeRun(canonical_json(everything).unwrap(), tuple(_free_call(entry, entered) for entry in log))


def _free_call(entry: Mapping[str, Any], entered: list[tuple[Any, bool]]) -> FreeCall:
    guards = []
    for number in entry["branches"]:
        condition, taken = entered[number]
        whole, path = condition["reference"]
        guards.append((whole, tuple(path), taken))
    if "answers" in entry:
        used = [call for _, answer in entry["answers"] for call in _calls_in(answer)]
        return FreeCall(None, False, tuple(sorted(used)), tuple(guards))
    used = [call for each in entry["arguments"].values() for call in _calls_in(each)]
    return FreeCall(entry["task"], entry["mapped"], (*sorted(used), *entry["after"]), tuple(guards))


# -- generating ----------------------------------------------------------------------------------------

#: The kinds of what tasks return, where it is not a record.
_KINDS: Final = {
    "pair": "pair",
    "point": "point",
    "scaled": "float",
    "odd": "bool",
    "judged": "judged",
    "few": "few",
}

#: The kinds of what can be mapped over as it is.
_LISTS: Final = ("pair", "point", "few")

#: The tasks whose first parameter takes what is mapped over.
_MAPPED: Final = (
    *("one", "two", "keyed", "positional", "mixed", "titled", "declared", "renamed", "pair", "point", "scaled"),
    *("placed", "odd", "few"),
)

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
        #: Variables that hold what a choice answers.
        self.merged: set[str] = set()
        #: How many branches are around what is being written.
        self.depth = 0
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
            "judged": ('["ok"]', '["n"][0]'),
            "list record": ("[0]", '[0]["k"]', '[0]["p"][1]["z"]'),
            "list pair": ("[0]", "[0][1]"),
            "list point": ("[0]", "[0].x", "[0].y[1]"),
        }.get(kind, ("[0]",) if kind.startswith("list ") else ())
        if text in self.merged:
            self.feature("output of a choice")
        if kind.startswith("list "):
            self.feature("output of a map")
        if not selectors or self.chance(50):
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

    # -- calls

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
            else (*(each.function.__name__ for each in _SYNC), "point", "point", "pair", "two", "many")
        )
        later = self.awaits and self.chance(40)
        name = self.random.choice(_LATER if later else tasks)
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
        variables.append((target, _KINDS.get(name, "record")))
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

    # -- maps

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
        items = [self.expression(variables, 2) for _ in range(self.random.randrange(4))]
        if not items:
            self.feature("map over nothing")
        if any(any(name in item for name, _ in variables) for item in items):
            self.feature("map over a list with references")
        return (f"({', '.join(items)},)" if items and self.chance(30) else f"[{', '.join(items)}]"), bool(items)

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
        variables.append((target, f"list {_KINDS.get(name.removeprefix('later_'), 'record')}" if some else "few"))
        return [f"{target} = {text}"]

    # -- choices

    def condition(self, variables: list[tuple[str, str]]) -> str:
        """Something that is exactly a bool."""
        known = [(text, kind) for text, kind in variables if kind in ("bool", "bool input", "bound bool", "judged")]
        if not known or self.chance(30):
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
        before, texts, kinds = [], [], []
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
            return f"{name}({self.arguments(name, variables)})", _KINDS.get(name, "record")
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
                name = self.random.choice(_LATER)
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
        *,
        nodes: list[str] | None = None,
        size: int = 8,
    ) -> list[str]:
        nested = any(name.endswith("_nested") for name, _ in subflows) or not (switches or loops)
        lines: list[str] = []
        nodes = [] if nodes is None else nodes
        for _ in range(self.random.randrange(1, min(size, 3 if self.small else 8) + 1)):
            kind = self.random.randrange(10)
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
        source += ["@flow", f"{'async ' if self.awaits else ''}def main({', '.join([*required, *star, *optional])}):"]
        source += [f"    {line}" for line in lines]
        if any("_nested(" in line for line in lines):
            self.feature("subflow in a subflow")
        return Program("\n".join(source) + "\n", bound, rest, frozenset(self.features))
