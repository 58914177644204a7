import type { SliceSet } from "../data/slice-set";
import { SEQUENCES } from "../shape";
import { Figure, hiddenAxis, type Layout } from "./figure";
import { PAGE_MM, TEXT } from "./page";
import { CLASS_KEY, placeImage, placeKey, placeLabel } from "./sheet";
import { overlayTile } from "./slice-tile";
import { classImage, commonCrop, SEQUENCE_LABEL, sequenceImage, type SequenceWindows } from "./slice-view";

/** Images of the same seeds at some moment of a training. */
export interface Snapshot {
  readonly imagesSeen: number;
  readonly set: SliceSet;
}

export interface SnapshotsContent {
  readonly id: string;
  /** Whose training it is: "StyleGAN 2". */
  readonly label: string;
  /** The earliest first. */
  readonly snapshots: readonly Snapshot[];
  /** Grey windows, those of real slices. */
  readonly windows: SequenceWindows;
}

/** Seeds side by side, in two sequences each. */
const SEEDS = 4;
const SHOWN = ["t1wGd", "flair"] as const satisfies readonly (typeof SEQUENCES)[number][];
const MARGIN = { leftMm: 15, topMm: 6, bottomMm: 6, gapMm: 0.5, groupGapMm: 1.6 } as const;

/** How samples of fixed seeds come about in a training: one row a moment, two sequences a seed, the mask laid over. */
export function snapshotsFigure({ id, label, snapshots, windows }: SnapshotsContent): Figure {
  const [first] = snapshots;
  if (first === undefined) throw new RangeError(`figure ${id} has no snapshot`);
  const seeds = Array.from({ length: Math.min(SEEDS, first.set.count) }, (_, n) => n);
  const tiles = seeds.length * SHOWN.length;
  const gapsMm = seeds.length * (SHOWN.length - 1) * MARGIN.gapMm + (seeds.length - 1) * MARGIN.groupGapMm;
  const tileMm = (PAGE_MM - MARGIN.leftMm - gapsMm) / tiles;
  const last = snapshots.at(-1) ?? first;
  const crop = commonCrop([{ set: last.set, indices: seeds }]);
  const rowMm = (tileMm * crop.height) / crop.width;
  const heightMm = MARGIN.topMm + snapshots.length * (rowMm + MARGIN.gapMm) + MARGIN.bottomMm;
  const sheet = { widthMm: PAGE_MM, heightMm };
  const leftMm = (seed: number, sequence: number): number =>
    MARGIN.leftMm +
    seed * (SHOWN.length * tileMm + (SHOWN.length - 1) * MARGIN.gapMm + MARGIN.groupGapMm) +
    sequence * (tileMm + MARGIN.gapMm);
  const key = placeKey(sheet, sheet.widthMm - 0.5, heightMm - 2.2, CLASS_KEY);
  const images: Layout[] = [];
  const annotations: Layout[] = [...key.annotations];
  for (const seed of seeds)
    SHOWN.forEach((name, i) => {
      const style = { align: "center", vertical: "bottom", size: TEXT.small } as const;
      annotations.push(
        placeLabel(sheet, leftMm(seed, i) + tileMm / 2, MARGIN.topMm - 0.6, SEQUENCE_LABEL[name], style),
      );
    });
  snapshots.forEach(({ imagesSeen, set }, row) => {
    const topMm = MARGIN.topMm + row * (rowMm + MARGIN.gapMm);
    const text = imagesSeen.toLocaleString("en-US");
    annotations.push(
      placeLabel(sheet, MARGIN.leftMm - 1.5, topMm + rowMm / 2, text, { align: "right", size: TEXT.small }),
    );
    for (const seed of seeds)
      SHOWN.forEach((name, i) => {
        const tile = overlayTile(
          sequenceImage(set, seed, name, crop),
          windows[name],
          classImage(set, seed, crop),
        );
        images.push(
          placeImage(sheet, { leftMm: leftMm(seed, i), topMm, widthMm: tileMm, heightMm: rowMm }, tile),
        );
      });
  });
  return new Figure({
    id,
    title: `${label}: samples over the training`,
    caption: `The images of the same ${seeds.length} seeds, not chosen, after so many training images (left); averaged weights, mask laid over.${first.set.simulated ? " Trained on slices of a simulated cohort." : ""}`,
    alternative: `Synthetic slices of ${seeds.length} seeds after ${snapshots.map(({ imagesSeen }) => imagesSeen).join(", ")} training images.`,
    data: [],
    layout: { images, annotations, shapes: key.shapes, xaxis: hiddenAxis(0, 1), yaxis: hiddenAxis(0, 1) },
    ...sheet,
  });
}
