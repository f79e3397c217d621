"""What ``@task`` makes of a function, and how functions are named in documents."""

import copy
import functools
import inspect
import math
import pickle
import subprocess
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from types import ModuleType
from typing import Any

import pytest

from captures import compiled, refused, refused_value, round_trip
from cascades_sdk.compiler import REFERENCE_TOKEN, Task, build_dag_from_flow, flow, task
from cascades_sdk.errors import CaptureError
from cascades_sdk.graph import Literal, Parameter, TaskDefinition, TaskOptions
from cascades_sdk.values import FrozenDict


@task
def add(a: int, b: int = 2) -> int:
    """The sum."""
    return a + b


def plain(n: int) -> int:
    return n


def test_outside_a_capture_a_task_is_its_function() -> None:
    assert add(1) == 3
    assert add(1, b=4) == 5
    with pytest.raises(TypeError):
        add()  # type: ignore[call-arg]


def test_a_task_keeps_name_doc_and_signature() -> None:
    assert (add.__name__, add.__qualname__, add.__module__, add.__doc__) == ("add", "add", __name__, "The sum.")
    assert inspect.signature(add) == inspect.signature(add.function)
    assert repr(add) == f"<task 'add', {__name__}:add>"


def test_parameters_may_have_the_names_that_methods_use_themselves() -> None:
    @task
    def titled(self: int, cls: int, args: int = 0, *, function: int = 0, kwargs: int = 0) -> list[int]:
        return [self, cls, args, function, kwargs]

    @flow
    def inner(self: int, flow: int) -> list[int]:
        return titled(self=self, cls=flow, function=3, kwargs=4, args=5)

    @flow
    def outer(self: int) -> list[int]:
        return inner(flow=2, self=self)

    tasks = {"titled": titled}
    assert round_trip(outer, rest={"self": 1}, tasks=tasks) == ("[1,2,5,3,4]",) * 2
    assert round_trip(outer, {"self": 1}, tasks=tasks) == ("[1,2,5,3,4]",) * 2


def test_a_definition_says_name_reference_parameters_options_and_doc() -> None:
    @task(name="scale", version="2", retries=3, timeout=1.5, cache="key", labels={"b": "2", "a": "1"})
    def local(x: float, /, *rest: int, factor: float = 1.0, **more: str) -> float:
        """Scaled."""
        return x

    assert local.definition == TaskDefinition(
        "scale",
        f"{__name__}:{local.function.__qualname__}",
        False,
        (
            Parameter("x", "positional_only"),
            Parameter("rest", "var_positional"),
            Parameter("factor", "keyword_only", Literal(1)),
            Parameter("more", "var_keyword"),
        ),
        TaskOptions("2", 3, 1.5, "key", FrozenDict({"a": "1", "b": "2"})),
    )
    assert local.definition.doc == "Scaled."
    assert add.definition.importable


def test_tasks_copy_and_pickle_by_name() -> None:
    assert copy.copy(add) is add
    assert copy.deepcopy(add) is add


def test_a_task_pickles_by_name_and_its_variants_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, __name__, sys.modules.get(__name__, _this_module()))
    assert pickle.loads(pickle.dumps(add)) is add
    with pytest.raises(pickle.PicklingError):
        pickle.dumps(add.with_options(retries=1))


def _this_module() -> ModuleType:
    module = ModuleType(__name__)
    module.__dict__.update(globals())
    return module


@pytest.mark.parametrize(
    ("subject", "problem"),
    [
        (3, "3 is not a function"),
        (add, "is not a function"),
        (functools.partial(plain, 1), "is not a function"),
        (int, "is not a function"),
    ],
    ids=["a number", "a task", "a partial", "a class"],
)
def test_only_a_function_becomes_a_task(subject: Any, problem: str) -> None:
    with pytest.raises(CaptureError) as raised:
        task(subject)
    assert raised.value.code == "not_a_function"
    assert problem in raised.value.problem
    assert raised.value.source is not None
    assert raised.value.source.file == __file__


def test_generators_are_no_tasks() -> None:
    async def async_generator() -> Any:
        yield 1

    def generator() -> Any:
        yield 1

    for function, problem in ((async_generator, "generator"), (generator, "generator")):
        with pytest.raises(CaptureError) as raised:
            task(function)
        assert problem in raised.value.problem


@pytest.mark.parametrize("decorate", [task, flow, task(name="named"), flow(name="named")])
def test_a_method_is_no_function(decorate: Callable[[Any], Any]) -> None:
    def plain_self(self: Any) -> Any:
        return self

    class Owner:
        def method(self, n: int) -> int:
            return n

        def of_class(cls, n: int) -> int:  # noqa: N805
            return n

        @staticmethod
        def static(n: int) -> int:
            return n

        of_the_class = classmethod(of_class)

        def without(n: int) -> int:  # type: ignore[misc]  # noqa: N805
            return n  # type: ignore[return-value]

        def none_by_position(*, self: int) -> int:  # type: ignore[misc]
            return self

    refusals = {
        Owner.method: "decorate a function; a method has no self here",
        Owner.of_class: "decorate a function; a method has no cls here",
        vars(Owner)["static"]: "put @staticmethod above",
        vars(Owner)["of_the_class"]: "decorate a function; a method has no cls here",
    }
    for subject, advice in refusals.items():
        with pytest.raises(CaptureError) as raised:
            decorate(subject)
        assert (raised.value.code, raised.value.advice) == ("not_a_function", advice)
        assert raised.value.source is not None
        assert raised.value.source.file == __file__
    for fine in (plain_self, plain, Owner.without, Owner.static, Owner.none_by_position):
        assert decorate(fine).function is fine


