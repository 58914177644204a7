import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { antiTranspose } from "../../lib/data/grey-png";
import { encodePng } from "../../lib/storage/encode-png";
import { importImages, type ImportOptions } from "../../lib/data/import-images";
import { openPrepared } from "../../lib/data/prepared-folder";
import { findPublishedImages } from "../../lib/data/published-images";
import { shrinkSlices } from "../../lib/data/shrink-slices";
import { failsNaming, rejectsNaming } from "./input-fault";
import { temporaryFolder } from "./temporary-folder";

const test = suite("published images");
const CHANNELS = ["T1", "T1CE", "T2", "FLAIR", "SEG"] as const;
type Place = (name: string, channel: (typeof CHANNELS)[number]) => string;

/** Grey values of a made-up image, other in each channel. */
function greyOf(name: string, channel: string, size: number): Uint8Array {
  const stream = Rng.fromSeed(1).fork(name, channel).stream();
  return Uint8Array.from({ length: size * size }, () => stream.integer(256));
}

function greyPng(grey: Uint8Array, size: number): Buffer {
  return encodePng({ width: size, height: size, channels: 1, bytes: grey });
}

function published(names: readonly string[], place: Place, size = 8): string {
  const folder = temporaryFolder();
  for (const name of names)
    for (const channel of CHANNELS) {
      const path = join(folder, place(name, channel));
      mkdirSync(join(path, ".."), { recursive: true });
      writeFileSync(path, greyPng(greyOf(name, channel, size), size));
    }
  return folder;
}

const inFolders: Place = (name, channel) => `${channel}/${name}_${channel}.png`;

function importAll(
  folder: string,
  out: string,
  changes: Partial<ImportOptions> = {},
): ReturnType<typeof importImages> {
  return importImages({ folder, outFolder: out, size: 8, workers: 1, ...changes });
}

for (const [title, names, place, layout, pattern] of [
  ["of StyleGAN 2 and 3", ["seed0002", "seed0003"], inFolders, "folders", "seed<n>"],
  [
    "of StyleGAN 1",
    ["image_1", "image_2"],
    (n, c) =>
      `${{ T1CE: "T1ce", FLAIR: "flair", SEG: "Seg" }[c as string] ?? c}/${n}_${c === "T1CE" ? "T1ce" : c === "FLAIR" ? "flair" : c}.png`,
    "folders",
    "image_<n>",
  ],
  [
    "of diffusion",
    ["Sample_10", "Sample_9"],
    (n, c) => `${c.toLowerCase()}/${n}_${c}.png`,
    "folders",
    "Sample_<n>",
  ],
  [
    "of the progressive GAN, all in one folder",
    ["fake001-", "fake002-"],
    (n, c) => `${n}${c === "SEG" ? "Seg" : c}.png`,
    "flat",
    "other",
  ],
  ["named alike in each folder", ["0001", "0002"], (n, c) => `${c}/${n}.png`, "folders", "other"],
  [
    "real ones, as the study wrote them",
    ["Subject_009_slice_76"],
    inFolders,
    "folders",
    "Subject_<id>_slice_<z>",
  ],
] as readonly (readonly [string, readonly string[], Place, string, string])[])
  test(`finds images ${title}`, () => {
    const found = findPublishedImages(published(names, place));
    assert.is(found.layout, layout);
    assert.is(found.matchedBy, "name");
    assert.equal(
      found.images.map(({ name }) => name.replace(/-$/, "")),
      names.map((name) => name.replace(/-$/, "")),
    );
    assert.equal(found.patterns, { [pattern]: names.length });
    assert.equal(
      Object.values(found.counts),
      CHANNELS.map(() => names.length),
    );
    assert.equal(found.incomplete, []);
  });

test("leaves out and names images that lack a channel", () => {
  const folder = published(["seed0001", "seed0002", "seed0003"], inFolders);
  rmSync(join(folder, "T2", "seed0002_T2.png"));
  rmSync(join(folder, "SEG", "seed0002_SEG.png"));
  const { images, incomplete, counts } = findPublishedImages(folder);
  assert.equal(
    images.map(({ name }) => name),
    ["seed0001", "seed0003"],
  );
  assert.equal(incomplete, [{ name: "seed0002", lacks: ["T2", "SEG"] }]);
  assert.is(counts.T2, 2);
});

