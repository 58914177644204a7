import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { InputError } from "../errors";
import type { Sequence } from "../shape";
import { readJson } from "../storage/json-file";
import type { SubjectScan } from "./brats-files";
import type { VolumeFolder } from "./volume-files";

/** Place of each sequence along the fourth axis of Task 1, as its dataset.json states it. */
const TASK01_FRAMES = { flair: 0, t1w: 1, t1wGd: 2, t2w: 3 } as const satisfies Record<Sequence, number>;

/** The parts of a dataset.json that decide how voxels are read; the file lists in it are not used. */
const Description = z.object({
  modality: z.record(z.string(), z.string()),
  labels: z.record(z.string(), z.string()),
});

/** Name that dataset.json must give to each place and label, for the order above to hold. */
const EXPECTED = {
  modality: [/flair/i, /^t1w?$/i, /t1.*(gd|c)/i, /t2/i],
  labels: [/background/i, /^edema/i, /non.?enhancing|necro/i, /^enhancing/i],
} as const;

/**
 * Subjects laid out as Task 1 of the Medical Segmentation Decathlon: `imagesTr/<id>.nii.gz` holds the four
 * sequences, `labelsTr/<id>.nii.gz` the annotation, where 1 is edema and 2 the necrotic core.
 *
 * @returns undefined where no folder is named so.
 * @throws InputError if a dataset.json beside them states another order.
 */
export function scanDecathlon(folders: readonly VolumeFolder[]): readonly SubjectScan[] | undefined {
  const images = folders.find(({ path }) => basename(path).toLowerCase() === "imagestr");
  if (images === undefined) return undefined;
  const root = dirname(images.path);
  checkOrder(join(root, "dataset.json"));
  const labels = folders.find(
    ({ path }) => dirname(path) === root && basename(path).toLowerCase() === "labelstr",
  );
  return images.names.map((name) => {
    const image = join(images.path, name);
    const found = labels?.names.includes(name) === true;
    const parts = { t1w: image, t1wGd: image, t2w: image, flair: image };
    return {
      id: name.replace(/\.nii(\.gz)?$/i, ""),
      folder: root,
      parts: found ? { ...parts, segmentation: join(labels.path, name) } : parts,
      frames: TASK01_FRAMES,
      labels: "decathlon" as const,
      missing: found ? [] : [join("labelsTr", name)],
      faults: [],
      odd: [],
    };
  });
}

function checkOrder(path: string): void {
  if (!existsSync(path)) return;
  const description = readJson(path, Description, "a description of modality and labels");
  for (const field of ["modality", "labels"] as const)
    EXPECTED[field].forEach((expected, i) => {
      const stated = description[field][String(i)];
      if (stated === undefined || !expected.test(stated))
        throw new InputError(
          `${path}: ${field}.${i}`,
          `is "${stated ?? ""}", expected the order of Task 1 (BrainTumour)`,
        );
    });
}
