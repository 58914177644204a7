import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { Params } from "../../../lib/models/params";
import { mixedStyles } from "../../../lib/models/layers/style-mixing";
import { Stylegan1Generator } from "../../../lib/models/stylegan1/stylegan1-generator";

const test = suite("style mixing");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

function network(): Stylegan1Generator {
  return new Stylegan1Generator(new Params(Rng.fromSeed(1)), {
    resolution: 16,
    imageChannels: 2,
    channelBase: 64,
    channelMax: 8,
    minibatchStddevGroup: 2,
    mapping: { latentSize: 6, styleSize: 7, layers: 2, learningRateMultiplier: 0.01, meanDecay: 0.995 },
  });
}

test("mixes the styles of two draws from a layer on", () => {
  const generator = network();
  const z = Rng.fromSeed(3).normal<tf.Rank.R2>([3, 6]);
  const w = generator.map(z).arraySync();
  let mixed = 0;
  for (let draw = 0; draw < 40; draw++) {
    const rng = Rng.fromSeed(draw);
    const styles = mixedStyles(generator, z, { mixing: 0.9, rng }).arraySync();
    // Layers of the first draw come first, at least one of them, the same number in every sample.
    const own = styles.map((layers, n) => layers.map((style, l) => isClose(style, w[n]?.[l] ?? [])));
    const cut = own[0]?.indexOf(false) ?? -1;
    if (cut === -1) continue;
    mixed++;
    assert.ok(cut >= 1);
    for (const sample of own)
      assert.equal(
        sample,
        sample.map((_, l) => l < cut),
      );
  }
  // 36 expected; fewer than 30 or all 40 in one of 200 tries.
  assert.ok(mixed >= 30 && mixed < 40, `${mixed} of 40 mixed`);
  // Of a network that has grown to its first level only, the second of its two layers is the only cut.
  const grown = mixedStyles(generator, z, { mixing: 1, rng: Rng.fromSeed(1), lod: 2 }).arraySync();
  assert.ok(isClose(grown[0]?.[0] ?? [], w[0]?.[0] ?? []) && !isClose(grown[0]?.[1] ?? [], w[0]?.[1] ?? []));
  generator.params.dispose();
});

test("is left out at a chance of zero, and needs random numbers otherwise", () => {
  const generator = network();
  const z = Rng.fromSeed(3).normal<tf.Rank.R2>([3, 6]);
  assert.equal(mixedStyles(generator, z, {}).dataSync(), generator.map(z).dataSync());
  assert.throws(() => mixedStyles(generator, z, { mixing: 0.5 }), /random numbers/);
  generator.params.dispose();
});

function isClose(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, i) => Math.abs(value - (b[i] ?? Number.NaN)) < 1e-6);
}

test.run();
