import * as ts from "@tslab/typescript-for-tslab";

/**
 * Writes `{ profile }` as `{ profile: profile }`. tslab finds a variable of an earlier cell by the symbol of
 * its name, and the name in the short form is that of the property, so that the variable would be undefined.
 *
 * @param code A cell.
 * @returns The cell with the same lines.
 */
export function expandShorthand(code: string): string {
  const names: ts.Identifier[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isShorthandPropertyAssignment(node)) names.push(node.name);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("cell.ts", code, ts.ScriptTarget.ES2022));
  // From the end, so that the places before stay where they are.
  return names.reduceRight(
    (text, { end, text: name }) => `${text.slice(0, end)}: ${name}${text.slice(end)}`,
    code,
  );
}
