import { fromFloat32, toFloat32 } from "../../storage/safetensors";
import type { SavedState } from "../loop/saved-state";

/** How the probability of augmentations follows the discriminator. */
export interface AugmentStrengthConfig {
  /** Share by which more real images than not get a positive logit, where p shall stay; reference: 0.6. */
  readonly target: number;
  /** Images in which p goes from 0 to 1 at most; reference: 500,000. */
  readonly imagesToOne: number;
  /** Steps between adjustments; reference: 4. */
  readonly everySteps: number;
}

export const AUGMENT_STRENGTH_DEFAULTS = {
  target: 0.6,
  imagesToOne: 500_000,
  everySteps: 4,
} as const satisfies AugmentStrengthConfig;

/**
 * The probability p of augmentations. It rises while the discriminator tells too many real images from made
 * ones, r_t = E[sign(D(real))] above the target, and falls otherwise.
 *
 * @see Karras et al. 2020, arXiv 2006.06676, section 3.1.
 */
export class AugmentStrength {
  private probability: number;
  private signs = 0;
  private images = 0;
  private steps = 0;

  /** @param initial p at the start. */
  constructor(
    private readonly config: AugmentStrengthConfig,
    initial = 0,
  ) {
    this.probability = Math.fround(initial);
  }

  /** The present probability. */
  get p(): number {
    return this.probability;
  }

  /**
   * Takes note of a step, and adjusts p where it is time.
   *
   * @param signs Sum of the signs of the logits of real images. @param images Their number.
   */
  observe(signs: number, images: number): void {
    const { target, imagesToOne, everySteps } = this.config;
    this.signs += signs;
    this.images += images;
    this.steps++;
    if (this.steps < everySteps) return;
    const change = (Math.sign(this.signs / this.images - target) * this.images) / imagesToOne;
    // As exact as it is saved, so that a resumed run goes on from the same number.
    this.probability = Math.fround(Math.min(1, Math.max(0, this.probability + change)));
    [this.signs, this.images, this.steps] = [0, 0, 0];
  }

  /** What a resumed run needs. */
  state(): SavedState {
    const values = Float32Array.of(this.probability, this.signs, this.images, this.steps);
    return new Map([["strength", fromFloat32(values, [values.length])]]);
  }

  /** Puts saved state back. */
  restore(state: SavedState): void {
    const stored = state.get("strength");
    if (stored === undefined) throw new Error("the checkpoint has no strength of augmentations");
    const [probability = 0, signs = 0, images = 0, steps = 0] = toFloat32(stored);
    this.probability = probability;
    [this.signs, this.images, this.steps] = [signs, images, steps];
  }
}
