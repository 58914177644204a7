import * as tf from "../backend/tf";
import { InputError } from "../errors";
import type { Comparison } from "./comparison";
import { CASE_KINDS, type CaseKind } from "./case-kinds";
import { ReferenceCase } from "./reference-case";

/** How this project compares with one case of a reference. */
export interface CaseReport {
  readonly file: string;
  readonly reference: string;
  readonly outputs: readonly Comparison[];
}

/**
 * Computes a case with this project's code and compares every output.
 *
 * @throws InputError if the file cannot be read, or it is not known what it is.
 */
export function verifyFile(path: string): CaseReport {
  const reference = ReferenceCase.read(path);
  const kind = kindOf(reference);
  tf.engine().startScope();
  try {
    return { file: path, reference: kind.reference, outputs: kind.verify(reference) };
  } finally {
    tf.engine().endScope();
  }
}

/**
 * What a case is of: by `reference` in its meta; else by the file's name, the longest known beginning of it;
 * else by the names of its tensors.
 *
 * @throws InputError if none of these tells, or `reference` names something unknown.
 */
function kindOf({ path, stem, meta, tensors }: ReferenceCase): CaseKind {
  const known = CASE_KINDS.map(({ reference }) => reference);
  const longestStart = (name: string) =>
    CASE_KINDS.filter(({ reference }) => name.startsWith(reference)).sort(
      (a, b) => b.reference.length - a.reference.length,
    )[0];
  if (typeof meta["reference"] === "string") {
    const named = longestStart(meta["reference"]);
    if (named === undefined)
      throw new InputError(
        path,
        `is of the unknown reference ${meta["reference"]}`,
        `Known: ${known.join(", ")}`,
      );
    return named;
  }
  const names = new Set(tensors.keys());
  const found = longestStart(stem) ?? CASE_KINDS.find(({ marks }) => marks.every((mark) => names.has(mark)));
  if (found === undefined)
    throw new InputError(
      path,
      "neither its meta, its name nor its tensors tell which reference it is of",
      `Known: ${known.join(", ")}`,
    );
  return found;
}

/** Whether every output of a case agrees. What is not covered is not verified. */
export function passed({ outputs }: CaseReport): boolean {
  return outputs.length > 0 && outputs.every(({ status }) => status === "pass");
}
