import { suite } from "uvu";
import * as assert from "uvu/assert";
import { roundedDown, roundedToNearest } from "../../lib/sampling/grey-images";

const test = suite("grey images");

test("a diffusion model's are rounded down and clipped, as the reference's samplers do", () => {
  // (x + 1) 127.5: 0.1275, 127.5, 254.87, 255, 191.25.
  const images = [-2, -1, -0.999, 0, 0.999, 1, 3, 0.5];
  assert.equal([...roundedDown(images)], [0, 0, 0, 127, 254, 255, 255, 191]);
});

test("a GAN's are rounded to the nearest and clipped, as the references' scripts do", () => {
  // 127.5 x + 128, cut off: 0.5, 0.63, 128, 255.37, 255.5, 191.75.
  const images = [-2, -1, -0.999, 0, 0.999, 1, 3, 0.5];
  assert.equal([...roundedToNearest(images)], [0, 0, 0, 128, 255, 255, 255, 191]);
});

test.run();
