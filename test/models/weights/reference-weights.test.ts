import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { InputError } from "../../../lib/errors";
import { DiffusionUNet } from "../../../lib/models/diffusion/diffusion-unet";
import { guidedDiffusionNames } from "../../../lib/models/diffusion/diffusion-unet-names";
import { Params } from "../../../lib/models/params";
import { loadReferenceWeights, toReferenceWeights } from "../../../lib/models/weights/reference-weights";
import { linear } from "../../../lib/models/weights/torch-layout";
import { fromFloat32, type StoredTensor } from "../../../lib/storage/safetensors";
import { guidedDiffusionUNet, ReferenceCase } from "../reference-case";

const test = suite("reference weights");

/** 0, 1, 2, ... in a shape. */
function counting(shape: readonly number[]): StoredTensor {
  return fromFloat32(
    Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, i) => i),
    shape,
  );
}

/** Loads one tensor into one variable of `shape`. */
function load(shape: number[], stored: StoredTensor): tf.Tensor {
  const params = new Params(Rng.fromSeed(1));
  const variable = params.fill("v", shape, -1);
  loadReferenceWeights(params, new Map([["v", "theirs"]]), new Map([["theirs", stored]]));
  return variable;
}

/** Whether an error is for the user and says this. */
const inputError = (text: string) => (error: unknown) =>
  error instanceof InputError && error.message === text;

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("turns kernels [K, C, h, w] into [h, w, C, K]", () => {
  const kernel = load([2, 3, 4, 5], counting([5, 4, 2, 3])).arraySync() as number[][][][];
  // k = 4, c = 1, row 0, column 2: ((4 * 4 + 1) * 2 + 0) * 3 + 2 = 104.
  assert.is(kernel[0]?.[2]?.[1]?.[4], 104);
});

test("turns matrices [K, C] into [C, K]", () => {
  assert.equal(load([2, 3], counting([3, 2])).arraySync(), [
    [0, 2, 4],
    [1, 3, 5],
  ]);
});

test("joins a variable that the reference stores in parts, and parts it again", () => {
  const params = new Params(Rng.fromSeed(1));
  const joint = params.fill("v", [2, 2], -1);
  const names = new Map([["v", { name: ["first", "second"], layout: linear }]]);
  const tensors = new Map([
    ["first", fromFloat32(Float32Array.of(1, 2), [1, 2])],
    ["second", fromFloat32(Float32Array.of(3, 4), [1, 2])],
  ]);
  loadReferenceWeights(params, names, tensors);
  assert.equal(joint.arraySync(), [
    [1, 3],
    [2, 4],
  ]);
  assert.equal(toReferenceWeights(params, names), tensors);
  params.dispose();
});

test("takes values that the network computes, unless they differ", () => {
  const params = new Params(Rng.fromSeed(1));
  params.fillBuffer("mean", [1], 0);
  const names = new Map([["mean", "w_avg"]]);
  const fixed = new Map([["filter", counting([3])]]);
  const given = (filter: StoredTensor) =>
    new Map([
      ["w_avg", counting([1])],
      ["filter", filter],
    ]);
  loadReferenceWeights(params, names, given(counting([3])), fixed);
  assert.equal([...toReferenceWeights(params, names, fixed).keys()].sort(), ["filter", "w_avg"]);
  assert.throws(() => {
    loadReferenceWeights(params, names, given(fromFloat32(Float32Array.of(0, 1, 3), [3])), fixed);
  }, inputError("filter: has other values than this network computes with"));
  params.dispose();
});

test("takes vectors as they are", () => {
  assert.equal([...load([3], counting([3])).dataSync()], [0, 1, 2]);
});

test("frees everything but the variables", () => {
  const { config, params, network } = guidedDiffusionUNet();
  assert.ok(network instanceof DiffusionUNet);
  const before = tf.memory().numTensors;
  const { weights } = new ReferenceCase("openai-guided-diffusion-unet");
  loadReferenceWeights(params, guidedDiffusionNames(config), weights);
  assert.is(tf.memory().numTensors, before);
  params.dispose();
});

/** Loads the reference case after a change to its weights. */
function loadChanged(change: (weights: Map<string, StoredTensor>) => void): void {
  const { config, params } = guidedDiffusionUNet();
  const { weights } = new ReferenceCase("openai-guided-diffusion-unet");
  change(weights);
  try {
    loadReferenceWeights(params, guidedDiffusionNames(config), weights);
  } finally {
    params.dispose();
  }
}

test("names a parameter that is missing", () => {
  assert.throws(() => {
    loadChanged((weights) => weights.delete("middle_block.1.qkv.weight"));
  }, inputError("middle_block.1.qkv.weight: is missing among the weights"));
});

test("names a parameter that the network does not have", () => {
  assert.throws(() => {
    loadChanged((weights) => weights.set("label_emb.weight", counting([2, 2])));
  }, inputError("label_emb.weight: is not a parameter of this network"));
});

test("names a parameter of another shape, in the reference's own order of axes", () => {
  assert.throws(() => {
    loadChanged((weights) => weights.set("out.2.weight", counting([10, 32, 3, 3])));
  }, inputError("out.2.weight: has the shape [10,32,3,3], expected [5,32,3,3]"));
});

test("says which variable has no reference name", () => {
  const params = new Params(Rng.fromSeed(1));
  params.fill("v", [1], 0);
  assert.throws(() => {
    loadReferenceWeights(params, new Map(), new Map());
  }, /no reference name for the variable v/);
  params.dispose();
});

test.run();
