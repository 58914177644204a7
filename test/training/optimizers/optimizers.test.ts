import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { Params } from "../../../lib/models/params";
import {
  Adam,
  SgdNesterov,
  type Optimizer,
  type SgdConfig,
} from "../../../lib/training/optimizers/optimizers";
import { ParameterVector } from "../../../lib/training/optimizers/parameter-vector";
import { near } from "../../near";

const test = suite("optimizers");

const PLAIN: SgdConfig = { momentum: 0.9, weightDecay: 0, clipNorm: Number.POSITIVE_INFINITY };

interface Bench {
  readonly parameters: ParameterVector;
  readonly optimizer: Optimizer;
  step(gradient: readonly number[], rate: number): number[];
  dispose(): void;
}

/** Two variables, of two values and of one, and an optimizer of them. */
function bench(start: readonly number[], make: (parameters: ParameterVector) => Optimizer): Bench {
  const params = new Params(Rng.fromSeed(1));
  params.fill("a", [1, 2], 0);
  params.fill("b", [1], 0);
  const parameters = new ParameterVector(params);
  parameters.assign(tf.tensor1d([...start]));
  const optimizer = make(parameters);
  return {
    parameters,
    optimizer,
    step: (gradient, rate) => {
      const vector = tf.tensor1d([...gradient]);
      optimizer.step(vector, rate);
      vector.dispose();
      return [...parameters.values.dataSync()];
    },
    dispose: () => {
      [optimizer, parameters, params].forEach((owner) => {
        owner.dispose();
      });
    },
  };
}

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("Adam takes the two steps worked by hand", () => {
  const { step, dispose } = bench([1, 1, 1], (parameters) => new Adam(parameters));
  // Step 1: m / (1 - 0.9) = g, v / (1 - 0.999) = g^2: the step is the rate times the sign of g.
  near(step([2, -3, 0], 0.1), [0.9, 1.1, 1], 1e-6);
  // Step 2 with g = (-1, -3, 0.5):
  //   m = 0.9 * 0.2 - 0.1 = 0.08, over 0.19: 0.421053; v = 0.999 * 0.004 + 0.001 = 0.004996, over 0.001999: 2.499250;
  //   0.421053 / 1.580902 = 0.266337. Constant gradient: 1. From zero: m = 0.05 / 0.19 = 0.263158,
  //   v = 0.00025 / 0.001999 = 0.125063, 0.263158 / 0.353642 = 0.744137.
  near(step([-1, -3, 0.5], 0.1), [0.9 - 0.0266337, 1.2, 1 - 0.0744137], 1e-6);
  dispose();
});

test("SGD with Nesterov momentum takes the two steps worked by hand", () => {
  const { step, dispose } = bench([1, 1, 1], (parameters) => new SgdNesterov(parameters, PLAIN));
  // b = g; p - rate (g + 0.9 b) = 1 - 0.1 * 1.9 g.
  near(step([1, -2, 0], 0.1), [0.81, 1.38, 1], 1e-6);
  // b = 0.9 (1, -2, 0) + (1, 1, 1) = (1.9, -0.8, 1); g + 0.9 b = (2.71, 0.28, 1.9); rate 0.01.
  near(step([1, 1, 1], 0.01), [0.81 - 0.0271, 1.38 - 0.0028, 1 - 0.019], 1e-6);
  dispose();
});

test("SGD adds weight decay to the gradient before the momentum", () => {
  const config = { ...PLAIN, weightDecay: 0.5 };
  const { step, dispose } = bench([1, -2, 4], (parameters) => new SgdNesterov(parameters, config));
  // g = 0.5 p = (0.5, -1, 2); p - 0.1 * 1.9 g.
  near(step([0, 0, 0], 0.1), [1 - 0.095, -2 + 0.19, 4 - 0.38], 1e-6);
  dispose();
});

test("SGD shortens the gradient of all variables together, before weight decay", () => {
  const config = { momentum: 0, weightDecay: 0.1, clipNorm: 1 };
  const { step, dispose } = bench([10, 10, 10], (parameters) => new SgdNesterov(parameters, config));
  // Norm of (2, 3, 6) is 7: shortened to (2, 3, 6) / 7; decay adds 1.
  near(step([2, 3, 6], 1), [10 - 2 / 7 - 1, 10 - 3 / 7 - 1, 10 - 6 / 7 - 1], 1e-6);
  dispose();
});

