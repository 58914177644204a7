import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { Params } from "../../../lib/models/params";
import { STUDY_UNET, UNet, type UNetConfig } from "../../../lib/models/unet/unet";
import { unetParameterCount, unetParameters } from "../../../lib/models/unet/unet-names";
import { inputSide, outputSide } from "../../../lib/models/unet/unet-size";

const test = suite("UNet");

const SMALL = { inChannels: 4, classes: 4, depth: 3, firstChannels: 2, padding: "same" } as const;

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("has the parameter counts of a table, the study's 116 million without being made", () => {
  const counts: [UNetConfig, number][] = [
    [STUDY_UNET, 116_014_272],
    [{ ...SMALL, depth: 4, firstChannels: 16 }, 451_760],
    [{ ...SMALL, depth: 5, firstChannels: 16 }, 1_814_576],
    [{ ...SMALL, depth: 4, firstChannels: 32 }, 1_800_544],
    [{ ...SMALL, depth: 5, firstChannels: 32 }, 7_245_920],
  ];
  for (const [config, count] of counts) assert.is(unetParameterCount(config), count);
});

test("makes the variables that the list of parameters names", () => {
  const params = new Params(Rng.fromSeed(1));
  new UNet(params, SMALL);
  const made = [...params.variables].map(([path, { shape }]) => `${path} ${shape}`).sort();
  const listed = unetParameters(SMALL).map(({ path, shape }) => `${path} ${shape}`);
  assert.equal(made, listed.sort());
  params.dispose();
});

test("gives logits of the image's size at every level", () => {
  const params = new Params(Rng.fromSeed(1));
  const outputs = new UNet(params, SMALL).apply(tf.zeros([3, 8, 12, 4]));
  assert.equal(
    outputs.map(({ shape }) => shape),
    [
      [3, 8, 12, 4],
      [3, 8, 12, 4],
    ],
  );
  tf.dispose(outputs);
  params.dispose();
});

test("knows the sizes of valid padding: 636 in covers the study's 256, 572 in gives 388 at depth 5", () => {
  assert.is(inputSide(STUDY_UNET, 256), 636);
  assert.is(outputSide(STUDY_UNET, 636), 260); // four pixels more than asked for, which labels ignore
  assert.is(outputSide({ depth: 5, padding: "valid" }, 572), 388); // Ronneberger et al. 2015, figure 1
  assert.is(outputSide({ depth: 5, padding: "valid" }, 252), 68);
  assert.is(inputSide({ depth: 5, padding: "same" }, 64), 64);
  assert.is(inputSide({ depth: 5, padding: "same" }, 60), 64);
});

test("refuses images that it cannot halve", () => {
  const params = new Params(Rng.fromSeed(1));
  const net = new UNet(params, SMALL);
  assert.throws(() => net.apply(tf.zeros([1, 10, 8, 4])), /depth 3 cannot take images of side 10/);
  assert.throws(() => outputSide({ depth: 5, padding: "valid" }, 60), RangeError);
  params.dispose();
});

test("frees what it computes on the way", () => {
  const params = new Params(Rng.fromSeed(1));
  const net = new UNet(params, SMALL);
  const image = tf.zeros<tf.Rank.R4>([1, 8, 8, 4]);
  const before = tf.memory().numTensors;
  tf.dispose(net.apply(image));
  net.predict(image).dispose();
  assert.is(tf.memory().numTensors, before);
  params.dispose();
});

test.run();
