import { z } from "zod";
import { InputError } from "../errors";
import { IGNORED_LABEL, labelTensors, levelLosses } from "../training/segmentation/segmentation-loss";
import { FORWARD, type ComputedOutput } from "./comparison";
import type { ReferenceCase } from "./reference-case";

const metaSchema = z.object({
  ignore_label: z.literal(IGNORED_LABEL).optional(),
  batch_dice: z.literal(true).optional(),
  smooth: z.literal(1e-5).optional(),
});

/** The study's soft Dice over a batch and its cross entropy, with pixels that do not count. */
export function* studyUnetLoss(reference: ReferenceCase): Iterable<ComputedOutput> {
  if (!metaSchema.safeParse(reference.meta).success)
    throw new InputError(reference.path, "has settings of the loss that are not the study's");
  const logits = reference.images("logits", null);
  const [samples, height, width, classes] = logits.shape;
  const labels = reference.labels("labels", [samples, height, width]);
  if (!labels.every((label) => label < classes || label === IGNORED_LABEL))
    throw new InputError(reference.path, `has labels that are none of ${classes} classes`);
  const { negativeDice, crossEntropy } = levelLosses([logits], labelTensors(labels, classes));
  for (const [name, values] of Object.entries({ soft_dice_loss: negativeDice, cross_entropy: crossEntropy }))
    yield { name, shape: [1], values, tolerance: { ...FORWARD, of: "each" } };
}
