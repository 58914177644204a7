import type { SourceMap } from "node:module";
import ts from "typescript";
import { emitCell } from "./cell-emit";
import { declaredNames } from "./cell-names";
import type { NameKind } from "./cell-names";
import { CellProgram } from "./cell-program";
import { capturedNames, importedTypes, importedValues, referencesBehind } from "./cell-references";
import { typeError } from "./type-error";
import type { CellError } from "./cell-error";

/** A cell that can run. */
export interface CompiledCell {
  readonly script: string;
  readonly map: SourceMap;
  /** Modules that it imports for their values, as it names them. */
  readonly imports: readonly string[];
  /** Its own names that functions of it use, and that must therefore live as long as these. */
  readonly captured: readonly string[];
}

export type Compilation =
  | { readonly cell: CompiledCell; readonly error?: never }
  | { readonly cell?: never; readonly error: CellError };

interface LiveName {
  readonly cell: number;
  readonly kind: NameKind;
}

const IDENTIFIER = /[\p{ID_Start}$_][\p{ID_Continue}$]*/gu;

/**
 * Checks cells and makes JavaScript of them. A cell is a module: the names of the cells before it are imported
 * in a line after its last, so that every place in the cell keeps its offset.
 */
export class CellCompiler {
  readonly program: CellProgram;
  private readonly path: string;
  private readonly live = new Map<string, LiveName>();
  /** What the type checker keeps of the cells that have run: their declarations. */
  private readonly kept = new Map<number, { readonly path: string; readonly text: string }>();
  private readonly checkedModules = new Map<string, ts.SourceFile>();
  private declared: ReadonlyMap<string, NameKind> = new Map();
  private declaration = { ending: ".ts", text: "" };

  /** @param folder The folder from which cells import. */
  constructor(folder: string) {
    this.program = new CellProgram(folder);
    this.path = this.program.pathOf("__cell__.ts");
  }

  /** Reads the types that every cell needs, so that the first one need not wait for them. */
  warmUp(): void {
    this.compile('import type { Study } from "synthmr";\nconsole.log("");', 0);
  }

  /** @param number Of the cell among those that run, from 1. */
  compile(code: string, number: number): Compilation {
    const file = this.draft(code, new Set(code.match(IDENTIFIER) ?? []));
    this.declared = declaredNames(parse(code));
    const faults = this.faults();
    if (faults.length > 0) return { error: typeError(faults, code, number, this.path) };
    this.declaration = this.declarationOf(file);

    const checker = this.program.program().getTypeChecker();
    const types = importedTypes(file, checker);
    const values = new Map(
      [...this.declared]
        .filter(([name, kind]) => kind !== "type" && !types.has(name))
        .map(([name, kind]) => [name, kind === "variable"]),
    );
    const references = referencesBehind(file, checker, code.length, this.live);
    return {
      cell: {
        ...emitCell({ code, references, values }),
        imports: importedValues(file, code.length, types),
        captured: capturedNames(file, code.length, this.declared),
      },
    };
  }

  /**
   * Makes names of the cell that was compiled last known to later cells.
   *
   * @param values The values that it has left; its types are always kept.
   */
  keep(number: number, values: readonly string[]): void {
    const names = [...this.declared].filter(([name, kind]) => kind === "type" || values.includes(name));
    if (names.length === 0) return;
    const path = this.program.pathOf(`__cell_${number}__${this.declaration.ending}`);
    this.kept.set(number, { path, text: this.declaration.text });
    this.program.setText(path, this.declaration.text);
    for (const [name, kind] of names) this.live.set(name, { cell: number, kind });
    this.forgetDeadCells();
  }

  /**
   * Puts an unfinished cell before the type checker, with all names of the cells before it.
   *
   * @returns The path by which the language service knows it.
   */
  draftFor(code: string): string {
    this.draft(code, new Set(this.live.keys()));
    return this.path;
  }

  private draft(code: string, used: ReadonlySet<string>): ts.SourceFile {
    this.program.setText(this.path, `${code}\n;${this.tail(parse(code), used)}`);
    this.program.focus(this.path);
    const file = this.program.program().getSourceFile(this.path);
    if (!file) throw new Error("the cell is not in its program");
    return file;
  }

  /** Imports what the cell uses of the cells before it, and exports what it declares. */
  private tail(file: ts.SourceFile, used: ReadonlySet<string>): string {
    const own = declaredNames(file);
    const names = [...this.live].filter(([name]) => used.has(name) && !own.has(name));
    // What may be assigned to cannot be imported: imports are constants.
    const imports = names.map(([name, { cell, kind }]) =>
      kind === "variable"
        ? `declare let ${name}: typeof import("./__cell_${cell}__").${name};`
        : `import { ${name} } from "./__cell_${cell}__";`,
    );
    const exported = [...own.keys()].filter((name) => !exportedNames(file).has(name));
    return `${imports.join(" ")} export { ${exported.join(", ")} };`;
  }

  private faults(): readonly ts.Diagnostic[] {
    const { service } = this.program;
    const syntactic = service.getSyntacticDiagnostics(this.path);
    if (syntactic.length > 0) return syntactic;
    const own = service.getSemanticDiagnostics(this.path).filter(isError);
    return own.length > 0 ? own : this.faultsOfModules();
  }

  /** Faults of the user's own modules, each checked again when it has changed. */
  private faultsOfModules(): readonly ts.Diagnostic[] {
    for (const file of this.program.program().getSourceFiles()) {
      if (!this.program.isLocalModule(file) || this.checkedModules.get(file.fileName) === file) continue;
      const { service } = this.program;
      const faults = [
        ...service.getSyntacticDiagnostics(file.fileName),
        ...service.getSemanticDiagnostics(file.fileName).filter(isError),
      ];
      if (faults.length > 0) return faults;
      this.checkedModules.set(file.fileName, file);
    }
    return [];
  }

  /** The cell's declarations without its code; the code where its types cannot be written down. */
  private declarationOf(file: ts.SourceFile): { ending: string; text: string } {
    const faults = this.program.program().getDeclarationDiagnostics(file);
    const [output] = faults.length > 0 ? [] : this.program.service.getEmitOutput(this.path, true).outputFiles;
    return output ? { ending: ".d.ts", text: output.text } : { ending: ".ts", text: file.text };
  }

  /** Cells whose names have all been declared anew, and whose types no other cell needs, are forgotten. */
  private forgetDeadCells(): void {
    const alive = new Set([...this.live.values()].map(({ cell }) => cell));
    for (const [number, { path }] of this.kept) {
      const name = `__cell_${number}__"`;
      const needed = [...this.kept].some(([other, { text }]) => other !== number && text.includes(name));
      if (alive.has(number) || needed) continue;
      this.kept.delete(number);
      this.program.removeText(path);
    }
  }
}

function parse(code: string): ts.SourceFile {
  return ts.createSourceFile("cell.ts", code, ts.ScriptTarget.ES2022);
}

function isError({ category }: ts.Diagnostic): boolean {
  return category === ts.DiagnosticCategory.Error;
}

/** Names that the cell exports by itself. */
function exportedNames(file: ts.SourceFile): ReadonlySet<string> {
  const exported = file.statements.filter(
    (statement) =>
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword),
  );
  return new Set(declaredNames({ ...file, statements: ts.factory.createNodeArray(exported) }).keys());
}
