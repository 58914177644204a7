import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readSafetensors, writeSafetensors } from "../../lib/storage/safetensors";
import { filled, fixture } from "../references/case-file";
import { temporaryFolder } from "../temporary-folder";
import { runCommand } from "./run-command";

const test = suite("synthmr verify and synthmr weights");
const folder = temporaryFolder();

const synthmr = (...words: readonly string[]) => runCommand(words);

test("verify prints a line an output, or JSON, and leaves with 0 where all agree", () => {
  const [logits, r1] = ["genforce-pggan-discriminator", "study-unet-loss"].map(fixture) as [string, string];
  const text = synthmr("verify", logits);
  assert.is(text.code, 0, text.faults.join("\n"));
  assert.match(
    text.out,
    /^ {2}logits {2}pass {2}absolute +\S+ {2}relative +\S+ {2}\(at most 0\.0001 of the largest value\)$/m,
  );
  assert.match(text.out, /^ {2}r1 {6}pass .*of each value\)$/m);
  const json = synthmr("verify", logits, r1, "--json");
  const report = JSON.parse(json.out) as { passed: boolean; cases: { file: string; outputs: unknown[] }[] };
  assert.ok(report.passed);
  assert.equal(
    report.cases.map(({ file, outputs }) => [file, outputs.length]),
    [
      [logits, 2],
      [r1, 2],
    ],
  );
});

test("verify leaves with 1 where an output differs, and with 2 and one line where a file cannot be read", () => {
  const { tensors, metadata } = readSafetensors(fixture("genforce-pggan-discriminator"));
  const changed = join(folder, "changed.safetensors");
  writeSafetensors(changed, { tensors: new Map([...tensors, ["out.logits", filled([8, 1], 9)]]), metadata });
  assert.is(synthmr("verify", changed).code, 1);
  const cut = join(folder, "cut.safetensors");
  writeFileSync(cut, readFileSync(changed).subarray(0, 1000));
  const { code, faults } = synthmr("verify", cut);
  assert.is(code, 2);
  assert.is(faults.length, 1, faults.join("\n"));
  assert.match(faults[0] ?? "", /^synthmr: .*cut\.safetensors/);
});

test("weights are imported and exported again", () => {
  const [network, back] = [join(folder, "network.safetensors"), join(folder, "back.safetensors")];
  const file = fixture("nvlabs-stylegan2-discriminator");
  const config = '{"mbstd_group_size": 2}';
  const words = ["weights", "import", file, "--as", "stylegan2-discriminator", "--config", config];
  const imported = synthmr(...words, "--out", network);
  assert.is(imported.code, 0, imported.faults.join("\n"));
  assert.match(imported.out, /"minibatchStddev":\{"groupSize":2/);
  const exported = synthmr("weights", "export", network, "--out", back);
  assert.is(exported.code, 0, exported.faults.join("\n"));
  assert.is(readSafetensors(back).metadata["reference"], "nvlabs-stylegan2-discriminator");
});

test.run();
