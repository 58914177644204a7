import { existsSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PROJECT_ROOT } from "../../lib/storage/project-root";
import { runCells } from "./notebooks";

const test = suite("synthmr in cells");
const built = existsSync(join(PROJECT_ROOT, "dist", "index.d.ts"));
if (!built) console.log("skipped: the library is not built, so that cells cannot import it");
const whenBuilt = built ? test : test.skip;

whenBuilt("is imported by name, with its types, from a notebook outside of the project", async () => {
  const { run, written } = await runCells([
    'import { pearson, SEQUENCES } from "synthmr";\nconst r: number = pearson([1, 2, 3], [2, 4, 6]);',
    "console.log(SEQUENCES.length, r.toFixed(3));",
    'import { PNG } from "pngjs";\nnew PNG({ width: 2, height: 3 }).height',
    "const wrong: string = pearson([1, 2], [2, 1]);",
  ]);
  assert.match(run.message ?? "", "cell 4 of 4");
  assert.match(run.message ?? "", "Type 'number' is not assignable to type 'string'");
  assert.equal(written.cells[1]?.outputs[0]?.text, ["4 1.000\n"]);
  assert.equal(written.cells[2]?.outputs[0]?.data, { "text/plain": ["3"] });
});

whenBuilt("shows bundles and progress in the cell", async () => {
  const { run, written } = await runCells([
    `import { progressDisplay, show } from "synthmr";
     const figure = { mimeBundle: async () => ({ "image/png": "aGk=", "text/plain": "figure" }) };
     await show(figure);
     const bar = progressDisplay("Drawing", { unit: "images" });
     bar.update(5, 10);
     bar.update(10, 10);
     bar.finish();`,
    "figure",
  ]);
  assert.is(run.message, null);
  const [shown, bar] = written.cells[0]?.outputs ?? [];
  assert.equal(shown?.data, { "image/png": "aGk=", "text/plain": ["figure"] });
  assert.match(String(bar?.data?.["text/plain"]), /^Drawing: 10 images in 1 s/);
  assert.is(written.cells[0]?.outputs.length, 2);
  const [result] = written.cells[1]?.outputs ?? [];
  assert.is(result?.output_type, "execute_result");
  assert.equal(result?.data, { "image/png": "aGk=", "text/plain": ["figure"] });
});

test.run();
