import { statSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { InputError } from "../../../lib/errors";
import { readNetwork, writeNetwork } from "../../../lib/models/weights/network-file";
import { Params } from "../../../lib/models/params";
import { readSafetensors, toFloat32 } from "../../../lib/storage/safetensors";
import { near } from "../../near";
import { temporaryFolder } from "../../temporary-folder";

const test = suite("network file");
const path = join(temporaryFolder(), "weights.safetensors");
const DESCRIPTION = { kind: "small", config: { channels: 3 } };

test.before(async () => {
  await startBackend();
});

/** Two variables; the seed decides their values. */
function smallNetwork(
  seed: number,
  change: { readonly kernel?: string; readonly channels?: number } = {},
): Params {
  const params = new Params(Rng.fromSeed(seed));
  const { kernel = "kernel", channels = 3 } = change;
  params.scope("conv").normal<tf.Rank.R4>(kernel, [3, 3, 5, channels]);
  params.scope("conv").fill<tf.Rank.R1>("bias", [3], seed);
  return params;
}

const valuesOf = (params: Params) =>
  [...params.variables.values()].map((variable) => [...variable.dataSync()]);

/** The fault of reading the file into a network, which is disposed. */
function faultOf(params: Params): InputError {
  try {
    readNetwork(path, params);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  } finally {
    params.dispose();
  }
  throw new Error("the file was taken");
}

test("gives float32 weights back bit for bit, and keeps no tensor beside the variables", () => {
  const [written, read] = [smallNetwork(1), smallNetwork(2)];
  writeNetwork(path, written, DESCRIPTION);
  const before = tf.memory().numTensors;
  readNetwork(path, read);
  assert.is(tf.memory().numTensors, before);
  assert.equal(valuesOf(read), valuesOf(written));
  written.dispose();
  read.dispose();
});

test("names each variable by its path and says what network it is", () => {
  const params = smallNetwork(1);
  writeNetwork(path, params, DESCRIPTION);
  params.dispose();
  const { tensors, metadata } = readSafetensors(path);
  assert.equal([...tensors.keys()], ["conv/kernel", "conv/bias"]);
  assert.equal(JSON.parse(metadata["network"] ?? ""), DESCRIPTION);
});

test("takes half the room in half precision, and reads it to three digits", () => {
  const [written, read] = [smallNetwork(1), smallNetwork(2)];
  writeNetwork(path, written, DESCRIPTION);
  const whole = statSync(path).size;
  writeNetwork(path, written, DESCRIPTION, "float16");
  // 138 values at two bytes less.
  assert.is(whole - statSync(path).size, 2 * (3 * 3 * 5 * 3 + 3));
  readNetwork(path, read);
  // Half precision keeps 11 bits: relative error of at most 2^-11.
  valuesOf(read).forEach((values, i) => {
    near(values, valuesOf(written)[i] ?? [], 2 ** -11);
  });
  const stored = readSafetensors(path).tensors.get("conv/kernel");
  assert.is(stored?.dtype, "F16");
  assert.is(stored && toFloat32(stored).length, 135);
  written.dispose();
  read.dispose();
});

test("refuses weights of another network and says which", () => {
  const params = smallNetwork(1);
  writeNetwork(path, params, DESCRIPTION);
  params.dispose();
  assert.match(faultOf(smallNetwork(2, { kernel: "weights" })).message, "has no weights named conv/weights");
  assert.match(
    faultOf(smallNetwork(2, { channels: 4 })).message,
    "conv/kernel has the shape [3,3,5,3], expected [3,3,5,4]",
  );
  const less = new Params(Rng.fromSeed(2));
  less.scope("conv").fill<tf.Rank.R1>("bias", [3], 0);
  const fault = faultOf(less);
  assert.match(fault.message, "has weights for conv/kernel, which this network does not have");
  assert.is(fault.subject, path);
});

test.run();
