"""A graph run in this process: values at the door, selectors, steps, functions by reference, and what fails."""

import sys
from types import ModuleType
from typing import Any, NamedTuple

import pytest

from captures import compiled, round_trip, tasks_of
from cascades_sdk.compiler import build_dag_from_flow, flow, task
from cascades_sdk.encoding import dag_from_json, dag_to_json
from cascades_sdk.errors import EvaluationError, TaskRaisedError
from cascades_sdk.evaluation import Evaluated, NodeFinished, NodeStarted, evaluate, steps
from cascades_sdk.graph import (
    Branch,
    Call,
    Choice,
    Dag,
    FlowInput,
    Group,
    Guard,
    InputReference,
    Literal,
    Map,
    NodeReference,
    Parameter,
    TaskDefinition,
    list_binding,
)
from cascades_sdk.values import FrozenDict


@task
def add(a: int, b: int = 0) -> int:
    return a + b


@task
def keep(value: Any) -> Any:
    return value


@task
def everything(a: Any, /, b: Any = 2, *rest: Any, c: Any = 3, **more: Any) -> Any:
    return {"a": a, "b": b, "rest": list(rest), "c": c, "more": more}


@flow
def total(n: int, step: int = 2) -> int:
    return add(add(n, step), b=3)


TASKS = {"add": add, "keep": keep, "everything": everything}


def valued(dag: Dag, inputs: Any = None, tasks: Any = None) -> Any:
    return evaluate(dag, inputs, tasks_of(dag, tasks or {}))


def watched(dag: Dag, inputs: Any, tasks: Any) -> Any:
    return steps(dag, inputs, tasks_of(dag, tasks))


def test_a_graph_evaluates_to_what_its_flow_returns() -> None:
    assert valued(compiled(total), {"n": 1}, TASKS).unwrap() == total(1) == 6
    assert valued(compiled(total), {"n": 1, "step": 5}, TASKS).unwrap() == total(1, 5) == 9


def test_a_flow_of_every_kind_of_parameter_survives_the_round_trip() -> None:
    @flow
    def calls(n: Any) -> Any:
        return [
            everything(1),
            everything(n, c=n),
            everything(1, n, n, 4, c=5, x={"deep": [n]}, a=n),
            {"n": n["k"], "literal": [1, None]},
        ]

    for evaluated, called in [round_trip(calls, rest={"n": {"k": [1.5, "é"]}}, tasks=TASKS)]:
        assert evaluated == called


def test_the_answer_is_plain_and_fresh() -> None:
    @flow
    def listing(n: Any) -> Any:
        return [n, n]

    value = {"k": [1]}
    got: Any = evaluate(compiled(listing), {"n": value}).unwrap()
    assert got == [value, value]
    assert got[0] is not got[1]
    assert type(got[0]) is dict
    assert got[0]["k"] is not value["k"]


def test_a_task_that_changes_its_argument_cannot_reach_another() -> None:
    @task
    def pushing(values: list[int]) -> list[int]:
        values.append(0)
        return values

    @flow
    def pushed() -> Any:
        shared = keep([1])
        return [pushing(shared), pushing(shared), shared]

    assert valued(compiled(pushed), None, {**TASKS, "pushing": pushing}).unwrap() == [[1, 0], [1, 0], [1]]


def test_options_and_order_are_not_acted_on() -> None:
    @flow
    def declared(n: int) -> Any:
        first = add.with_options(retries=3, timeout=0.001)(n)
        return add.after(first)(2)

    assert valued(compiled(declared), {"n": 1}, TASKS).unwrap() == 2


def test_the_steps_tell_what_starts_and_what_it_gave() -> None:
    assert list(watched(compiled(total), {"n": 1}, TASKS)) == [
        NodeStarted(0),
        NodeFinished(0, 3),
        NodeStarted(1),
        NodeFinished(1, 6),
        Evaluated(valued(compiled(total), {"n": 1}, TASKS)),
    ]


def test_no_task_runs_before_its_step_is_asked_for() -> None:
    ran: list[int] = []

    def noting(a: int, b: int) -> int:
        ran.append(a)
        return a + b

    walk = steps(compiled(total), {"n": 1}, {"add": noting})
    assert next(walk) == NodeStarted(0)
    assert ran == []
    assert next(walk) == NodeFinished(0, 3)
    assert ran == [1]


