import type { AugmentConfig } from "../adaptive-augmentation/augment-config";
import type { AugmentStrengthConfig } from "../adaptive-augmentation/augment-strength";
import type { BlurConfig } from "./discriminator-blur";
import type { EmaConfig } from "../optimizers/ema";
import type { GanScheduleConfig } from "./gan-plan";
import type { AdamConfig } from "../optimizers/optimizers";

/** What the discriminator and the generator play for. */
export type GanLossConfig =
  | { readonly kind: "logistic" }
  | {
      readonly kind: "wasserstein";
      /** Lambda, the weight of the gradient penalty; progressive GAN: 10. */
      readonly penaltyWeight: number;
      /** Norm that gradients are pulled to; 1. */
      readonly penaltyTarget: number;
      /** Weight of the squared real logits; 0.001. */
      readonly drift: number;
    };

/** Penalty on the discriminator's gradient at real images. */
export interface R1Config {
  /** Its weight is gamma / 2. */
  readonly gamma: number;
  /** 1: part of every step's loss; more: an update of its own, so many times as strong, every so many steps. */
  readonly everySteps: number;
}

/** Path length regularisation of a style-based generator. */
export interface PathLengthConfig {
  /** 2 in StyleGAN 2. */
  readonly weight: number;
  /** Weight of a batch in the running mean of the lengths; 0.01. */
  readonly decay: number;
  /** The batch is smaller by this factor; 2. */
  readonly batchShrink: number;
  /** An update of its own, so many times as strong, every so many steps; 4. */
  readonly everySteps: number;
}

/** Random changes of the images that the discriminator sees, real and made ones. */
export interface GanAugmentationConfig {
  readonly pipe: AugmentConfig;
  /** How many channels, from the first, have their colour changed; the mask after them keeps its values. */
  readonly colourChannels: number;
  /** Probability p of each change at the start; 0 where it adapts, as in the reference. */
  readonly initial: number;
  /** How p follows the discriminator; null keeps it. */
  readonly strength: AugmentStrengthConfig | null;
}

/** How two networks are trained against each other, whatever is inside them. */
export interface GanRecipe {
  /** Real images that the discriminator is shown in all. */
  readonly images: number;
  readonly schedule: GanScheduleConfig;
  readonly loss: GanLossConfig;
  readonly r1: R1Config | null;
  readonly pathLength: PathLengthConfig | null;
  readonly augmentation: GanAugmentationConfig | null;
  /** Of what the discriminator sees at first; in StyleGAN 3-R. */
  readonly blur: BlurConfig | null;
  /** Chance that a batch's styles are mixed of two draws; 0.9 in StyleGAN 1 and 2, 0 without styles. */
  readonly styleMixing: number;
  /** Of both optimizers, before the correction for lazy regularisation. */
  readonly adam: AdamConfig;
  /** Of the generator's weights. */
  readonly ema: EmaConfig;
}

/**
 * Adam's settings for a network that is regularised by an update of its own every k steps: k + 1 updates shall do
 * what k did, so the rate is scaled by c = k / (k + 1) and the betas are raised to its power.
 *
 * @param everySteps 1 or undefined where there are no such updates.
 * @see Karras et al. 2020, arXiv 1912.04958, appendix B, "Lazy regularization".
 */
export function lazyAdam(
  adam: AdamConfig,
  everySteps: number | undefined,
): { readonly adam: AdamConfig; readonly rateFactor: number } {
  if (everySteps === undefined || everySteps <= 1) return { adam, rateFactor: 1 };
  const c = everySteps / (everySteps + 1);
  return {
    adam: { beta1: adam.beta1 ** c, beta2: adam.beta2 ** c, epsilon: adam.epsilon },
    rateFactor: c,
  };
}
