"""What a flow sees while it is captured: a reference to a value that does not exist yet.

Decided here: what may be done with a reference (select a part, unpack where the number of parts is known),
and that everything else is refused with one code and one way out each. Never here: how references are
recorded, and values.

Python has no hook for ``x is None``, ``type(x) is int`` and the identity shortcut of ``x in [x]``. Where a flow asks
whether a parameter of its own is None, True or False, that is read from its code (:mod:`._identity_tests`). What is
left are known blind spots, pinned by tests: ``x is None`` of anything but a parameter, of one that was assigned to
before, and in a function that the flow calls; ``type(x) is int``, ``x in [x]``, ``callable(x)``, mapping patterns, a
part cut out of ``repr(x)``, and reading a special method without calling it (``x.__init__``). Where Python itself
raises instead of asking (``",".join([x])``, ``x in "text"``), that is told as what it is (:mod:`._raised`), unless the
flow swallows it.

One more stands outside of references: a plain thread (``threading.Thread``, ``ThreadPoolExecutor``) that the flow hands
a task with literals only runs that task, and nothing is recorded. Python does not tell who started a thread or gave it
its work, so it cannot be told from a thread that has nothing to do with the capture, as those of a server have. A
thread that takes the context along (``asyncio.to_thread``) is refused, and so is a task that is given a reference.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NoReturn, Protocol

from cascades_sdk.compiler._edges import may_hold, text_of
from cascades_sdk.compiler._shapes import named_tuple_fields, part_of, parts_of, plain_annotation
from cascades_sdk.errors import CaptureCode, CascadesSDKError
from cascades_sdk.graph import InputReference, NodeReference, node_id
from cascades_sdk.values import MAX_DEPTH, MAX_SAFE_INTEGER, Refusal, freeze, shown

__all__ = [
    "NEEDS_A_VALUE",
    "REFERENCE_TOKEN",
    "TEXT_IN_A_TASK",
    "VALUE_IN_A_TASK",
    "Origin",
    "Reference",
    "Refuser",
    "annotation_of",
    "described",
]

#: Stands in the text of every reference, and no literal may contain it: so no reference gets into a graph as text.
REFERENCE_TOKEN: Final = "<cascades-reference "


#: The way out, for a value and for a text that is made of one.
VALUE_IN_A_TASK: Final = "compute it in a task, and use the task's output"
TEXT_IN_A_TASK: Final = "build the text inside a task that takes the reference as an argument"


class Origin(Protocol):
    """What a reference comes from, as far as its type is concerned."""

    def annotation(self) -> Any:
        """The declared type of the whole value."""
        ...


class Refuser(Protocol):
    """What a reference needs of the recorder that made it."""

    #: Counted up where something broke off in between: should the flow swallow that, it does not compile.
    unfinished: int

    def misuse(self, code: CaptureCode, reference: "Reference", attempt: str, advice: str) -> CascadesSDKError:
        """Remember a misuse, and answer the error to raise."""
        ...

    def misused(self, code: CaptureCode, reference: "Reference", problem: str, advice: str) -> CascadesSDKError:
        """The same, for what no value would allow either."""
        ...

    def outlived(self, reference: "Reference") -> CascadesSDKError:
        """Remember that a task was run with the reference outside of any capture, and answer the error to raise."""
        ...


class Reference:
    """A placeholder for a task's output or a flow's input during a capture.

    Select parts with ``x["key"]`` and ``x[0]``; unpack it (``a, b = x``, ``f(*x)``) where the annotation is a tuple of
    known length or a NamedTuple (whose fields are attributes, too); pass it on to tasks, in lists and dicts as well;
    return it.
    Anything that would need the value raises :class:`~cascades_sdk.errors.CaptureError`.
    """

    __slots__ = ("_cascades_binding", "_cascades_origin", "_cascades_recorder")

    _cascades_recorder: Refuser
    _cascades_binding: NodeReference | InputReference
    _cascades_origin: Origin

    def __init__(self, recorder: Refuser, binding: NodeReference | InputReference, origin: Origin) -> None:
        _set_recorder(self, recorder)
        _set_binding(self, binding)
        _set_origin(self, origin)

    def __getitem__(self, token: object) -> "Reference":
        try:
            if len(self._cascades_binding.path) >= MAX_DEPTH:
                raise self._cascades_recorder.misuse(
                    "selector",
                    self,
                    f"selecting a part more than {MAX_DEPTH} deep",
                    "no value is as deep; check the loop",
                )
            if type(token) is str:
                if REFERENCE_TOKEN in token:
                    raise self._cascades_recorder.misuse(
                        "text_of_reference",
                        self,
                        "selecting a key that is the text of a reference",
                        "let a task look up the key",
                    )
                if isinstance(freeze(token), Refusal):
                    raise self._cascades_recorder.misuse(
                        "selector",
                        self,
                        "selecting a key with a lone surrogate",
                        "no value has such a key; a text has a UTF-8 form",
                    )
                return _selected(self, token)
            if type(token) is not int or not 0 <= token <= MAX_SAFE_INTEGER:
                raise self._cascades_recorder.misuse(
                    "selector",
                    self,
                    "selecting a part by something other than a str key or an index of at least 0",
                    "count from the start, or write a task that cuts the list",
                )
            return _selected(self, token)
        except RecursionError:
            self._cascades_recorder.unfinished += 1
            raise

    def _cascades_part(self, token: str | int) -> "Reference":
        binding = self._cascades_binding
        path = (*binding.path, token)
        inner = (
            NodeReference(binding.node, path) if type(binding) is NodeReference else InputReference(binding.name, path)  # type: ignore[union-attr]  # the only other class
        )
        return Reference(self._cascades_recorder, inner, self._cascades_origin)

    def __iter__(self) -> Iterator["Reference"]:
        try:
            parts = parts_of(annotation_of(self))
            if parts is None:
                raise self._cascades_recorder.misuse(
                    "iteration",
                    self,
                    "iterating over it",
                    "annotate the task's return as a tuple of known length to unpack it, or let a task iterate",
                )
            return iter([self._cascades_part(index) for index in range(len(parts))])
        except RecursionError:
            self._cascades_recorder.unfinished += 1
            raise

    def __len__(self) -> int:
        # Python asks for it wherever it unpacks: in `[*x]`, `f(*x)`, `list(x)` and `case [a, b]`.
        try:
            parts = parts_of(annotation_of(self))
            if parts is None:
                raise self._cascades_recorder.misuse("length", self, "asking for its length", VALUE_IN_A_TASK)
            return len(parts)
        except RecursionError:
            self._cascades_recorder.unfinished += 1
            raise

    def __getattr__(self, name: str) -> "Reference":
        try:
            fields = named_tuple_fields(plain_annotation(annotation_of(self)))
            if fields is not None and name in fields:
                return self._cascades_part(list(fields).index(name))
            raise self._cascades_recorder.misuse(
                "attribute",
                self,
                f"reading its attribute {shown(name)}",
                'select a key with x["key"], or read the attribute inside a task',
            )
        except RecursionError:
            self._cascades_recorder.unfinished += 1
            raise

    def __repr__(self) -> str:
        return f"{REFERENCE_TOKEN}{described(self)}: it has no value while the flow is captured>"

    # `isinstance(x, int)` and the class patterns of `match` look here when type(x) does not match. The checkers
    # know __class__ as a plain attribute.
    @property  # type: ignore[misc]
    def __class__(self) -> NoReturn:  # type: ignore[override]
        raise self._cascades_recorder.misuse("type_check", self, "asking for its class", "check types inside a task")


# Names of a reference are taken as parts of its value, so its slots are set by their descriptors.
_set_recorder: Final = vars(Reference)["_cascades_recorder"].__set__
_set_binding: Final = vars(Reference)["_cascades_binding"].__set__
_set_origin: Final = vars(Reference)["_cascades_origin"].__set__


def _selected(reference: Reference, token: str | int) -> Reference:
    annotation = annotation_of(reference)
    if may_hold(annotation, token):
        return reference._cascades_part(token)
    raise reference._cascades_recorder.misused(
        "selector",
        reference,
        f"{described(reference)} has no part {token!r}: it is annotated as {text_of(annotation)}",
        "select a part that is there, counted from 0, or correct the annotation that is wrong",
    )


def annotation_of(reference: Reference) -> Any:
    """The declared type of what a reference leads to, as far as it is known."""
    annotation = reference._cascades_origin.annotation()
    for token in reference._cascades_binding.path:
        annotation = part_of(annotation, token)
    return annotation


def described(reference: Reference) -> str:
    """A reference as an author would write it: ``node-3["k"][0]``, ``input 'n'``."""
    binding = reference._cascades_binding
    whole = node_id(binding.node) if type(binding) is NodeReference else f"input {binding.name!r}"  # type: ignore[union-attr]
    return whole + "".join(f'["{token}"]' if type(token) is str else f"[{token}]" for token in binding.path)


def _refusing(code: CaptureCode, attempt: str, advice: str) -> Callable[..., NoReturn]:
    def method(self: Reference, *others: object, **_: object) -> NoReturn:
        makes_text = code == "arithmetic" and any(type(other) is str for other in others)
        raise self._cascades_recorder.misuse(code, self, attempt, TEXT_IN_A_TASK if makes_text else advice)

    return method


#: Every special method that would need the value: one code, what was attempted, what to write instead.
NEEDS_A_VALUE: Final[tuple[tuple[CaptureCode, str, str, tuple[str, ...]], ...]] = (
    (
        "truth",
        "asking for its truth",
        "bind the parameter in flow_inputs to branch on it, or decide inside a task",
        ("bool",),
    ),
    ("comparison", "comparing it", VALUE_IN_A_TASK, ("eq", "ne", "lt", "le", "gt", "ge")),
    ("iteration", "iterating over it", "let a task iterate", ("reversed", "next", "aiter", "anext")),
    ("length", "asking for its length", VALUE_IN_A_TASK, ("length_hint",)),
    ("containment", "asking what it contains", VALUE_IN_A_TASK, ("contains",)),
    (
        "number_conversion",
        "converting it to a number",
        "convert inside a task",
        ("int", "float", "complex", "round", "trunc", "floor", "ceil"),
    ),
    (
        "number_conversion",
        "using it as an index, a count or a file",
        "do it inside a task that takes the reference as an argument",
        ("index",),
    ),
    (
        "string_conversion",
        "converting it to text or bytes",
        TEXT_IN_A_TASK,
        ("str", "bytes", "fspath"),
    ),
    (
        "formatting",
        "formatting it into text",
        TEXT_IN_A_TASK,
        ("format",),
    ),
    (
        "arithmetic",
        "computing with it",
        VALUE_IN_A_TASK,
        (
            *(
                prefix + name
                for name in (
                    *("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "divmod", "pow"),
                    *("lshift", "rshift", "and", "xor", "or"),
                )
                for prefix in ("", "r", "i")
                if prefix + name != "idivmod"
            ),
            *("neg", "pos", "abs", "invert"),
        ),
    ),
    ("hashing", "hashing it", "a reference is no key and no member of a set; use the name of the task", ("hash",)),
    (
        "pickling",
        "copying or pickling it",
        "a reference has no meaning outside of its capture",
        ("reduce", "reduce_ex", "copy", "deepcopy", "getstate"),
    ),
    ("attribute", "listing its attributes", "look into the value inside a task", ("dir",)),
    ("length", "asking for its size in memory", VALUE_IN_A_TASK, ("sizeof",)),
    (
        "assignment",
        "changing it",
        "a reference is read only; make a new value in a task",
        ("setattr", "delattr", "setitem", "delitem"),
    ),
    ("calling", "calling it", "call a task; a reference is the output of one", ("call",)),
    ("awaiting", "awaiting it", "only the call of an async task is awaited", ("await",)),
    (
        "context_manager",
        "entering it as a context",
        "open and close resources inside a task",
        ("enter", "exit", "aenter", "aexit"),
    ),
)

# The sequence patterns of `match` (`case [a, b]`) ask nothing of a class that is not registered: they would just not
# match. Registered, they ask for the length. A class can be a sequence or a mapping, not both, so the mapping patterns
# (`case {"k": v}`) stay blind. The checkers know Sequence as a protocol, which has no register().
Sequence.register(Reference)  # pyright: ignore[reportAttributeAccessIssue]


class _OfTheClass:
    """What belongs to the class; asked of a reference it would pass for the value's own, so that is refused.

    The class itself answers it as ever: what it is called, where it is defined, what ``help`` tells. Python looks for
    these by themselves in the class, too, so they stay the text or the dict that they are.
    """

    name = ""

    def __get__(self, reference: Reference | None, owner: type[Reference]) -> Any:
        return self if reference is None else reference.__getattr__(self.name)


class _TextOfTheClass(_OfTheClass, str):
    """A text that knows when it is asked of a reference."""

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)  # the class is pickled by the name of its module


class _DictOfTheClass(_OfTheClass, dict[str, Any]):
    """A dict that knows when it is asked of a reference."""


delattr(Reference, "__slots__")  # it has done its work
for _name, _kind in (
    ("__doc__", _TextOfTheClass),
    ("__module__", _TextOfTheClass),
    ("__annotations__", _DictOfTheClass),
):
    _own = _kind(getattr(Reference, _name))
    _own.name = _name
    setattr(Reference, _name, _own)

for _code, _attempt, _advice, _names in NEEDS_A_VALUE:
    for _name in _names:
        setattr(Reference, f"__{_name}__", _refusing(_code, _attempt, _advice))
