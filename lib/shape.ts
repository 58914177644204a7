/**
 * The alphabet of shapes used in every docstring of the library:
 * N batch, H rows, W columns, C channels, K output channels, L tokens, D embedding, F features, T steps,
 * V voxels; volumes are [X, Y, Z] in the BraTS frame with X varying fastest on disk.
 */

/** The four MR sequences, in the channel order of the library and of the study's segmentation code. */
export const SEQUENCES = ["t1w", "t1wGd", "t2w", "flair"] as const;
export type Sequence = (typeof SEQUENCES)[number];

/** Channels of a training slice: the four sequences, then the annotation as a grey code. */
export const SLICE_CHANNELS = 5;

/** Position of the annotation among the channels of a slice. */
export const MASK_CHANNEL = 4;

/** Foreground classes in the order of their class index 1, 2, 3 (BraTS labels 1, 2, 4). */
export const TUMOUR_CLASSES = ["necroticCore", "edema", "enhancingTumour"] as const;
export type TumourClass = (typeof TUMOUR_CLASSES)[number];

/** Background and the three tumour classes. */
export const CLASS_COUNT = 4;

/**
 * The regions that the BraTS challenge scores, each a union of classes by their indices; the study scores the
 * classes themselves.
 *
 * @see Menze et al. 2015, IEEE TMI 34(10).
 */
export const TUMOUR_REGIONS = {
  wholeTumour: [1, 2, 3],
  tumourCore: [1, 3],
  enhancingTumour: [3],
} as const satisfies Readonly<Record<string, readonly number[]>>;
export type TumourRegion = keyof typeof TUMOUR_REGIONS;
