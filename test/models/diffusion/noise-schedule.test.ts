import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  ddimSteps,
  karrasSteps,
  noiseSchedule,
  respaced,
  type NoiseSchedule,
} from "../../../lib/models/diffusion/noise-schedule";
import { near } from "../../near";
import { ReferenceCase } from "../reference-case";

const test = suite("noise schedule");

const REFERENCE_NAMES = [
  ["betas", "out.betas"],
  ["alphasCumprod", "out.alphas_cumprod"],
  ["posteriorVariance", "out.posterior_variance"],
  ["posteriorLogVarianceClipped", "out.posterior_log_variance_clipped"],
  ["posteriorMeanCoef1", "out.posterior_mean_coef1"],
  ["posteriorMeanCoef2", "out.posterior_mean_coef2"],
] as const satisfies readonly (readonly [keyof NoiseSchedule, string])[];

for (const [name, steps] of [
  ["linear", 4000],
  ["cosine", 1000],
] as const) {
  test(`equals guided-diffusion's ${name} schedule of ${steps} steps`, () => {
    const reference = new ReferenceCase(`openai-diffusion-coefficients-${name}-${steps}`);
    const schedule = noiseSchedule(name, steps);
    for (const [field, stored] of REFERENCE_NAMES) {
      const expected = reference.numbers(stored);
      // Relative, value by value: many coefficients are far below 1, and the reference is stored as float32.
      const ratios = Float64Array.from(schedule[field], (value, t) => {
        const wanted = expected[t] ?? Number.NaN;
        return wanted === 0 ? 1 + value : value / wanted;
      });
      near(ratios, new Float64Array(steps).fill(1), 1e-6, field);
    }
  });
}

test("begins and ends the linear betas at DDPM's values, scaled to the number of steps", () => {
  const { betas, timesteps } = noiseSchedule("linear", 500);
  near([betas[0] ?? 0, betas[499] ?? 0], [2e-4, 0.04], 1e-15);
  assert.equal([timesteps[0], timesteps[499]], [0, 499]);
});

test("keeps alpha-bar at the steps that respacing keeps", () => {
  const full = noiseSchedule("cosine", 1000);
  const kept = Int32Array.of(0, 10, 500, 999);
  const few = respaced(full, kept);
  near(
    few.alphasCumprod,
    Float64Array.from(kept, (t) => full.alphasCumprod[t] ?? 0),
    1e-12,
  );
  assert.equal([...few.timesteps], [...kept]);
});

test("tells the network the step numbers of the full schedule after respacing twice", () => {
  const once = respaced(noiseSchedule("linear", 100), ddimSteps(100, 10));
  assert.equal([...respaced(once, Int32Array.of(1, 9)).timesteps], [10, 90]);
});

test("changes nothing where every step is kept", () => {
  const full = noiseSchedule("linear", 50);
  near(respaced(full, ddimSteps(50, 50)).betas, full.betas, 1e-12);
});

test("thins to evenly spaced steps from 0", () => {
  assert.equal([...ddimSteps(1000, 10)], [0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
  // As range(0, 10, 3), the first stride that leaves four.
  assert.equal([...ddimSteps(10, 4)], [0, 3, 6, 9]);
});

test("thins to the noise levels of Karras et al.: from the first step to a deviation of 80, denser at the ends", () => {
  const full = noiseSchedule("cosine", 1000);
  const sigma = (t: number): number => Math.sqrt(1 / (full.alphasCumprod[t] ?? Number.NaN) - 1);
  const steps = karrasSteps(full, 10);
  const [first = -1, middle = -1, last = -1] = karrasSteps(full, 3);
  assert.is(first, 0);
  // ((80^(1/7) + 0.006425^(1/7)) / 2)^7 = 3.151; neighbouring steps differ by 0.5 % there, by 11 % at 80.
  near([sigma(middle) / 3.151], [1], 0.004);
  near([sigma(last) / 80], [1], 0.06);
  assert.equal(
    [steps.length, steps[0], [...steps].every((t, i) => i === 0 || t > (steps[i - 1] ?? t))],
    [10, 0, true],
  );
});

test("refuses what cannot be made", () => {
  assert.throws(() => ddimSteps(10, 6), /10 steps cannot be thinned to exactly 6/);
  assert.throws(() => ddimSteps(10, 11), RangeError);
  assert.throws(
    () => karrasSteps(noiseSchedule("linear", 50), 45),
    /50 steps cannot be thinned to 45 by their noise/,
  );
  assert.throws(() => karrasSteps(noiseSchedule("linear", 50), 1), RangeError);
  assert.throws(() => noiseSchedule("linear", 1), /at least 2 steps, not 1/);
  assert.throws(() => noiseSchedule("linear", 99.5), RangeError);
  assert.throws(() => respaced(noiseSchedule("linear", 100), Int32Array.of(0, 100)), /step 100 is not in/);
  // DDPM's last beta scaled to 20 steps is 1: nothing of the image would be left.
  assert.throws(() => noiseSchedule("linear", 20), RangeError);
});

test.run();
