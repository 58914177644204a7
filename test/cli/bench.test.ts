import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import { temporaryFolder } from "../temporary-folder";
import { runCommand, runScript } from "./run-command";

const test = suite("synthmr bench");

const folder = temporaryFolder();

const bench = (...words: readonly string[]) => runCommand(["bench", ...words]);

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
  const { code, out, faults } = bench("--case", caseFile("tiny", tiny), "--json");
  assert.is(code, 0, faults.join("\n"));
  assert.ok(resultSchema.parse(JSON.parse(out)));
});

test("leaves with code 2 and one line where the case is not one", () => {
  const wrong = caseFile("wrong", { network: "unet", size: 64, batch: 16, config: { depth: 99 } });
  for (const words of [["--case", join(folder, "missing.json")], ["--case", wrong], []]) {
    const { code, faults, out } = bench(...words);
    assert.is(code, 2, words.join(" "));
    assert.is(out, "");
    assert.is.not(faults.length, 0);
  }
});

test("refuses an unknown case beside PyTorch before anything is installed", () => {
  const { code, faults } = runScript(join("test", "bench", "main.ts"), ["--case", "nothing"]);
  assert.is(code, 2);
  assert.match(faults.join("\n"), /case nothing: is not known/);
});

test.run();