test("SGD leaves a gradient alone that is no longer than the limit, and zero", () => {
  const config = { momentum: 0, weightDecay: 0, clipNorm: 7.001 };
  const { step, dispose } = bench([0, 0, 0], (parameters) => new SgdNesterov(parameters, config));
  near(step([2, 3, 6], 1), [-2, -3, -6], 1e-6);
  near(step([0, 0, 0], 1), [-2, -3, -6], 1e-6);
  dispose();
});

/** 60 gradients of three values, some large, some tiny. */
const GRADIENTS = Array.from({ length: 60 }, (_, i) =>
  [...Rng.fromSeed(i).normals(3)].map((g, k) => g * 10 ** (k - 1)),
);
const rateOf = (i: number) => 0.05 / (1 + i / 20);

test("Adam follows PyTorch's formula for 60 steps, value by value in double precision", () => {
  const { step, dispose } = bench([1, -1, 0.5], (parameters) => new Adam(parameters));
  const p = [1, -1, 0.5];
  const [m, v] = [
    [0, 0, 0],
    [0, 0, 0],
  ];
  GRADIENTS.forEach((gradient, i) => {
    gradient.forEach((g, k) => {
      m[k] = 0.9 * (m[k] ?? 0) + 0.1 * g;
      v[k] = 0.999 * (v[k] ?? 0) + 0.001 * g * g;
      const size = (m[k] ?? 0) / (1 - 0.9 ** (i + 1));
      const spread = Math.sqrt((v[k] ?? 0) / (1 - 0.999 ** (i + 1))) + 1e-8;
      p[k] = (p[k] ?? 0) - (rateOf(i) * size) / spread;
    });
    near(step(gradient, rateOf(i)), p, 1e-5, `step ${i}`);
  });
  dispose();
});

test("SGD follows PyTorch's formula for 60 steps, value by value in double precision", () => {
  const config = { momentum: 0.99, weightDecay: 3e-5, clipNorm: 2 };
  const { step, dispose } = bench([1, -1, 0.5], (parameters) => new SgdNesterov(parameters, config));
  const p = [1, -1, 0.5];
  const b = [0, 0, 0];
  GRADIENTS.forEach((gradient, i) => {
    const norm = Math.hypot(...gradient);
    gradient.forEach((raw, k) => {
      const g = raw * Math.min(1, 2 / (norm + 1e-6)) + 3e-5 * (p[k] ?? 0);
      b[k] = 0.99 * (b[k] ?? 0) + g;
      p[k] = (p[k] ?? 0) - rateOf(i) * (g + 0.99 * (b[k] ?? 0));
    });
    near(step(gradient, rateOf(i)), p, 1e-5, `step ${i}`);
  });
  dispose();
});

for (const [name, make] of [
  ["Adam", (parameters: ParameterVector) => new Adam(parameters)],
  ["SGD", (parameters: ParameterVector) => new SgdNesterov(parameters, { ...PLAIN, clipNorm: 12 })],
] as const) {
  test(`${name} goes on bit by bit from saved state`, () => {
    const whole = bench([1, -1, 0.5], make);
    GRADIENTS.forEach((gradient, i) => whole.step(gradient, rateOf(i)));
    const first = bench([1, -1, 0.5], make);
    GRADIENTS.slice(0, 23).forEach((gradient, i) => first.step(gradient, rateOf(i)));
    const second = bench([...first.parameters.values.dataSync()], make);
    second.optimizer.restore(first.optimizer.state());
    GRADIENTS.slice(23).forEach((gradient, i) => second.step(gradient, rateOf(i + 23)));
    assert.equal(second.parameters.values.dataSync(), whole.parameters.values.dataSync());
    assert.equal(second.optimizer.state(), whole.optimizer.state());
    [whole, first, second].forEach((each) => {
      each.dispose();
    });
  });

  test(`${name} keeps the number of tensors and frees them in the end`, () => {
    const before = tf.memory().numTensors;
    const { step, dispose } = bench([1, 1, 1], make);
    const during = tf.memory().numTensors;
    for (let i = 0; i < 5; i++) {
      step([1, 2, 3], 0.1);
      assert.is(tf.memory().numTensors, during);
    }
    dispose();
    assert.is(tf.memory().numTensors, before);
  });
}

test.run();
