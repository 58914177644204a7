import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { pythonEnvironment, runPython } from "./python-environment";

const test = suite("kernel: conformance");
const environment = pythonEnvironment();
if (typeof environment === "string") {
  console.log(`skipped: jupyter_kernel_test: ${environment}`);
  test.skip("passes jupyter_kernel_test", () => undefined);
} else {
  test("passes jupyter_kernel_test", () => {
    const suiteOfJupyter = join(__dirname, "python", "conformance.py");
    const { status, output } = runPython(environment, [suiteOfJupyter], tmpdir());
    assert.is(status, 0, output);
    assert.match(output, /Ran 12 tests/);
    // There is no pager: inspection shows its text in the front end's own way.
    assert.match(output, /OK \(skipped=1\)/);
  });
}

test.run();
