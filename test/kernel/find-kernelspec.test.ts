import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InputError } from "../../lib/errors";
import { PROJECT_ROOT } from "../../lib/storage/project-root";
import { runCells } from "./notebooks";

const test = suite("runNotebook: --kernel NAME");
const root = mkdtempSync(join(tmpdir(), "synthmr-kernels-"));
const before = process.env.JUPYTER_PATH;

test.before(() => {
  process.env.JUPYTER_PATH = root;
  for (const name of ["another", "broken"]) mkdirSync(join(root, "kernels", name), { recursive: true });
  const argv = [process.execPath, "-r", require.resolve("ts-node/register/transpile-only")];
  argv.push(join(PROJECT_ROOT, "lib", "kernel", "kernel-main.ts"), "{connection_file}");
  const env = { MARK: "its own", TS_NODE_PROJECT: join(PROJECT_ROOT, "tsconfig.json") };
  const spec = { argv, env, display_name: "Another", language: "typescript", interrupt_mode: "message" };
  writeFileSync(join(root, "kernels", "another", "kernel.json"), JSON.stringify(spec));
  writeFileSync(join(root, "kernels", "broken", "kernel.json"), '{"argv": []}');
});
test.after(() => {
  if (before === undefined) delete process.env.JUPYTER_PATH;
  else process.env.JUPYTER_PATH = before;
  rmSync(root, { recursive: true, force: true });
});

test("starts the installed kernel of that name, with its variables", async () => {
  const { run, written } = await runCells(["process.env.MARK"], { kernel: "another" });
  assert.is(run.message, null);
  assert.equal(written.cells[0]?.outputs[0]?.data, { "text/plain": ["its own"] });
});

test("stops a cell of a kernel that is interrupted by message", async () => {
  const { run } = await runCells(["while (true) {}"], { kernel: "another", timeoutSec: 1 });
  assert.match(run.message ?? "", /stopped at the time limit of 1 s$/);
});

test("refuses a kernel that is not there, and one that is none", async () => {
  for (const [kernel, reason] of [
    ["nowhere", "--kernel nowhere: no such kernel is installed"],
    ["broken", "not a kernelspec"],
  ] as const)
    try {
      await runCells(["1"], { kernel });
      assert.unreachable();
    } catch (error) {
      assert.instance(error, InputError);
      assert.match((error as Error).message, reason);
    }
});

test.run();
