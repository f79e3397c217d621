"""``MODULE:FLOW`` as a flow.

Decided here: where modules are looked for, and what is wrong where nothing is found. Never here: compiling.
"""

import importlib
import sys
from operator import attrgetter
from typing import Any

from cascades_sdk.cli._trouble import Trouble
from cascades_sdk.compiler import Flow
from cascades_sdk.errors import cause_text

__all__ = ["flow_named"]


def flow_named(reference: str) -> Flow[..., Any]:
    """The flow that ``module:qualname`` names; modules in the working directory are found too.

    Raises:
        Trouble: there is none.
    """
    module_name, _, qualname = reference.partition(":")
    if "" not in sys.path:
        # A console script has its own folder on the path, not the one it is called in.
        sys.path.insert(0, "")
    try:
        module = importlib.import_module(module_name)
    except (Exception, SystemExit) as fault:
        text = f"{type(fault).__name__}: {cause_text(fault)}"
        raise Trouble(f"module {module_name!r} cannot be imported: {text}") from fault
    try:
        found: object = attrgetter(qualname)(module)
    except AttributeError as fault:
        raise Trouble(f"module {module_name!r} has no {qualname!r}") from fault
    if not isinstance(found, Flow):
        kind = type(found).__name__
        raise Trouble(f"{reference!r} is no flow but of type {kind}: decorate the function with @flow")
    return found
