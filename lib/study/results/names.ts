import { GENERATOR_TITLE, type GeneratorName } from "../../generators/generator-config";
import type { Source } from "../../figures/palette";
import type { Segmenter, TrainingRow } from "../grid/cells";
import type { CohortFacts } from "./study-results";

/** What people call the segmentation networks. */
export const SEGMENTER_TITLE: Readonly<Record<Segmenter, string>> = {
  unet: "U-Net",
  swin: "Swin transformer",
};

/** A generator's name as a row's heading; none in the rows without synthetic slices. */
export function generatorTitle(generator: GeneratorName | null): string {
  return generator === null ? "none" : GENERATOR_TITLE[generator];
}

/** What a row's networks are trained on, in words: "real and synthetic (StyleGAN 2), augmented". */
export function rowTitle({ generator, real, augmentation }: TrainingRow): string {
  const synthetic = generator === null ? [] : [`synthetic (${GENERATOR_TITLE[generator]})`];
  const slices = [...(real ? ["real"] : []), ...synthetic].join(" and ");
  return augmentation ? `${slices}, augmented` : slices;
}

/** The colour of a row in figures: that of its generator, or of real slices. */
export function sourceOfRow({ generator }: Pick<TrainingRow, "generator">): Source {
  return generator ?? "real";
}

/** "simulated test subjects" where nobody is behind them, else "test subjects". */
export function testSubjects({ simulated }: Pick<CohortFacts, "simulated">): string {
  return simulated ? "simulated test subjects" : "test subjects";
}

/** What real slices are called where synthetic ones stand beside them. */
export function realSlices({ simulated }: Pick<CohortFacts, "simulated">): string {
  return simulated ? "real (simulated cohort)" : "real";
}

/** Lower case letters and digits with hyphens between. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
