import { suite } from "uvu";
import * as assert from "uvu/assert";
import { learningRateAt } from "../../../lib/training/optimizers/learning-rate";
import { near } from "../../near";

const test = suite("learning rate");

test("stays at its peak without warm-up or decay", () => {
  const config = { peak: 1e-4, warmUpImages: 0, decay: "constant" } as const;
  assert.equal(
    [0, 500, 1000].map((seen) => learningRateAt(config, seen, 1000)),
    [1e-4, 1e-4, 1e-4],
  );
});

test("rises linearly, never from 0, and stays", () => {
  const config = { peak: 2, warmUpImages: 100, decay: "constant" } as const;
  near(
    [0, 49, 99, 100, 900].map((seen) => learningRateAt(config, seen, 1000)),
    [0.02, 1, 2, 2, 2],
    1e-12,
  );
});

test("falls along half a cosine to 0 and not below", () => {
  const config = { peak: 2, warmUpImages: 0, decay: "cosine" } as const;
  // cos(pi / 3) = 1/2: a third of the way, 2 (1 + 1/2) / 2 = 1.5.
  near(
    [0, 300, 450, 900, 1200].map((seen) => learningRateAt(config, seen, 900)),
    [2, 1.5, 1, 0, 0],
    1e-12,
  );
});

test.run();
