import fs, { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listSubjects, readSubject } from "../../lib/data/brats-cohort";
import { readNifti, writeNifti } from "../../lib/data/nifti";
import { prepareSlices, type PrepareOptions } from "../../lib/data/prepare-slices";
import { shrinkSlices } from "../../lib/data/shrink-slices";
import { readSliceSet, type SliceSet } from "../../lib/data/slice-set";
import { studySlices } from "../../lib/data/study-slices";
import { makeShard, shardJob } from "../../lib/data/subject-shard";
import { fileOf, writeSubject } from "./brats-folder";
import { failsNaming, rejectsNaming } from "./input-fault";
import { temporaryFolder } from "./temporary-folder";

const test = suite("prepareSlices");
const cohort = join(temporaryFolder(), "cohort");
const IDS = ["P1", "P2", "P3"];
for (const id of IDS) writeSubject(cohort, id);

function prepare(outFolder: string, changes: Partial<PrepareOptions> = {}): Promise<SliceSet> {
  const options = { cohortFolder: cohort, size: 32, subjectIds: [], outFolder, workers: 1, simulated: true };
  return prepareSlices({ ...options, ...changes });
}

test("gives the slices of every subject, the same with any number of threads", async () => {
  const out = join(temporaryFolder(), "new", "folder");
  const progress: string[] = [];
  const set = await prepare(out, {
    workers: 2,
    onProgress: (done, total) => progress.push(`${done}/${total}`),
  });
  assert.equal(progress, ["1/3", "2/3", "3/3"]);
  assert.equal(set.subjects, IDS);
  assert.is(set.source, "simulated cohort cohort");
  assert.ok(set.simulated);

  // The same by hand, one subject after the other.
  const expected = listSubjects(cohort).map((files) => studySlices(readSubject(files)));
  assert.equal(
    [...set.z],
    expected.flatMap(({ z }) => [...z]),
  );
  assert.ok(set.count >= 6);
  assert.equal(
    Buffer.concat(expected.map(({ images }) => shrinkSlices(images, 32))),
    Buffer.from(set.images),
  );
  assert.equal(await prepare(temporaryFolder()), set);
});

test("uses the shards of an earlier run and remakes what is stale, damaged or gone", async () => {
  const out = temporaryFolder();
  const set = await prepare(out);
  const names = readdirSync(out).sort();
  assert.equal(names, ["P1-32.safetensors", "P2-32.safetensors", "P3-32.safetensors", "slices-32.json"]);
  const shard = (id: string): string => join(out, `${id}-32.safetensors`);
  const marked = new Date(2001, 1, 1);
  const madeAgain = (id: string): boolean => fs.statSync(shard(id)).mtimeMs !== marked.getTime();

  const damaged = readFileSync(shard("P1"));
  damaged[damaged.length - 100] = (damaged[damaged.length - 100] ?? 0) ^ 1;
  writeFileSync(shard("P1"), damaged);
  rmSync(shard("P2"));
  for (const id of ["P1", "P3"]) utimesSync(shard(id), marked, marked);
  assert.equal(await prepare(out), set);
  assert.equal(IDS.map(madeAgain), [true, true, false]);

  // An input that changed makes its shard stale.
  utimesSync(fileOf(cohort, "P3", "t2"), marked, marked);
  for (const id of IDS) utimesSync(shard(id), marked, marked);
  assert.equal(await prepare(out), set);
  assert.equal(IDS.map(madeAgain), [false, false, true]);
});

test("prepares the subjects that are asked for, in that order", async () => {
  const out = temporaryFolder();
  const set = await prepare(out, { subjectIds: ["P3", "P1"] });
  assert.equal(set.subjects, ["P3", "P1"]);
  assert.equal(readSliceSet(join(out, "P3-32.safetensors")).subjects, ["P3"]);
  await rejectsNaming(prepare(out, { subjectIds: ["P9"] }), cohort, "no subject P9");
  await rejectsNaming(prepare(out, { subjectIds: ["P1", "P1"] }), "P1", "twice");
});

