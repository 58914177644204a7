import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { startBackend } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import { Params } from "../../lib/models/params";
import { ShapeParams } from "../../lib/models/shape-params";
import { STUDY_UNET, UNet } from "../../lib/models/unet/unet";

const test = suite("ShapeParams");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("counts a network of any size without allocating it", () => {
  const before = tf.memory().numBytes;
  const params = new ShapeParams();
  new UNet(params, STUDY_UNET);
  assert.is(params.count, 116_014_272);
  assert.is(tf.memory().numBytes, before);
});

test("knows the same paths and shapes as the parameters that it stands for", () => {
  const config = { inChannels: 2, classes: 3, depth: 2, firstChannels: 4, padding: "same" } as const;
  const [params, shapes] = [new Params(Rng.fromSeed(1)), new ShapeParams()];
  for (const owner of [params, shapes]) {
    new UNet(owner, config);
    owner.scope("more").fillBuffer("mean", [5], 0);
  }
  const shapesOf = (owner: Params) =>
    [...owner.variables, ...owner.buffers].map(([path, { shape }]) => [path, [...shape]]);
  assert.equal(shapesOf(shapes), shapesOf(params));
  assert.is(shapes.count, params.count);
  assert.is(shapes.total, params.count + 5);
  params.dispose();
});

test("refuses two variables of one name", () => {
  const params = new ShapeParams();
  params.fill("v", [1], 0);
  assert.throws(() => params.fillBuffer("v", [1], 0), /two variables are named v/);
});

test.run();
