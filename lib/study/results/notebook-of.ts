/** The notebook that shows an artefact, by the beginning of its name. */
const NOTEBOOKS = [
  ["image-quality", "07-image-quality.ipynb"],
  ["quality-dice", "07-image-quality.ipynb"],
  ["tumour-area-comparison", "07-image-quality.ipynb"],
  ["intensity-comparison", "07-image-quality.ipynb"],
  ["dice-cells-swin", "10-augmentation-and-mixing.ipynb"],
  ["dice-subjects", "11-number-of-subjects.ipynb"],
  ["dice", "08-segmentation.ipynb"],
  ["relative-dice", "08-segmentation.ipynb"],
  // Overlays of augmented rows, and of the Swin transformer's mixed ones, stand in the report alone.
  ["overlays-mixed-", undefined],
  ["overlays-mixed", "10-augmentation-and-mixing.ipynb"],
  ["overlays-swin-", undefined],
  ["overlays-augmented", undefined],
  ["overlays", "08-segmentation.ipynb"],
  ["segmentation", "08-segmentation.ipynb"],
  ["memorization", "09-memorization.ipynb"],
  ["copies", "09-memorization.ipynb"],
  ["generator-pairs", "09-memorization.ipynb"],
  ["generator-montage", "12-claims.ipynb"],
  ["generator-training", "02-progressive-gan.ipynb to 06-diffusion.ipynb"],
  ["cohort", "11-number-of-subjects.ipynb"],
  ["cost", "12-claims.ipynb"],
  ["stages", "12-claims.ipynb"],
  ["study-cost", "12-claims.ipynb"],
  ["differences", "12-claims.ipynb"],
  ["missing", "12-claims.ipynb"],
  ["claims", "12-claims.ipynb"],
  ["effects", "12-claims.ipynb"],
] as const;

/** The notebook that shows a figure or a table; undefined where none does. */
export function notebookOf(id: string): string | undefined {
  return NOTEBOOKS.find(([beginning]) => id.startsWith(beginning))?.[1];
}
