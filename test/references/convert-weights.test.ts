import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startBackend } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import { InputError } from "../../lib/errors";
import { exportWeights, importWeights, kindNames } from "../../lib/references/convert-weights";
import { ReferenceCase } from "../../lib/references/reference-case";
import {
  readSafetensors,
  toFloat32,
  writeSafetensors,
  type StoredTensor,
} from "../../lib/storage/safetensors";
import { temporaryFolder } from "../temporary-folder";
import { changedCase, fixture, writeCase } from "./case-file";

const test = suite("weights of references");
const folder = temporaryFolder();

const NETWORKS = [
  ["genforce-pggan-generator", "progressive-gan-generator"],
  ["genforce-pggan-discriminator", "progressive-gan-discriminator"],
  ["genforce-stylegan1-generator", "stylegan1-generator"],
  ["genforce-stylegan1-discriminator", "stylegan1-discriminator"],
  ["nvlabs-stylegan2-generator", "stylegan2-generator"],
  ["nvlabs-stylegan2-discriminator", "stylegan2-discriminator"],
  ["nvlabs-stylegan3-t-generator", "stylegan3-generator"],
  ["nvlabs-stylegan3-r-generator", "stylegan3-generator"],
  ["openai-guided-diffusion-unet", "diffusion-unet"],
  ["study-unet-same", "unet"],
  ["hf-upernet-swin", "upernet-swin"],
] as const;

test.before(async () => {
  await startBackend({ precision: "float32" });
});

for (const [name, kind] of NETWORKS)
  test(`gives the weights of ${name} back as they were, told by their names alone`, () => {
    const before = tf.memory().numTensors;
    const [network, back] = [join(folder, `${name}.network`), join(folder, `${name}.back`)];
    const { weights } = ReferenceCase.read(fixture(name));
    const plain = join(folder, `${name}.plain`);
    writeSafetensors(plain, { tensors: weights, metadata: {} });
    assert.is(importWeights({ file: plain, meta: {}, out: network }).kind, kind);
    assert.is(exportWeights(network, back).kind, kind);
    const found = readSafetensors(back).tensors;
    assert.equal([...found.keys()].sort(), [...weights.keys()].sort());
    for (const [key, expected] of weights) sameValues(key, found.get(key), expected);
    assert.is(tf.memory().numTensors, before, "tensors");
  });

/** Filters are computed anew, so their last digit may differ. */
function sameValues(name: string, found: StoredTensor | undefined, expected: StoredTensor): void {
  if (found === undefined) throw new Error(`${name} is missing`);
  assert.equal([...found.shape], [...expected.shape], name);
  const [values, wanted] = [toFloat32(found), toFloat32(expected)];
  const isFilter = /(filter|kernel|transform)$/.test(name);
  const largest = isFilter ? wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0) : 0;
  values.forEach((value, i) => {
    assert.ok(Math.abs(value - (wanted[i] ?? 0)) <= 1e-6 * largest, `${name} ${i}: ${value}, ${wanted[i]}`);
  });
}

test("knows a network by this project's name or the reference's", () => {
  for (const kind of ["unet", "study-unet"]) {
    const out = join(folder, "named");
    const { config } = importWeights({
      file: fixture("study-unet-same"),
      kind,
      meta: { padding: "same" },
      out,
    });
    assert.equal(config, { inChannels: 4, classes: 4, depth: 4, firstChannels: 4, padding: "same" });
  }
  assert.is(kindNames().length, new Set(kindNames()).size);
});

test("takes settings that the weights do not tell", () => {
  const file = fixture("openai-guided-diffusion-unet");
  const { config } = importWeights({ file, meta: { num_heads: 2 }, out: join(folder, "heads") });
  assert.is((config as { heads: number }).heads, 2);
});

test("reads Hugging Face's older names", () => {
  const renamed = new Map<string, StoredTensor>();
  for (const [name, tensor] of ReferenceCase.read(fixture("hf-upernet-swin")).weights) {
    if (name.startsWith("backbone.swin.layernorm")) continue;
    const older = name
      .replace("backbone.swin.", "backbone.")
      .replace(/attention\.(q|k|v)_proj/, (_, part: string) => `attention.self.${longName(part)}`)
      .replace("attention.relative_position_bias.", "attention.self.")
      .replace("attention.o_proj", "attention.output.dense")
      .replace("mlp.fc1", "intermediate.dense")
      .replace("mlp.fc2", "output.dense");
    renamed.set(older, tensor);
  }
  const out = join(folder, "older");
  importWeights({ file: writeCase(renamed, undefined), meta: {}, out });
  const newer = join(folder, "newer");
  importWeights({ file: fixture("hf-upernet-swin"), meta: {}, out: newer });
  const [a, b] = [readSafetensors(out).tensors, readSafetensors(newer).tensors];
  for (const [name, tensor] of b)
    if (!name.startsWith("backbone/norm/")) assert.equal(a.get(name)?.bytes, tensor.bytes, name);
});

function longName(part: string): string {
  return part === "q" ? "query" : part === "k" ? "key" : "value";
}

test("refuses weights of another network, and files of no network", () => {
  const out = join(folder, "refused");
  const cases: readonly (readonly [() => unknown, string])[] = [
    [() => importWeights({ file: fixture("study-unet-same"), kind: "biggan", meta: {}, out }), "no network"],
    [
      () => importWeights({ file: fixture("study-unet-same"), kind: "diffusion-unet", meta: {}, out }),
      "has no ",
    ],
    [() => importWeights({ file: fixture("study-unet-loss"), meta: {}, out }), "no known reference"],
    [() => exportWeights(fixture("study-unet-same"), out), "is not a network file"],
    [
      () =>
        importWeights({
          file: changedCase("study-unet-same", ({ tensors }) => {
            const bias = tensors.get("weights.down_path.0.block.0.bias");
            if (bias !== undefined) tensors.set("weights.down_path.9.bias", bias);
          }),
          meta: {},
          out,
        }),
      "down_path.9.bias: is not a parameter",
    ],
  ];
  for (const [action, says] of cases)
    assert.throws(
      action,
      (error: unknown) => error instanceof InputError && error.message.includes(says),
      says,
    );
});

test("refuses a network file whose settings ask for more than it holds", () => {
  const path = join(folder, "hostile");
  const config = { inChannels: 4, classes: 4, depth: 12, firstChannels: 16384, padding: "same" };
  writeSafetensors(path, {
    tensors: new Map(),
    metadata: { network: JSON.stringify({ kind: "unet", config }) },
  });
  assert.throws(
    () => exportWeights(path, join(folder, "never")),
    (error: unknown) => error instanceof InputError && error.message.includes("but there are 0"),
  );
});

test.run();
