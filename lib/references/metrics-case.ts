import { readFileSync } from "node:fs";
import { z } from "zod";
import { explainFileError, InputError } from "../errors";
import { bestMatches } from "../metrics/correlation";
import type { ImageRows } from "../metrics/image-rows";
import { countClasses, dice } from "../metrics/dice";
import type { GridShape } from "../metrics/distance-transform";
import { hausdorffPercentile, surfaceDistances } from "../metrics/surface-distance";
import { toFloat32, toInt32, type StoredTensor } from "../storage/safetensors";
import { compareNumbers, type Comparison, type Tolerance } from "./comparison";
import { compareQuality, qualitySchema } from "./quality-case";
import { parseSettings } from "./network-kind";
import type { ReferenceCase } from "./reference-case";

const EXACT: Tolerance = { limit: 1e-6, of: "each" };

const valuesSchema = z.object({
  /** Pairs of masks `ref.<name>` and `pred.<name>`. */
  cases: z
    .array(
      z.object({
        name: z.string(),
        spacing: z.array(z.number().positive()),
        dice: z.number(),
        hd95_monai: z.number().nullable(),
        hd_monai: z.number().nullable(),
      }),
    )
    .default([]),
  memorization: z.object({ max_correlation: z.array(z.number()), argmax: z.array(z.int()) }).optional(),
  ...qualitySchema.shape,
});

/**
 * Scores, whose expected values stand beside the tensors in a JSON file of the same name. Dice of two empty
 * masks is 1 there and not defined here.
 */
export function verifyMetrics(reference: ReferenceCase): Comparison[] {
  const { cases, memorization, ...measures } = readValues(reference.path.replace(/\.safetensors$/, ".json"));
  return [
    ...cases.flatMap(({ name, spacing, dice: expected, hd95_monai: hd95, hd_monai: hd }) => [
      compareNumbers(`dice ${name}`, [diceOf(reference, name)], [expected], EXACT),
      ...compareHausdorff(reference, name, spacing, [
        [`hausdorff95 ${name}`, 0.95, hd95],
        [`hausdorff ${name}`, 1, hd],
      ]),
    ]),
    ...(memorization === undefined ? [] : compareMatches(reference, memorization)),
    ...compareQuality(reference, measures),
  ];
}

function readValues(path: string): z.infer<typeof valuesSchema> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw explainFileError(path, error);
  }
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch {
    throw new InputError(path, "is not JSON");
  }
  return parseSettings(valuesSchema, path, values);
}

function diceOf(reference: ReferenceCase, name: string): number {
  const [ref, pred] = [mask(reference, `ref.${name}`), mask(reference, `pred.${name}`)];
  if (ref.length !== pred.length) throw new InputError(reference.path, `${name} has masks of unlike size`);
  const counts = countClasses(ref, pred, 2)[1];
  const value = counts === undefined ? Number.NaN : dice(counts);
  return Number.isNaN(value) ? 1 : value;
}

/** Distances of one pair of masks; null is expected where a mask is empty. */
function compareHausdorff(
  reference: ReferenceCase,
  name: string,
  spacing: readonly number[],
  wanted: readonly (readonly [label: string, share: number, expected: number | null])[],
): Comparison[] {
  const [ref, pred] = [mask(reference, `ref.${name}`), mask(reference, `pred.${name}`)];
  // NumPy's last axis is the fastest.
  const shape = [...stored(reference, `ref.${name}`).shape].reverse();
  if (shape.length !== spacing.length || (shape.length !== 2 && shape.length !== 3))
    throw new InputError(reference.path, `${name} has ${shape.length} axes and ${spacing.length} spacings`);
  const grid = shape as unknown as GridShape;
  const distances = surfaceDistances(ref, pred, grid, [...spacing].reverse());
  return wanted.map(([label, share, expected]) =>
    compareNumbers(
      label,
      [distances === undefined ? Number.NaN : hausdorffPercentile(distances, share)],
      [expected ?? Number.NaN],
      EXACT,
    ),
  );
}

/** A mask as 0 and 1. */
function mask(reference: ReferenceCase, name: string): Uint8Array {
  return Uint8Array.from(toInt32(stored(reference, name)), (value) => (value === 0 ? 0 : 1));
}

/** The training image that each synthetic one resembles most, over all pixels and channels. */
function compareMatches(
  reference: ReferenceCase,
  expected: { readonly max_correlation: readonly number[]; readonly argmax: readonly number[] },
): Comparison[] {
  const [queries, train] = [rows(reference, "memorization.synthetic"), rows(reference, "memorization.train")];
  if (queries.length !== train.length)
    throw new InputError(reference.path, "has synthetic and training images of unlike size");
  const { r, index } = bestMatches(queries, train, "image");
  return [
    compareNumbers("memorization.max_correlation", r, expected.max_correlation, EXACT),
    compareNumbers("memorization.argmax", index, expected.argmax, { limit: 0, of: "each" }),
  ];
}

function rows(reference: ReferenceCase, name: string): ImageRows {
  const tensor = stored(reference, name);
  const [count = 0, ...rest] = tensor.shape;
  const length = rest.reduce((product, size) => product * size, 1);
  const values = toFloat32(tensor);
  return {
    count,
    length,
    copy: (index, target, offset) => {
      target.set(values.subarray(index * length, (index + 1) * length), offset);
    },
  };
}

function stored(reference: ReferenceCase, name: string): StoredTensor {
  const tensor = reference.tensors.get(name);
  if (tensor === undefined) throw new InputError(reference.path, `has no ${name}`);
  return tensor;
}
