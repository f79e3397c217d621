"""How functions, tasks and flows are named.

Decided here: the ``module:qualname`` of a function, whether it can be imported by that, and what an author may call a
task or a flow. Never here: what is done with a name.
"""

import sys
from collections.abc import Callable
from operator import attrgetter
from pathlib import PurePath
from typing import Any

from cascades_sdk.compiler._places import place_of_caller
from cascades_sdk.compiler._reference import REFERENCE_TOKEN
from cascades_sdk.errors import CaptureError
from cascades_sdk.values import Refusal, freeze, shown

__all__ = ["check_name", "described_function", "module_name", "runs_as_main"]


def module_name(function: Callable[..., Any]) -> str:
    """The module by which another process would import the function.

    What runs as ``__main__`` is named by its module spec (``python -m``) or by the stem of its file; in an
    interactive session there is neither, and the name stays ``__main__``.
    """
    # A method of a builtin's instance (``text.upper``) has no module; nobody can import it.
    module: str = function.__module__ or "<unknown>"
    return _main_name() if module == "__main__" else module


def runs_as_main(module: str) -> bool:
    """Whether a module name means the program that is running: importing that again would run it twice."""
    return module == _main_name()


def _main_name() -> str:
    main = sys.modules["__main__"]
    spec = getattr(main, "__spec__", None)
    if spec is not None:
        return str(spec.name)
    file = getattr(main, "__file__", None)
    return PurePath(file).stem if file else "__main__"


def check_name(name: object) -> None:
    """Refuse what an author may not call a task or a flow: a name is one line of text, and not that of a reference."""
    if name is not None and not _is_name(name):
        around = type(name) is str and _is_name(name.strip())
        problem = f"the name {shown(name)} has space around it" if around else f"the name {shown(name)} is refused"
        advice = "leave that out" if around else "give one line of text"
        raise CaptureError("options", problem, advice, place_of_caller(None))


def _is_name(name: object) -> bool:
    return (
        type(name) is str
        and name.splitlines() == [name.strip()]
        and not any(map(_is_control, name))
        and REFERENCE_TOKEN not in name
        and not isinstance(freeze(name), Refusal)
    )


def _is_control(character: str) -> bool:
    return character < " " or "\x7f" <= character < "\xa0"


def described_function(function: Callable[..., Any]) -> tuple[str, bool]:
    """``module:qualname``, and whether that can be imported."""
    module, qualname = module_name(function), function.__qualname__
    return f"{module}:{qualname}", _is_found(function.__module__, module) and _leads_to(function)


def _is_found(loaded: str, name: str) -> bool:
    """Whether a module that is loaded would be found by its name: it has a spec, or is a script that has a file.

    What is asked for one by one (``<stdin>``), or was made by hand, has neither.
    """
    module = sys.modules.get(loaded)
    if name == "__main__" or name.startswith("<") or module is None:
        return False
    is_script = loaded == "__main__" and str(getattr(module, "__file__", "")).endswith(".py")
    return is_script or getattr(module, "__spec__", None) is not None


def _leads_to(function: Callable[..., Any]) -> bool:
    """Whether the function's own name leads to it: a later definition, or a decorator, may have taken the name."""
    try:
        found = attrgetter(function.__qualname__)(sys.modules[function.__module__])
    except AttributeError:
        return False
    return getattr(found, "function", found) is function
