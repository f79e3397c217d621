"""What ships for testing flows and pipelines.

The local control plane and the check of determinism need nothing beyond what the package itself needs; what needs
more says which extra brings it.

Decided here: the public names, and that each is loaded when it is first asked for.
Never here: anything else.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from cascades_sdk.evaluation import evaluate
    from cascades_sdk.testing.determinism import assert_flow_deterministic, check_determinism
    from cascades_sdk.testing.faithfulness import assert_capture_faithful
    from cascades_sdk.testing.plane import ControlPlane

__all__ = [
    "ControlPlane",
    "assert_capture_faithful",
    "assert_flow_deterministic",
    "check_determinism",
    "evaluate",
]

#: Where each name lives. The server loads asyncio, which a user of another part of the kit does not need.
_HOMES: Final = {
    "ControlPlane": "cascades_sdk.testing.plane",
    "assert_capture_faithful": "cascades_sdk.testing.faithfulness",
    "assert_flow_deterministic": "cascades_sdk.testing.determinism",
    "check_determinism": "cascades_sdk.testing.determinism",
    "evaluate": "cascades_sdk.evaluation",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
