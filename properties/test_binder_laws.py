"""The binder binds as Python does: the oracles are real calls, and :meth:`inspect.Signature.bind`."""

import inspect
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cascades_sdk.compiler._binder import BindingFault, binder_of

LOOP = 3000
_NAMES = ("a", "b", "c", "d", "e")


def random_function(random: Random) -> Any:
    """A function of a random signature that answers its parameters; each default names its parameter."""
    names = list(_NAMES)
    random.shuffle(names)
    cuts = [random.randrange(3) for _ in range(3)]
    positional_only, either, keyword_only = ([names.pop() for _ in range(min(cut, len(names)))] for cut in cuts)
    parts: list[str] = []
    optional = False
    for group, end in ((positional_only, "/"), (either, "")):
        for name in group:
            optional = optional or random.random() < 0.3
            parts.append(f"{name}='default {name}'" if optional else name)
        if group and end:
            parts.append(end)
    if random.random() < 0.4:
        parts.append("*rest")
    elif keyword_only:
        parts.append("*")
    parts += [f"{name}='default {name}'" if random.random() < 0.5 else name for name in keyword_only]
    if random.random() < 0.4:
        parts.append("**more")
    namespace: dict[str, Any] = {}
    exec(f"def function({', '.join(parts)}): return locals()", namespace)
    return namespace["function"]


def random_call(random: Random) -> tuple[tuple[int, ...], dict[str, int]]:
    args = tuple(range(random.randrange(6)))
    names = random.sample((*_NAMES, "rest", "more", "x"), random.randrange(5))
    return args, {name: 100 + at for at, name in enumerate(names)}


def assert_binds_as_python_does(random: Random) -> bool:
    """Whether the call bound at all."""
    function, (args, kwargs) = random_function(random), random_call(random)
    binder = binder_of(function)
    bound = binder.bind(args, kwargs)
    signature = inspect.signature(function)
    try:
        called = function(*args, **kwargs)
    except TypeError:
        assert type(bound) is BindingFault, (str(signature), args, kwargs)
        return False
    assert not isinstance(bound, BindingFault), (str(signature), args, kwargs, bound)
    empty = {binder.var_positional: (), binder.var_keyword: {}}
    assert {**binder.defaults, **{name: value for name, value in empty.items() if name}, **bound} == called
    assert list(bound) == [name for name in binder.kinds if name in bound]
    by_position = {each.name for each in signature.parameters.values() if each.kind is each.POSITIONAL_ONLY}
    if not by_position & kwargs.keys():
        # Before Python 3.13, Signature.bind refused f(a=1) for `def f(a=0, /, **more)`, which a real call takes.
        assert list(bound.items()) == list(signature.bind(*args, **kwargs).arguments.items())
    return True


class TestAgreement:
    @pytest.mark.witness("inspect and real calls: binding of arguments")
    def test_a_call_binds_as_python_binds_it_in_a_long_loop(self) -> None:
        random = Random(11)
        bound = sum(assert_binds_as_python_does(random) for _ in range(LOOP))
        assert 0.1 * LOOP < bound < 0.9 * LOOP

    @given(st.randoms(use_true_random=False))
    def test_a_call_binds_as_python_binds_it(self, random: Random) -> None:
        assert_binds_as_python_does(random)
