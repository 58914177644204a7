import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { installPapermillPlugin } from "../../lib/kernel/papermill-plugin";
import { codeCells, readNotebook } from "../../lib/kernel/notebook-file";
import { runNotebook } from "../../lib/kernel/run-notebook";
import { writeCells } from "./notebooks";
import { pythonEnvironment, runPython } from "./python-environment";

const test = suite("kernel: Jupyter's clients");
const environment = pythonEnvironment();
if (typeof environment === "string") {
  console.log(`skipped: nbclient, papermill, nbconvert: ${environment}`);
  test.skip("runs in Jupyter's clients", () => undefined);
} else {
  const python = (args: readonly string[], cwd: string): string => {
    const { status, output } = runPython(environment, args, cwd);
    assert.is(status, 0, output);
    return output;
  };
  const inFolderOfTests = (name: string): string => join(__dirname, "python", name);

  test("gives the same outputs in nbclient as in the runner, by nbformat's schema", async () => {
    const { path, remove } = writeCells([
      "const a: number = 2;\nconsole.log('printed');\nconsole.error('warned');\na * 21",
      'import { newDisplay } from "tslab";\nconst bar = newDisplay();\nbar.text("10 %");\nbar.text("100 %");',
      '({ mimeBundle: () => ({ "text/html": "<b>x</b>", "text/plain": "x" }) })',
      "console.clear();\n[a, 'text']",
    ]);
    try {
      const output = python([inFolderOfTests("same_outputs.py"), path, dirname(path)], dirname(path));
      const run = await runNotebook({ path, outFolder: join(dirname(path), "out") });
      assert.is(run.message, null);
      const ours = codeCells(readNotebook(run.path)).map(({ outputs }) => outputs);
      assert.equal(JSON.parse(output.trim().split("\n").at(-1) ?? ""), ours);
      python(
        [
          "-c",
          `import nbformat; nbformat.validate(nbformat.read(${JSON.stringify(run.path)}, as_version=4))`,
        ],
        ".",
      );
      python(["-m", "nbconvert", "--to", "html", run.path], dirname(path));
      assert.match(readFileSync(run.path.replace(".ipynb", ".html"), "utf8"), "<b>x</b>");
    } finally {
      remove();
    }
  });

  test("takes parameters from papermill, which finds the translator by itself", () => {
    const { path, remove } = writeCells(["const n: number = 1;", "n * 2"]);
    try {
      const notebook = JSON.parse(readFileSync(path, "utf8")) as {
        metadata: Record<string, unknown>;
        cells: { metadata: Record<string, unknown> }[];
      };
      notebook.metadata.kernelspec = { name: "synthmr", display_name: "SynthMR", language: "typescript" };
      Object.assign(notebook.cells[0]?.metadata ?? {}, { tags: ["parameters"] });
      writeFileSync(path, JSON.stringify(notebook));
      assert.is(installPapermillPlugin(environment.folder, "0.0.0").length, 1);
      const out = join(dirname(path), "out.ipynb");
      python(["-m", "papermill", path, out, "-p", "n", "21", "--no-progress-bar"], dirname(path));
      const cells = codeCells(readNotebook(out));
      assert.is(cells[1]?.source.trim(), "// Parameters\nconst n = 21;");
      const [result] = cells[2]?.outputs ?? [];
      assert.is(result?.output_type, "execute_result");
      assert.equal(result && "data" in result ? result.data : null, { "text/plain": "42" });
    } finally {
      remove();
    }
  });
}

test.run();
