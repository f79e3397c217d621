"""A reference used as a value: every way that Python has a hook for is refused, and the others are pinned."""

import asyncio
import copy
import inspect
import io
import json
import logging
import math
import operator
import os
import pickle
import pydoc
import sys
import threading
import typing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pytest
from returns.result import Failure, Success

from captures import compiled, line_of, refused, swallowing
from cascades_sdk.compiler import REFERENCE_TOKEN, Reference, build_dag_from_flow, flow, outside_capture, task
from cascades_sdk.compiler._recorder import Recorder
from cascades_sdk.encoding import canonical_json
from cascades_sdk.errors import CaptureError, FlowRaisedError, SourceLine
from cascades_sdk.graph import InputReference, ListBinding, Literal, NodeReference


@task
def number(n: int = 0) -> int:
    return n


@task
def keep(value: Any) -> Any:
    return value


class Point(NamedTuple):
    x: int
    y: int


@task
def point() -> Point:
    return Point(1, 2)


def _if(x: Any) -> None:
    if x:
        pass


def _while(x: Any) -> None:
    while x:
        pass


def _for(x: Any) -> None:
    for _ in x:
        pass


def _unpack(x: Any) -> None:
    _, _ = x


def _match_class(x: Any) -> str:
    match x:
        case int():
            return "int"
        case _:
            return "else"


def _match_sequence(x: Any) -> str:
    match x:
        case [_, _]:
            return "pair"
        case _:
            return "else"


def _match_value(x: Any) -> str:
    match x:
        case 1:
            return "one"
        case _:
            return "else"


def _set_attribute(x: Any) -> None:
    x.field = 1


def _delete_attribute(x: Any) -> None:
    del x.field


def _set_item(x: Any) -> None:
    x["k"] = 1


def _delete_item(x: Any) -> None:
    del x[0]


def _with(x: Any) -> None:
    with x:
        pass


def _inplace(x: Any) -> None:
    x += 1


def _await(x: Any) -> None:
    async def waiting() -> None:
        await x

    asyncio.run(waiting())


def _async_with(x: Any) -> None:
    async def entering() -> None:
        async with x:
            pass

    asyncio.run(entering())


def _async_for(x: Any) -> None:
    async def iterating() -> None:
        async for _ in x:
            pass

    asyncio.run(iterating())


