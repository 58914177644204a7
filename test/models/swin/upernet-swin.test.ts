import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { Params } from "../../../lib/models/params";
import { cellAverages } from "../../../lib/models/swin/pyramid-pooling";
import { ShapeParams } from "../../../lib/models/shape-params";
import { STUDY_SWIN, UPerNetSwin, type UPerNetSwinConfig } from "../../../lib/models/swin/upernet-swin";
import { upernetSwinNames } from "../../../lib/models/swin/upernet-swin-names";
import { near } from "../../near";

const test = suite("UPerNetSwin");

const SMALL: UPerNetSwinConfig = {
  backbone: {
    inChannels: 2,
    patchSize: 2,
    embedding: 4,
    depths: [1, 2, 1],
    heads: [1, 2, 2],
    windowSize: 3,
    mlpRatio: 2,
    dropPath: 0.5,
  },
  classes: 3,
  headChannels: 4,
  poolScales: [1, 2],
  auxiliaryChannels: 4,
  headDropout: 0.5,
};

function build(config = SMALL): { params: Params; network: UPerNetSwin } {
  const params = new Params(Rng.fromSeed(1));
  return { params, network: new UPerNetSwin(params, config) };
}

const image = (size: readonly [number, number], samples = 2): tf.Tensor4D =>
  Rng.fromSeed(4).normal<tf.Rank.R4>([samples, size[0], size[1], SMALL.backbone.inChannels]);

test.before(async () => {
  await startBackend({ precision: "float32" });
});

/** Trained values of the study's network, counted from the layers of the reference apart from this code. */
function countByHand(): number {
  const widths = [128, 256, 512, 1024];
  const [depths, heads] = [
    [2, 2, 18, 2],
    [4, 8, 16, 32],
  ];
  const block = (d: number, h: number) =>
    2 * d + (3 * d * d + 3 * d) + (d * d + d) + 169 * h + 2 * d + (4 * d * d + 4 * d) + (4 * d * d + d);
  const patches = 4 * 4 * 4 * 128 + 128 + 2 * 128;
  const blocks = widths.reduce((sum, d, i) => sum + (depths[i] ?? 0) * block(d, heads[i] ?? 0), 0);
  const merging = widths.slice(0, 3).reduce((sum, d) => sum + 2 * (4 * d) + 4 * d * 2 * d, 0);
  const norms = widths.reduce((sum, d) => sum + 2 * d, 0);
  const conv = (from: number, to: number, side: number) => from * to * side * side + 2 * to;
  const decoder =
    4 * conv(1024, 512, 1) +
    conv(1024 + 4 * 512, 512, 3) +
    conv(128, 512, 1) +
    conv(256, 512, 1) +
    conv(512, 512, 1) +
    3 * conv(512, 512, 3) +
    conv(4 * 512, 512, 3) +
    (512 * 4 + 4);
  const auxiliary = conv(512, 256, 3) + (256 * 4 + 4);
  return patches + blocks + merging + norms + decoder + auxiliary;
}

test("has the reference's number of parameters as the study used it", () => {
  const params = new ShapeParams();
  new UPerNetSwin(params, STUDY_SWIN);
  assert.is(params.count, countByHand());
  // Version 5 of the reference has 2048 more: a norm that no head reads, kept here as buffers.
  assert.is(params.count, 121_169_344);
});

test("has a name in the reference for every variable and buffer, each its own", () => {
  const params = new ShapeParams();
  new UPerNetSwin(params, STUDY_SWIN);
  const names = upernetSwinNames(STUDY_SWIN);
  const paths = [...params.variables.keys(), ...params.buffers.keys()];
  assert.equal([...names.keys()].sort(), paths.sort());
  const all = [...names.values()].flatMap((entry) => (typeof entry === "string" ? entry : entry.name));
  assert.is(new Set(all).size, all.length);
});

test("gives logits of the image's size, whatever that is, and frees the rest", () => {
  const { params, network } = build();
  for (const size of [
    [16, 16],
    [13, 22],
    [5, 3],
  ] as const) {
    const x = image(size);
    tf.dispose(network.apply(x)); // makes what depends on the size
    const before = tf.memory().numTensors;
    const [logits, auxiliary] = network.apply(x);
    for (const output of [logits, auxiliary]) assert.equal(output.shape, [2, ...size, 3]);
    near(network.predict(x), logits, 1e-6);
    assert.is(tf.memory().numTensors, before + 3);
    tf.dispose([logits, auxiliary, x]);
  }
  params.dispose();
});

test("treats each sample by itself outside of training", () => {
  const { params, network } = build();
  const x = image([16, 12], 3);
  const together = network.predict(x).slice([2], [1]);
  near(network.predict(x.slice<tf.Tensor4D>([2], [1])), together, 1e-5);
  params.dispose();
});

test("draws what it leaves out in training from the random numbers given alone", () => {
  const { params, network } = build();
  const x = image([16, 16]);
  const values = (seed: number) => [...network.apply(x, Rng.fromSeed(seed))[0].dataSync()];
  assert.equal(values(1), values(1));
  assert.not.equal(values(1), values(2));
  params.dispose();
});

test("gives every variable a gradient in training, and moves the running statistics", () => {
  const { params, network } = build({
    ...SMALL,
    headDropout: 0,
    backbone: { ...SMALL.backbone, dropPath: 0 },
  });
  const x = image([16, 16]);
  const { grads } = tf.variableGrads(() => {
    const [logits, auxiliary] = network.apply(x, Rng.fromSeed(1));
    return logits.square().mean().add<tf.Scalar>(auxiliary.square().mean());
  }, [...params.variables.values()]);
  for (const [path, variable] of params.variables) {
    const largest = grads[variable.name]?.abs().max().dataSync()[0] ?? 0;
    // A shift of keys moves all scores of a token alike, which softmax does not see: those are near zero.
    assert.ok(Number.isFinite(largest) && largest > 0, path);
  }
  assert.ok(
    params.buffers
      .get("decoder/fusion/norm/mean")
      ?.dataSync()
      .some((value) => value !== 0),
  );
  params.dispose();
});

test("averages over cells that overlap where they do not divide the image", () => {
  // Two cells on three pixels: 0 and 1, then 1 and 2.
  assert.equal(cellAverages(1, 3, 2).slice(0, 2), [
    [0.5, 0.5, 0],
    [0, 0.5, 0.5],
  ]);
  assert.equal(cellAverages(2, 2, 1), [[0.25, 0.25, 0.25, 0.25]]);
});

test.run();
