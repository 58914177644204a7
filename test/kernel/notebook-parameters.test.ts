import { suite } from "uvu";
import * as assert from "uvu/assert";
import { codeCells } from "../../lib/kernel/notebook-file";
import type { CodeCell, Notebook } from "../../lib/kernel/notebook-file";
import { injectParameters } from "../../lib/kernel/notebook-parameters";

const test = suite("injectParameters");

function code(source: string, tags: readonly string[] = []): CodeCell {
  return {
    cell_type: "code",
    id: `id-${source.length}`,
    metadata: { tags: [...tags] },
    source,
    outputs: [],
    execution_count: null,
  };
}

const declaring = 'const profile: "quick" | "smoke" = "quick";\nlet steps = 10;';

function notebook(): Notebook {
  return { metadata: {}, cells: [code("1"), code(declaring, ["parameters"]), code("22")] };
}

test("puts the values behind the parameters, with their declared types", () => {
  const filled = notebook();
  assert.equal(injectParameters(filled, { profile: "smoke", steps: 3 }), []);
  const injected = codeCells(filled)[2];
  assert.is(injected?.source, '// Parameters\nconst profile: "quick" | "smoke" = "smoke";\nlet steps = 3;');
  assert.equal(injected?.metadata.tags, ["injected-parameters"]);
});

test("names what the notebook does not declare, and replaces an earlier injection", () => {
  const filled = notebook();
  assert.equal(injectParameters(filled, { list: [1, "a"] }), ["list"]);
  injectParameters(filled, { list: null });
  assert.equal(
    codeCells(filled).map(({ source }) => source),
    ["1", declaring, "// Parameters\nconst list = null;", "22"],
  );
});

test("puts them at the top where no cell declares any, and refuses names that are none", () => {
  const plain: Notebook = { metadata: {}, cells: [code("1")] };
  injectParameters(plain, { n: true });
  assert.is(codeCells(plain)[0]?.source, "// Parameters\nconst n = true;");
  assert.throws(
    () => injectParameters(plain, { "not a name": 1 }),
    /--parameters not a name: not a name of a variable/,
  );
});

test.run();
