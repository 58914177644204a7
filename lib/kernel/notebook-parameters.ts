import ts from "typescript";
import { InputError } from "../errors";
import { codeCells } from "./notebook-file";
import type { CodeCell, Notebook } from "./notebook-file";

/** Values by the names of variables, in JSON. */
export type NotebookParameters = Readonly<Record<string, unknown>>;

export const PARAMETERS_TAG = "parameters";
export const INJECTED_TAG = "injected-parameters";

interface Declared {
  readonly keyword: "const" | "let" | "var";
  /** The type that its author has written, with the colon; empty where there is none. */
  readonly type: string;
}

/**
 * Puts a cell with values behind the cell that is tagged `parameters`, as papermill does; at the top where
 * there is none; in the place of one that was put there before. A variable keeps its declared type.
 *
 * @returns The names that the notebook does not declare as parameters.
 * @throws InputError if a name is none of TypeScript.
 */
export function injectParameters(notebook: Notebook, parameters: NotebookParameters): readonly string[] {
  const names = Object.keys(parameters);
  const wrong = names.find((name) => !/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name));
  if (wrong !== undefined) throw new InputError(`--parameters ${wrong}`, "not a name of a variable");
  if (names.length === 0) return [];
  const declaring = codeCells(notebook).find((cell) => tagsOf(cell).includes(PARAMETERS_TAG));
  const declared = declaring ? declarationsOf(declaring.source) : new Map<string, Declared>();
  notebook.cells = notebook.cells.filter(
    (cell) => cell.cell_type !== "code" || !tagsOf(cell).includes(INJECTED_TAG),
  );
  const place = declaring === undefined ? 0 : notebook.cells.indexOf(declaring) + 1;
  notebook.cells.splice(place, 0, injectedCell(parameters, declared, notebook));
  return names.filter((name) => !declared.has(name));
}

/** The tags of a cell. */
export function tagsOf({ metadata }: Pick<CodeCell, "metadata">): readonly string[] {
  return Array.isArray(metadata.tags) ? metadata.tags.map(String) : [];
}

function injectedCell(
  parameters: NotebookParameters,
  declared: ReadonlyMap<string, Declared>,
  { cells }: Notebook,
): CodeCell {
  const lines = Object.entries(parameters).map(([name, value]) => {
    const { keyword, type } = declared.get(name) ?? { keyword: "const", type: "" };
    return `${keyword} ${name}${type} = ${JSON.stringify(value)};`;
  });
  let id = INJECTED_TAG;
  while (cells.some((cell) => cell.id === id)) id += "-";
  return {
    cell_type: "code",
    id,
    metadata: { tags: [INJECTED_TAG] },
    source: ["// Parameters", ...lines].join("\n"),
    execution_count: null,
    outputs: [],
  };
}

function declarationsOf(source: string): Map<string, Declared> {
  const file = ts.createSourceFile("parameters.ts", source, ts.ScriptTarget.ES2022);
  const declared = new Map<string, Declared>();
  for (const { declarationList } of file.statements.filter(ts.isVariableStatement)) {
    const { flags } = declarationList;
    const keyword = flags & ts.NodeFlags.Const ? "const" : flags & ts.NodeFlags.Let ? "let" : "var";
    for (const { name, type } of declarationList.declarations)
      if (ts.isIdentifier(name))
        declared.set(name.text, { keyword, type: type ? `: ${type.getText(file)}` : "" });
  }
  return declared;
}
