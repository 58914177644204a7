import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { AuditFiles } from "../../../lib/data/audit/file-layout";
import { Rng } from "../../../lib/backend/rng";
import { massEffectOf } from "../../../lib/study/audit/mass-effect";
import { SILENT } from "../../../lib/study/progress";
import { temporaryFolder } from "../../temporary-folder";

const test = suite("massEffectOf");
const runFolder = temporaryFolder();
const finished: boolean[] = [];
const context = {
  runFolder,
  workers: 1,
  rng: Rng.fromSeed(1),
  progress: { ...SILENT, finish: (_title: string, _sec: number, kept: boolean) => finished.push(kept) },
};
const order = { recipe: { name: "test", version: "2", seed: 3 }, anatomy: "analytic" } as const;
const subject = (id: string): AuditFiles => ({
  id,
  named: { sequences: {}, labels: "", convention: "brats" },
});

test("subjects of the recipe are made again by their number, others are left out, and the sizes are kept", async () => {
  const subjects = ["SIM_0002", "SIM_0001", "patient-3"].map(subject);
  const sizes = await massEffectOf(context, order, subjects);
  assert.equal(
    sizes.map(({ number }) => number),
    [2, 1],
  );
  assert.ok(sizes.every(({ midlineShiftMm }) => midlineShiftMm > 0));
  assert.equal(await massEffectOf(context, order, subjects), sizes);
  assert.equal(finished, [false, true]);
  const [alone] = await massEffectOf(context, order, subjects.slice(1));
  assert.equal(alone, sizes[1]);
});

test.run();
