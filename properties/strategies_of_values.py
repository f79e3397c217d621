"""The kit's strategies of values, under the names that the laws call them by."""

from typing import Any

from hypothesis import strategies as st

from cascades_sdk.testing import strategies
from cascades_sdk.values import FrozenValue

texts = strategies.texts()
integers = strategies.integers()
floats = strategies.floats()
scalars = st.none() | st.booleans() | integers | floats | texts
foreign_values: st.SearchStrategy[Any] = strategies.json_values()
frozen_values: st.SearchStrategy[FrozenValue] = strategies.frozen_values()
alike_values: st.SearchStrategy[FrozenValue] = strategies.alike_values()
plain_ascii_values: st.SearchStrategy[FrozenValue] = strategies.plain_ascii_values()