def test_a_chain_longer_than_the_stack_evaluates() -> None:
    @flow
    def chain(n: int) -> int:
        for _ in range(5000):
            n = add(n, 1)
        return n

    assert valued(compiled(chain), {"n": 0}, TASKS).unwrap() == 5000


# -- what fails -------------------------------------------------------------------------------------------


def _failure(dag: Dag, inputs: Any = None, tasks: Any = None) -> EvaluationError:
    error = evaluate(dag, inputs, tasks_of(dag, TASKS) if tasks is None else tasks).failure()
    assert isinstance(error, EvaluationError)
    return error


def test_a_missing_input_is_told_by_its_pointer() -> None:
    assert _failure(compiled(total)) == EvaluationError("the input is missing", "give it in inputs=", "/n")


def test_an_unknown_input_is_told_with_those_there_are() -> None:
    error = _failure(compiled(total), {"n": 1, "m": 2})
    assert (error.problem, error.advice) == ("there is no input 'm'", "the inputs are: n, step")
    assert _failure(Dag("bare"), {"m": 2}).advice == "the inputs are: none"


def test_an_input_that_is_no_value_is_told_with_the_pointer_into_it() -> None:
    error = _failure(compiled(total), {"n": {"k": [1, {2}]}})
    assert error.pointer == "/n/k/1"
    assert "set" in error.problem
    assert error.node is None


def test_what_a_task_raises_is_told_with_the_node_and_the_cause() -> None:
    def failing(a: int, b: int) -> int:
        raise LookupError("gone")

    last = list(steps(compiled(total), {"n": 1}, {"add": failing}))
    assert last[0] == NodeStarted(0)
    assert isinstance(last[1], Evaluated)
    error = last[1].outcome.failure()
    assert error == TaskRaisedError("node-0", "add", "LookupError", "gone")
    assert isinstance(error.__cause__, LookupError)
    assert len(last) == 2


def test_keyboard_interrupt_passes() -> None:
    def interrupted(a: int, b: int) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(compiled(total), {"n": 1}, {"add": interrupted})


def test_a_task_that_returns_no_value_is_told_with_node_and_pointer() -> None:
    error = _failure(compiled(total), {"n": 1}, {"add": lambda a, b: {"k": [1, b"x"]}})
    assert (error.node, error.task, error.pointer) == ("node-0", "add", "/k/1")
    assert error.problem == "returned what is no value: a bytes is not a value of the model"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"other": 1}, "node-0 is an object without 'k'"),
        ([1], "node-0 is a list without 'k'"),
        ("text", "node-0 is no container without 'k'"),
        ({"k": [1, 2]}, "node-0/k is a list without 2"),
        ({"k": {"2": 1}}, "node-0/k is an object without 2"),
        ({"k": 123}, "node-0/k is no container without 2"),
    ],
    ids=str,
)
def test_a_selector_that_leads_to_nothing_is_told_with_the_node_and_the_argument(value: Any, found: str) -> None:
    @flow
    def selecting(n: Any) -> Any:
        return everything(0, c=[1, {"x": keep(n)["k"][2]}])

    error = _failure(compiled(selecting), {"n": value})
    assert (error.node, error.task, error.pointer) == ("node-1", "everything", "/c/1/x")
    assert error.problem == found


def test_a_selector_in_the_return_that_leads_to_nothing_is_told_with_its_pointer() -> None:
    @flow
    def selecting(n: Any) -> Any:
        return {"a": [n["k"]]}

    error = _failure(compiled(selecting), {"n": {}})
    assert (error.node, error.pointer, error.problem) == (None, "/a/0", "input 'n' is an object without 'k'")


# -- functions by reference ---------------------------------------------------------------------------------


def _dag_of(reference: str, importable: bool = True) -> Dag:
    definition = TaskDefinition("f", reference, importable, (Parameter("n"),))
    return Dag(
        "one", (FlowInput("n"),), (definition,), (Call("f", (("n", InputReference("n")),)),), (), NodeReference(0)
    )


class Namespace:
    @staticmethod
    def double(n: int) -> int:
        return 2 * n


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    made = ModuleType("a_module_of_this_test")
    made.__dict__.update(Namespace=Namespace, kept=keep, number=3)
    monkeypatch.setitem(sys.modules, "a_module_of_this_test", made)
    return made


