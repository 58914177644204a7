/** Bounds of a uniform draw. */
export type Range = readonly [least: number, most: number];

/** A change of some channels: drawn for the slice first, then for each of its channels. */
interface ChannelChange {
  readonly probability: number;
  readonly channelProbability: number;
}

/** How often and how strongly slices are changed in training. Channels are the MR sequences. */
export interface AugmentationConfig {
  /** Swapping left and right, and front and back, each with this probability; left out: never. */
  readonly mirror?: { readonly probability: number };
  /** Turning about the centre, degrees. */
  readonly rotation: { readonly probability: number; readonly degrees: Range };
  /** Enlargement of rows and columns, each by a factor of its own. */
  readonly scale: { readonly probability: number; readonly factor: Range };
  /** Normal noise on the pixels above the channel's minimum; standard deviation in grey values / 256. */
  readonly noise: ChannelChange & { readonly deviation: Range };
  /** Gaussian blur, standard deviation in pixels. */
  readonly blur: ChannelChange & { readonly sigma: Range };
  /** Resampling to a smaller grid and back, by a factor of its side. */
  readonly resolution: ChannelChange & { readonly zoom: Range };
  /** Exponent for the grey values of the inverted channels; half of the draws below 1, half above. */
  readonly invertedGamma: { readonly probability: number; readonly exponent: Range };
  /** Exponent for the grey values of the channels. */
  readonly gamma: { readonly probability: number; readonly exponent: Range };
}

/**
 * What the study's switch turns on for its U-Net, both groups together.
 *
 * @see The study's code, Segmentation/data/transforms.py.
 */
export const STUDY_AUGMENTATION = {
  rotation: { probability: 0.75, degrees: [-30, 30] },
  scale: { probability: 0.75, factor: [0.9, 1.1] },
  noise: { probability: 0.5, channelProbability: 0.5, deviation: [0, 0.05] }, // called a variance, used as this
  blur: { probability: 0.2, channelProbability: 0.5, sigma: [0.5, 1] },
  resolution: { probability: 0.25, channelProbability: 0.5, zoom: [0.75, 1] },
  invertedGamma: { probability: 0.1, exponent: [0.85, 1.2] },
  gamma: { probability: 0.2, exponent: [0.85, 1.2] },
} as const satisfies AugmentationConfig;

/**
 * For a network that will meet scanners and readers it has not learnt from: the study's changes with the wider
 * ranges of nnU-Net for size, resolution and contrast, and its mirroring. Its changes of brightness and linear
 * contrast are left out: the z-score of each slice undoes them.
 *
 * @see Isensee et al. 2021, Nature Methods 18:203; nnunetv2/training/nnUNetTrainer/nnUNetTrainer.py.
 */
export const TRANSFER_AUGMENTATION = {
  ...STUDY_AUGMENTATION,
  mirror: { probability: 0.5 },
  scale: { probability: 0.75, factor: [0.7, 1.4] },
  resolution: { probability: 0.25, channelProbability: 0.5, zoom: [0.5, 1] },
  invertedGamma: { probability: 0.1, exponent: [0.7, 1.5] },
  gamma: { probability: 0.3, exponent: [0.7, 1.5] },
} as const satisfies AugmentationConfig;
