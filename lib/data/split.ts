import { z } from "zod";
import type { Rng } from "../backend/rng";
import { InputError } from "../errors";
import { writeJsonAtomic } from "../storage/atomic-write";
import { readJson } from "../storage/json-file";

/** Which subjects train, choose and test; never a slice of one subject on two sides. */
export interface Split {
  readonly name: string;
  readonly train: readonly string[];
  readonly validation: readonly string[];
  readonly test: readonly string[];
}

/** How many subjects are held out; the rest train. */
export interface SplitCounts {
  readonly validation: number;
  readonly test: number;
}

/**
 * Splits subjects at random. The same ids in any order and the same rng give the same split.
 *
 * @throws InputError as splitByPermutation.
 */
export function splitSubjects(ids: readonly string[], counts: SplitCounts, rng: Rng): Split {
  const sorted = [...ids].sort();
  const permutation = [...rng.permutation(sorted.length)].map((i) => sorted[i] ?? "");
  return splitByPermutation("random", permutation, counts);
}

/**
 * Splits subjects in a given order as the study does: the first train, the last test. Validation subjects
 * stand between them, so that smaller training sets can be prefixes of the order.
 *
 * @throws InputError if a subject stands twice or none is left to train on.
 */
export function splitByPermutation(name: string, permutation: readonly string[], counts: SplitCounts): Split {
  const { validation, test } = counts;
  if (![validation, test].every((count) => Number.isSafeInteger(count) && count >= 0))
    throw new InputError(`split ${name}`, `cannot hold out ${validation} and ${test} subjects`);
  const twice = permutation.find((id, i) => permutation.indexOf(id) !== i);
  if (twice !== undefined) throw new InputError(`split ${name}`, `names subject ${twice} twice`);
  const train = permutation.length - validation - test;
  if (train < 1)
    throw new InputError(
      `split ${name}`,
      `holds out ${validation} validation and ${test} test subjects of ${permutation.length}, none is left to train on`,
    );
  return {
    name,
    train: permutation.slice(0, train),
    validation: permutation.slice(train, train + validation),
    test: permutation.slice(train + validation),
  };
}

const SavedSplit = z.strictObject({
  name: z.string().min(1),
  seed: z.int().nullable(),
  permutation: z.array(z.string().min(1)).min(1),
  validation: z.int().nonnegative(),
  test: z.int().nonnegative(),
});

/** Writes a split as its permutation and counts. @param seed What it was drawn from; null if published. */
export function writeSplit(path: string, split: Split, seed: number | null): void {
  const permutation = [...split.train, ...split.validation, ...split.test];
  const { name, validation, test } = split;
  writeJsonAtomic(path, { name, seed, permutation, validation: validation.length, test: test.length });
}

/** Reads a saved permutation. @throws InputError naming the file and the field at fault. */
export function readSplit(path: string): Split {
  const { name, permutation, validation, test } = readJson(path, SavedSplit, "a split");
  return splitByPermutation(name, permutation, { validation, test });
}
