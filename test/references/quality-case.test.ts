import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startBackend } from "../../lib/backend/start";
import { InputError } from "../../lib/errors";
import { passed, verifyFile } from "../../lib/references/verify";
import { temporaryFolder } from "../temporary-folder";

const test = suite("a case of image quality");
const CASE = join(__dirname, "../fixtures/parity/metrics-quality");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

/** The same features beside other expectations. */
function withExpected(values: object): string {
  const path = join(temporaryFolder(), "metrics-other");
  copyFileSync(`${CASE}.safetensors`, `${path}.safetensors`);
  writeFileSync(`${path}.json`, JSON.stringify(values));
  return `${path}.safetensors`;
}

test("agrees with NumPy and SciPy in every measure, also where a covariance is singular", () => {
  const report = verifyFile(`${CASE}.safetensors`);
  assert.equal(
    report.outputs.map(({ name }) => name),
    ["fid", "fid_singular", "kid_full", "inception_score", "precision", "recall"],
  );
  for (const { name, relative } of report.outputs) assert.ok(relative < 1e-7, `${name}: ${relative}`);
  assert.ok(passed(report));
});

test("fails where a measure is another", () => {
  const report = verifyFile(withExpected({ fid: 260.8 }));
  assert.equal(
    report.outputs.map(({ name, status }) => [name, status]),
    [["fid", "fail"]],
  );
});

test("says so where the expectations are none", () => {
  assert.throws(
    () => verifyFile(withExpected({ fid: "low" })),
    (error: unknown) => error instanceof InputError,
  );
});

test.run();
