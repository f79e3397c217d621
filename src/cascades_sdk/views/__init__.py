"""A ``Dag`` as a picture: text for terminals, Mermaid, Graphviz's DOT.

Decided here: the public names. Never here: I/O, colours of terminals.
"""

from cascades_sdk.values import printable
from cascades_sdk.views._dot import to_dot
from cascades_sdk.views._drawing import Drawing, Line, drawing_of
from cascades_sdk.views._labels import columns
from cascades_sdk.views._mermaid import to_mermaid
from cascades_sdk.views._statuses import Look, look_of, statuses_of
from cascades_sdk.views._text import to_text

__all__ = [
    "Drawing",
    "Line",
    "Look",
    "columns",
    "drawing_of",
    "look_of",
    "printable",
    "statuses_of",
    "to_dot",
    "to_mermaid",
    "to_text",
]
