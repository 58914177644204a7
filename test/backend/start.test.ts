import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BackendInfo } from "../../lib/backend/start";
import { failure } from "../setup/temporary-folder";

const test = suite("startBackend");
const START = JSON.stringify(join(__dirname, "../../lib/backend/start"));

/** Runs code in a process of its own: a process starts one backend. */
function run(code: string, env: NodeJS.ProcessEnv = {}): { output: string; errors: string } {
  const script = `const { startBackend } = require(${START}); (async () => { ${code} })();`;
  const args = ["-r", "ts-node/register/transpile-only", "-e", `${script}`];
  const cwd = join(__dirname, "../..");
  const command = ["-c", 'exec "$0" "$@" 2>&1 >&3', process.execPath, ...args];
  // File descriptor 3 keeps the program's output apart from its messages.
  const both = execFileSync(
    "bash",
    ["-c", 'exec 3>&1; e=$(bash "$@"); printf "\\0%s" "$e"', "_", ...command],
    {
      cwd,
      encoding: "utf8",
      env: { ...process.env, ...env },
    },
  );
  const [output = "", errors = ""] = both.split("\0");
  return { output, errors };
}

const PRINT = "console.log(JSON.stringify(await startBackend()));";

test("native TensorFlow starts without a word on stderr, or wasm with one warning", () => {
  const { output, errors } = run(PRINT);
  const info = JSON.parse(output) as BackendInfo;
  if (info.backend === "tensorflow") {
    assert.is(errors, "");
    assert.is(info.warning, null);
    assert.match(info.tensorflowVersion ?? "", /^\d+\.\d+\.\d+$/);
  } else {
    assert.match(errors, /To mend:/);
  }
  assert.ok(info.threads >= 1);
  assert.ok(["float32", "mixed"].includes(info.precision));
});

test("SYNTHMR_BACKEND=wasm gives wasm, with one warning that says how to mend it", () => {
  const { output, errors } = run(PRINT, { SYNTHMR_BACKEND: "wasm" });
  const info = JSON.parse(output) as BackendInfo;
  assert.is(info.backend, "wasm");
  assert.is(errors.match(/SynthmrWarning/g)?.length, 1);
  assert.match(info.warning ?? "", /SYNTHMR_BACKEND is set to wasm.*To mend: unset it/);
});

test("danfojs works on wasm, and a warning that the set-up has shown is not shown again", () => {
  const code = `${PRINT} const { DataFrame } = require("danfojs-node"); console.log(new DataFrame({ a: [1, 2, 3] }).a.sum());`;
  const { output, errors } = run(code, { SYNTHMR_BACKEND: "wasm", SYNTHMR_WARNED: "1" });
  assert.match(output, /\n6\n/);
  assert.is(errors, "");
});

test("a second start gives the same backend and refuses another", async () => {
  const { startBackend } = await import("../../lib/backend/start");
  const first = await startBackend({ backend: "wasm" });
  assert.is(await startBackend(), first);
  assert.match(await failure(() => startBackend({ backend: "tensorflow" })), /in use already/);
});

test.run();
