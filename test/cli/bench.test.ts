import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import { PROJECT_ROOT } from "../../lib/storage/project-root";
import { temporaryFolder } from "../temporary-folder";

const test = suite("synthmr bench");

const folder = temporaryFolder();

function run(script: readonly string[], words: readonly string[]) {
  const loader = ["-r", "ts-node/register/transpile-only"];
  return spawnSync(process.execPath, [...loader, join(PROJECT_ROOT, ...script), ...words], {
    cwd: PROJECT_ROOT,
    encoding: "utf8",
  });
}

const bench = (...words: readonly string[]) => run(["lib", "cli", "main.ts"], ["bench", ...words]);

function caseFile(name: string, value: unknown): string {
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(value));
  return path;
}

const resultSchema = z.strictObject({
  name: z.literal("tiny"),
  network: z.literal("unet"),
  work: z.literal("train"),
  size: z.literal(16),
  batch: z.literal(2),
  backend: z.string(),
  threads: z.int().min(1),
  precision: z.literal("float32"),
  parameters: z.int().positive(),
  operationsPerStep: z.number().positive().nullable(),
  stepMs: z.object({ median: z.number().positive(), lower: z.number(), upper: z.number() }),
  processorMs: z.object({ median: z.number().positive(), lower: z.number(), upper: z.number() }),
  imagesPerSec: z.number().positive(),
  shareOfPeak: z.number().positive().nullable(),
  peakMemoryBytes: z.number().positive(),
});

test("times a case and prints one JSON object", () => {
  const config = { inChannels: 4, classes: 4, depth: 2, firstChannels: 4, padding: "same" };
  const tiny = { name: "tiny", network: "unet", size: 16, batch: 2, precision: "float32", config };
  const { stdout, status, stderr } = bench("--case", caseFile("tiny", tiny), "--json");
  assert.is(status, 0, stderr);
  assert.ok(resultSchema.parse(JSON.parse(stdout)));
});

test("leaves with code 2 and one line where the case is not one", () => {
  const wrong = caseFile("wrong", { network: "unet", size: 64, batch: 16, config: { depth: 99 } });
  for (const words of [["--case", join(folder, "missing.json")], ["--case", wrong], []]) {
    const { status, stderr, stdout } = bench(...words);
    assert.is(status, 2, words.join(" "));
    assert.is(stdout, "");
    assert.is.not(stderr, "");
  }
});

test("refuses an unknown case beside PyTorch before anything is installed", () => {
  const { status, stderr } = run(["test", "bench", "main.ts"], ["--case", "nothing"]);
  assert.is(status, 2);
  assert.match(stderr, /case nothing: is not known/);
});

test.run();
