"""Examples in docstrings are what they say."""

import doctest
from importlib import import_module

import pytest

import surface

EXAMPLES = [
    (test.name, test)
    for module in map(import_module, surface.PUBLIC)
    for test in doctest.DocTestFinder(recurse=False).find(module)
    if test.examples
]


@pytest.mark.parametrize("test", [test for _, test in EXAMPLES], ids=[name for name, _ in EXAMPLES])
def test_they_run_as_they_stand(test: doctest.DocTest, capsys: pytest.CaptureFixture[str]) -> None:
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test)
    assert capsys.readouterr().out == ""


def test_there_are_some() -> None:
    assert len(EXAMPLES) >= 3
