"""What hypothesis loads when it is imported, wherever cascades-sdk is installed: a hook, and nothing else.

``st.from_type(Dag)`` is to draw graphs without an import of their strategies. But a type can be registered only when it
is there, and to import it for everybody would cost each process that uses hypothesis some twenty modules. So the hook
waits: it lets Python find ``cascades_sdk.graph`` when somebody imports it, and registers then.

It stands beside the package for the same reason as ``cascades_sdk_pytest``.

Decided here: when the type is registered. Never here: what is drawn for it (``cascades_sdk.testing.strategies``, which
is imported when something is to be drawn).
"""

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    from hypothesis.strategies import SearchStrategy

__all__ = ["register_strategies"]

_HOME = "cascades_sdk.graph"


def register_strategies() -> None:
    """Let hypothesis draw graphs for their type: now where it is there, else when it comes."""
    graph_type = getattr(sys.modules.get(_HOME), "Dag", None)
    if graph_type is None:
        sys.meta_path.insert(0, _Finder())
    else:
        _register(graph_type)


def _register(graph_type: Any) -> None:
    from hypothesis.strategies import register_type_strategy

    register_type_strategy(graph_type, _graphs)


def _graphs(_: Any) -> "SearchStrategy[Any]":
    from cascades_sdk.testing.strategies import dags

    return dags()


class _Finder:
    """Finds the one module as the finders behind it do, until it is loaded; a mere look ends nothing."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> "ModuleSpec | None":
        finders = [*sys.meta_path]
        if name != _HOME or self not in finders:  # another thread may go through the list that was
            return None
        behind = (each for each in finders[finders.index(self) + 1 :] if hasattr(each, "find_spec"))
        found: ModuleSpec | None = next(filter(None, (each.find_spec(name, path, target) for each in behind)), None)
        if found is not None and found.loader is not None:
            found.loader = _Loader(found.loader, self)  # type: ignore[assignment]
        return found

    def leave(self) -> None:
        """Leave a new list: whoever goes through that of now would miss the next finder."""
        sys.meta_path = [each for each in sys.meta_path if each is not self]


class _Loader:
    """Loads the module as its own loader does, and registers the type that came with it."""

    def __init__(self, loader: Any, finder: _Finder) -> None:
        self._loader = loader
        self._finder = finder

    def __getattr__(self, name: str) -> Any:
        """What is asked of a loader by those who only look: its source, its resources."""
        return getattr(self._loader, name)

    def create_module(self, spec: "ModuleSpec") -> "ModuleType | None":
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: "ModuleType") -> None:
        spec: Any = module.__spec__
        spec.loader = module.__loader__ = self._loader  # whoever looks later finds no trace of this
        self._loader.exec_module(module)
        _register(module.Dag)
        self._finder.leave()