test("names the broken file, and keeps what is whole", async () => {
  const broken = temporaryFolder();
  for (const id of IDS) writeSubject(broken, id);
  const path = fileOf(broken, "P2", "flair");
  const whole = readFileSync(path);
  const out = temporaryFolder();
  const attempt = (): Promise<SliceSet> => prepare(out, { cohortFolder: broken });

  writeFileSync(path, whole.subarray(0, whole.length / 2));
  await rejectsNaming(attempt(), path, "cut short");
  assert.equal(readdirSync(out), ["P1-32.safetensors"]);

  const volume = readNifti(fileOf(broken, "P2", "t1"));
  const data = new Float32Array(volume.data);
  data[5] = Number.NaN;
  writeNifti(path, { ...volume, data });
  await rejectsNaming(attempt(), path, "1 NaN");
  // From another thread the fault comes back as the same kind of error.
  await rejectsNaming(prepare(temporaryFolder(), { cohortFolder: broken, workers: 2 }), path, "1 NaN");
  rmSync(path);
  await rejectsNaming(attempt(), "P2_flair.nii.gz");
  assert.equal(readdirSync(out), ["P1-32.safetensors"]);
});

test("refuses volumes that are not 240 x 240", async () => {
  const small = temporaryFolder();
  writeSubject(small, "P1", [20, 20, 3]);
  const out = temporaryFolder();
  await rejectsNaming(prepare(out, { cohortFolder: small }), "P1", "20 x 20 x 3");
  assert.equal(readdirSync(out), []);
});

test("refuses a size, a thread count, a folder that cannot be", async () => {
  const out = temporaryFolder();
  await rejectsNaming(prepare(out, { size: 100 }), "size 100");
  await rejectsNaming(prepare(out, { workers: 0 }), "0 workers");
  await rejectsNaming(prepare(out, { cohortFolder: join(out, "none") }), "none", "no such file or folder");
  await rejectsNaming(prepare(out, { cohortFolder: out }), out, "holds no subject");
  const file = join(out, "file");
  writeFileSync(file, "");
  await rejectsNaming(prepare(file), file, "is a file");
  await rejectsNaming(prepare(join(file, "below")), file, "not a folder");
});

test("leaves nothing on a full disk or in a read-only folder", () => {
  const out = temporaryFolder();
  const [files] = listSubjects(cohort);
  assert.ok(files);
  const job = shardJob(files, { size: 32, simulated: true, source: "", outFolder: out });
  const patched: { writeSync: unknown } = fs;
  const original = patched.writeSync;
  for (const [code, text] of [
    ["ENOSPC", "no space left"],
    ["EROFS", "permission denied"],
  ] as const) {
    patched.writeSync = () => {
      throw Object.assign(new Error(code), { code });
    };
    try {
      failsNaming(
        () => {
          makeShard(job);
        },
        out,
        text,
      );
    } finally {
      patched.writeSync = original;
    }
    assert.equal(readdirSync(out), []);
  }
});

test("tells a read-only place from a missing one, which Node's recursive mkdir does not", async () => {
  const out = join(temporaryFolder(), "below", "this");
  const patched: { mkdirSync: unknown } = fs;
  const original = patched.mkdirSync;
  patched.mkdirSync = (_: string, options?: { readonly recursive: boolean }) => {
    throw Object.assign(new Error("mkdir"), { code: options?.recursive ? "ENOENT" : "EROFS" });
  };
  try {
    await rejectsNaming(prepare(out), out, "permission denied");
  } finally {
    patched.mkdirSync = original;
  }
});

test("stops between subjects when it is told to, and goes on from there", async () => {
  const out = temporaryFolder();
  const stop = new AbortController();
  const reason = await prepare(out, {
    signal: stop.signal,
    onProgress: () => {
      stop.abort(new Error("enough"));
    },
  }).catch((error: unknown) => error);
  assert.match(String(reason), "enough");
  assert.equal(readdirSync(out), ["P1-32.safetensors"]);
  assert.is((await prepare(out)).subjects.length, 3);
  assert.not.ok(readdirSync(out).some((name) => name.endsWith(".part")));
  assert.ok(existsSync(join(out, "P3-32.safetensors")));
});

test.run();
