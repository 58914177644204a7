import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { auditResultSchema, type AuditResult } from "../../../lib/study/audit/audit-result";
import { auditMontage } from "../../../lib/study/audit/audit-figures";
import { writeAudit } from "../../../lib/study/audit/audit-report";
import { auditTables } from "../../../lib/study/audit/audit-tables";
import { plannedAudit, runAudit, type Audit, type AuditOptions } from "../../../lib/study/audit/run-audit";
import { SILENT } from "../../../lib/study/progress";
import { writeSubject } from "../../data/brats-folder";
import { rejectsNaming } from "../../data/input-fault";
import { temporaryFolder } from "../../temporary-folder";

const test = suite("runAudit");
const root = temporaryFolder();
const [cohort, other, out] = ["cohort", "other", "out"].map((name) => join(root, name)) as [
  string,
  string,
  string,
];
const PUBLISHED = "published ranges of three public BraTS cases";
let whole: Audit;

function options(change: Partial<AuditOptions> = {}): AuditOptions {
  return {
    folder: cohort,
    outFolder: out,
    simulated: false,
    heads: true,
    difficulty: [7, 0],
    transfer: true,
    against: { folder: other },
    testSubjects: 1,
    size: 16,
    images: 32,
    seed: 1,
    workers: 1,
    progress: SILENT,
    ...change,
  };
}

test.before(() => {
  for (const id of "ABCDEFGHI") writeSubject(cohort, id, [240, 240, 4]);
  writeSubject(other, "P", [240, 240, 4]);
  const recipe = { name: "test", version: "1", seed: 3, subjects: 9 };
  writeFileSync(join(cohort, "cohort.json"), JSON.stringify({ simulated: true, recipe }));
});

test("measures, compares, trains and applies, and keeps what took long", async () => {
  const titles: string[] = [];
  const heard = (kept: boolean[]): AuditOptions["progress"] => ({
    update: () => undefined,
    finish: (title, _sec, reused) => {
      titles.push(title);
      kept.push(reused);
    },
  });
  const [first, second]: [boolean[], boolean[]] = [[], []];
  whole = await runAudit(options({ progress: heard(first) }));
  const { result } = whole;
  auditResultSchema.parse(JSON.parse(JSON.stringify(result)));
  assert.equal(
    [result.cohort.simulated, result.cohort.subjects, result.against?.simulated],
    [true, 9, false],
  );
  assert.equal(
    result.difficulty.map(({ subjects, test: tested }) => [subjects, tested.length]),
    [
      [7, 1],
      [8, 1],
    ],
  );
  assert.equal(
    result.transfer?.subjects.map(({ subject }) => subject),
    ["P"],
  );
  assert.equal(result.heads.length, 4);
  assert.equal(titles.length, plannedAudit(options()).length);
  const again = await runAudit(options({ progress: heard(second) }));
  assert.equal(again.result, result);
  assert.equal([first.includes(true), second.filter((reused) => !reused).length], [false, 1]); // slices are read
});

test("every table and figure says that the cohort is simulated; no picture unless asked for", async () => {
  const { result, test: slices } = whole;
  const { jsonPath, reportPath, sentence } = await writeAudit(result, out, undefined, "test");
  assert.equal(JSON.parse(readFileSync(jsonPath, "utf8")), result);
  for (const table of auditTables(result, PUBLISHED)) assert.match(table.caption, /simulated/, table.id);
  assert.match(sentence, /simulated/);
  const html = readFileSync(reportPath, "utf8");
  const captions = [...html.matchAll(/<figcaption>(.*?)<\/figcaption>/g)].map(([, text]) => text ?? "");
  assert.is(captions.length, 6);
  for (const caption of captions) assert.match(caption, /simulated/);
  assert.not.match(html, /figure-montage/);
  assert.ok(slices !== undefined);
  assert.match(auditMontage(result, slices).caption, /simulated/);
});

test("the table of the whole tumour has network and threshold, then their largest regions, then means", () => {
  const { transfer } = whole.result;
  const table = auditTables(whole.result, PUBLISHED).find(({ id }) => id === "transfer-whole-tumour");
  const [found] = transfer?.subjects ?? [];
  assert.ok(found !== undefined);
  const methods = [
    ["network", "U-Net"],
    ["thresholdFromTraining", "threshold"],
    ["networkLargest", "U-Net, largest region"],
    ["thresholdFromTrainingLargest", "threshold, largest region"],
  ] as const;
  const rows = methods.map(([method, label]) => {
    const { dice, hausdorff95Mm, precision, sensitivity, falseRegions, regions } = found.wholeTumour[method];
    return { label, values: [dice, hausdorff95Mm, precision, sensitivity, falseRegions, regions] };
  });
  // With one subject the means are its values.
  assert.equal(table?.rows, [
    ...rows.map(({ label, values }) => ["P", label, ...values]),
    ...rows.map(({ label, values }) => ["mean", label, ...values.map((value) => value ?? Number.NaN)]),
  ]);
  assert.equal(table?.ruled, [4]);
});

test("the smallest audit only measures, and does not call patients simulated", async () => {
  const small = join(root, "small");
  const { result, test: slices } = await runAudit({
    folder: other,
    outFolder: small,
    simulated: false,
    heads: false,
    difficulty: [],
    transfer: false,
    size: 16,
    images: 1,
    seed: 1,
    workers: 1,
    progress: SILENT,
  });
  assert.equal(
    [slices, result.heads.length, result.difficulty.length, result.transfer],
    [undefined, 0, 0, null],
  );
  assert.equal(readdirSync(small), ["measures"]);
  const [table] = auditTables(result, PUBLISHED);
  assert.not.match(table?.caption ?? "", /simulated/);
});

test("refuses more subjects than there are, before it measures anything", async () => {
  const outFolder = join(root, "none");
  await rejectsNaming(runAudit(options({ outFolder, difficulty: [23] })), "--subjects 23", "2 to 8");
  assert.not.ok(existsSync(outFolder));
});

test("an audit that is told to stop says so and goes on later", async () => {
  const stop = new AbortController();
  stop.abort(new Error("stopped"));
  const outFolder = join(root, "stopped");
  const fault: unknown = await runAudit(options({ outFolder, signal: stop.signal })).catch(
    (error: unknown) => error,
  );
  assert.match(String(fault), /stopped/);
});

test("the terminal's tables are as wide as their numbers", () => {
  const result: AuditResult = whole.result;
  for (const table of auditTables(result, PUBLISHED)) assert.match(table.toText(), /-{20}/, table.id);
});

test.run();
