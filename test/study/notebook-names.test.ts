import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GENERATOR_NAMES } from "../../lib/generators/generator-config";
import { PROJECT_ROOT } from "../../lib/storage/project-root";
import { isFigureName } from "../../lib/study/figures";
import { resultFigures } from "../../lib/study/results/result-figures";
import { notebookOf } from "../../lib/study/results/notebook-of";
import { allTables } from "../../lib/study/results/result-tables";
import { isTableName } from "../../lib/study/tables";
import { VERDICT_PARTS } from "../../lib/study/verdicts";
import { wholePictures, wholeStudy } from "./results/whole-study";

const test = suite("names in notebooks");

const FOLDER = join(PROJECT_ROOT, "notebooks");
const NOTEBOOKS = readdirSync(FOLDER).filter((name) => name.endsWith(".ipynb"));

interface Notebook {
  readonly cells: readonly { readonly cell_type: string; readonly source: readonly string[] | string }[];
}

/** What the code cells of all notebooks ask the study for: `table dice-unet`, with the notebook. */
function asked(): readonly { readonly notebook: string; readonly what: string; readonly name: string }[] {
  return NOTEBOOKS.flatMap((notebook) => {
    const { cells } = JSON.parse(readFileSync(join(FOLDER, notebook), "utf8")) as Notebook;
    const code = cells
      .filter(({ cell_type: type }) => type === "code")
      .map(({ source }) => (typeof source === "string" ? source : source.join("")))
      .join("\n");
    return [...code.matchAll(/study\.(tables?|figure|verdict)\("([^"]*)"/g)].map(
      ([, what = "", name = ""]) => ({ notebook, what, name }),
    );
  });
}

const [RESULTS, PICTURES] = [wholeStudy(), wholePictures()];
const TABLES = [...allTables(RESULTS).keys()];
const FIGURES = [...resultFigures(RESULTS, PICTURES).keys()];

const KNOWN: Readonly<Record<string, (name: string) => boolean>> = {
  table: isTableName,
  tables: (beginning) => TABLES.some((name) => name.startsWith(beginning)),
  figure: isFigureName,
  verdict: (name) => VERDICT_PARTS.includes(name),
};

test("every table, figure and verdict that a notebook asks for is known to the study", () => {
  const all = asked();
  assert.is(NOTEBOOKS.length, 13);
  assert.is(new Set(all.map(({ notebook }) => notebook)).size, 13, "each asks for something");
  const unknown = all.filter(({ what, name }) => KNOWN[what]?.(name) !== true);
  assert.equal(unknown, []);
});

test("every table and figure of the results can be asked for in a cell, and stands where the report says", () => {
  assert.equal(
    TABLES.filter((name) => !isTableName(name)),
    [],
  );
  assert.equal(
    FIGURES.filter((name) => !isFigureName(name)),
    [],
  );
  const all = asked();
  const shows = (name: string) =>
    all.some(
      ({ notebook, what, name: one }) =>
        notebook === notebookOf(name) && (what === "tables" ? name.startsWith(one) : name === one),
    );
  // The panels of one figure stand in the notebooks of the five generators, overlays of further rows in the report alone.
  const inReport = /^overlays(-swin)?(-mixed)?-augmented$|^overlays-swin-mixed$/;
  const elsewhere = FIGURES.filter((name) => name === "generator-training" || inReport.test(name));
  assert.ok(all.filter(({ name }) => name.startsWith("training-")).length === GENERATOR_NAMES.length);
  assert.equal(
    [...TABLES, ...FIGURES].filter((name) => !shows(name)),
    elsewhere,
  );
});

test("a name that the study does not have is not known", () => {
  for (const name of ["dice", "dice-unet-", "toString", "snapshots-nobody", ""])
    assert.equal([isTableName(name), isFigureName(name)], [false, false]);
});

test.run();