def test_functions_are_imported_by_reference(module: ModuleType) -> None:
    assert evaluate(_dag_of("a_module_of_this_test:Namespace.double"), {"n": 4}).unwrap() == 8


def test_a_reference_may_lead_to_a_task(module: ModuleType) -> None:
    definition = TaskDefinition("f", "a_module_of_this_test:kept", True, (Parameter("value"),))
    dag = Dag("one", (), (definition,), (Call("f", (("value", Literal(1)),)),), (), NodeReference(0))
    assert evaluate(dag).unwrap() == 1


def test_a_function_given_is_preferred_to_the_reference(module: ModuleType) -> None:
    dag = _dag_of("a_module_of_this_test:Namespace.double")
    assert evaluate(dag, {"n": 4}, {"f": lambda n: -n}).unwrap() == -4


def test_functions_of_the_running_program_are_taken_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    main = ModuleType("__main__")
    main.__dict__.update(__file__="/somewhere/program.py", double=Namespace.double)
    monkeypatch.setitem(sys.modules, "__main__", main)
    assert evaluate(_dag_of("program:double"), {"n": 4}).unwrap() == 8


@pytest.mark.parametrize(
    ("reference", "importable", "problem", "advice"),
    [
        ("there.is.none:f", True, "cannot be imported: ModuleNotFoundError", "importable, or give it"),
        ("a_module_of_this_test:lost", True, "cannot be imported: AttributeError", "importable, or give it"),
        ("a_module_of_this_test:number", True, "is a int", "name a function"),
        ("a_module_of_this_test:<lambda>", False, "cannot be imported", "give it in tasks="),
    ],
)
def test_a_reference_that_leads_to_no_function_is_told_before_anything_runs(
    module: ModuleType, reference: str, importable: bool, problem: str, advice: str
) -> None:
    walk = list(steps(_dag_of(reference, importable), {"n": 1}))
    assert len(walk) == 1
    assert isinstance(walk[0], Evaluated)
    error = walk[0].outcome.failure()
    assert isinstance(error, EvaluationError)
    assert error.task == "f"
    assert problem in error.problem
    assert advice in error.advice


def test_a_function_that_is_given_under_a_name_that_no_task_has_is_an_error() -> None:
    dag = compiled(total)
    error = _failure(dag, {"n": 1}, {"add": add, "ad": add})
    assert error.problem == "tasks= names 'ad', which is no task of the graph"
    assert error.advice == "the tasks of the graph are: add"
    assert _failure(Dag("f", (), (), (), (), Literal(1)), {}, {"add": add}).advice == "the tasks of the graph are: none"


@pytest.mark.parametrize("given", [3, None, "add"])
def test_what_is_given_as_a_function_and_is_none_is_told_as_such(given: Any) -> None:
    error = _failure(compiled(total), {"n": 1}, {"add": given})
    assert (error.task, error.problem) == ("add", f"tasks= gives it {given!r}, which is no function")


