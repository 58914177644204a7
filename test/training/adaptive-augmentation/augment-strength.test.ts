import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AugmentStrength } from "../../../lib/training/adaptive-augmentation/augment-strength";
import { near } from "../../near";

const test = suite("AugmentStrength");

const CONFIG = { target: 0.6, imagesToOne: 1000, everySteps: 4 };

test("rises by the images seen over those to one while too many logits are positive, and falls else", () => {
  const strength = new AugmentStrength(CONFIG);
  // 4 steps of 16 images: 64 / 1000.
  for (let step = 0; step < 3; step++) strength.observe(16, 16);
  assert.is(strength.p, 0);
  strength.observe(16, 16);
  near([strength.p], [0.064], 1e-7);
  // A mean sign of 0.5 is below 0.6.
  for (let step = 0; step < 4; step++) strength.observe(8, 16);
  near([strength.p], [0], 1e-7);
  for (let step = 0; step < 4; step++) strength.observe(-16, 16);
  assert.is(strength.p, 0);
});

test("stays within 0 and 1", () => {
  const strength = new AugmentStrength({ ...CONFIG, everySteps: 1 }, 0.95);
  for (let step = 0; step < 10; step++) strength.observe(100, 100);
  assert.is(strength.p, 1);
});

test("goes on exactly where it was saved", () => {
  const [whole, first] = [new AugmentStrength(CONFIG, 0.3), new AugmentStrength(CONFIG, 0.3)];
  const signs = [16, 12, 4, 16, 16, 2, 8, 16, 16, 16, 16];
  for (const sum of signs) whole.observe(sum, 16);
  for (const sum of signs.slice(0, 6)) first.observe(sum, 16);
  const second = new AugmentStrength(CONFIG);
  second.restore(first.state());
  for (const sum of signs.slice(6)) second.observe(sum, 16);
  assert.is(second.p, whole.p);
  assert.equal(second.state(), whole.state());
});

test.run();
