"""The package as a whole: what importing it costs, and that every public name is there."""

import pkgutil
import subprocess
import sys
from importlib import import_module
from inspect import isclass, isfunction

import pytest

import cascades_sdk

#: All modules but those of the command line, whose dependencies are an extra.
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(cascades_sdk.__path__, "cascades_sdk.")
    if not module.name.startswith("cascades_sdk.cli") and not module.name.endswith("__main__")
)


def test_importing_the_package_loads_no_http_library_and_no_test_library() -> None:
    program = (
        "import sys; before = set(sys.modules); import cascades_sdk; "
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "cascades_sdk" in loaded
    assert not {"httpx", "httpcore", "httpx_sse", "cbor2", "hypothesis", "pytest"} & set(loaded)


@pytest.mark.parametrize("name", cascades_sdk.__all__)
def test_every_public_name_is_there_and_is_found_again(name: str) -> None:
    assert getattr(cascades_sdk, name) is getattr(cascades_sdk, name)


@pytest.mark.parametrize("name", cascades_sdk._HOMES)
def test_a_lazy_name_is_the_object_of_the_module_that_it_lives_in(name: str) -> None:
    vars(cascades_sdk).pop(name, None)
    first = getattr(cascades_sdk, name)
    assert first is getattr(import_module(cascades_sdk._HOMES[name]), name)
    assert vars(cascades_sdk)[name] is first


def test_the_lazy_names_are_listed_before_they_are_loaded() -> None:
    assert set(cascades_sdk.__all__) <= set(dir(cascades_sdk))
    assert set(cascades_sdk._HOMES) < set(cascades_sdk.__all__)


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'flows'"):
        cascades_sdk.flows  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", MODULES)
def test_every_name_that_a_module_promises_exists(name: str) -> None:
    module = import_module(name)
    promised = getattr(module, "__all__", [])
    assert len(set(promised)) == len(promised)
    assert [missing for missing in promised if not hasattr(module, missing)] == []


def test_a_name_means_one_thing_from_the_values_up_to_the_comparison() -> None:
    rooms = tuple(f"cascades_sdk.{room}" for room in ("values", "errors", "graph", "encoding", "diff"))
    meanings: dict[str, dict[int, str]] = {}
    for module in (import_module(name) for name in MODULES if name.startswith(rooms)):
        for promised in getattr(module, "__all__", []):
            meanings.setdefault(promised, {}).setdefault(id(getattr(module, promised)), module.__name__)
    assert {name: list(homes.values()) for name, homes in meanings.items() if len(homes) > 1} == {}


@pytest.mark.parametrize("name", ["values", "errors", "graph", "encoding", "diff"])
def test_every_public_function_and_class_is_documented(name: str) -> None:
    module = import_module(f"cascades_sdk.{name}")
    objects = {public: getattr(module, public) for public in module.__all__}
    assert [
        public for public, value in objects.items() if (isfunction(value) or isclass(value)) and not value.__doc__
    ] == []