def test_a_module_that_is_imported_for_a_task_sees_no_capture(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "imported_in_a_capture.py").write_text(
        "from cascades_sdk import task\n@task\ndef early(n):\n    return n + 1\nAT_IMPORT = early(1)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    values: list[Any] = []

    @flow
    def outer(n: int) -> int:
        values.append(evaluate(_dag_of("imported_in_a_capture:early"), {"n": 4}).unwrap())
        return add(n)

    try:
        assert len(compiled(outer).nodes) == 1
    finally:
        sys.modules.pop("imported_in_a_capture", None)
    assert values == [5]


# -- annotations ----------------------------------------------------------------------------------------------


class Point(NamedTuple):
    x: float
    y: float


def test_arguments_are_thawed_as_the_parameters_are_annotated() -> None:
    @task
    def kinds(x: float, at: Point, pair: tuple[int, float], *more: float, last: float = 2.0, **named: float) -> Any:
        seen = [x, at, at.x, pair, pair[1], *more, last, named["k"]]
        return [type(one).__name__ for one in seen]

    @flow
    def thawed(n: Any) -> Any:
        return kinds(n, Point(n, 2.0), (1, n), 1.0, n, k=n)

    dag = compiled(thawed)
    got = evaluate(dag, {"n": 1.0}, {"kinds": kinds}).unwrap()
    assert got == ["float", "Point", "float", "tuple", "float", "float", "float", "float", "float"]


def test_events_are_values() -> None:
    assert NodeFinished(0, FrozenDict({"a": 1})) == NodeFinished(0, FrozenDict({"a": 1}))


def test_what_containers_and_outputs_make_together_may_not_be_too_deep() -> None:
    @task
    def deep(levels: int) -> Any:
        value: Any = 1
        for _ in range(levels):
            value = [value]
        return value

    @task
    def taking(value: Any) -> int:
        return 1

    @flow
    def returning(levels: int) -> Any:
        return [{"k": deep(levels)}]

    @flow
    def passing(levels: int) -> Any:
        return taking([deep(levels)])

    tasks = {"deep": deep, "taking": taking}
    returned = evaluate(build_dag_from_flow(returning).unwrap(), {"levels": 62}, {"deep": deep})
    assert returned.unwrap() == returning(62)
    refused = evaluate(build_dag_from_flow(returning).unwrap(), {"levels": 63}, {"deep": deep}).failure()
    assert isinstance(refused, EvaluationError)
    assert refused.pointer == "/0/k" + "/0" * 62
    assert "nested deeper than 64" in refused.problem
    refused = evaluate(build_dag_from_flow(passing).unwrap(), {"levels": 64}, tasks).failure()
    assert isinstance(refused, EvaluationError)
    assert (refused.node, refused.pointer) == ("node-1", "/value/0" + "/0" * 63)


def test_a_part_of_a_text_is_its_character() -> None:
    @task
    def word() -> Any:
        return "h\U0001f600"

    @flow
    def spelled() -> list[Any]:
        return [word()[0], word()[1]]

    @flow
    def beyond() -> Any:
        return word()[2]

    assert evaluate(build_dag_from_flow(spelled).unwrap(), tasks={"word": word}).unwrap() == spelled()
    assert isinstance(evaluate(build_dag_from_flow(beyond).unwrap(), tasks={"word": word}).failure(), EvaluationError)


# -- the law's condition: a task returns what its annotation says -------------------------------------------------


@task
def three() -> tuple[int, int]:
    return 1, 2, 3  # type: ignore[return-value]


def test_unpacking_and_selecting_are_one_document_so_only_the_call_can_tell_a_wrong_length() -> None:
    def unpacked() -> list[int]:
        first, second = three()
        return [first, second]

    def selected() -> list[int]:
        got = three()
        return [got[0], got[1]]

    documents = {dag_to_json(compiled(flow(name="one")(each))) for each in (unpacked, selected)}
    assert len(documents) == 1
    with pytest.raises(ValueError, match="too many values"):
        unpacked()
    assert evaluate(dag_from_json(documents.pop()).unwrap(), tasks={"three": three}).unwrap() == selected() == [1, 2]


def test_a_result_of_a_wrong_length_that_is_passed_on_whole_is_what_the_call_gives() -> None:
    @flow
    def whole() -> Any:
        got = three()
        return [keep(got), got, got[1]]

    assert round_trip(whole, tasks={**TASKS, "three": three}) == ("[[1,2,3],[1,2,3],2]",) * 2


def test_a_part_that_a_result_of_a_wrong_length_has_not_is_a_failure_as_it_is_in_the_call() -> None:
    @task
    def single() -> tuple[int, int]:
        return (1,)  # type: ignore[return-value]

    @flow
    def second() -> int:
        _, last = single()
        return last

    with pytest.raises(ValueError, match="not enough"):
        second()
    error = _failure(compiled(second), tasks={"single": single})
    assert error.problem == "node-0 is a list without 1"


def test_a_result_that_shares_one_part_many_times_is_kept_as_it_is() -> None:
    @task
    def shared() -> Any:
        value: Any = [1]
        for _ in range(60):
            value = [value, value]
        return value

    @flow
    def part() -> Any:
        got: Any = shared()
        for _ in range(60):
            got = got[1]
        return keep(got)

    assert valued(compiled(part), tasks={**TASKS, "shared": shared}).unwrap() == [1]


def _definition(name: str, *parameters: Parameter) -> TaskDefinition:
    return TaskDefinition(name, f"m:{name}", False, parameters)


def _keep(binding: Any) -> Call:
    return Call("keep", (("value", binding),))


KEEP = _definition("keep", Parameter("value"))
ADD = _definition("add", Parameter("a"), Parameter("b", default=Literal(0)))


def mapping(items: Any, *more: Any) -> Dag:
    """A map of ``add`` over the input or the items, and its output."""
    nodes = (Map("add", (("a", items), *more)),)
    return Dag("f", (FlowInput("x", Literal(None)),), (ADD,), nodes, (), NodeReference(0))


class TestMaps:
    def test_the_task_is_called_for_each_item_with_the_same_other_arguments(self) -> None:
        dag = mapping(InputReference("x"), ("b", Literal(10)))
        assert valued(dag, {"x": [1, 2, 3]}, TASKS).unwrap() == [11, 12, 13]
        assert valued(mapping(Literal((1, 2))), {}, TASKS).unwrap() == [1, 2]
        assert valued(mapping(list_binding((InputReference("x"), Literal(2)))), {"x": 5}, TASKS).unwrap() == [5, 2]

    def test_of_nothing_it_is_nothing(self) -> None:
        assert valued(mapping(Literal(())), {}, TASKS).unwrap() == []

    def test_it_is_one_node_to_those_who_watch(self) -> None:
        dag = mapping(Literal((1, 2)))
        assert list(watched(dag, {}, TASKS))[:2] == [NodeStarted(0), NodeFinished(0, (1, 2))]

    @pytest.mark.parametrize(("value", "found"), [("ab", "'ab'"), ({"a": 1}, "an object"), (None, "None"), (3, "3")])
    def test_what_is_no_list_is_told_with_the_node_and_the_argument(self, value: Any, found: str) -> None:
        error = valued(mapping(InputReference("x")), {"x": value}, TASKS).failure()
        assert error == EvaluationError(f"what is mapped over is {found}", "map over a list", "/a", "node-0", "add")

    def test_what_the_task_raises_is_told_with_the_item(self) -> None:
        error = valued(mapping(Literal((1, "x"))), {}, TASKS).failure()
        assert type(error) is TaskRaisedError
        assert (error.node, error.task, error.cause_type, error.pointer) == ("node-0", "add", "TypeError", "/1")
        assert "node-0, task 'add' /1: raised TypeError" in str(error)

    def test_so_is_what_is_no_value(self) -> None:
        error = evaluate(mapping(Literal((1, 2))), {}, {"add": lambda a, b: {"k": {a} if a == 2 else a}}).failure()
        assert type(error) is EvaluationError
        assert (error.node, error.pointer) == ("node-0", "/1/k")

    def test_the_whole_list_is_a_value_too(self) -> None:
        def deep(a: int, b: int) -> Any:
            value: Any = a
            for _ in range(64):
                value = [value]
            return value

        error = evaluate(mapping(Literal((1,))), {}, {"add": deep}).failure()
        assert type(error) is EvaluationError
        assert "nested deeper than 64" in error.problem

    def test_each_call_gets_arguments_of_its_own_as_they_are_annotated(self) -> None:
        def pushing(a: float, b: list[float]) -> Any:
            b.append(a)
            return [type(a).__name__, b]

        dag = mapping(Literal((1, 2)), ("b", Literal((0,))))
        assert evaluate(dag, {}, {"add": pushing}).unwrap() == [["float", [0, 1]], ["float", [0, 2]]]

    def test_a_selector_that_leads_to_nothing_is_told_once(self) -> None:
        error = valued(mapping(InputReference("x", ("k",))), {"x": {}}, TASKS).failure()
        assert type(error) is EvaluationError
        assert (error.node, error.pointer) == ("node-0", "/a")


def choosing(condition: Any = None) -> Dag:
    """A choice by the input: in each branch one call."""
    given = condition or InputReference("sure")
    return Dag(
        "f",
        (FlowInput("sure"),),
        (KEEP,),
        (
            _keep(Literal(True)),
            _keep(Literal("yes")),
            _keep(Literal("no")),
            Choice(Branch(0, NodeReference(1)), Branch(1, NodeReference(2))),
            _keep(NodeReference(3)),
        ),
        (Group("then", None, (1,), Guard(given, True)), Group("otherwise", None, (2,), Guard(given, False))),
        NodeReference(4),
    )


class TestChoices:
    def test_a_choice_is_what_its_branch_answers(self) -> None:
        assert valued(choosing(), {"sure": True}, TASKS).unwrap() == "yes"
        assert valued(choosing(), {"sure": False}, TASKS).unwrap() == "no"
        assert valued(choosing(NodeReference(0)), {"sure": None}, TASKS).unwrap() == "yes"

    def test_a_node_in_the_other_branch_leaves_no_trace(self) -> None:
        told = [each.node for each in watched(choosing(), {"sure": False}, TASKS) if isinstance(each, NodeStarted)]
        assert told == [0, 2, 3, 4]

    def test_without_otherwise_it_is_none(self) -> None:
        guard = Guard(InputReference("sure"), True)
        nodes = (_keep(Literal(1)), Choice(Branch(0, list_binding((NodeReference(0), InputReference("sure"))))))
        dag = Dag("f", (FlowInput("sure"),), (KEEP,), nodes, (Group("then", None, (0,), guard),), NodeReference(1))
        assert valued(dag, {"sure": False}, TASKS).unwrap() is None
        assert valued(dag, {"sure": True}, TASKS).unwrap() == [1, True]

    @pytest.mark.parametrize(
        ("value", "found"), [(1, "1"), (0, "0"), (None, "None"), ("", "''"), ([], "a list"), ({"a": 1}, "an object")]
    )
    def test_a_condition_is_exactly_a_bool(self, value: Any, found: str) -> None:
        error = valued(choosing(), {"sure": value}, TASKS).failure()
        advice = "let a task answer exactly a bool"
        assert error == EvaluationError(f"the condition is {found}", advice, "/condition", "node-3")

    def test_it_is_asked_for_before_the_first_node_of_a_branch(self) -> None:
        told = list(watched(choosing(), {"sure": None}, TASKS))
        assert [type(each) for each in told] == [NodeStarted, NodeFinished, Evaluated]

    def test_a_choice_without_nodes_is_told_alike(self) -> None:
        group = Group("then", None, (), Guard(InputReference("sure"), True))
        dag = Dag("f", (FlowInput("sure"),), (), (Choice(Branch(0, Literal(1))),), (group,), NodeReference(0))
        assert evaluate(dag, {"sure": True}).unwrap() == 1
        error = evaluate(dag, {"sure": 1}).failure()
        assert (error.node, error.pointer) == ("node-0", "/condition")  # type: ignore[union-attr]

    def test_a_selector_in_a_condition_or_in_an_answer_that_leads_to_nothing_is_told(self) -> None:
        error = valued(choosing(InputReference("sure", ("k",))), {"sure": {}}, TASKS).failure()
        assert type(error) is EvaluationError
        assert (error.node, error.task, error.pointer) == ("node-3", None, "/condition")
        nodes = (Choice(Branch(0, Literal(1)), Branch(1, InputReference("sure", (0,)))),)
        guards = (Guard(InputReference("sure"), True), Guard(InputReference("sure"), False))
        groups = tuple(Group("g", None, (), guard) for guard in guards)
        error = evaluate(Dag("f", (FlowInput("sure"),), (), nodes, groups), {"sure": False}).failure()
        assert type(error) is EvaluationError
        assert (error.node, error.pointer) == ("node-0", "/otherwise")

    @pytest.mark.parametrize(("outer", "inner", "ran"), [(1, 0, [2, 3]), (1, 1, [1, 2, 3]), (0, None, [3])])
    def test_what_is_in_a_branch_of_a_branch_runs_where_both_are_taken(self, outer: int, inner: Any, ran: Any) -> None:
        """A condition that is no bool does not matter in a branch that is not taken."""
        groups = (
            Group("then", None, (2,), Guard(InputReference("sure", (0,)), True)),
            Group("then", 0, (), Guard(InputReference("sure", (1,)), True)),
            Group("inner", 1, (1,)),
        )
        nodes = (
            _keep(Literal(0)),
            _keep(Literal(1)),
            Choice(Branch(1, NodeReference(1))),
            Choice(Branch(0, NodeReference(2))),
        )
        dag = Dag("f", (FlowInput("sure"),), (KEEP,), nodes, groups, NodeReference(3))
        sure = [bool(outer), None if inner is None else bool(inner)]
        told = [each.node for each in watched(dag, {"sure": sure}, TASKS) if isinstance(each, NodeStarted)]
        assert told == [0, *ran]
        assert valued(dag, {"sure": sure}, TASKS).unwrap() == (1 if outer and inner else None)
