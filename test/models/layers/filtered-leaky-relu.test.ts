import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { FilteredLeakyRelu } from "../../../lib/models/layers/filtered-leaky-relu";
import { radialFilter } from "../../../lib/models/layers/low-pass-filter";
import { Params } from "../../../lib/models/params";
import { near } from "../../near";
import { checkGradients } from "./gradient-check";

const test = suite("filtered leaky rectifier");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

const IDENTITY = { taps: [1], up: 1, down: 1, padding: [0, 0] } as const;

test("is a leaky rectifier with gain sqrt(2) where its filters do nothing, limited where asked", () => {
  const x = tf.tensor4d([1, -1, 300, -3000], [1, 2, 2, 1]);
  const layer = (clamp: number | null) =>
    new FilteredLeakyRelu(new Params(Rng.fromSeed(1)), {
      ...{ channels: 1, size: 2, before: IDENTITY, after: IDENTITY, clamp },
    });
  near(
    layer(null).apply(x),
    [1, -0.2, 300, -600].map((value) => value * Math.SQRT2),
    1e-6,
  );
  near(layer(256).apply(x), [Math.SQRT2, -0.2 * Math.SQRT2, 256, -256], 1e-6);
});

test("rectifies between the pixels as well", () => {
  // 1 -1 doubled by repetition, rectified and averaged in pairs: nothing changes but the values themselves.
  const before = { taps: [1, 1], up: 2, down: 1, padding: [1, 0] } as const;
  const after = { taps: [0.5, 0.5], up: 1, down: 2, padding: [0, 0] } as const;
  const layer = new FilteredLeakyRelu(new Params(Rng.fromSeed(1)), {
    ...{ channels: 1, size: 2, before, after, clamp: null },
  });
  near(
    layer.apply(tf.tensor4d([1, -1, -1, 1], [1, 2, 2, 1])),
    [1, -0.2, -0.2, 1].map((v) => v * Math.SQRT2),
    1e-6,
  );
});

test("agrees with finite differences, along axes and radially", () => {
  const before = { taps: [1, 2, 3, 3, 2, 1].map((tap) => tap / 6), up: 2, down: 1, padding: [5, 4] } as const;
  const along = { taps: [1, 2, 3, 3, 2, 1].map((tap) => tap / 12), up: 1, down: 2, padding: [0, 0] } as const;
  const radial = radialFilter({ taps: 6, cutoff: 2, width: 4, samplingRate: 16 });
  // Away from zero, where the rectifier has a kink.
  const x = Rng.fromSeed(2).normal([2, 6, 6, 2]).mul(5);
  for (const after of [along, { radial, side: 6, down: 2 }]) {
    const params = new Params(Rng.fromSeed(1));
    const layer = new FilteredLeakyRelu(params, { channels: 2, size: 6, before, after, clamp: null });
    const memory = tf.memory().numTensors;
    checkGradients((value) => layer.apply(value as tf.Tensor4D), [x], 2e-2);
    assert.is(tf.memory().numTensors, memory);
    params.dispose();
  }
});

test.run();
