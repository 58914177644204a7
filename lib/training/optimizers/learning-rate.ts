/** How fast a network learns over its training. Positions are images seen, so they do not depend on the batch. */
export interface LearningRateConfig {
  readonly peak: number;
  /** Images over which the rate rises linearly from 0; 0 switches the rise off. */
  readonly warmUpImages: number;
  /** "constant" after the rise (the study), or falling to 0 along half a cosine. */
  readonly decay: "constant" | "cosine";
}

/** The learning rate once `imagesSeen` of `totalImages` were seen. */
export function learningRateAt(config: LearningRateConfig, imagesSeen: number, totalImages: number): number {
  const { peak, warmUpImages, decay } = config;
  const rise = warmUpImages > 0 ? Math.min(1, (imagesSeen + 1) / warmUpImages) : 1;
  if (decay === "constant") return peak * rise;
  return peak * rise * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, imagesSeen / totalImages)));
}
