import { suite } from "uvu";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";
import { broadcast } from "../../../lib/models/layers/broadcast";
import { near } from "../../near";
import { checkGradients } from "./gradient-check";

const test = suite("broadcast");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("broadcasting repeats along axes of length one and sums up its gradient", () => {
  const x = tf.tensor3d([1, 2], [1, 2, 1]);
  near(broadcast<tf.Rank.R3>(x, [2, 2, 3]), [1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2], 0);
  checkGradients((at) => broadcast<tf.Rank.R3>(at, [2, 2, 3]), [x], 1e-4);
});

test.run();
