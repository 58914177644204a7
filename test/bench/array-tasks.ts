import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Rng } from "../../lib/backend/rng";
import { listSubjects, readSubject } from "../../lib/data/brats-cohort";
import { BRATS_AFFINE, BRATS_SHAPE, writeNifti } from "../../lib/data/nifti";
import { studySlices, STUDY_SIZE } from "../../lib/data/study-slices";
import { bestMatches } from "../../lib/metrics/correlation";
import type { ImageRows } from "../../lib/metrics/image-rows";
import { hausdorffPercentile, surfaceDistances } from "../../lib/metrics/surface-distance";
import { SLICE_CHANNELS } from "../../lib/shape";
import { fromFloat32, writeSafetensors, type StoredTensor } from "../../lib/storage/safetensors";
import type { ArrayTask } from "./bench-cases";

/** A task without a network, its inputs in a folder for the other side. */
export interface OpenArrayTask {
  run(): void;
  /** What it finds, for the comparison. */
  results(): Map<string, StoredTensor>;
}

/** @param folder Gets the inputs. */
export function openArrayTask(task: ArrayTask, folder: string): OpenArrayTask {
  switch (task) {
    case "preprocessing":
      return preprocessing(folder);
    case "correlation":
      return correlation(folder);
    case "hausdorff":
      return hausdorff95(folder);
  }
}

const [NX, NY, NZ] = BRATS_SHAPE;

/** Calls back with each voxel's distance from an ellipsoid's centre, 1 at its surface. */
function eachVoxel(
  centre: readonly number[],
  radii: readonly number[],
  call: (i: number, distance: number) => void,
): void {
  const [cx = 0, cy = 0, cz = 0] = centre;
  const [rx = 1, ry = 1, rz = 1] = radii;
  for (let z = 0, i = 0; z < NZ; z++)
    for (let y = 0; y < NY; y++)
      for (let x = 0; x < NX; x++, i++) call(i, Math.hypot((x - cx) / rx, (y - cy) / ry, (z - cz) / rz));
}

/** A subject of BraTS's size: a head of noise with a tumour of three classes. */
function preprocessing(folder: string): OpenArrayTask {
  const id = "subject";
  const draws = Rng.fromSeed(5).uniforms(4096);
  mkdirSync(join(folder, id), { recursive: true });
  const write = (suffix: string, data: Int16Array | Uint8Array): void => {
    const path = join(folder, id, `${id}_${suffix}.nii.gz`);
    writeNifti(path, { shape: BRATS_SHAPE, spacingMm: [1, 1, 1], affine: BRATS_AFFINE, data });
  };
  for (const [k, suffix] of ["t1", "t1ce", "t2", "flair"].entries()) {
    const values = new Int16Array(NX * NY * NZ);
    eachVoxel([120, 120, 78], [68, 86, 66], (i, r) => {
      if (r < 1) values[i] = 300 + 200 * Math.sin(9 * r + k) + 100 * (draws[(i * 31 + k) % 4096] ?? 0);
    });
    write(suffix, values);
  }
  const labels = new Uint8Array(NX * NY * NZ);
  eachVoxel([140, 130, 85], [22, 24, 20], (i, r) => {
    if (r < 1) labels[i] = r < 0.4 ? 1 : r < 0.7 ? 4 : 2;
  });
  write("seg", labels);
  const run = (): Uint8Array => {
    const [files] = listSubjects(folder);
    if (files === undefined) throw new Error("the subject was not written");
    return studySlices(readSubject(files)).images;
  };
  return { run, results: () => someSlices(run()) };
}

/** Every so many slices, to keep the comparison small. */
function someSlices(images: Uint8Array): Map<string, StoredTensor> {
  const length = STUDY_SIZE * STUDY_SIZE * SLICE_CHANNELS;
  const count = images.length / length;
  const every = Math.floor(count / 4);
  const chosen = Array.from({ length: Math.ceil(count / every) }, (_, i) => i * every);
  const values = new Float32Array(chosen.length * length);
  chosen.forEach((slice, i) => {
    values.set(images.subarray(slice * length, (slice + 1) * length), i * length);
  });
  return new Map([
    ["slices", fromFloat32(values, [chosen.length, STUDY_SIZE, STUDY_SIZE, SLICE_CHANNELS])],
    ["count", fromFloat32(Float32Array.of(count), [1])],
  ]);
}

const [QUERIES, REFERENCES, PIXELS] = [1_000, 10_000, 64 * 64];

/** The nearest of 10,000 images of 64 x 64 pixels for each of 1,000. */
function correlation(folder: string): OpenArrayTask {
  const rng = Rng.fromSeed(6);
  const noise = rng.uniforms(2 ** 20).map((u) => Math.floor(256 * u));
  const images = (count: number, first: number): Uint8Array =>
    Uint8Array.from(
      { length: count * PIXELS },
      // Steps that do not divide the length of the noise make every image another one.
      (_, i) => noise[((first + Math.floor(i / PIXELS)) * 7919 + (i % PIXELS) * 3) % noise.length] as number,
    );
  const [queries, references] = [images(QUERIES, 1_000_000), images(REFERENCES, 0)];
  const stored = (bytes: Uint8Array, count: number): StoredTensor => ({
    dtype: "U8",
    shape: [count, PIXELS],
    bytes,
  });
  const tensors = new Map([
    ["queries", stored(queries, QUERIES)],
    ["references", stored(references, REFERENCES)],
  ]);
  writeSafetensors(join(folder, "inputs.safetensors"), { tensors, metadata: {} });
  const rows = (bytes: Uint8Array, count: number): ImageRows => ({
    count,
    length: PIXELS,
    copy: (index, target, offset) => {
      target.set(bytes.subarray(index * PIXELS, (index + 1) * PIXELS), offset);
    },
  });
  const run = (): Float64Array =>
    bestMatches(rows(queries, QUERIES), rows(references, REFERENCES), "image").r;
  return { run, results: () => new Map([["r", fromFloat32(Float32Array.from(run()), [QUERIES])]]) };
}

/** Two tumours of BraTS's size, the second a little moved and ragged. */
function hausdorff95(folder: string): OpenArrayTask {
  const draws = Rng.fromSeed(8).uniforms(4096);
  const mask = (centre: readonly number[], ragged: number): Uint8Array => {
    const voxels = new Uint8Array(NX * NY * NZ);
    eachVoxel(centre, [34, 38, 30], (i, r) => {
      if (r < 1 + ragged * ((draws[i % 4093] ?? 0) - 0.5)) voxels[i] = 1;
    });
    return voxels;
  };
  const [annotation, prediction] = [mask([130, 120, 80], 0.05), mask([134, 117, 82], 0.1)];
  const stored = (bytes: Uint8Array): StoredTensor => ({ dtype: "U8", shape: [NZ, NY, NX], bytes });
  const tensors = new Map([
    ["annotation", stored(annotation)],
    ["prediction", stored(prediction)],
  ]);
  writeSafetensors(join(folder, "inputs.safetensors"), { tensors, metadata: {} });
  const run = (): number => {
    const distances = surfaceDistances(annotation, prediction, BRATS_SHAPE, [1, 1, 1]);
    if (distances === undefined) throw new Error("a mask is empty");
    return hausdorffPercentile(distances, 0.95);
  };
  return { run, results: () => new Map([["hausdorff95", fromFloat32(Float32Array.of(run()), [1])]]) };
}
