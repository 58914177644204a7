import type { AugmentationConfig } from "../data/augmentation/augmentation-config";
import type { CohortRecipe } from "../data/simulation/cohort-recipe";
import type { SplitCounts } from "../data/split";
import type { GeneratorConfig, GeneratorName } from "../generators/generator-config";
import type { UPerNetSwinConfig } from "../models/swin/upernet-swin";
import type { UNetConfig } from "../models/unet/unet";
import type { Sequence } from "../shape";
import type { SegmentationConfig, SwinSegmentationConfig } from "../training/segmentation/segmentation";
import type { StudyGrid } from "./grid/cells";

export const PROFILE_NAMES = ["smoke", "quick", "laptop", "workstation", "paper"] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

/** How generators of fewer subjects are trained, as people read it. */
export const FEWER_SUBJECTS_TITLE = {
  "same images": "as many images",
  "same passes": "as many passes over their slices",
} as const;

/** Everything that decides the results of a study. */
export interface Profile {
  readonly name: ProfileName;
  /** One line for people. */
  readonly purpose: string;
  /** False where the budgets are too small for the numbers to say anything. */
  readonly meaningful: boolean;
  /** Seed of the split and of intervals; trainings have seeds of their own in the grid. */
  readonly seed: number;
  readonly cohort: { readonly recipe: CohortRecipe };
  readonly split: SplitCounts;
  /** Height and width of the slices, pixels. */
  readonly size: number;
  readonly generators: {
    readonly [Name in GeneratorName]: Extract<GeneratorConfig, { readonly kind: Name }>;
  };
  /** Whether generators are trained in the run or their weights come with the project. */
  readonly generatorWeights: "trained" | "shipped";
  /**
   * What a generator of fewer subjects is trained on: as many images, as the study's StyleGAN 2 and 3 were, or each
   * slice about as often.
   */
  readonly fewerSubjects: keyof typeof FEWER_SUBJECTS_TITLE;
  /** Images drawn of each generator. */
  readonly sampling: { readonly images: number };
  readonly segmenters: {
    readonly unet: { readonly network: UNetConfig; readonly config: SegmentationConfig };
    readonly swin: { readonly network: UPerNetSwinConfig; readonly config: SwinSegmentationConfig };
  };
  /** What the switch of augmented rows turns on. */
  readonly augmentation: AugmentationConfig;
  readonly quality: QualityConfig;
  /** Which trainings of the study the profile runs. */
  readonly grid: StudyGrid;
  /**
   * Seconds an image of each kind of work takes on one core of the machine of environment.md: for the estimate of
   * times, until the run has measured its own.
   */
  readonly secPerImage: Readonly<Record<string, number>>;
}

/** How image quality is measured. */
export interface QualityConfig {
  /** What networks for photographs look at. */
  readonly sequence: Sequence;
  /** Images at most, real ones and synthetic ones. */
  readonly images: number;
  /** Draws of the intervals; of the Fréchet distance's, which cost more. */
  readonly replicates: number;
  readonly frechetReplicates: number;
}
