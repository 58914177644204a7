import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readNifti } from "../../../lib/data/nifti";
import { checkRecipe } from "../../../lib/data/simulation/cohort-recipe";
import { DEFAULT_VERSION } from "../../../lib/data/simulation/simulation-version";
import { simulateCohort, type SimulateOptions } from "../../../lib/data/simulation/simulate-cohort";
import { InputError } from "../../../lib/errors";

const test = suite("simulateCohort");
const folder = mkdtempSync(join(tmpdir(), "synthmr-cohort-"));
const recipe = { name: "test", version: DEFAULT_VERSION, seed: 5, subjects: 3 } as const;

test.after(() => {
  rmSync(folder, { recursive: true, force: true });
});

function run(name: string, changes: Partial<SimulateOptions> = {}): ReturnType<typeof simulateCohort> {
  return simulateCohort({
    recipe,
    folder: join(folder, name),
    workers: 1,
    anatomy: "analytic",
    spacingMm: 5,
    ...changes,
  });
}

/** The error with which a call that must fail does. */
async function failure(call: Promise<unknown>): Promise<Error> {
  try {
    await call;
  } catch (error) {
    return error as Error;
  }
  throw new Error("the call did not fail");
}

function bytes(name: string, id: string): Buffer[] {
  const subject = join(folder, name, id);
  return readdirSync(subject)
    .sort()
    .map((file) => readFileSync(join(subject, file)));
}

test("writes a BraTS folder and says what it is", async () => {
  const steps: number[] = [];
  const cohort = await run("one", { workers: 2, onProgress: (done) => steps.push(done) });
  assert.equal(cohort, { ids: ["SIM_0001", "SIM_0002", "SIM_0003"], anatomy: "analytic" });
  assert.equal(steps, [0, 1, 2, 3]);
  assert.equal(readdirSync(join(folder, "one")).sort(), [
    "README.md",
    "SIM_0001",
    "SIM_0002",
    "SIM_0003",
    "cohort.json",
    "croissant.json",
  ]);
  assert.equal(
    readdirSync(join(folder, "one", "SIM_0002")).sort(),
    ["flair", "seg", "t1", "t1ce", "t2"].map((suffix) => `SIM_0002_${suffix}.nii.gz`),
  );
  const card = JSON.parse(readFileSync(join(folder, "one", "cohort.json"), "utf8")) as Record<
    string,
    unknown
  >;
  assert.is(card["simulated"], true);
  assert.equal(card["recipe"], recipe);
  const volume = readNifti(join(folder, "one", "SIM_0002", "SIM_0002_flair.nii.gz"));
  assert.equal([...volume.shape], [48, 48, 31]);
  assert.ok(volume.data instanceof Int16Array);
});

test("a second call makes only what is missing, and another number of workers the same bytes", async () => {
  const before = bytes("one", "SIM_0002");
  const kept = join(folder, "one", "SIM_0001", "SIM_0001_seg.nii.gz");
  const written = statSync(kept).mtimeMs;
  rmSync(join(folder, "one", "SIM_0002"), { recursive: true });
  const steps: number[] = [];
  await run("one", { workers: 1, onProgress: (done) => steps.push(done) });
  assert.equal(steps, [2, 3]);
  assert.is(statSync(kept).mtimeMs, written);
  assert.equal(bytes("one", "SIM_0002"), before);
});

test("an abort leaves whole subjects only", async () => {
  const stop = new AbortController();
  const call = run("aborted", {
    signal: stop.signal,
    onProgress: (done) => {
      if (done === 1) stop.abort(new Error("stopped"));
    },
  });
  assert.is((await failure(call)).message, "stopped");
  const left = readdirSync(join(folder, "aborted")).sort();
  assert.ok(left.includes("SIM_0001") && left.every((name) => !name.startsWith(".")), left.join(" "));
  for (const id of left.filter((name) => name.startsWith("SIM"))) assert.is(bytes("aborted", id).length, 5);
});

test("a folder of another cohort is refused", async () => {
  const error = await failure(run("one", { recipe: { ...recipe, seed: 6 } }));
  assert.instance(error, InputError);
  assert.match(error.message, /cohort\.json: seed: is 5, wanted 6/);
});

test("a faulty recipe names its field", () => {
  const faults = { subjects: 0, seed: 1.5, version: "0", name: "No Spaces" };
  for (const [field, value] of Object.entries(faults))
    assert.throws(
      () => checkRecipe({ ...recipe, [field]: value }),
      (error: unknown) => error instanceof InputError && error.subject.endsWith(field),
    );
});

test.run();
