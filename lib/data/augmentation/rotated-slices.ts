import type { Rng } from "../../backend/rng";
import { InputError } from "../../errors";
import { MASK_CHANNEL, SLICE_CHANNELS } from "../../shape";
import type { SliceSet } from "../slice-set";
import { rotateLinear, rotateNearest } from "./rotation";

export interface RotationConfig {
  /** Turned copies of each slice, besides the slice itself. */
  readonly copies: number;
  /** Each is turned by an angle drawn from [-degrees, degrees). */
  readonly degrees: number;
}

/**
 * The study's optional augmentation before training.
 *
 * @see The study's code, Preparation/split_volumes_to_slices.m.
 */
export const STUDY_ROTATIONS = { copies: 9, degrees: 75 } as const satisfies RotationConfig;

/**
 * A set with turned copies behind each of its slices: sequences by the four nearest pixels, annotations by the
 * nearest, cropped to the size, 0 where nothing was. The study turns before it rounds to 8 bits; this turns the
 * 8-bit slices and rounds again.
 *
 * @param rng The angles of a slice depend on it and on the slice's place in the set.
 * @throws InputError if the result does not fit into the memory.
 */
export function withRotations(set: SliceSet, rng: Rng, config: RotationConfig = STUDY_ROTATIONS): SliceSet {
  const { size, count, subjectOf, z } = set;
  const each = config.copies + 1;
  const bytes = size * size * SLICE_CHANNELS;
  const images = allocate(count * each * bytes);
  for (let n = 0; n < count; n++) {
    const slice = set.images.subarray(n * bytes, (n + 1) * bytes);
    images.set(slice, n * each * bytes);
    const stream = rng.fork("rotation", n).stream();
    for (let copy = 1; copy < each; copy++) {
      const degrees = stream.uniform(-config.degrees, config.degrees);
      turnSlice(slice, size, degrees, images.subarray((n * each + copy) * bytes));
    }
  }
  const repeat = (values: Int32Array) =>
    Int32Array.from({ length: count * each }, (_, i) => values[Math.floor(i / each)] ?? 0);
  const source = `${set.source}, each slice with ${config.copies} rotations within ${config.degrees} degrees`;
  return { ...set, count: count * each, images, subjectOf: repeat(subjectOf), z: repeat(z), source };
}

function turnSlice(slice: Uint8Array, size: number, degrees: number, target: Uint8Array): void {
  const plane = new Uint8Array(size * size);
  for (let channel = 0; channel < SLICE_CHANNELS; channel++) {
    for (let i = 0, at = channel; i < plane.length; i++, at += SLICE_CHANNELS) plane[i] = slice[at] as number;
    const turned =
      channel === MASK_CHANNEL ? rotateNearest(plane, size, degrees, 0) : rotateLinear(plane, size, degrees);
    for (let i = 0, at = channel; i < plane.length; i++, at += SLICE_CHANNELS)
      target[at] = Math.floor((turned[i] as number) + 0.5);
  }
}

function allocate(bytes: number): Uint8Array {
  try {
    return new Uint8Array(bytes);
  } catch {
    const gib = (bytes / 2 ** 30).toFixed(1);
    throw new InputError(
      "rotated slices",
      `need ${gib} GiB of memory`,
      "Choose a smaller size or fewer subjects",
    );
  }
}
