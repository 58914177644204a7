import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { MappingNetwork } from "../../../lib/models/layers/mapping-network";
import { Params } from "../../../lib/models/params";
import { near } from "../../near";

const test = suite("mapping network");

const CONFIG = { latentSize: 6, styleSize: 7, layers: 2, learningRateMultiplier: 0.01, meanDecay: 0.995 };

test.before(async () => {
  await startBackend({ precision: "float32" });
});

function network(biasGain = 1): { readonly params: Params; readonly mapping: MappingNetwork } {
  const params = new Params(Rng.fromSeed(1));
  return { params, mapping: new MappingNetwork(params, CONFIG, 6, biasGain) };
}

const latents = (samples: number) => Rng.fromSeed(3).normal<tf.Rank.R2>([samples, 6]);

test("normalises z, then applies its layers with equalized weights, biases and slope 0.2", () => {
  const { params, mapping } = network(Math.SQRT2);
  const value = (path: string) => params.variables.get(path) ?? tf.scalar(Number.NaN);
  for (const i of [0, 1]) params.variables.get(`dense${i}/bias`)?.assign(Rng.fromSeed(i).normal([7]));
  const z = latents(4);
  let h: tf.Tensor = z.div(z.square().mean(1, true).sqrt());
  for (const [i, fanIn] of [6, 7].entries()) {
    // Stored at deviation 100, used times 0.01; the bias times 0.01 as well.
    const y = h.matMul(value(`dense${i}/kernel`).mul((0.01 * Math.SQRT2) / Math.sqrt(fanIn)));
    h = tf.leakyRelu(y.add(value(`dense${i}/bias`).mul(0.01 * Math.SQRT2)), 0.2);
  }
  near(mapping.apply(z), h.expandDims(1).tile([1, 6, 1]), 1e-5);
  params.dispose();
});

test("bends the styles of the first layers towards their mean", () => {
  const { params, mapping } = network();
  const mean = Rng.fromSeed(9).normal<tf.Rank.R1>([7]);
  params.buffers.get("mean")?.assign(mean);
  const w = mapping.apply(latents(2));
  const bent = mapping.apply(latents(2), { truncation: { psi: 0.7, layers: 2 } });
  near(bent.slice([0, 0], [2, 2]), mean.add(w.slice([0, 0], [2, 2]).sub(mean).mul(0.7)), 1e-6);
  near(bent.slice([0, 2], [2, 4]), w.slice([0, 2], [2, 4]), 1e-6);
  const all = mapping.apply(latents(2), { truncation: { psi: 0, layers: null } });
  near(all, mean.reshape([1, 1, 7]).tile([2, 6, 1]), 1e-6);
  params.dispose();
});

test("moves the mean style only when asked", () => {
  const { params, mapping } = network();
  const mean = () => params.buffers.get("mean")?.dataSync() ?? [];
  mapping.apply(latents(4));
  assert.equal([...mean()], new Array(7).fill(0));
  const w = mapping.apply(latents(4), { updateAverages: true });
  near(mean(), w.slice([0, 0], [4, 1]).mean([0, 1]).mul(0.005), 1e-7);
  params.dispose();
});

test.run();
