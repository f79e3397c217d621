"""What hypothesis loads of this package: graphs are drawn for their type, and nobody pays for it who draws none."""

import importlib.util
import subprocess
import sys
from importlib import import_module
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any

import pytest
from hypothesis import find
from hypothesis import strategies as st

import cascades_sdk
import cascades_sdk_hypothesis
from cascades_sdk.graph import Dag


def said(program: str) -> str:
    """What a fresh process says, in which no warning is allowed."""
    ran = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True)
    return ran.stdout.strip()


@pytest.mark.parametrize(
    "imports",
    [
        "from hypothesis import strategies as st; from cascades_sdk.graph import Dag",
        "from cascades_sdk.graph import Dag; from hypothesis import strategies as st",
        "import hypothesis, cascades_sdk; from hypothesis import strategies as st; from cascades_sdk.graph import Dag",
    ],
)
def test_graphs_are_drawn_for_their_type_in_whatever_order_things_are_imported(imports: str) -> None:
    program = f"""
import sys
{imports}
from hypothesis import find
drawn = find(st.from_type(Dag), lambda dag: True)
print(type(drawn).__name__, "cascades_sdk.testing.strategies" in sys.modules)
"""
    assert said(program) == "Dag True"


def test_a_process_that_draws_no_graphs_loads_the_hook_and_nothing_else() -> None:
    program = "import sys, hypothesis; print(*sorted(name for name in sys.modules if name.startswith('cascades_sdk')))"
    assert said(program) == "cascades_sdk_hypothesis"


def test_a_process_that_has_graphs_and_draws_none_loads_no_strategies() -> None:
    program = (
        "import sys, hypothesis, cascades_sdk.graph; print('cascades_sdk.testing' in sys.modules, "
        "[each for each in sys.meta_path if type(each).__module__ == 'cascades_sdk_hypothesis'], "
        "type(cascades_sdk.graph.__loader__).__module__ == type(cascades_sdk.graph.__spec__.loader).__module__)"
    )
    assert said(program) == "False [] True"


DRAWN = """
from hypothesis import find, strategies as st
from cascades_sdk.graph import Dag
print(type(find(st.from_type(Dag), lambda dag: True)).__name__)
"""


def test_a_look_at_the_module_uses_nothing_up() -> None:
    look = """
import hypothesis
from importlib.util import find_spec
spec = find_spec("cascades_sdk.graph")
print(spec.loader.is_package("cascades_sdk.graph"))
"""
    assert said(f"{look}{DRAWN}").split() == ["True", "Dag"]


def test_a_first_import_that_fails_may_be_tried_again() -> None:
    failing = """
import sys, hypothesis
sys.modules["cascades_sdk.graph._model"] = None
try:
    import cascades_sdk.graph
except ImportError:
    del sys.modules["cascades_sdk.graph._model"]
"""
    assert said(f"{failing}{DRAWN}") == "Dag"


def test_it_is_all_that_hypothesis_loads_of_this_package() -> None:
    named: list[Any] = [each for each in entry_points(group="hypothesis") if "cascades" in each.value]
    assert [(each.name, each.value) for each in named] == [
        ("cascades_sdk", "cascades_sdk_hypothesis:register_strategies")
    ]
    assert named[0].load() is cascades_sdk_hypothesis.register_strategies


class TestTheHook:
    """In this process, and executed anew, because hypothesis may have done that before anybody measured."""

    @pytest.fixture
    def hook(self) -> ModuleType:
        spec = importlib.util.find_spec("cascades_sdk_hypothesis")
        assert spec is not None
        assert spec.loader is not None
        anew = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(anew)
        return anew

    @pytest.fixture
    def registered(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        found: list[Any] = []
        monkeypatch.setattr(st, "register_type_strategy", lambda *given: found.append(given))
        return found

    @pytest.fixture
    def without_graph(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As if nobody had imported the graph yet; behind the test it is the one that was."""
        monkeypatch.setattr(cascades_sdk, "graph", cascades_sdk.graph)
        monkeypatch.delitem(sys.modules, "cascades_sdk.graph")

    def test_a_type_that_is_there_is_registered_at_once(self, hook: ModuleType, registered: list[Any]) -> None:
        before = [*sys.meta_path]
        hook.register_strategies()
        [(graph_type, draws)] = registered
        assert graph_type is Dag
        assert type(find(draws(Dag), lambda _: True)) is Dag
        assert sys.meta_path == before

    @pytest.mark.usefixtures("without_graph")
    def test_a_type_that_comes_later_is_registered_then_and_once(self, hook: ModuleType, registered: list[Any]) -> None:
        before = [*sys.meta_path]
        hook.register_strategies()
        assert sys.meta_path[1:] == before
        assert importlib.util.find_spec("cascades_sdk.nothing") is None
        looked: Any = importlib.util.find_spec("cascades_sdk.graph")
        assert looked.loader.get_resource_reader("cascades_sdk.graph") is not None
        assert registered == []
        assert import_module("cascades_sdk.graph").Dag is Dag
        assert [graph_type for graph_type, _ in registered] == [Dag]
        assert sys.meta_path == before

    @pytest.mark.usefixtures("without_graph")
    def test_whoever_goes_through_the_finders_meanwhile_misses_none(
        self, hook: ModuleType, registered: list[Any]
    ) -> None:
        before = [*sys.meta_path]
        hook.register_strategies()
        through = iter(sys.meta_path)
        finder: Any = next(through)
        import_module("cascades_sdk.graph")
        assert [*through] == before
        assert finder.find_spec("cascades_sdk.graph") is None
        assert len(registered) == 1

    def test_a_module_that_nobody_has_is_not_found(self, hook: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "meta_path", [])
        monkeypatch.delitem(sys.modules, "cascades_sdk.graph")
        hook.register_strategies()
        assert sys.meta_path[0].find_spec("cascades_sdk.graph", None) is None
