import { SourceMap } from "node:module";
import ts from "typescript";
import { CELL_EMIT } from "./emit-settings";

/** A cell as it runs. */
export interface EmittedCell {
  readonly script: string;
  /** From lines of the script to lines of the cell. */
  readonly map: SourceMap;
}

export interface EmitInput {
  readonly code: string;
  /** Where the cell uses a name of a cell before it, by offset. */
  readonly references: ReadonlyMap<number, string>;
  /** Names of values that the cell declares, and whether each may be assigned to. */
  readonly values: ReadonlyMap<string, boolean>;
}

/**
 * Makes JavaScript of a cell: the body of an async function that returns the cell's last expression. Names of
 * other cells become properties of `$cells`; the cell's own are handed out by `$declare` as pairs of
 * functions, so that every cell sees the same variable, however it is changed.
 */
export function emitCell({ code, references, values }: EmitInput): EmittedCell {
  const { outputText, sourceMapText } = ts.transpileModule(`${code}\n;${declaration(values)}`, {
    fileName: "cell.ts",
    compilerOptions: CELL_EMIT,
    transformers: { before: [(context) => (file) => transformCell(file, references, context)] },
  });
  const map = JSON.parse(sourceMapText ?? "{}") as ConstructorParameters<typeof SourceMap>[0];
  return { script: outputText.replace(/\n\/\/# sourceMappingURL=.*\s*$/, ""), map: new SourceMap(map) };
}

function declaration(values: ReadonlyMap<string, boolean>): string {
  const names = [...values.keys()];
  const read = names.map((name) => `${name}: () => ${name}`);
  const write = names
    .filter((name) => values.get(name))
    .map((name) => `${name}: ($value) => { ${name} = $value; }`);
  return `$declare({ ${read.join(", ")} }, { ${write.join(", ")} });`;
}

function transformCell(
  file: ts.SourceFile,
  references: ReadonlyMap<number, string>,
  context: ts.TransformationContext,
): ts.SourceFile {
  const { factory } = context;
  const rewritten = ts.visitEachChild(file, new NameRewriter(file, references, context).visit, context);
  const statements = [...rewritten.statements];
  // Handed out first, so that the names of a cell that fails half-way are known.
  const declare = statements.pop();
  const end = statements.filter((statement) => !ts.isEmptyStatement(statement)).at(-1);
  if (end && ts.isExpressionStatement(end))
    statements[statements.indexOf(end)] = ts.setTextRange(factory.createReturnStatement(end.expression), end);
  return factory.updateSourceFile(file, [...(declare ? [declare] : []), ...statements]);
}

/** Rewrites what a cell cannot say by itself when it has become a function. */
class NameRewriter {
  private readonly factory: ts.NodeFactory;

  constructor(
    private readonly file: ts.SourceFile,
    private readonly references: ReadonlyMap<number, string>,
    private readonly context: ts.TransformationContext,
  ) {
    this.factory = context.factory;
  }

  readonly visit = (node: ts.Node): ts.Node => {
    // What a class extends counts as a type in the tree, too.
    if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return node;
    if (ts.isIdentifier(node)) return this.access(node) ?? node;
    if (ts.isShorthandPropertyAssignment(node)) return this.expandShorthand(node);
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword)
      return this.factory.createIdentifier("$meta");
    if (ts.isCallExpression(node)) return this.rewriteCall(node);
    return ts.visitEachChild(node, this.visit, this.context);
  };

  /** The property that stands for a name of another cell; undefined for any other identifier. */
  private access(node: ts.Identifier): ts.Expression | undefined {
    // Nodes that the compiler has made have no place in the text.
    if (node.pos < 0 || !this.references.has(node.getStart(this.file))) return undefined;
    return ts.setTextRange(
      this.factory.createPropertyAccessExpression(this.factory.createIdentifier("$cells"), node.text),
      node,
    );
  }

  /** `{ name }` holds a property's name and a variable's in one word. */
  private expandShorthand(node: ts.ShorthandPropertyAssignment): ts.Node {
    const value = this.access(node.name);
    if (!value) return ts.visitEachChild(node, this.visit, this.context);
    const initial = node.objectAssignmentInitializer;
    return this.factory.createPropertyAssignment(
      node.name.text,
      initial === undefined
        ? value
        : this.factory.createAssignment(value, ts.visitNode(initial, this.visit, ts.isExpression)),
    );
  }

  private rewriteCall(node: ts.CallExpression): ts.Node {
    if (node.expression.kind === ts.SyntaxKind.ImportKeyword)
      return this.factory.updateCallExpression(
        ts.visitEachChild(node, this.visit, this.context),
        this.factory.createIdentifier("$import"),
        undefined,
        node.arguments.map((argument) => ts.visitNode(argument, this.visit, ts.isExpression)),
      );
    const called = ts.isIdentifier(node.expression) ? this.access(node.expression) : undefined;
    const visited = ts.visitEachChild(node, this.visit, this.context);
    if (!called) return visited;
    // Called as a property, the function would get all cells as its `this`.
    const detached = this.factory.createParenthesizedExpression(
      this.factory.createComma(this.factory.createNumericLiteral(0), called),
    );
    return this.factory.updateCallExpression(visited, detached, visited.typeArguments, visited.arguments);
  }
}
