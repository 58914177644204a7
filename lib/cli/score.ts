import type { Command } from "commander";
import type { ClassVolume, MaskScore, VolumeScores } from "../metrics/volume-scores";

/** `synthmr score`: how well a segmentation in a file agrees with an annotation in another. */
export function register(program: Command): void {
  program
    .command("score")
    .description("Score a predicted segmentation against an annotation (NIfTI files with BraTS labels).")
    .argument("<annotation>", "the reference")
    .argument("<prediction>", "what is scored, on the same grid")
    .option("--json", "as JSON; a measure that is not defined is null")
    .addHelpText(
      "after",
      `
Classes stand for themselves, by the study's rules: a class that is empty in both files is left out (NaN), one
that is empty in one has a Dice of 0 and no distances. Regions are unions of classes, by the rules of the BraTS
challenge: empty in both is a Dice of 1, empty in one a distance of 373.1 mm.
Distances are between surfaces, in mm, with the annotation's voxel spacing.`,
    )
    .action(async (annotation: string, prediction: string, options: { readonly json?: true }) => {
      const scores = await scoreFiles(annotation, prediction);
      console.log(options.json === true ? JSON.stringify(scores, null, 2) : formatScores(scores));
    });
}

/** @throws InputError if a file cannot be read, has other labels, or lies on another grid. */
async function scoreFiles(annotation: string, prediction: string): Promise<VolumeScores> {
  const { scoreVolume } = await import("../metrics/volume-scores");
  const { InputError } = await import("../errors");
  const [truth, predicted] = [await readClasses(annotation), await readClasses(prediction)];
  for (const field of ["shape", "spacingMm"] as const) {
    const close = truth[field].every((value, axis) => Math.abs(value - (predicted[field][axis] ?? 0)) < 1e-3);
    if (!close)
      throw new InputError(
        prediction,
        `has the ${field === "shape" ? "shape" : "spacing in mm"} [${predicted[field].join(", ")}], ` +
          `the annotation [${truth[field].join(", ")}]`,
        "Resample one of them to the other's grid",
      );
  }
  return scoreVolume(truth, predicted.classes);
}

async function readClasses(path: string): Promise<ClassVolume> {
  const { readNifti } = await import("../data/nifti");
  const { classesOfLabels } = await import("../data/brats-labels");
  const { shape, spacingMm, data } = readNifti(path);
  return { shape, spacingMm, classes: classesOfLabels(path, data) };
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
