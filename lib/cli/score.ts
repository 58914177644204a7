import type { Command } from "commander";
import type { ClassVolume, MaskScore, VolumeScores } from "../metrics/volume-scores";

interface ScoreOptions {
  readonly json?: true;
  readonly byIndex?: true;
}

/** `synthmr score`: how well a segmentation in a file agrees with an annotation in another. */
export function register(program: Command): void {
  program
    .command("score")
    .description("Score a predicted segmentation against an annotation (NIfTI files with BraTS labels).")
    .argument("<annotation>", "the reference")
    .argument("<prediction>", "what is scored, on the same grid")
    .option("--json", "as JSON; a measure that is not defined is null")
    .option("--by-index", "pair voxels by their index, whatever the files' affines say")
    .addHelpText(
      "after",
      `
Classes stand for themselves, by the study's rules: a class that is empty in both files is left out (NaN), one
that is empty in one has a Dice of 0 and no distances. Regions are unions of classes, by the rules of the BraTS
challenge: empty in both is a Dice of 1, empty in one a distance of 373.1 mm.
Distances are between surfaces, in mm, with the annotation's voxel spacing; a file of one slice is an image, with
edges. HD95 is the larger of the two directed 95th percentiles (as MONAI), ASD the mean of the two directed means.
Axes that only run another way in one file are turned.`,
    )
    .action(async (annotation: string, prediction: string, options: ScoreOptions) => {
      const scores = await scoreFiles(annotation, prediction, options.byIndex === true);
      console.log(options.json === true ? JSON.stringify(scores, null, 2) : formatScores(scores));
    });
}

/** @throws InputError if a file cannot be read, has other labels, or lies on another grid. */
async function scoreFiles(
  annotation: string,
  prediction: string,
  byIndexAlone: boolean,
): Promise<VolumeScores> {
  const { scoreVolume } = await import("../metrics/volume-scores");
  const { readNifti } = await import("../data/nifti");
  const { classesOfLabels } = await import("../data/brats-labels");
  const { byIndex, onCommonGrid } = await import("../data/common-grid");
  const volumes = [readNifti(annotation), readNifti(prediction)] as const;
  const { shape, spacingMm, first, second } = (byIndexAlone ? byIndex : onCommonGrid)(prediction, ...volumes);
  const truth = { ...imageOrVolume(shape, spacingMm), classes: classesOfLabels(annotation, first) };
  return scoreVolume(truth, classesOfLabels(prediction, second));
}

/** One slice is an image: its pixels have neighbours in the plane alone, and no surface above and below. */
function imageOrVolume(
  [x, y, z]: readonly [number, number, number],
  spacingMm: readonly number[],
): Omit<ClassVolume, "classes"> {
  return z === 1 ? { shape: [x, y], spacingMm: spacingMm.slice(0, 2) } : { shape: [x, y, z], spacingMm };
}

const COLUMNS = [
  ["Dice", "dice"],
  ["sensitivity", "sensitivity"],
  ["precision", "precision"],
  ["HD mm", "hausdorffMm"],
  ["HD95 mm", "hausdorff95Mm"],
  ["ASD mm", "averageSurfaceDistanceMm"],
] as const satisfies readonly (readonly [string, keyof MaskScore])[];

function formatScores({ classes, regions, meanDice }: VolumeScores): string {
  const rows = [
    ["class", ...COLUMNS.map(([title]) => title)],
    ...Object.entries(classes).map(([name, score]) => row(name, score)),
    ["mean of classes", meanDice.toFixed(4)],
    [],
    ["BraTS region"],
    ...Object.entries(regions).map(([name, score]) => row(name, score)),
  ];
  return rows
    .map((cells) => cells.map((cell, i) => (i === 0 ? cell.padEnd(18) : cell.padStart(12))).join(""))
    .join("\n");
}

function row(name: string, score: MaskScore): string[] {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return [words, ...COLUMNS.map(([, field]) => score[field].toFixed(field.endsWith("Mm") ? 2 : 4))];
}
