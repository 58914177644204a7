import { suite } from "uvu";
import * as assert from "uvu/assert";
import { expandShorthand } from "../../lib/kernel/cell-source";

const test = suite("expandShorthand");

test("writes the short form of properties out, wherever it stands", () => {
  assert.is(expandShorthand("f({ a, b: 1, c });"), "f({ a: a, b: 1, c: c });");
  assert.is(
    expandShorthand("const g = () => [{ x, y: { z } }];"),
    "const g = () => [{ x: x, y: { z: z } }];",
  );
  assert.is(expandShorthand("({ a, b = 2 } = value);"), "({ a: a, b: b = 2 } = value);");
});

test("leaves everything else as it is", () => {
  const code =
    "import { a } from 'a';\nconst { b, c = 1 } = a;\nf({ ...b, 'c': c, d() {} });\n// { e }\n`{ f }`";
  assert.is(expandShorthand(code), code);
});

test("leaves code that does not parse to the type checker", () => {
  assert.is(expandShorthand("const = {"), "const = {");
});

test.run();
