"""The arguments of a call, checked before they are recorded.

Decided here: which argument is refused for what its parameter is declared to take, and what of a task is refused
besides its arguments. Never here: the rules by which two annotations meet.
"""

from collections.abc import Callable
from types import CodeType, GenericAlias
from typing import Any, Final

from cascades_sdk.compiler._callee import Callee
from cascades_sdk.compiler._contents import holds_token, reference_in
from cascades_sdk.compiler._door import Door
from cascades_sdk.compiler._edges import AnyOf, mismatch, parts_taken
from cascades_sdk.compiler._reference import Reference, annotation_of, described
from cascades_sdk.compiler._shapes import UNKNOWN
from cascades_sdk.graph import Binding, InputReference, Literal, NodeReference, TaskDefinition, TaskOptions
from cascades_sdk.values import is_named_tuple, items_of, shown

__all__ = ["Arguments"]

#: What is no container, among what an argument holds.
_SCALARS: Final = (str, int, float, type(None))


class Arguments(Door):
    """What looks at the arguments of calls."""

    __slots__ = ("_edges", "_inside", "_lists", "_none_by_default")

    def __init__(self, flow: str, code: CodeType) -> None:
        super().__init__(flow, code)
        self._none_by_default: set[str] = set()
        # By identity, with the annotations kept alive: not every annotation can be hashed.
        self._edges: dict[tuple[int, int], tuple[Any, Any, str | None]] = {}
        self._inside: dict[int, tuple[Any, Callable[[str | int], Any]]] = {}
        self._lists: dict[int, tuple[Any, Any]] = {}

    def _check_edges(
        self, task: Callee, name: str, bound: dict[str, Any], arguments: tuple[tuple[str, Binding], ...], mapped: bool
    ) -> None:
        """No output goes to a parameter whose annotation says that it takes nothing of the kind."""
        for (parameter, binding), value in zip(arguments, bound.values(), strict=True):
            if type(binding) is not Literal:
                taken = task.taken(parameter)
                if mapped and taken is not UNKNOWN:
                    taken = self._list_of(taken)  # the first takes one item for each call
                self._check_place(value, taken, (parameter,), name)
            mapped = False

    def _list_of(self, item: Any) -> Any:
        """The type of a list of such items: the same one each time, so that what is known of it is kept once."""
        known = self._lists.get(id(item))
        if known is None:
            known = self._lists[id(item)] = item, GenericAlias(list, (item,))
        return known[1]

    def _check_place(self, value: Any, taken: Any, place: tuple[Any, ...], task: str) -> None:
        # It recurses no deeper than a value may be.
        if taken is UNKNOWN:
            return
        if type(value) is Reference:
            self._check_edge(value, taken, place, task)
        elif not isinstance(value, _SCALARS):
            known = self._inside.get(id(taken))
            if known is None:
                known = self._inside[id(taken)] = taken, parts_taken(taken)
            part_taken = known[1]
            for token, part in value.items() if type(value) is dict else enumerate(items_of(value)):
                self._check_place(part, part_taken(token), (*place, token), task)

    def _check_edge(self, reference: Reference, taken: Any, place: tuple[Any, ...], task: str) -> None:
        produced, source = annotation_of(reference), reference._cascades_binding
        if type(source) is InputReference and not source.path and source.name in self._none_by_default:
            produced = AnyOf((produced, None))
        known = self._edges.get((id(produced), id(taken)))
        if known is None:
            known = self._edges[id(produced), id(taken)] = produced, taken, mismatch(produced, taken)
        if known[2] is not None:
            called = self._called[source.node] if type(source) is NodeReference else None
            output = f" of task {called!r}" if called is not None else ""
            parameter = place[0] + "".join([f"[{token!r}]" for token in place[1:]])
            raise self.refused(
                "type_mismatch",
                f"parameter {parameter} cannot take {described(reference)}{output}: {known[2]}",
                "convert it in a task between the two, or correct the annotation that is wrong",
                task=task,
            )

    def _check_items(self, definition: TaskDefinition, bound: dict[str, Any]) -> None:
        """Whether something can be mapped over: a list, or a reference to what may be one."""
        items = bound[definition.parameters[0].name]
        if type(items) is Reference:
            fits, found = mismatch(annotation_of(items), list) is None, described(items)
        else:
            fits, found = type(items) in (list, tuple) or is_named_tuple(type(items)), shown(items)
        if not fits:
            raise self.refused(
                "mapping",
                f"{found} is no list to map over",
                "map over a list, or over the output of a task that returns one",
                task=definition.name,
            )

    def _check_defaults(self, task: Callee, definition: TaskDefinition, bound: dict[str, Any]) -> None:
        for parameter in definition.parameters:
            if parameter.name not in bound:
                refusal = task.default_refusal(parameter.name)
                if refusal is not None:
                    subject = f"task {definition.name!r}, default of {parameter.name!r}"
                    raise self._poisoned(self._value_error(refusal.under(parameter.name), subject))

    def _check_texts(self, options: TaskOptions, task: str, *defaults: Literal | None) -> None:
        """What a document holds of a task besides its arguments is no way in for the text of a reference either."""
        literals = [default.value for default in defaults if default is not None]
        if any(map(holds_token, [*options.declared().values(), *literals])):
            raise self._text_of_reference(f"task {task!r}")

    def _check_surroundings(self, task: Callee) -> None:
        """A task that is defined in a flow sees the flow's variables; a dependency that way is in no document."""
        for cell in getattr(task.function, "__closure__", None) or ():
            try:
                reference = reference_in(cell.cell_contents)
            except ValueError:
                continue  # nothing is assigned to the variable yet
            if reference is not None:
                raise self.refused(
                    "foreign_reference",
                    f"the task takes {described(reference)} from the flow around it",
                    "pass it to the task as an argument",
                    task=task.definition.name,
                )
