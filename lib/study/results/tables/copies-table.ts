import { SEQUENCE_LABEL } from "../../../figures/slice-view";
import { Table } from "../../../figures/table";
import { generatorTitle, realSlices } from "../names";
import type { CopiesRecord, StudyResults } from "../study-results";

/** Copies of training slices that plain correlation misses: moved or mirrored ones, and ones alike in features. */
export function copiesTable({ cohort, copies }: StudyResults): Table {
  const sequences = [...new Set(copies.map(({ sequence }) => SEQUENCE_LABEL[sequence]))];
  const reach = Math.max(0, ...copies.map(({ moved }) => moved.reachPixels));
  const extractors = [...new Set(copies.map(({ features }) => features.extractor))];
  return new Table({
    id: "copies",
    caption: `Copies of training slices among the images of each generator (${cohort.title}). Moved: highest correlation (${sequences.join(", ")}, whole image) over shifts of up to ${reach} pixel along each axis and mirroring; share of images above the 99th percentile of held-out ${realSlices(cohort)} slices in the same poses, 1 % where they are no nearer to training than those, and how many of all images are above it in a moved or mirrored pose. Features: share of images that the distance-ratio test calls copies, at 1 % of the held-out slices (${extractors.join(", ")}).`,
    columns: [
      { label: "generator" },
      { label: "training subjects", digits: 0 },
      { label: "images moved", digits: 0 },
      { label: "held-out 99th percentile", digits: 3 },
      { label: "above threshold, %", digits: 1 },
      { label: "of these moved or mirrored, % of images", digits: 1 },
      { label: "images in features", digits: 0 },
      { label: "copies in features, %", digits: 1 },
    ],
    rows: copies.map(rowOf),
    sources: copies.map(({ origin }) => [origin.path]),
  });
}

function rowOf({ cell, moved, features }: CopiesRecord): readonly (string | number)[] {
  return [
    generatorTitle(cell.generator),
    cell.subjects,
    moved.images,
    moved.threshold,
    100 * moved.shareAbove,
    100 * moved.shareMoved,
    features.images,
    100 * features.copyShare,
  ];
}
