import * as ts from "@tslab/typescript-for-tslab";
import { SourceMap } from "node:module";

/** tslab puts this line before the code of a cell. */
const PREFIX = "export {};\n";
/** Lines that TypeScript puts before the code of a CommonJS module, where the module exports something. */
const HEADER = /^(\(.*\{ )?(Object\.defineProperty\(exports, "__esModule"|exports\.\w.* = void 0;)/;

/**
 * The line of a cell's TypeScript for a place in the JavaScript that runs. tslab makes it in two steps, first
 * without types, then as CommonJS, and keeps no maps; the same steps are taken again here with maps.
 *
 * @param code The cell.
 * @param ran The JavaScript that tslab made of it.
 * @param line 1-based line in `ran`. @param column 1-based column in `ran`.
 * @returns A 1-based line of the cell.
 */
export function lineInCell(code: string, ran: string, line: number, column: number): number {
  const source = `${PREFIX}${code}\nexport {${declaredNames(code).join(", ")}}`;
  const script = transpile(source, "cell.ts", ts.ModuleKind.ESNext);
  const commonJs = transpile(script.outputText, "cell.js", ts.ModuleKind.CommonJS);
  // tslab exports the last expression too, for which there may be one more line at the top.
  const shift = headerLines(ran) - headerLines(commonJs.outputText);
  const inScript = findEntry(commonJs.sourceMapText, line - 1 - shift, column - 1);
  const inCell = findEntry(script.sourceMapText, inScript.line, inScript.column);
  return Math.max(1, inCell.line);
}

function transpile(source: string, fileName: string, module: ts.ModuleKind): ts.TranspileOutput {
  return ts.transpileModule(source, {
    fileName,
    compilerOptions: {
      module,
      target: ts.ScriptTarget.ES2022,
      sourceMap: true,
      esModuleInterop: true,
      experimentalDecorators: true,
      noImplicitUseStrict: true,
      newLine: ts.NewLineKind.LineFeed,
    },
  });
}

function findEntry(map: string | undefined, line: number, column: number): { line: number; column: number } {
  if (map === undefined) return { line, column };
  const entry = new SourceMap(JSON.parse(map) as ConstructorParameters<typeof SourceMap>[0]).findEntry(
    line,
    column,
  );
  return "originalLine" in entry
    ? { line: entry.originalLine, column: entry.originalColumn }
    : { line, column };
}

function headerLines(script: string): number {
  const lines = script.split("\n");
  const end = lines.findIndex((line) => !HEADER.test(line));
  return end < 0 ? lines.length : end;
}

/** The values that a cell declares, all of which tslab exports. */
function declaredNames(code: string): string[] {
  const { statements } = ts.createSourceFile("cell.ts", code, ts.ScriptTarget.ES2022);
  return [...new Set(statements.flatMap(statementNames))];
}

function statementNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => bindingNames(name));
  if (
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isEnumDeclaration(statement)
  )
    return statement.name ? [statement.name.text] : [];
  if (!ts.isImportDeclaration(statement) || !statement.importClause || statement.importClause.isTypeOnly)
    return [];
  const { name, namedBindings } = statement.importClause;
  const named = !namedBindings
    ? []
    : ts.isNamespaceImport(namedBindings)
      ? [namedBindings]
      : namedBindings.elements;
  return [...(name ? [name.text] : []), ...named.map((binding) => binding.name.text)];
}

function bindingNames(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? bindingNames(element.name) : []));
}
