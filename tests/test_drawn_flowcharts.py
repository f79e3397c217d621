"""Flowcharts as Mermaid draws them in a browser: each title is whole, and no line runs behind a box of others."""

import html
import json
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from cascades_sdk.graph import Call, Dag, FlowInput, Literal, TaskDefinition
from cascades_sdk.views import to_mermaid
from node import installed, without_node
from test_views import BOOK, chain, fan

WITNESS = Path(__file__).resolve().parent / "witnesses" / "mermaid_drawn.html"

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")

without_browser = pytest.mark.skipif(BROWSER is None, reason="there is no Chromium on this machine")

#: What Mermaid would take for HTML, or for its own, in a title.
ODD_TITLES = (
    "<h1>Hi <style>p{}</style>you</h1>",
    "<script>evil</script>",
    "a <img src=x onerror=alert(1)> b",
    "3 < 4 & 5 > 4",
    "&lt;b&gt; &amp; #lt; #60;",
    "$$x$$ **b** `md` fa:fa-car %%{a: 1}%%",
)


def woven(layers: int, width: int, name: str) -> Dag:
    """Layers of which each node needs two of the layer before, one of them far away."""
    nodes = [
        Call(name, after=tuple(sorted({at - width, at - at % width - width + (at * 3 + 1) % width})) if layer else ())
        for layer in range(layers)
        for at in range(layer * width, (layer + 1) * width)
    ]
    return Dag("woven", tasks=(TaskDefinition(name, "m:x"),), nodes=tuple(nodes))


DRAWN = (BOOK, chain(5), fan(8), fan(30), woven(2, 5, "read_input_table"), woven(4, 5, "join"), woven(7, 7, "add"))


def drawn(folder: Path, dags: Iterable[Dag]) -> Any:
    """What a browser tells of the flowchart of each."""
    shutil.copy(WITNESS, folder)
    (folder / "texts.js").write_text(f"const texts = {json.dumps([to_mermaid(dag) for dag in dags])};", "utf-8")
    # The time of the page is virtual: it ends when there is nothing left to do.
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=600000", "--dump-dom"]
    profile = f"--user-data-dir={folder / 'profile'}"
    page = (folder / WITNESS.name).as_uri()
    ran = subprocess.run([BROWSER or "", *options, profile, page], capture_output=True, encoding="utf-8", check=True)
    told = re.search(r'<pre id="told">(.+?)</pre>', ran.stdout, re.DOTALL)
    assert told is not None, ran.stdout[-2000:]
    return json.loads(html.unescape(told[1]))


@without_node
@without_browser
@pytest.mark.witness("Chromium: Mermaid draws the flowcharts")
def test_titles_are_whole_and_lines_pass_beside_boxes(tmp_path_factory: pytest.TempPathFactory) -> None:
    titled = [Dag(title, (FlowInput("x", Literal(title)),)) for title in ODD_TITLES]
    told = drawn(installed(tmp_path_factory), (*DRAWN, *titled))
    for dag, picture in zip(DRAWN, told, strict=False):
        assert picture["nodes"] == len(dag.nodes) + len(dag.groups)
        assert picture["lines"]
        assert picture["behind"] == []
    for title, picture in zip(ODD_TITLES, told[len(DRAWN) :], strict=True):
        shown = title.replace("<", "\\u003c")
        assert picture["title"] == f'{shown}: 0 nodes in 0 layers; inputs: x = "{shown}"'