test("matches by sorted order where the names differ, if there are as many of each", () => {
  const folder = published(["a", "b"], (name, channel) => `${channel}/${channel}-picture-${name}.png`);
  const { matchedBy, images } = findPublishedImages(folder);
  assert.is(matchedBy, "order");
  assert.match(images[1]?.paths[4] ?? "", /SEG-picture-b\.png$/);
  rmSync(join(folder, "SEG", "SEG-picture-b.png"));
  failsNaming(() => findPublishedImages(folder), folder, "2 files of T1 and 1 of SEG");
});

test("names what is missing, double or empty", () => {
  failsNaming(() => findPublishedImages(temporaryFolder()), "holds no image");
  failsNaming(() => findPublishedImages("/none/at/all"), "no such file");
  const folder = published(["seed1"], inFolders);
  renameSync(join(folder, "SEG"), join(folder, "masks"));
  failsNaming(() => findPublishedImages(folder), folder, "no folder SEG");
  mkdirSync(join(folder, "SEG"));
  mkdirSync(join(folder, "Seg"));
  failsNaming(() => findPublishedImages(folder), folder, "both SEG and Seg");
});

test("makes slices of them, turned upright, each image a subject of its own", async () => {
  const names = ["seed0001", "seed0002"];
  const out = temporaryFolder();
  const { listing, found } = await importAll(published(names, inFolders), out, {
    source: "StyleGAN 2, BraTS 2020",
  });
  assert.equal([listing.slices, found.images.length], [2, 2]);
  const set = openPrepared(out).load();
  assert.equal([set.subjects, [...set.subjectOf], set.simulated], [names, [0, 1], false]);
  assert.is(set.source, "StyleGAN 2, BraTS 2020");
  names.forEach((name, n) => {
    CHANNELS.forEach((channel, c) => {
      const upright = antiTranspose(greyOf(name, channel, 8), 8);
      assert.equal(
        Uint8Array.from({ length: 64 }, (_, i) => set.images[(n * 64 + i) * 5 + c] ?? 0),
        upright,
      );
    });
  });
});

test("makes images of 256 pixels smaller as real slices are", async () => {
  const folder = published(["seed1"], inFolders, 256);
  const [whole, small] = [temporaryFolder(), temporaryFolder()];
  await importAll(folder, whole, { size: 256 });
  await importAll(folder, small, { size: 32 });
  const full = openPrepared(whole).load();
  assert.equal(openPrepared(small).load().images, shrinkSlices(full.images, 32));
});

test("goes on where it was, and makes again what changed", async () => {
  const folder = published(["seed1", "seed2"], inFolders);
  const out = temporaryFolder();
  await importAll(folder, out);
  const shard = join(out, "images-000000-8.safetensors");
  const before = statSync(shard).mtimeMs;
  await importAll(folder, out);
  assert.is(statSync(shard).mtimeMs, before);
  writeFileSync(join(folder, "T1", "seed2_T1.png"), greyPng(new Uint8Array(64), 8));
  await importAll(folder, out);
  assert.not.equal(statSync(shard).mtimeMs, before);
  assert.is((await importAll(folder, out, { limit: 1 })).listing.slices, 1);
});

test("names a PNG that is broken, of another size, huge or no file, and leaves no shard", async () => {
  const folder = published(["seed1", "seed2"], inFolders);
  const out = temporaryFolder();
  const path = join(folder, "FLAIR", "seed2_FLAIR.png");
  const whole = readFileSync(path);
  const refused = async (bytes: Buffer, ...parts: readonly string[]): Promise<void> => {
    writeFileSync(path, bytes);
    await rejectsNaming(importAll(folder, out), path, ...parts);
    assert.equal(readdirSync(out), []);
  };
  await refused(whole.subarray(0, 40), "not a readable PNG");
  await refused(Buffer.from("nothing"), "not a readable PNG");
  await refused(greyPng(new Uint8Array(25), 5), "5 x 5");
  const flipped = Buffer.from(whole);
  flipped[45] = (flipped[45] ?? 0) ^ 0xff;
  await refused(flipped, "not a readable PNG");
  // A header that promises sixteen billion pixels.
  const huge = Buffer.from(whole);
  huge.writeUInt32BE(131072, 16);
  huge.writeUInt32BE(131072, 20);
  await refused(huge, "131072 x 131072");
  rmSync(path);
  symlinkSync("/dev/zero", path);
  await rejectsNaming(importAll(folder, out), path, "not a regular file");
  await rejectsNaming(
    importAll(published(["seed1"], inFolders), out, { size: 16 }),
    "images of 8 pixels",
    "--size 8",
  );
});

test.run();
