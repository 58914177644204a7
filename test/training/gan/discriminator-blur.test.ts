import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { alongAxes } from "../../../lib/models/layers/band-matrix";
import { blurMatrix, blurSigma, isBlurred } from "../../../lib/training/gan/discriminator-blur";
import { STYLEGAN3_R_RECIPE } from "../../../lib/training/gan/gan-recipes";
import { near } from "../../near";

const test = suite("blur of what the discriminator sees");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("shrinks evenly with the images seen, and is gone at the end", () => {
  const { blur } = STYLEGAN3_R_RECIPE;
  const widths = [0, 50_000, 100_000, 199_999, 200_000, 1_000_000].map((seen) => blurSigma(blur, seen));
  near(Float32Array.from(widths), Float32Array.of(10, 7.5, 5, 0.00005, 0, 0), 1e-6);
  assert.equal(widths.map(isBlurred), [true, true, true, false, false, false]);
  // Below a third of a pixel, three widths reach no neighbour: floor(3 sigma) = 0.
  assert.equal([0.34, 0.33].map(isBlurred), [true, false]);
  assert.is(blurSigma(null, 0), 0);
});

test("is a convolution with 2^-(distance / sigma)^2 of sum 1, with zeros around the image", () => {
  const [size, sigma, reach] = [7, 0.8, 2]; // floor(3 * 0.8) = 2
  const bell = [-2, -1, 0, 1, 2].map((distance) => 2 ** -((distance / sigma) ** 2));
  const sum = bell.reduce((a, b) => a + b);
  const image = Rng.fromSeed(1).normals(size * size);
  const expected = new Float32Array(size * size);
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++)
      for (let dy = -reach; dy <= reach; dy++)
        for (let dx = -reach; dx <= reach; dx++) {
          const [y, x] = [row + dy, column + dx];
          if (y < 0 || y >= size || x < 0 || x >= size) continue;
          const weight = ((bell[dy + reach] ?? 0) / sum) * ((bell[dx + reach] ?? 0) / sum);
          expected[row * size + column] =
            (expected[row * size + column] ?? 0) + weight * (image[y * size + x] ?? 0);
        }
  const blurred = tf.tidy(() => {
    const matrix = blurMatrix(sigma, size);
    return alongAxes(tf.tensor4d(image, [1, size, size, 1]), matrix, matrix).dataSync();
  });
  near(blurred, expected, 1e-6);
});

test("may reach farther than the image is wide", () => {
  const matrix = blurMatrix(10, 8);
  assert.equal(matrix.shape, [1, 8, 8]);
  const sums = tf.tidy(() => matrix.sum(2).dataSync());
  sums.forEach((share) => assert.ok(share > 0 && share < 1));
  matrix.dispose();
});

test.run();
