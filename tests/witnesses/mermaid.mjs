// Flowcharts as Mermaid itself reads them.
//
// Decided here: what is told of each: titles, nodes, lines and boxes. Usage: node mermaid.mjs < TEXTS, a JSON array of
// flowcharts; prints a JSON array. A text that Mermaid refuses ends it.

import { readFileSync } from "node:fs";

import { JSDOM } from "jsdom";

const page = new JSDOM("").window;
globalThis.window = page;
globalThis.document = page.document;
const { default: mermaid } = await import("mermaid");
mermaid.initialize({ securityLevel: "strict", maxTextSize: 1e7, maxEdges: 1e5 });

// Mermaid keeps its escapes in this form until it draws.
const shown = (text) => {
  const holder = page.document.createElement("div");
  holder.innerHTML = text.replace(/ﬂ°°/g, "&#").replace(/ﬂ°/g, "&").replace(/¶ß/g, ";").replace(/<br>/g, "\n");
  return holder.textContent;
};

const told = [];
for (const text of JSON.parse(readFileSync(0, "utf8"))) {
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  told.push({
    nodes: [...db.getVertices().values()].map(({ id, text, type, classes }) => [id, shown(text), type, classes]),
    lines: db.getEdges().map(({ start, end, stroke }) => [start, end, stroke]),
    boxes: db.getSubGraphs().map(({ id, title, nodes }) => [id, shown(title), nodes]),
    config: mermaid.mermaidAPI.getConfig().theme,
  });
}
process.stdout.write(JSON.stringify(told));