class Namespace:
    @staticmethod
    @task
    def tripled(n: int) -> int:
        return 3 * n

    @task
    def doubled(n: int) -> int:  # type: ignore[misc]  # noqa: N805
        return 2 * n  # type: ignore[operator]


def test_a_class_may_be_the_namespace_of_tasks() -> None:
    @flow
    def spaced(n: int) -> list[int]:
        return [Namespace.tripled(n), Namespace().tripled(n), Namespace.doubled(n)]

    assert round_trip(spaced, rest={"n": 2}) == ("[6,6,4]",) * 2
    assert [each.importable for each in compiled(spaced).tasks] == [True, True]


def test_a_builtin_with_a_signature_becomes_a_task_and_one_without_does_not() -> None:
    root = task(math.sqrt)
    assert root(9.0) == 3.0
    assert root.definition.reference == "math:sqrt"
    assert root.definition.importable
    with pytest.raises(CaptureError, match="no signature"):
        task(max)


def test_a_method_of_a_builtin_object_has_no_module_to_import_it_from() -> None:
    upper = task("text".upper)
    assert upper() == "TEXT"
    assert upper.definition.reference == "<unknown>:str.upper"
    assert not upper.definition.importable


@pytest.mark.parametrize("name", ["nightly report", "größer", "a/b:c~", "🎉"])
def test_a_name_is_any_text_of_one_line(name: str) -> None:
    assert task(name=name)(plain).definition.name == name
    assert compiled(flow(name=name)(lambda: 1)).name == name


@pytest.mark.parametrize("name", ["", 3, "\ud800"])
def test_a_name_is_text(name: Any) -> None:
    with pytest.raises(CaptureError) as raised:
        task(name=name)(plain)
    assert raised.value.code == "options"


@pytest.mark.parametrize("name", [" spaced name", "spaced name  ", "spaced name\n"])
def test_space_around_a_name_is_told_as_such(name: str) -> None:
    with pytest.raises(CaptureError, match="has space around it; leave that out"):
        task(name=name)(plain)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"retry": 3}, "option 'retry': there is no such option"),
        ({"retries": -1}, "option 'retries': -1 is refused"),
        ({"retries": True}, "option 'retries': True is refused"),
        ({"timeout": 0}, "option 'timeout': 0 is refused"),
        ({"cache": ""}, "option 'cache': '' is refused"),
        ({"labels": {"a": 1}}, "option 'labels': {'a': 1} is refused"),
        ({"version": 1}, "option 'version': 1 is refused"),
    ],
    ids=str,
)
def test_an_option_of_the_wrong_type_is_refused_where_it_is_declared(options: dict[str, Any], problem: str) -> None:
    for declaring in (lambda: task(**options)(plain), lambda: add.with_options(**options)):
        with pytest.raises(CaptureError) as raised:
            declaring()
        assert raised.value.code == "options"
        assert raised.value.problem == problem
        assert raised.value.source is not None
        assert raised.value.source.file == __file__


def test_a_wrong_option_inside_a_flow_is_its_error() -> None:
    @flow
    def wrong() -> int:
        return add.with_options(retries=-1)(1)

    error = refused(wrong)
    assert (error.code, error.task) == ("options", "add")


def test_overrides_stand_at_the_call_and_the_definition_stands_once() -> None:
    @task(retries=1, labels={"team": "a"})
    def work(n: int) -> int:
        return n

    @flow
    def mixed() -> list[int]:
        return [work(1), work.with_options(retries=5).with_options(timeout=2.0, retries=None)(2)]

    dag = compiled(mixed)
    assert dag.tasks == (work.definition,)
    assert [node.options for node in dag.nodes] == [TaskOptions(), TaskOptions(retries=5, timeout=2)]  # type: ignore[arg-type]


def test_an_override_that_says_what_the_definition_says_is_none() -> None:
    @task(retries=1, timeout=2)
    def work(n: int) -> int:
        return n

    @flow
    def same() -> int:
        return work.with_options(retries=1, timeout=2.0)(1)

    assert compiled(same).nodes[0].options == TaskOptions()


def test_outside_a_capture_variants_run_like_the_task() -> None:
    assert isinstance(add.after(1, 2), Task)
    assert add.after(add(1)).with_options(retries=2)(1, 1) == 2


def test_two_functions_under_one_name_are_refused() -> None:
    @task(name="add")
    def other(n: int) -> int:
        return n

    @flow
    def both() -> int:
        return other(add(1))

    error = refused(both)
    assert (error.code, error.task) == ("name_conflict", "add")


