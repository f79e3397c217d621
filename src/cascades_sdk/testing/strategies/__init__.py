"""Strategies for hypothesis: values, graphs, programs, documents, streams, exchanges, errors.

Each says in its docstring what it leaves out, and shrinks to what is easily read. :func:`dags` is what hypothesis draws
for ``st.from_type(Dag)``, and so for ``@given`` with annotations: an entry point tells it so
(``cascades_sdk_hypothesis``), and where entry points are switched off, importing this module does.

Needs the extra ``test``.

Decided here: the public names, and what is registered.
"""

from cascades_sdk.testing._extras import require

require("hypothesis", __name__)

from hypothesis import strategies as _st  # noqa: E402 - not before it is known to be there

from cascades_sdk.graph import Dag as _Dag  # noqa: E402
from cascades_sdk.testing.strategies._dags import PLAIN_STEPS, dags  # noqa: E402
from cascades_sdk.testing.strategies._documents import (  # noqa: E402
    DAMAGES,
    Damage,
    DamagedDocument,
    damaged_documents,
)
from cascades_sdk.testing.strategies._errors import errors  # noqa: E402
from cascades_sdk.testing.strategies._exchanges import Exchange, exchanges  # noqa: E402
from cascades_sdk.testing.strategies._parts import bindings, definitions  # noqa: E402
from cascades_sdk.testing.strategies._program import PROGRAM_FEATURES, Program  # noqa: E402
from cascades_sdk.testing.strategies._programs import program_from, programs  # noqa: E402
from cascades_sdk.testing.strategies._streams import event_streams, in_chunks, telemetry_streams  # noqa: E402
from cascades_sdk.testing.strategies._values import (  # noqa: E402
    alike_values,
    floats,
    frozen_values,
    integers,
    json_values,
    outside_values,
    outsiders,
    plain_ascii_values,
    texts,
)

__all__ = [
    "DAMAGES",
    "PLAIN_STEPS",
    "PROGRAM_FEATURES",
    "Damage",
    "DamagedDocument",
    "Exchange",
    "Program",
    "alike_values",
    "bindings",
    "dags",
    "damaged_documents",
    "definitions",
    "errors",
    "event_streams",
    "exchanges",
    "floats",
    "frozen_values",
    "in_chunks",
    "integers",
    "json_values",
    "outside_values",
    "outsiders",
    "plain_ascii_values",
    "program_from",
    "programs",
    "telemetry_streams",
    "texts",
]

_st.register_type_strategy(_Dag, dags())
