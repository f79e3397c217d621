"""Which argument belongs to which parameter, and why a call does not bind."""

from typing import Any

import pytest

from cascades_sdk.compiler._binder import BindingFault, binder_of


def everything(a: Any, /, b: Any, c: Any = 3, *rest: Any, d: Any, e: Any = 5, **more: Any) -> None: ...


def fixed(a: Any, b: Any = 2, *, c: Any = 3) -> None: ...


def test_arguments_come_in_the_order_of_the_parameters_without_defaults() -> None:
    assert list(binder_of(fixed).bind((), {"c": 1, "a": 2}).items()) == [("a", 2), ("c", 1)]  # type: ignore[union-attr]


def test_variadic_parameters_take_the_surplus() -> None:
    bound = binder_of(everything).bind((1, 2, 3, 4, 5), {"x": 7, "d": 6, "a": 8})
    assert bound == {"a": 1, "b": 2, "c": 3, "rest": (4, 5), "d": 6, "more": {"x": 7, "a": 8}}
    assert list(bound) == ["a", "b", "c", "rest", "d", "more"]


def test_a_variadic_parameter_that_gets_nothing_is_left_out() -> None:
    assert binder_of(everything).bind((1, 2), {"d": 3}) == {"a": 1, "b": 2, "d": 3}


def test_the_binder_knows_kinds_and_defaults() -> None:
    binder = binder_of(everything)
    assert binder.defaults == {"c": 3, "e": 5}
    assert binder.required == ("a", "b", "d")
    assert (binder.var_positional, binder.var_keyword) == ("rest", "more")


@pytest.mark.parametrize(
    ("args", "kwargs", "fault"),
    [
        ((1, 2, 3), {}, BindingFault("unknown_argument", "takes 2 positional arguments, got 3")),
        ((1,), {"d": 3}, BindingFault("unknown_argument", "has no parameter 'd' to be given by name")),
        ((1,), {"a": 3}, BindingFault("repeated_argument", "got 'a' twice, by position and by name")),
        ((), {"b": 3}, BindingFault("missing_argument", "the argument 'a' is missing")),
    ],
    ids=["too many", "unknown", "twice", "missing"],
)
def test_a_call_that_does_not_bind_is_a_fault(args: tuple[Any, ...], kwargs: dict[str, Any], fault: object) -> None:
    assert binder_of(fixed).bind(args, kwargs) == fault


def test_a_positional_only_parameter_cannot_be_given_by_name() -> None:
    assert binder_of(everything).bind((), {"a": 1, "b": 2, "d": 3}) == BindingFault(
        "missing_argument", "the argument 'a' is missing"
    )


def test_what_has_no_signature_has_no_binder() -> None:
    with pytest.raises(ValueError, match="no signature"):
        binder_of(max)
