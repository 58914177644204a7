import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { Params } from "../../../lib/models/params";
import { UNet } from "../../../lib/models/unet/unet";
import { SgdNesterov } from "../../../lib/training/optimizers/optimizers";
import { ParameterVector } from "../../../lib/training/optimizers/parameter-vector";
import {
  ignoreBackground,
  ignoredShare,
  polynomialRate,
  STUDY_SEGMENTATION,
  STUDY_SWIN_SEGMENTATION,
  warmedRate,
} from "../../../lib/training/segmentation/segmentation";
import { IGNORED_LABEL, UNET_DICE } from "../../../lib/training/segmentation/segmentation-loss";
import { batchDice } from "../../../lib/training/segmentation/segmentation-prediction";
import { segmentationGradient, segmentationStep } from "../../../lib/training/segmentation/segmentation-step";
import { near } from "../../near";

const test = suite("segmentationStep and its schedules");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("lowers the learning rate from epoch to epoch", () => {
  const rate = (epoch: number) => polynomialRate(STUDY_SEGMENTATION, epoch * 80_000);
  near([rate(0), rate(200), rate(399)], [0.02, 0.02 * 0.5 ** 0.9, 0.02 * (1 / 400) ** 0.9], 1e-12);
  assert.is(polynomialRate(STUDY_SEGMENTATION, 79_999), 0.02);
});

test("raises the Swin's learning rate over its warm-up, then lowers it to 0", () => {
  const config = { ...STUDY_SWIN_SEGMENTATION, images: 8 * 6000 };
  const rates = [0, 750, 1500, 3000, 6000].map((step) => warmedRate(config, step));
  // (1 - step / 6000) of 6e-5, in the warm-up times ratio + (1 - ratio) step / 1500.
  near(
    rates.map((rate) => rate / 6e-5),
    [1e-6, (1 - 1 / 8) * (0.5 + 0.5e-6), 0.75, 0.5, 0],
    1e-9,
  );
  near([(rates[0] ?? 0) / 6e-11], [1], 1e-9);
});

test("ignores 100, 80, 60, 40, 20 and then 0 percent of the background", () => {
  const shares = [0, 1, 2, 3, 4, 5, 6].map((epoch) => ignoredShare(STUDY_SEGMENTATION, epoch * 80_000));
  near(shares, [1, 0.8, 0.6, 0.4, 0.2, 0, 0], 1e-12);
  assert.is(ignoredShare({ ...STUDY_SEGMENTATION, warmUpEpochs: 0 }, 0), 0);
});

test("ignores background pixels at random and never tumour", () => {
  const labels = Uint8Array.from({ length: 10_000 }, (_, i) => i % 4);
  const some = ignoreBackground(labels, 0.6, Rng.fromSeed(1));
  const ignored = some.filter((label) => label === IGNORED_LABEL).length;
  assert.ok(Math.abs(ignored / 2500 - 0.6) < 0.05);
  assert.ok(some.every((label, i) => label === labels[i] || labels[i] === 0));
  assert.equal(ignoreBackground(labels, 0.6, Rng.fromSeed(1)), some);
  assert.is(ignoreBackground(labels, 1, Rng.fromSeed(1)).indexOf(0), -1);
});

test("scores batches by the classes that they have, 0 for those without tumour", () => {
  // Batches of 4 pixels: class 1 at 2/3 and class 2 at 1, mean 5/6; no tumour: 0.
  const annotation = Uint8Array.of(1, 1, 2, 0, 0, 0, 0, 0);
  const prediction = Uint8Array.of(1, 0, 2, 0, 0, 3, 0, 0);
  near([batchDice(annotation, prediction, 4)], [5 / 12], 1e-12);
});

test("moves every variable, lowers the loss on one batch and leaves no tensor behind", () => {
  const params = new Params(Rng.fromSeed(1));
  const config = { inChannels: 4, classes: 4, depth: 3, firstChannels: 4, padding: "same" } as const;
  const network = new UNet(params, config);
  const parameters = new ParameterVector(params);
  const optimizer = new SgdNesterov(parameters, { momentum: 0.9, weightDecay: 3e-5, clipNorm: 12 });
  const images = Rng.fromSeed(2).normal<tf.Rank.R4>([2, 8, 8, 4]);
  const labels = Uint8Array.from({ length: 128 }, (_, i) => (i >> 2) % 4);
  const before = new Map([...params.variables].map(([path, v]) => [path, Float32Array.from(v.dataSync())]));
  const gradient = segmentationGradient(
    network,
    { levelWeights: [1, 0], dice: UNET_DICE },
    params,
    parameters,
  );
  const rng = Rng.fromSeed(3);
  const step = () => segmentationStep({ gradient, optimizer }, images, labels, 0.02, rng);
  const first = step();
  const tensors = tf.memory().numTensors;
  const losses = [first, ...Array.from({ length: 12 }, step)];
  assert.is(tf.memory().numTensors, tensors);
  assert.ok(losses.every(Number.isFinite));
  assert.ok((losses[12] ?? 0) < first - 0.1, `${losses}`);
  parameters.writeTo();
  for (const [path, variable] of params.variables) {
    const old = before.get(path);
    assert.ok(
      variable.dataSync().some((value, i) => value !== old?.[i]),
      `${path} did not move`,
    );
  }
  tf.dispose([images]);
  gradient.dispose();
  optimizer.dispose();
  parameters.dispose();
  params.dispose();
});

test.run();
