"""Where the code of a flow asks for the identity of a parameter: ``x is None``, ``x is not True``, ``case None``.

Decided here: which tests are certain to look at what the parameter was given. Never here: whether that is a reference.

Python asks nobody when it compares identities, so the instructions are read before they run. A test is certain where
nothing can have been assigned to the parameter before it. Functions and comprehensions that stand inside of the flow
are read, too: they see the same variable. Versions of Python name their instructions differently; what is read here is
common to the names.
"""

import dis
import re
from collections.abc import Iterable, Mapping
from types import CodeType
from typing import Any, Final, Protocol

import attrs

from cascades_sdk.compiler._places import LineTable
from cascades_sdk.errors import SourceLine

__all__ = ["IdentityTest", "Instruction", "identity_tests_of", "reading_of"]


@attrs.frozen
class IdentityTest:
    """A parameter that is compared with a constant by identity, and where."""

    parameter: str
    constant: str
    place: SourceLine


class Instruction(Protocol):
    """What is read of an instruction; :class:`dis.Instruction` has it."""

    @property
    def opname(self) -> str:
        """What it is called."""
        ...

    @property
    def argval(self) -> Any:
        """What it is about: a name, two names, a constant, or where it jumps to."""
        ...

    @property
    def offset(self) -> int:
        """Where it stands."""
        ...


@attrs.frozen
class Reading:
    """What the instructions of one code object do with some of its variables."""

    #: ``(variable, constant, offset)`` of each test.
    tests: tuple[tuple[str, str, int], ...]
    #: The offset of the first assignment.
    assigned: Mapping[str, int]
    #: ``(from, to)`` of each jump to what stands before it.
    loops: tuple[tuple[int, int], ...]

    def is_certain(self, variable: str, offset: int) -> bool:
        """Whether nothing is assigned to a variable on any way to an instruction."""
        first = self.assigned.get(variable)
        return first is None or (
            offset < first and not any(start > first and target <= offset for start, target in self.loops)
        )


def _is_none_test(opname: str) -> bool:
    return opname.endswith(("_IF_NONE", "_IF_NOT_NONE"))


_TESTING: Final = frozenset(code for name, code in dis.opmap.items() if name == "IS_OP" or _is_none_test(name))

#: Some instructions do two of these at once: STORE_FAST_LOAD_FAST.
_VARIABLE: Final = re.compile("(LOAD|STORE|DELETE)_(?:FAST|DEREF)")

_NOTHING: Final = frozenset({"NOP", "EXTENDED_ARG", "CACHE", "NOT_TAKEN"})


def identity_tests_of(function: CodeType) -> tuple[IdentityTest, ...]:
    """The certain tests of a function's parameters. The cost is that of reading its code once."""
    codes = _with_inner(function)
    if all(_TESTING.isdisjoint(code.co_code[::2]) for code, _ in codes):
        return ()
    readings = [reading_of(dis.get_instructions(code), names) for code, names in codes]
    own, *inner = readings
    # When an inner function runs, nobody knows. So where one assigns to a parameter, no test of that is certain, and
    # the tests of an inner one are certain where nobody assigns.
    by_inner = {name for reading in inner for name in reading.assigned}
    by_any = by_inner.union(own.assigned)
    lines = LineTable()
    return tuple(
        IdentityTest(name, constant, lines.line(code, offset))
        for (code, _), reading in zip(codes, readings, strict=True)
        for name, constant, offset in reading.tests
        if name not in by_any or (reading is own and name not in by_inner and own.is_certain(name, offset))
    )


def _with_inner(function: CodeType) -> list[tuple[CodeType, frozenset[str]]]:
    """The code of a function and of all that is defined in it, each with the parameters that it sees."""
    codes = [(function, frozenset(function.co_varnames[: function.co_argcount + function.co_kwonlyargcount]))]
    for code, names in codes:  # which grows
        codes += [
            (inner, names.intersection(inner.co_freevars)) for inner in code.co_consts if isinstance(inner, CodeType)
        ]
    return codes


def reading_of(instructions: Iterable[Instruction], variables: frozenset[str]) -> Reading:
    """What instructions do with variables, as far as it can be told from what stands beside each other."""
    listed = list(instructions)
    jumps = [(each.offset, each.argval) for each in listed if "JUMP" in each.opname]
    targets = {target for _, target in jumps}
    tests: list[tuple[str, str, int]] = []
    assigned: dict[str, int] = {}
    # The end of the stack, as far as it is known: ``(variable, None)``, ``(None, constant)``, or neither.
    stack: list[tuple[str | None, str | None]] = []
    for each in listed:
        name = each.opname
        if each.offset in targets:
            stack.clear()  # what came from elsewhere left something else there
        doings = _VARIABLE.findall(name)
        if doings:
            held = each.argval if isinstance(each.argval, tuple) else (each.argval,)
            for doing, variable in zip(doings, held, strict=True):
                if doing == "LOAD":
                    stack.append((variable if variable in variables else None, None))
                else:
                    del stack[-1:]
                    if variable in variables:
                        assigned.setdefault(variable, each.offset)
        elif name == "LOAD_CONST":
            stack.append((None, repr(each.argval)))
        elif name == "COPY":
            stack.append(stack[-1] if stack and each.argval == 1 else (None, None))
        elif name == "IS_OP" or _is_none_test(name):
            compared = stack[-2:] if name == "IS_OP" else [*stack[-1:], (None, "None")]
            tests += _tests(compared, each.offset)
            stack.clear()
        elif name not in _NOTHING:
            stack.clear()
    return Reading(tuple(tests), assigned, tuple((start, target) for start, target in jumps if target < start))


def _tests(compared: list[tuple[str | None, str | None]], offset: int) -> list[tuple[str, str, int]]:
    """The test of a variable with a constant, where two such things are compared."""
    variables = [variable for variable, _ in compared if variable is not None]
    constants = [constant for _, constant in compared if constant is not None]
    return [(variable, constant, offset) for variable in variables for constant in constants]
