import { suite } from "uvu";
import * as assert from "uvu/assert";
import { completenessOf } from "../../lib/kernel/cell-completeness";

const test = suite("completenessOf");

const SAMPLES = {
  complete: ["", "1 + 1", "await f();", "const a = {\n  b: 1,\n};", "type T = number", "// only a note"],
  incomplete: [
    "function f() {",
    "f(1,",
    "const x =",
    "`open",
    "/* open",
    "[1, 2",
    "class A extends B {",
    "if (a) {\n  b();",
  ],
  invalid: ["const = 3;", "1 +* 2", "f) {", '"open', "const const a = 1"],
};

for (const [status, samples] of Object.entries(SAMPLES))
  for (const code of samples)
    test(`says that ${JSON.stringify(code)} is ${status}`, () => {
      assert.is(completenessOf(code).status, status);
    });

test("indents the line after an opening bracket", () => {
  assert.equal(completenessOf("  if (a) {"), { status: "incomplete", indent: "    " });
  assert.equal(completenessOf("const x ="), { status: "incomplete", indent: "" });
});

test.run();
