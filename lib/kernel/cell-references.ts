import ts from "typescript";

/**
 * Where a cell uses a name of a cell before it.
 *
 * @param end Offset behind the cell's own code; such names are declared after it.
 * @param names The names of the cells before it.
 * @returns The names by the offsets at which they stand.
 */
export function referencesBehind(
  file: ts.SourceFile,
  checker: ts.TypeChecker,
  end: number,
  names: ReadonlyMap<string, unknown>,
): ReadonlyMap<number, string> {
  const references = new Map<number, string>();
  const visit = (node: ts.Node): void => {
    if (node.pos > end) return;
    if (ts.isIdentifier(node) && names.has(node.text)) {
      const symbol = ts.isShorthandPropertyAssignment(node.parent)
        ? checker.getShorthandAssignmentValueSymbol(node.parent)
        : checker.getSymbolAtLocation(node);
      const isBehind = symbol?.declarations?.some(
        (declaration) => declaration.getSourceFile() === file && declaration.pos >= end,
      );
      if (isBehind) references.set(node.getStart(file), node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return references;
}

/** The cell's own names that its functions use; a name that a function declares again counts too. */
export function capturedNames(
  file: ts.SourceFile,
  end: number,
  names: ReadonlyMap<string, unknown>,
): readonly string[] {
  const captured = new Set<string>();
  const visit = (node: ts.Node, inFunction: boolean): void => {
    if (node.pos > end) return;
    if (inFunction && ts.isIdentifier(node) && names.has(node.text)) captured.add(node.text);
    const isFunction = ts.isFunctionLike(node) || ts.isClassLike(node);
    ts.forEachChild(node, (child) => {
      visit(child, inFunction || isFunction);
    });
  };
  visit(file, false);
  return [...captured];
}

/** Names that a cell imports and that are types alone, so that they do not exist when it runs. */
export function importedTypes(file: ts.SourceFile, checker: ts.TypeChecker): ReadonlySet<string> {
  const types = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (
      (ts.isImportSpecifier(node) || ts.isImportClause(node) || ts.isNamespaceImport(node)) &&
      node.name !== undefined
    ) {
      const symbol = checker.getSymbolAtLocation(node.name);
      const target =
        symbol && (symbol.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(symbol) : symbol;
      if (target && (target.flags & ts.SymbolFlags.Value) === 0) types.add(node.name.text);
    }
    ts.forEachChild(node, visit);
  };
  file.statements.filter(ts.isImportDeclaration).forEach(visit);
  return types;
}

/** The modules that a cell imports for more than types. */
export function importedValues(
  file: ts.SourceFile,
  end: number,
  types: ReadonlySet<string>,
): readonly string[] {
  return file.statements
    .filter(ts.isImportDeclaration)
    .filter(({ pos, importClause }) => pos < end && (!importClause || !isOfTypes(importClause, types)))
    .flatMap(({ moduleSpecifier }) => (ts.isStringLiteral(moduleSpecifier) ? [moduleSpecifier.text] : []));
}

function isOfTypes(
  { isTypeOnly, name, namedBindings }: ts.ImportClause,
  types: ReadonlySet<string>,
): boolean {
  if (isTypeOnly) return true;
  if (name && !types.has(name.text)) return false;
  if (!namedBindings) return true;
  if (ts.isNamespaceImport(namedBindings)) return false;
  return namedBindings.elements.every((element) => element.isTypeOnly || types.has(element.name.text));
}
