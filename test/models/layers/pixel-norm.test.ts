import { suite } from "uvu";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { pixelNorm } from "../../../lib/models/layers/pixel-norm";
import { near } from "../../near";
import { checkGradients } from "./gradient-check";

const test = suite("pixel norm");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

const draw = <R extends tf.Rank>(seed: number, shape: tf.ShapeMap[R]) => Rng.fromSeed(seed).normal<R>(shape);

test("pixel norm scales each pixel to a mean square of one", () => {
  // 3 and 4: mean square 12.5, root 3.535534.
  near(
    pixelNorm(tf.tensor4d([3, 4, 0, 0], [1, 1, 2, 2])),
    [3 / Math.sqrt(12.5), 4 / Math.sqrt(12.5), 0, 0],
    1e-6,
  );
  checkGradients((x) => pixelNorm(x), [draw(1, [2, 3, 3, 5])], 1e-3);
});

test.run();
