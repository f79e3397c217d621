// The golden vectors, judged by packages that nobody here wrote.
//
// Decided here: what each package must say of each vector. Usage: node vectors.mjs FOLDER, where FOLDER is contracts/;
// prints one line of counts, and fails at the first vector on which a package differs.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import Ajv from "ajv/dist/2020.js";
import canonicalize from "canonicalize";
import * as cbor2 from "cbor2";
import * as cborg from "cborg";
import { canonicalize as jsonCanonicalize } from "json-canonicalize";

const folder = process.argv[2];
const read = (name) => JSON.parse(readFileSync(join(folder, name), "utf8"));
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (data) => Buffer.from(data).toString("hex");
const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const jsonWriters = { canonicalize, "json-canonicalize": jsonCanonicalize };

const cborWriters = {
  cborg: (value) => cborg.encode(value, cborg.rfc8949EncodeOptions),
  cbor2: (value) => cbor2.encode(value, cbor2.cdeEncodeOptions),
};

const cborReaders = {
  cborg: (data) =>
    cborg.decode(data, {
      strict: true,
      allowIndefinite: false,
      allowUndefined: false,
      allowInfinity: false,
      allowNaN: false,
      rejectDuplicateMapKeys: true,
    }),
  cbor2: (data) =>
    cbor2.decode(data, { ...cbor2.cdeDecodeOptions, rejectBigInts: true, rejectDuplicateKeys: true, rejectUndefined: true }),
};

/** The value with one zero, or an error where something is not in the model. */
function inModel(value) {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") {
    assert(value.isWellFormed(), "a lone surrogate");
    return value;
  }
  if (typeof value === "number") {
    assert(Number.isFinite(value), "not finite");
    return value === 0 ? 0 : value;
  }
  if (Array.isArray(value)) return value.map(inModel);
  assert(typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype, `no value: ${typeof value}`);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [inModel(name), inModel(inner)]));
}

/** Where a package is known to be wrong, and still is: cborg's decoder drops U+FEFF at the start of a text. */
const knownDefects = new Set(["cborg reads text-byte-order-mark"]);

/** Both encodings of a value are these, for every package, in both directions. */
function agree(name, value, json, cbor) {
  for (const [witness, write] of Object.entries(jsonWriters)) {
    assert.equal(hex(Buffer.from(write(value), "utf8")), json, `${name}: ${witness} writes other JSON`);
  }
  for (const [witness, write] of Object.entries(cborWriters)) {
    assert.equal(hex(write(value)), cbor, `${name}: ${witness} writes other CBOR`);
  }
  for (const [witness, decode] of Object.entries(cborReaders)) {
    const judge = knownDefects.has(`${witness} reads ${name}`) ? assert.notDeepEqual : assert.deepEqual;
    judge(decode(bytes(cbor)), value, `${name}: ${witness} reads another value from CBOR`);
  }
  assert.deepEqual(JSON.parse(text.decode(bytes(json))), value, `${name}: JSON.parse reads another value`);
}

/** The recipe of contracts/README.md, once more. */
function nodeDigests(document) {
  const digests = new Map();
  const bound = (binding) => {
    if ("node" in binding) return { ...binding, node: digests.get(binding.node) };
    if ("list" in binding) return { list: binding.list.map(bound) };
    if ("object" in binding) return { object: each(binding.object, bound) };
    return binding;
  };
  const each = (object, change) => Object.fromEntries(Object.entries(object).map(([name, item]) => [name, change(item)]));
  const groups = document.groups ?? [];
  const guardsOf = (id) => {
    const guards = [];
    let group = groups.find((each) => each.nodes.includes(id));
    for (; group; group = groups[group.parent]) if (group.guard) guards.unshift(group.guard);
    return guards.map((guard) => ({ branch: guard.branch, condition: bound(guard.condition) }));
  };
  for (const node of document.nodes) {
    const told = { kind: "cascades/node@1", node: node.kind };
    const guards = guardsOf(node.id);
    if (guards.length) told.guards = guards;
    if (node.kind === "choice") {
      told.condition = bound(groups[node.then.group].guard.condition);
      told.then = bound(node.then.returns);
      if (node.otherwise) told.otherwise = bound(node.otherwise.returns);
    } else {
      const definition = document.tasks[node.task];
      const { version, ...options } = { ...definition.options, ...node.options };
      const given = node.arguments ?? {};
      const left = definition.parameters.filter((each) => "default" in each && !Object.hasOwn(given, each.name));
      told.task = node.task;
      if (version !== undefined) told.version = version;
      if (Object.keys(options).length) told.options = options;
      if (Object.keys(given).length) told.arguments = each(given, bound);
      if (left.length) told.defaults = Object.fromEntries(left.map((parameter) => [parameter.name, parameter.default]));
      if (node.after) told.after = node.after.map((id) => digests.get(id)).sort();
    }
    digests.set(node.id, `sha256:${sha256(canonicalize(told))}`);
  }
  return [...digests.values()];
}

/** Whether bytes are refused by reading, or by writing again what was read: the canonical form is unique. */
function refused(data, decode, encode) {
  try {
    return hex(encode(inModel(decode(data)))) !== hex(data);
  } catch {
    return true;
  }
}

const values = read("vectors/values.json");
for (const entry of values) {
  agree(entry.name, inModel(JSON.parse(entry.value)), entry.json, entry.cbor);
  assert.equal(sha256(bytes(entry.json)), entry.sha256, `${entry.name}: another SHA-256`);
}

const accepts = new Ajv({ strict: true, strictRequired: false, strictTypes: false }).compile(read("dag.schema.json"));
const dags = read("vectors/dags.json");
for (const entry of dags) {
  const document = JSON.parse(text.decode(bytes(entry.json)));
  agree(entry.name, document, entry.json, entry.cbor);
  assert.equal(`sha256:${sha256(bytes(entry.json))}`, entry.digest, `${entry.name}: another digest`);
  assert.deepEqual(nodeDigests(document), entry.nodes, `${entry.name}: other node digests`);
  assert(accepts(document), `${entry.name}: ajv refuses it`);
}

// Depth is a limit of this format, and a document's content is the schema's business and the reader's.
const ofBytes = (entry) => !("pointer" in entry) && !entry.name.startsWith("nested-");
const refusedJson = read("vectors/refused-json.json");
for (const entry of refusedJson.filter(ofBytes)) {
  for (const [witness, write] of Object.entries(jsonWriters)) {
    const verdict = refused(bytes(entry.json), (data) => JSON.parse(text.decode(data)), (value) => Buffer.from(write(value), "utf8"));
    assert(verdict, `${entry.name}: JSON.parse and ${witness} take it for canonical`);
  }
}
const refusedCbor = read("vectors/refused-cbor.json");
for (const entry of refusedCbor.filter(ofBytes)) {
  for (const witness of Object.keys(cborReaders)) {
    const verdict = refused(bytes(entry.cbor), cborReaders[witness], cborWriters[witness]);
    assert(verdict, `${entry.name}: ${witness} takes it for canonical`);
  }
}
const damages = refusedJson.filter((entry) => "schemas" in entry);
for (const entry of damages) {
  const verdict = accepts(JSON.parse(text.decode(bytes(entry.json))));
  assert.equal(verdict, !entry.schemas.includes("json"), `${entry.name}: ajv says ${verdict}`);
}

console.log(
  `${values.length} values, ${dags.length} DAGs, ${refusedJson.filter(ofBytes).length} refused JSON texts, ` +
    `${refusedCbor.filter(ofBytes).length} refused CBOR items and ${damages.length} damaged documents: all agree`,
);
