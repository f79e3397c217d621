"""A random program: source that defines a flow, and what to call it with.

Decided here: what a program can be made of, and how its source becomes functions. A program is text, so that a
counterexample can be read and run. Never here: how it is written.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from cascades_sdk.compiler import AsyncFlow, Flow, flow, when
from cascades_sdk.testing.strategies._program_tasks import ALL, Point

__all__ = ["PROGRAM_FEATURES", "Program"]

#: What a program can have: the words in ``Program.features``.
PROGRAM_FEATURES: Final = frozenset(
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
    """Source of a module that defines ``main`` (a flow), and what to call it with: what is bound, and the rest.

    Its tasks are those of this package's own tests, and are imported by the references of a document.
    """

    source: str
    bound: Mapping[str, Any]
    rest: Mapping[str, Any]
    features: frozenset[str]

    def flow(self) -> Flow[..., Any]:
        """The program's flow: a new one each time."""
        return self.executed({each.function.__name__: each for each in ALL}, flow, when)  # type: ignore[no-any-return]

    def called(self) -> Any:
        """What calling the flow gives; an async one is run by asyncio."""
        subject = self.flow()
        value = subject(**self.bound, **self.rest)
        return asyncio.run(value) if type(subject) is AsyncFlow else value

    def executed(
        self, tasks: Mapping[str, Any], flow_decorator: Callable[..., Any], chooser: Callable[..., Any]
    ) -> Any:
        """``main``, where these stand for the tasks, for ``flow`` and for ``when``."""
        namespace: dict[str, Any] = {
            "__name__": "a_program",
            "flow": flow_decorator,
            "when": chooser,
            "Point": Point,
            "asyncio": asyncio,
            **tasks,
        }
        exec(compile(self.source, "<program>", "exec"), namespace)  # noqa: S102  # nosec B102  # written by this package
        return namespace["main"]
