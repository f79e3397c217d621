"""What a check of determinism is asked with is refused where it cannot be meant, before any process is started."""

import os
from pathlib import Path
from typing import Any

import pytest

from cascades_sdk.errors import InvalidValueError
from cascades_sdk.testing import assert_flow_deterministic, check_determinism
from cascades_sdk.testing.determinism import UnfitPythonError
from nightly import nightly


class BytesPath(os.PathLike[bytes]):
    def __fspath__(self) -> bytes:
        return b"python"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"timeout": 0}, "/timeout: is no number of seconds above 0; give one"),
        ({"timeout": -1.0}, "/timeout: is no number of seconds above 0; give one"),
        ({"timeout": float("nan")}, "/timeout: is no number of seconds above 0; give one"),
        ({"timeout": float("inf")}, "/timeout: is no number of seconds above 0; give one"),
        ({"timeout": 10**400}, "/timeout: is no number of seconds above 0; give one"),
        ({"timeout": "a"}, "/timeout: is no number of seconds above 0; give one"),
        ({"timeout": True}, "/timeout: is no number of seconds above 0; give one"),
        ({"pythons": "/usr/bin/python"}, "/pythons: is no list of paths; give a list, of one path too"),
        ({"pythons": Path("python")}, "/pythons: is no list of paths; give a list, of one path too"),
        ({"pythons": 5}, "/pythons: is no list of paths; give a list, of one path too"),
        ({"pythons": ["python", 5]}, "/pythons/1: is no path; give the path of an interpreter, as text or as a Path"),
        ({"pythons": [BytesPath()]}, "/pythons/0: is no path; give the path of an interpreter, as text or as a Path"),
    ],
)
def test_what_cannot_be_meant_is_told_with_the_argument(wrong: dict[str, Any], told: str) -> None:
    error = check_determinism(nightly, **wrong).failure()
    assert type(error) is InvalidValueError
    assert str(error) == f"the arguments of check_determinism {told}"
    with pytest.raises(AssertionError, match="the arguments of check_determinism /"):
        assert_flow_deterministic(nightly, **wrong)


@pytest.mark.parametrize("inputs", ["abc", [("tables", [])], 5, ""])
def test_inputs_that_are_no_mapping_are_told(inputs: Any) -> None:
    assert str(check_determinism(nightly, inputs).failure()) == (
        "inputs of flow 'nightly' (the value itself): is no mapping; give a dict of parameter names to values"
    )


@pytest.mark.parametrize("python", ["py\0thon", "py\ud800thon"])
def test_a_path_that_no_system_could_have_is_an_unfit_interpreter(python: str) -> None:
    error = check_determinism("nightly:nightly", {"tables": ["a"]}, hash_seeds=1, pythons=[python]).failure()
    assert type(error) is UnfitPythonError
    assert "it cannot be started" in str(error)