MISUSES: dict[str, tuple[str, Callable[[Any], object]]] = {
    "if": ("truth", _if),
    "while": ("truth", _while),
    "not": ("truth", lambda x: not x),
    "and": ("truth", lambda x: x and 1),
    "or": ("truth", lambda x: x or 1),
    "conditional expression": ("truth", lambda x: 1 if x else 2),
    "bool": ("truth", bool),
    "any": ("truth", lambda x: any([x])),
    "filter": ("truth", lambda x: list(filter(None, [x]))),
    "==": ("comparison", lambda x: x == 1),
    "== from the other side": ("comparison", lambda x: 1 == x),
    "!=": ("comparison", lambda x: x != 1),
    "<": ("comparison", lambda x: x < 1),
    "<=": ("comparison", lambda x: x <= 1),
    ">": ("comparison", lambda x: x > 1),
    ">=": ("comparison", lambda x: x >= 1),
    "chained comparison": ("comparison", lambda x: 0 < x < 10),
    "in a list": ("comparison", lambda x: x in [1, 2]),
    "max": ("comparison", lambda x: max(x, 1)),
    "sorted": ("comparison", lambda x: sorted([x, 1])),
    "a value pattern": ("comparison", _match_value),
    "for": ("iteration", _for),
    "unpacking without a tuple annotation": ("iteration", _unpack),
    "list": ("iteration", list),
    "star": ("iteration", lambda x: [*x]),
    "star arguments": ("iteration", lambda x: number(*x)),
    "zip": ("iteration", lambda x: list(zip(x, [1], strict=False))),
    "enumerate": ("iteration", enumerate),
    "map": ("iteration", lambda x: list(map(str, x))),
    "sum of it": ("iteration", sum),
    "comprehension": ("iteration", lambda x: [y for y in x]),  # noqa: C416
    "reversed": ("iteration", reversed),
    "next": ("iteration", next),
    "iter": ("iteration", iter),
    "yield from": ("iteration", lambda x: list((lambda: (yield from x))())),
    "async for": ("iteration", _async_for),
    "len": ("length", len),
    "sys.getsizeof": ("length", sys.getsizeof),
    "length hint": ("length", operator.length_hint),
    "a sequence pattern": ("length", _match_sequence),
    "in it": ("containment", lambda x: 1 in x),
    "not in it": ("containment", lambda x: "k" not in x),
    "int": ("number_conversion", int),
    "float": ("number_conversion", float),
    "complex": ("number_conversion", complex),
    "index": ("number_conversion", operator.index),
    "as an index": ("number_conversion", lambda x: [1, 2][x]),
    "range": ("number_conversion", range),
    "hex": ("number_conversion", hex),
    "round": ("number_conversion", round),
    "floor": ("number_conversion", math.floor),
    "ceil": ("number_conversion", math.ceil),
    "trunc": ("number_conversion", math.trunc),
    "sqrt": ("number_conversion", math.sqrt),
    "%d": ("number_conversion", lambda x: "%d" % x),  # noqa: UP031
    "str": ("string_conversion", str),
    "%s": ("string_conversion", lambda x: "%s" % x),  # noqa: UP031
    "print": ("string_conversion", lambda x: print(x, file=io.StringIO())),
    "bytes": ("string_conversion", bytes),
    "a path": ("string_conversion", os.fspath),
    "open, which first tries a file descriptor": ("number_conversion", open),
    "an f-string": ("formatting", lambda x: f"{x}"),
    "an f-string with a format": ("formatting", lambda x: f"{x:>10}"),
    "str.format": ("formatting", lambda x: "{}".format(x)),  # noqa: UP032
    "format": ("formatting", lambda x: format(x, "d")),
    "+": ("arithmetic", lambda x: x + 1),
    "+ from the other side": ("arithmetic", lambda x: 1 + x),
    "text + it": ("arithmetic", lambda x: "a" + x),
    "list + it": ("arithmetic", lambda x: [1] + x),  # noqa: RUF005
    "sum over references": ("arithmetic", lambda x: sum([x, x])),
    "-": ("arithmetic", lambda x: x - 1),
    "*": ("arithmetic", lambda x: 2 * x),
    "@": ("arithmetic", lambda x: x @ x),
    "/": ("arithmetic", lambda x: x / 2),
    "//": ("arithmetic", lambda x: 7 // x),
    "%": ("arithmetic", lambda x: x % 2),
    "divmod": ("arithmetic", lambda x: divmod(x, 2)),
    "**": ("arithmetic", lambda x: x**2),
    "<<": ("arithmetic", lambda x: x << 1),
    ">>": ("arithmetic", lambda x: x >> number(1)),
    "&": ("arithmetic", lambda x: x & 1),
    "|": ("arithmetic", lambda x: x | {}),
    "^": ("arithmetic", lambda x: x ^ 1),
    "minus sign": ("arithmetic", lambda x: -x),
    "plus sign": ("arithmetic", lambda x: +x),
    "~": ("arithmetic", lambda x: ~x),
    "abs": ("arithmetic", abs),
    "+=": ("arithmetic", _inplace),
    "hash": ("hashing", hash),
    "a dict key": ("hashing", lambda x: {x: 1}),
    "a lookup": ("hashing", lambda x: {}.get(x)),
    "a set": ("hashing", lambda x: {x}),
    "in a set": ("hashing", lambda x: x in {1, 2}),
    "pickle": ("pickling", pickle.dumps),
    "copy": ("pickling", copy.copy),
    "deepcopy": ("pickling", copy.deepcopy),
    "isinstance": ("type_check", lambda x: isinstance(x, int)),
    "isinstance of an abstract class": ("type_check", lambda x: isinstance(x, Callable)),  # type: ignore[arg-type]
    "__class__": ("type_check", lambda x: x.__class__),
    "a class pattern": ("type_check", _match_class),
    "json.dumps": ("type_check", json.dumps),
    "an attribute": ("attribute", lambda x: x.upper()),
    "hasattr": ("attribute", lambda x: hasattr(x, "shape")),
    "getattr with a default": ("attribute", lambda x: getattr(x, "shape", None)),
    "double star": ("attribute", lambda x: number(**x)),
    "dict": ("attribute", dict),
    "vars": ("attribute", vars),
    "__doc__": ("attribute", lambda x: x.__doc__),
    "__module__": ("attribute", lambda x: x.__module__),
    "__annotations__": ("attribute", lambda x: x.__annotations__),
    "__slots__": ("attribute", lambda x: x.__slots__),
    "__dict__": ("attribute", lambda x: x.__dict__),
    "__weakref__": ("attribute", lambda x: x.__weakref__),
    "__name__": ("attribute", lambda x: x.__name__),
    "inspect.getdoc": ("attribute", inspect.getdoc),
    "dir": ("attribute", dir),
    "issubclass": ("attribute", lambda x: issubclass(x, int)),
    "setting an attribute": ("assignment", _set_attribute),
    "deleting an attribute": ("assignment", _delete_attribute),
    "setting an item": ("assignment", _set_item),
    "deleting an item": ("assignment", _delete_item),
    "calling": ("calling", lambda x: x()),
    "await": ("awaiting", _await),
    "with": ("context_manager", _with),
    "async with": ("context_manager", _async_with),
    "a negative index": ("selector", lambda x: x[-1]),
    "a slice": ("selector", lambda x: x[1:]),
    "a float selector": ("selector", lambda x: x[1.0]),
    "a bool selector": ("selector", lambda x: x[True]),
    "an index beyond every list": ("selector", lambda x: x[2**53]),
    "a key that is no value": ("selector", lambda x: x["k\ud800"]),
    "a tuple selector": ("selector", lambda x: x[0, 1]),
    "a literal text of it": ("text_of_reference", lambda x: keep(repr(x))),
    "a literal text of it in a container": ("text_of_reference", lambda x: keep({"a": ["b", f"{x!r}"]})),
    "a literal text of it as a key": ("text_of_reference", lambda x: keep({"%r" % x: 1})),  # noqa: UP031
    "a literal text of it beside a reference": ("text_of_reference", lambda x: keep([x, f"{x!r}"])),
    "a literal text of it as a key of a reference": ("text_of_reference", lambda x: keep({repr(x): x})),
    "an option": ("options", lambda x: number.with_options(retries=x)(1)),
    "an option of an option": ("options", lambda x: number.with_options(labels={"of": x})(1)),
    "an option of a new task": ("options", lambda x: task(timeout=x)(number.function)(1)),
    "the name of a task": ("options", lambda x: task(name=x)(number.function)(1)),
    "the name of a flow": ("options", lambda x: flow(name=x)(number.function)(1)),
    "a literal text of it in an option": (
        "text_of_reference",
        lambda x: number.with_options(labels={"of": repr(x)})(1),
    ),
}


@pytest.mark.parametrize(("code", "misuse"), MISUSES.values(), ids=MISUSES)
@pytest.mark.parametrize("swallowed", [False, True], ids=["raised", "swallowed"])
def test_a_reference_used_as_a_value_fails_the_compile(
    code: str, misuse: Callable[[Any], object], swallowed: bool
) -> None:
    @flow
    def misusing(n: int) -> Any:
        return misuse(n)

    subject = swallowing(misuse) if swallowed else misusing
    error = refused(subject)
    assert error.code == code
    assert error.flow == subject.name
    assert error.advice
    assert error.source is not None
    assert error.source.file == __file__ if not swallowed else True
    assert "input 'n'" in error.problem or code == "text_of_reference"


def test_an_error_names_the_line_of_the_flow_and_the_task_and_what_to_do() -> None:
    @flow
    def branching(n: int) -> int:
        got = keep(number(n))
        if got["part"][0]:  # here
            return 1
        return 2

    error = refused(branching)
    assert error == CaptureError(
        "truth",
        'node-1["part"][0] has no value yet; asking for its truth needs one',
        "bind the parameter in flow_inputs to branch on it, or decide inside a task",
        error.source,
        "branching",
        "keep",
    )
    assert str(error.source) == f"{__file__}:{line_of(branching, '# here')}"
    assert str(error).startswith(f"{__file__}:{line_of(branching, '# here')}, flow 'branching', task 'keep': node-1")


def test_an_error_in_a_flow_inside_a_flow_names_the_inner_one() -> None:
    @flow
    def inner(n: int) -> int:
        number(0)
        return n + 1  # here

    @flow
    def outer(n: int) -> int:
        return inner(number(n))

    error = refused(outer)
    assert (error.code, error.flow, error.task) == ("arithmetic", "inner", "number")
    assert error.source is not None
    assert error.source.line == line_of(inner, "# here")


def test_the_first_misuse_is_the_one_that_is_told() -> None:
    @flow
    def twice(n: int) -> int:
        for attempt in (len, str):
            try:
                attempt(n)
            except CaptureError:
                pass
        raise RuntimeError("later")

    assert refused(twice).code == "length"


def test_a_misuse_is_told_rather_than_what_the_flow_made_of_it() -> None:
    @flow
    def translating(n: int) -> int:
        try:
            return int(n)
        except CaptureError as error:
            raise ValueError("not a number") from error

    assert refused(translating).code == "number_conversion"


def test_logging_a_reference_fails_the_compile() -> None:
    @flow
    def logged(n: int) -> int:
        logging.getLogger("a logger of this test").warning("n is %s", n)
        return n

    # A logger first looks whether its one argument is a mapping.
    assert refused(logged).code == "type_check"


def test_a_task_that_is_defined_with_the_text_of_a_reference_is_refused() -> None:
    def versioned(n: int) -> int:
        return n

    @flow
    def by_option(n: int) -> int:
        return task(version=repr(n))(versioned)(1)

    @flow
    def by_default(n: int) -> int:
        @task
        def local(text: str = repr(n)) -> str:
            return text

        return local()

    assert refused(by_option).code == "text_of_reference"
    assert refused(by_default).code == "text_of_reference"


def test_the_text_of_a_reference_says_what_it_is() -> None:
    seen: list[str] = []

    @flow
    def looking(n: int) -> int:
        seen.append(repr(keep(n)["k"][0]))
        return 1

    compiled(looking)
    assert seen == [f'{REFERENCE_TOKEN}node-0["k"][0]: it has no value while the flow is captured>']


def test_isinstance_of_reference_itself_is_known() -> None:
    seen: list[object] = []

    @flow
    def looking(n: int) -> int:
        seen.append(isinstance(n, Reference))
        return n

    compiled(looking)
    assert seen == [True]


# -- the known blind spots: Python asks nobody ---------------------------------------------------------


def _match_mapping(x: Any) -> str:
    match x:
        case {"k": _}:
            return "object"
        case _:
            return "else"


def _match_none(x: Any) -> str:
    match x:
        case None | True | False:
            return "constant"
        case _:
            return "else"


BLIND_SPOTS: dict[str, tuple[object, Callable[[Any], object]]] = {
    "x is None, in a function that the flow calls": (False, lambda x: x is None),
    "x is None, of an output": (False, lambda x: keep(x) is None),
    "type(x) is int": (False, lambda x: type(x) is int),
    "x in [x], by identity": (True, lambda x: x in [x]),
    "[x].index(x), by identity": (0, lambda x: [x].index(x)),
    "[x] == [x], by identity": (True, lambda x: [x] == [x]),
    "callable(x)": (True, callable),
    "a mapping pattern": ("else", _match_mapping),
    "type(x).__name__": ("Reference", lambda x: type(x).__name__),
    "x is y": (False, lambda x: x is x["k"]),
    "id(x)": (True, lambda x: id(x) == id(x)),
    "a None pattern, in a function that the flow calls": ("else", _match_none),
    "a part cut out of its text": ("<casc", lambda x: f"{x!r:.5}"),
    "a text made of its text": ("<CASC", lambda x: repr(x).upper()[:5]),
    "what answers errors as values": ("?", lambda x: canonical_json(x).value_or("?")),
}


@pytest.mark.parametrize(("answer", "attempt"), BLIND_SPOTS.values(), ids=BLIND_SPOTS)
def test_a_known_blind_spot_passes_unseen(answer: object, attempt: Callable[[Any], object]) -> None:
    @flow
    def blind(n: Any) -> Any:
        return attempt(n)

    assert compiled(blind).returns == Literal(answer)  # type: ignore[arg-type]


#: What Python calls by itself, and what is there for the package: read without being called, it says nothing.
READ_UNSEEN = frozenset(
    {
        *("__init__", "__new__", "__init_subclass__", "__subclasshook__"),
        *("__getattribute__", "__getattr__", "__getitem__", "__iter__", "__repr__"),
        *("_cascades_binding", "_cascades_origin", "_cascades_part", "_cascades_recorder"),
    }
)


#: What Python 3.13 and later write into every class that is defined in Python.
WRITTEN_SINCE_313 = frozenset({"__firstlineno__", "__static_attributes__"})


def test_reading_a_special_method_passes_unseen_and_calling_it_does_not() -> None:
    answered: set[str] = set()
    called: set[str] = set()

    @flow
    def reading(n: int) -> int:
        for name in (*dir(Reference), *dir(type), *dir(len)):
            try:
                method = getattr(n, name)
            except CaptureError:
                continue
            answered.add(name)
            if name not in READ_UNSEEN | WRITTEN_SINCE_313:
                with pytest.raises(CaptureError):
                    method()
                called.add(name)
        return 0

    build_dag_from_flow(reading).failure()
    assert answered - called - WRITTEN_SINCE_313 == READ_UNSEEN
    assert all(callable(getattr(Reference, name)) for name in called)


def test_the_class_of_references_is_documented_like_any_other() -> None:
    assert str(Reference.__doc__).startswith("A placeholder for")
    assert Reference.__module__ == "cascades_sdk.compiler._reference"
    assert repr(Reference) == "<class 'cascades_sdk.compiler._reference.Reference'>"
    assert pickle.loads(pickle.dumps(Reference)) is Reference
    assert inspect.getmodule(Reference) is sys.modules[Reference.__module__]
    assert "_cascades_binding" in typing.get_type_hints(Reference)
    assert "A placeholder for" in pydoc.plain(pydoc.render_doc(Reference))


def _frames() -> int:
    frame: Any = sys._getframe()
    count = 0
    while frame is not None:
        count, frame = count + 1, frame.f_back
    return count


def _in_a_thread(work: Callable[[], Any]) -> Any:
    """What the work answers in a thread of its own, whose stack is its own, too, and where nobody traces.

    A tracer (coverage is one) that meets the end of the stack is switched off by Python for the rest of the thread.
    """
    answers: list[Any] = []

    def working() -> None:
        sys.settrace(None)
        answers.append(work())

    thread = threading.Thread(target=working)
    thread.start()
    thread.join()
    return answers[0]


def _down(frames: int, then: Callable[[], Any]) -> Any:
    return then() if frames <= 0 else _down(frames - 1, then)


#: What a flow does with its last frames.
NEAR_THE_END: dict[str, Callable[[Any], object]] = {
    "a call": number,
    "a call with a container": lambda x: keep([{"k": [x, [1]]}]),
    "a selection": lambda x: x["k"],
    "an unpacking": lambda x: [*point()],
    "a field": lambda x: point().x,
    "a misuse": bool,
}


@pytest.mark.parametrize("use", NEAR_THE_END.values(), ids=NEAR_THE_END)
def test_near_the_end_of_the_stack_nothing_is_left_out_of_a_graph(use: Callable[[Any], object]) -> None:
    raised, unseen, told, whole = [], [], [], []
    for left in range(1, 60):
        swallowed: list[int] = []

        @flow
        def swallowing(n: Any, left: int, swallowed: list[int] = swallowed) -> Any:
            def attempt() -> Any:
                try:
                    use(n)
                except RecursionError:
                    swallowed.append(left)

            _down(sys.getrecursionlimit() - _frames() - left, attempt)
            return number(1)

        outcome = _in_a_thread(lambda: build_dag_from_flow(swallowing, {"left": left, "swallowed": swallowed}))  # noqa: B023
        if not swallowed:
            passed = isinstance(outcome, Failure) and isinstance(outcome.failure(), FlowRaisedError)
            (raised if passed else whole).append(left)
        elif isinstance(outcome, Success):
            unseen.append(left)
        else:
            error = outcome.failure()
            assert isinstance(error, CaptureError)
            assert error.code == "recursion"
            told.append(left)
    # With the very last frames the flow does not even reach the capture: a plain call would not reach the task either.
    assert [*raised, *unseen, *told, *whole] == list(range(1, 60))
    assert len(unseen) <= 4
    assert told
    assert whole


def test_a_flow_that_swallows_what_broke_off_a_call_does_not_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    @flow
    def stubborn(n: int) -> int:
        with monkeypatch.context() as patched:
            patched.setattr(Recorder, "binding", interrupted)
            try:
                number(n)
            except KeyboardInterrupt:
                pass
        return number(2)

    error = refused(stubborn)
    assert (error.code, error.flow) == ("recursion", "stubborn")
    assert "could not be recorded" in error.problem
    assert error.source is not None
    assert error.source.line == stubborn.function.__code__.co_firstlineno


def test_a_recursion_error_that_the_flow_lets_pass_is_what_it_raised() -> None:
    def compiled(left: int) -> Any:
        @flow
        def deep(n: int) -> Any:
            return _down(sys.getrecursionlimit() - _frames() - left, lambda: keep([n]))

        return _in_a_thread(lambda: build_dag_from_flow(deep))

    # How many frames recording takes is the version's affair: somewhere it is too many.
    failed = [outcome for outcome in map(compiled, range(12)) if isinstance(outcome, Failure)]
    assert failed
    for outcome in failed:
        error = outcome.failure()
        assert isinstance(error, FlowRaisedError)
        assert error.cause_type == "RecursionError"


class TypeAliasType:
    """An alias (``type X = ...``) for whose computing the stack is too short."""

    @property
    def __value__(self) -> Any:
        raise RecursionError


@pytest.mark.parametrize(
    "use", [lambda x: x[0], lambda x: [*x], len, lambda x: x.field], ids=["a part", "unpacking", "length", "a field"]
)
def test_a_flow_that_swallows_that_a_part_could_not_be_looked_up_does_not_compile(use: Callable[[Any], object]) -> None:
    def some() -> Any:
        return []

    some.__annotations__["return"] = TypeAliasType()
    unclear = task(some)

    @flow
    def stubborn() -> Any:
        try:
            use(unclear())
        except RecursionError:
            pass
        return number(1)

    assert refused(stubborn).code == "recursion"


def test_a_plain_thread_that_calls_a_task_with_literals_only_runs_it_unseen() -> None:
    got: list[int] = []

    @flow
    def threaded() -> int:
        thread = threading.Thread(target=lambda: got.append(number(7)))
        thread.start()
        thread.join()
        return number(1)

    assert len(compiled(threaded).nodes) == 1
    assert got == [7]


def test_a_pool_of_threads_that_calls_a_task_with_literals_only_runs_it_unseen() -> None:
    got: list[int] = []

    @flow
    def pooled() -> int:
        with ThreadPoolExecutor(1) as pool:
            got.append(pool.submit(number, 7).result())
        return number(1)

    assert len(compiled(pooled).nodes) == 1
    assert got == [7]


def test_a_plain_thread_that_runs_a_task_with_a_reference_in_a_list_is_refused_before_the_task_runs() -> None:
    @task
    def total(numbers: list[int]) -> int:
        return sum(numbers)

    @flow
    def threaded(n: int) -> int:
        with outside_capture(), pytest.raises(CaptureError):
            total([n])
        return 0

    assert refused(threaded).code == "finished_capture"


# -- references that are somewhere else than they belong -------------------------------------------------


def _leaked() -> Any:
    seen: list[Any] = []

    @flow
    def leaking(n: int) -> int:
        seen.append(keep(n))
        return 0

    compiled(leaking)
    return seen[0]


def test_a_reference_from_a_finished_capture_is_refused_by_the_next() -> None:
    stale = _leaked()

    @flow
    def later() -> int:
        return number(stale)  # here

    error = refused(later)
    assert error.code == "foreign_reference"
    assert error.problem == "node-0 belongs to another capture"
    assert error.source is not None
    assert (error.source.file, error.source.line) == (__file__, line_of(later, "# here"))


@pytest.mark.parametrize(
    "use",
    [lambda x: keep([1, {"k": x["part"]}]), lambda x: [x], lambda x: number.after(x)(1)],
    ids=["nested", "in a list", "after"],
)
def test_a_foreign_reference_is_refused_wherever_it_stands(use: Callable[[Any], object]) -> None:
    stale = _leaked()

    @flow
    def later() -> Any:
        return use(stale)

    assert refused(later).code == "foreign_reference"


def test_a_task_run_outside_of_any_capture_refuses_a_reference_that_outlived_its_own() -> None:
    stale = _leaked()
    with pytest.raises(CaptureError) as raised:
        number(stale)
    assert raised.value.code == "finished_capture"
    assert raised.value.source is not None
    assert raised.value.source.file == __file__
    with pytest.raises(CaptureError):
        number(n=stale)


def test_a_stale_reference_used_as_a_value_raises_and_fails_the_capture_it_is_used_in() -> None:
    stale = _leaked()
    with pytest.raises(CaptureError) as raised:
        bool(stale)
    assert (raised.value.code, raised.value.flow, raised.value.task) == ("truth", "leaking", "keep")

    @flow
    def stubborn() -> int:
        try:
            return len(stale)
        except CaptureError:
            return 0

    error = refused(stubborn)
    assert (error.code, error.flow) == ("length", "stubborn")


def test_a_reference_of_the_outer_flow_used_in_a_nested_compile_fails_both() -> None:
    inner_errors: list[object] = []

    @flow
    def outer(n: int) -> int:
        @flow
        def inner() -> int:
            return 1 if n else 2

        inner_errors.append(build_dag_from_flow(inner).failure())
        return number(1)

    assert refused(outer).code == "truth"
    assert isinstance(inner_errors[0], CaptureError)
    assert inner_errors[0].code == "truth"


def test_a_reference_of_the_outer_flow_is_no_input_of_a_nested_compile() -> None:
    answers: list[object] = []

    @flow
    def inner(n: int) -> int:
        return number(n)

    @flow
    def outer(n: int) -> int:
        answers.append(build_dag_from_flow(inner, {"n": n}).failure())
        return number(n)

    assert len(compiled(outer).nodes) == 1
    assert isinstance(answers[0], CaptureError)
    assert answers[0].code == "foreign_reference"


@pytest.mark.parametrize("around", [lambda x: x, lambda x: {"k": [number(x)]}], ids=["an input", "in a container"])
def test_a_task_that_takes_a_reference_from_the_flow_around_it_is_refused(around: Callable[[Any], Any]) -> None:
    @flow
    def closing(n: int) -> Any:
        seen = around(n)

        @task
        def local(more: int) -> Any:
            return [seen, more, later]

        answer = local(1)  # here
        later = 2
        return answer

    error = refused(closing)
    assert (error.code, error.task, error.flow) == ("foreign_reference", "local", "closing")
    assert "argument" in error.advice
    assert error.source is not None
    assert error.source.line == line_of(closing, "# here")


def test_a_task_may_take_what_is_known_from_the_flow_around_it() -> None:
    @flow
    def closing(n: int, step: int) -> Any:
        @task
        def local(value: int) -> int:
            return value + step if step else later

        answer = local(n)
        later = step
        return answer

    dag = compiled(closing, {"step": 2})
    assert [task.importable for task in dag.tasks] == [False]


def test_a_flow_inside_a_flow_may_take_references_from_around_it() -> None:
    @flow
    def outer(n: int) -> Any:
        @flow
        def inner(m: int = n) -> Any:
            return keep([n, m])

        return inner()

    assert compiled(outer).nodes[0].arguments == (("value", ListBinding((InputReference("n"), InputReference("n")))),)


def test_a_task_called_in_a_thread_that_copied_the_context_is_refused_and_does_not_run() -> None:
    ran: list[int] = []

    @task
    def noting(n: int) -> int:
        ran.append(n)
        return n

    @flow
    def threaded(n: int) -> int:
        async def elsewhere() -> Any:
            return await asyncio.to_thread(noting, 1)

        return asyncio.run(elsewhere())  # here

    error = refused(threaded)
    assert (error.code, error.flow) == ("other_thread", "threaded")
    assert ran == []


def test_a_flow_called_in_a_thread_that_copied_the_context_is_refused() -> None:
    @flow
    def inner() -> int:
        return number(1)

    @flow
    def threaded() -> int:
        async def elsewhere() -> Any:
            return await asyncio.to_thread(inner)

        return asyncio.run(elsewhere())

    assert refused(threaded).code == "other_thread"


def test_a_plain_thread_that_runs_a_task_with_a_reference_fails_the_compile() -> None:
    caught: list[CaptureError] = []

    def elsewhere(n: int) -> None:
        try:
            number(n)
        except CaptureError as error:
            caught.append(error)

    @flow
    def threaded(n: int) -> int:
        thread = threading.Thread(target=elsewhere, args=(n,))
        thread.start()
        thread.join()
        return number(n)

    error = refused(threaded)
    assert error.code == "other_thread"
    assert caught == [error]


def test_what_happens_in_another_thread_is_told_with_a_line_of_the_flow() -> None:
    def in_this_file(n: int) -> int:
        return number(n)  # here

    @flow
    def pooled(n: int) -> int:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(number, n).result()

    @flow
    def asked(n: int) -> int:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(bool, n).result()

    @flow
    def called(n: int) -> int:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(in_this_file, n).result()

    for subject, code in ((pooled, "other_thread"), (asked, "truth"), (called, "other_thread")):
        error = refused(subject)
        first = line_of(in_this_file, "# here") if subject is called else line_of(subject, "@flow")
        assert (error.code, error.source) == (code, SourceLine(__file__, first))
        assert error.flow == subject.name


def test_a_call_after_the_flow_has_returned_is_refused() -> None:
    later: list[Callable[[], object]] = []
    nested: list[CaptureError] = []

    @flow
    def inner() -> int:
        return number(1)

    @flow
    def lazy() -> int:
        # The context of the capture outlives it in whatever copied it.
        import contextvars

        context = contextvars.copy_context()
        later.append(lambda: context.run(number, 1))
        later.append(lambda: context.run(inner))
        return 0

    assert compiled(lazy).nodes == ()
    for call in later:
        with pytest.raises(CaptureError) as raised:
            call()
        nested.append(raised.value)
    assert [error.code for error in nested] == ["finished_capture"] * 2


# -- what may be done with a reference ---------------------------------------------------------------------


def test_a_field_of_a_named_tuple_is_the_part_at_its_position() -> None:
    @flow
    def by_field() -> Any:
        return keep(point().y)

    assert compiled(by_field).nodes[1].arguments == (("value", NodeReference(0, (1,))),)


def test_what_is_no_field_of_a_named_tuple_is_an_attribute() -> None:
    @flow
    def by_method() -> Any:
        return point().count(1)

    assert refused(by_method).code == "attribute"


def test_an_index_beyond_the_parts_of_a_tuple_is_refused() -> None:
    @flow
    def beyond() -> Any:
        return point()[2]

    error = refused(beyond)
    assert error.code == "selector"
    assert error.problem == "node-0 has no part 2: it is annotated as Point"


def test_a_reference_is_no_file() -> None:
    @flow
    def opening(n: str) -> Any:
        return open(n)

    error = refused(opening)
    assert error.code == "number_conversion"  # Python asks for the number of a file first
    assert "using it as an index, a count or a file" in error.problem


def test_the_text_of_a_reference_is_no_key() -> None:
    @flow
    def keyed(n: int) -> Any:
        return keep(n)[repr(number(1))]

    assert refused(keyed).code == "text_of_reference"


def test_parts_are_selected_as_deep_as_values_are_and_no_deeper() -> None:
    @flow
    def digging(times: int) -> Any:
        part: Any = keep(1)
        for _ in range(times):
            part = part[0]
        return part

    assert len(compiled(digging, {"times": 64}).returns.path) == 64  # type: ignore[union-attr]
    error = refused(digging, {"times": 65})
    assert (error.code, "more than 64 deep" in error.problem) == ("selector", True)
