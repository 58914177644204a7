import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startBackend } from "../../lib/backend/start";
import { IGNORED_LABEL, labelTensors, levelLosses } from "../../lib/training/segmentation/segmentation-loss";
import { ReferenceCase } from "../models/reference-case";
import { near } from "../near";

const test = suite("the study's loss in PyTorch");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

test("gives the same soft Dice and cross entropy with ignored labels", () => {
  const reference = new ReferenceCase("study-unet-loss");
  const labels = Uint8Array.from(reference.integers("in.labels"));
  assert.ok(labels.includes(IGNORED_LABEL), "the case has ignored pixels");
  const { negativeDice, crossEntropy } = levelLosses(
    [reference.images("in.logits")],
    labelTensors(labels, 4),
  );
  near(negativeDice, reference.numbers("out.soft_dice_loss"), 1e-5, "soft Dice");
  near(crossEntropy, reference.numbers("out.cross_entropy"), 1e-5, "cross entropy");
});

test.run();
