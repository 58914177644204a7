import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InputError } from "../../lib/errors";
import { installKernelspec, kernelspecFolder, uninstallKernelspec } from "../../lib/kernel/kernelspec";
import { kernelEnvironment } from "../../lib/kernel/kernel-environment";
import { PROJECT_ROOT } from "../../lib/storage/project-root";

const test = suite("kernelspec");
const built = existsSync(join(PROJECT_ROOT, "dist", "kernel", "kernel-main.js"));
if (!built) console.log("skipped: the library is not built, so that no kernel can be installed");
const whenBuilt = built ? test : test.skip;

whenBuilt("is written below a prefix and removed again", () => {
  const prefix = mkdtempSync(join(tmpdir(), "synthmr-prefix-"));
  try {
    const folder = installKernelspec({ prefix });
    assert.is(folder, join(prefix, "share", "jupyter", "kernels", "synthmr"));
    const spec = JSON.parse(readFileSync(join(folder, "kernel.json"), "utf8")) as Record<string, unknown>;
    const [node, entry, connection] = spec.argv as string[];
    assert.ok(isAbsolute(node ?? "") && isAbsolute(entry ?? ""));
    assert.is(connection, "{connection_file}");
    assert.is(spec.display_name, "SynthMR (TypeScript)");
    assert.is(spec.language, "typescript");
    assert.is(spec.interrupt_mode, "signal");
    assert.is(uninstallKernelspec({ prefix }), folder);
    assert.not.ok(existsSync(folder));
    assert.throws(
      () => uninstallKernelspec({ prefix }),
      (error: Error) => error instanceof InputError,
    );
  } finally {
    rmSync(prefix, { recursive: true, force: true });
  }
});

test("stands where Jupyter looks for a user's kernels", () => {
  const before = process.env.JUPYTER_DATA_DIR;
  process.env.JUPYTER_DATA_DIR = join("/", "data");
  try {
    assert.is(kernelspecFolder({}), join("/", "data", "kernels", "synthmr"));
  } finally {
    if (before === undefined) delete process.env.JUPYTER_DATA_DIR;
    else process.env.JUPYTER_DATA_DIR = before;
  }
});

test("leaves what the user has set", () => {
  const env = kernelEnvironment({ TF_CPP_MIN_LOG_LEVEL: "0", OMP_NUM_THREADS: "7", SYNTHMR_CACHE: "/c" });
  assert.is(env.TF_CPP_MIN_LOG_LEVEL, "0");
  assert.is(env.OMP_NUM_THREADS, "7");
  assert.is(env.SYNTHMR_CACHE, "/c");
  assert.is(env.SYNTHMR_ROOT, PROJECT_ROOT);
});

test.run();
