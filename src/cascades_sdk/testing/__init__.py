"""What ships for testing flows and pipelines: so far the local control plane.

Decided here: the public names, and that each is loaded when it is first asked for.
Never here: anything else.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cascades_sdk.testing.plane import ControlPlane

__all__ = ["ControlPlane"]


def __getattr__(name: str) -> object:
    # PEP 562: the server loads asyncio, which a user of another part of the kit does not need.
    if name == "ControlPlane":
        from cascades_sdk.testing.plane import ControlPlane

        return ControlPlane
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
