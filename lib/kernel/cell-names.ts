import ts from "typescript";

/** What a name of a cell stands for: a value that never changes, one that may be assigned, or a type alone. */
export type NameKind = "constant" | "variable" | "type";

/** The names that a cell declares for the cells after it: all of its top level, and `var` in its blocks. */
export function declaredNames(file: ts.SourceFile): ReadonlyMap<string, NameKind> {
  const names = new Map<string, NameKind>();
  const add = (name: string, kind: NameKind): void => {
    // A name may be both: an interface and a class, a type and a constant.
    if (kind !== "type" || !names.has(name)) names.set(name, kind);
  };
  for (const statement of file.statements) addStatement(statement, add);
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return;
    if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.BlockScoped) === 0)
      addVariables(node, add);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names;
}

type Add = (name: string, kind: NameKind) => void;

function addStatement(statement: ts.Statement, add: Add): void {
  if (ts.isVariableStatement(statement)) addVariables(statement.declarationList, add);
  else if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
    if (statement.name) add(statement.name.text, "constant");
  } else if (ts.isEnumDeclaration(statement)) add(statement.name.text, "constant");
  else if (ts.isModuleDeclaration(statement)) {
    if (ts.isIdentifier(statement.name)) add(statement.name.text, "constant");
  } else if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement))
    add(statement.name.text, "type");
  else if (ts.isImportEqualsDeclaration(statement)) add(statement.name.text, "constant");
  else if (ts.isImportDeclaration(statement)) addImports(statement, add);
}

function addVariables({ declarations, flags }: ts.VariableDeclarationList, add: Add): void {
  const kind = (flags & ts.NodeFlags.Const) === 0 ? "variable" : "constant";
  for (const { name } of declarations) for (const text of bindingNames(name)) add(text, kind);
}

function addImports({ importClause }: ts.ImportDeclaration, add: Add): void {
  if (!importClause) return;
  const { name, namedBindings, isTypeOnly } = importClause;
  const kind = isTypeOnly ? "type" : "constant";
  if (name) add(name.text, kind);
  if (!namedBindings) return;
  if (ts.isNamespaceImport(namedBindings)) add(namedBindings.name.text, kind);
  else
    for (const element of namedBindings.elements) add(element.name.text, element.isTypeOnly ? "type" : kind);
}

function bindingNames(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? bindingNames(element.name) : []));
}