def test_two_declarations_of_one_function_under_one_name_are_refused() -> None:
    once, twice = task(retries=1)(plain), task(retries=2)(plain)

    @flow
    def both() -> int:
        return once(twice(1))

    assert refused(both).code == "name_conflict"


def test_two_equal_declarations_of_one_function_are_one_task() -> None:
    first, second = task(retries=1)(plain), task(retries=1)(plain)

    @flow
    def both() -> int:
        return first(second(1))

    assert [entry.name for entry in compiled(both).tasks] == ["plain"]


def test_a_default_that_is_no_value_is_an_error_only_where_it_would_be_used() -> None:
    @task
    def strange(n: int, options: Any = frozenset({1})) -> int:
        return n

    @flow
    def using() -> int:
        return strange(1)

    @flow
    def giving() -> int:
        return strange(1, [1])

    error = refused_value(using)
    assert (error.pointer, error.subject) == ("/options", "task 'strange', default of 'options'")
    assert "sorted" in error.advice
    assert compiled(giving).tasks[0].parameters == (Parameter("n"), Parameter("options"))


def test_a_default_that_is_too_large_for_a_literal_is_no_value_either() -> None:
    @task
    def large(text: str = "x" * 300_000) -> str:
        return text

    @flow
    def using() -> str:
        return large()

    assert refused_value(using).pointer == "/text"


# -- the names of what runs as __main__ ----------------------------------------------------------------


def _as_main(monkeypatch: pytest.MonkeyPatch, **attributes: Any) -> TaskDefinition:
    main = ModuleType("__main__")
    for name, value in attributes.items():
        setattr(main, name, value)
    monkeypatch.setitem(sys.modules, "__main__", main)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec("def script(n):\n    return n", namespace)
    sys.modules["__main__"].script = namespace["script"]
    return task(namespace["script"]).definition


def test_a_name_that_a_later_definition_has_taken_cannot_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    module = module_from_spec(ModuleSpec("shadowing", None))
    monkeypatch.setitem(sys.modules, "shadowing", module)
    exec("def step(): return 1", vars(module))
    first = task(name="first")(module.step)
    exec("def step(): return 2", vars(module))
    second = task(name="second")(module.step)
    assert (first.definition.reference, first.definition.importable) == ("shadowing:step", False)
    assert (second.definition.reference, second.definition.importable) == ("shadowing:step", True)


def test_the_text_of_a_reference_is_no_name() -> None:
    with pytest.raises(CaptureError, match="is refused"):
        task(name=REFERENCE_TOKEN + "node-0>")(keep.function)


@pytest.mark.parametrize(
    "late",
    [lambda x: keep([{"k": x}]), lambda x: keep.after(x)(1), lambda x: keep(key=(x,))],
    ids=["nested", "after", "keyword"],
)
def test_a_reference_that_outlived_its_capture_is_refused_wherever_it_stands(late: Callable[[Any], Any]) -> None:
    kept: list[Any] = []

    @flow
    def leaking(n: int) -> None:
        kept.append(keep(n))

    build_dag_from_flow(leaking).unwrap()
    with pytest.raises(CaptureError) as caught:
        late(kept[0])
    assert caught.value.code == "finished_capture"


def test_a_plain_call_takes_cycles_and_any_depth() -> None:
    deep: list[Any] = []
    for _ in range(100):
        deep = [deep]
    cycle: list[Any] = []
    cycle.append(cycle)
    assert keep(deep) == deep
    assert keep(cycle) is cycle


@task
def keep(value: Any = None, *, key: Any = None) -> Any:
    return value


def test_a_function_of_a_script_is_named_by_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    definition = _as_main(monkeypatch, __file__="/somewhere/report.py", __spec__=None)
    assert (definition.reference, definition.importable) == ("report:script", True)


def test_a_function_of_a_module_that_runs_is_named_by_its_spec(monkeypatch: pytest.MonkeyPatch) -> None:
    definition = _as_main(monkeypatch, __file__="/somewhere/report.py", __spec__=type(sys.__spec__)("a.report", None))
    assert definition.reference == "a.report:script"


def test_a_function_of_an_interactive_session_cannot_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    definition = _as_main(monkeypatch)
    assert (definition.reference, definition.importable) == ("__main__:script", False)


@pytest.mark.parametrize("file", ["<stdin>", "/somewhere/report", "<string>.py"])
def test_what_is_read_from_no_module_file_cannot_be_imported(monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    definition = _as_main(monkeypatch, __file__=file, __spec__=None)
    assert not definition.importable


def test_a_function_that_is_piped_into_python_cannot_be_imported() -> None:
    script = """
from cascades_sdk import build_dag_from_flow, flow, task

@task
def a() -> int:
    return 1

@flow
def f() -> int:
    return a()

print(build_dag_from_flow(f).unwrap().tasks[0].importable)
"""
    ran = subprocess.run([sys.executable], input=script, capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


def test_a_function_of_a_module_that_was_made_by_hand_cannot_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("by_hand")
    exec("def step(): return 1", vars(module))
    function = module.step
    assert not task(function).definition.importable
    monkeypatch.setitem(sys.modules, "by_hand", module)
    assert not task(function).definition.importable
