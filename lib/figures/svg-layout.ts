import { measureText, unionBox, type Box, type FontStyle } from "./text-metrics";

/** An affine map of the plane: (x, y) -> (a x + c y + e, b x + d y + f). */
type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];
const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0];
const DEFAULT_FONT: FontStyle = { sizePixels: 12, bold: false, italic: false };

/** One run of text with its place on the page. */
export interface PlacedText {
  readonly text: string;
  readonly box: Box;
}

/**
 * The box of an element in the frame of its own attributes, as the browser's `getBBox` gives it: text is
 * measured, groups are joined, rectangles are read; other shapes count as empty.
 */
export function localBox(element: Element): Box | undefined {
  switch (element.tagName.toLowerCase()) {
    case "text":
    case "tspan":
    case "a":
      return unionBox(placeRuns(element).map(({ box }) => box));
    case "rect":
    case "image":
      return rectangle(element);
    case "g":
    case "svg":
      return unionBox(
        [...element.children].flatMap((child) => {
          const box = localBox(child);
          return box === undefined ? [] : [transformBox(transformOf(child), box)];
        }),
      );
    default:
      return undefined;
  }
}

/** The box of an element on the page, all transforms above it applied. */
export function pageBox(element: Element): Box | undefined {
  const box = localBox(element);
  return box && transformBox(pageMatrix(element), box);
}

/** Every run of text below an element, with its box on the page; hidden text is left out. */
export function placedTexts(root: Element): readonly PlacedText[] {
  return [...root.querySelectorAll("text")].flatMap((text) => {
    if (isHidden(text)) return [];
    const matrix = pageMatrix(text);
    return placeRuns(text).map((run) => ({ text: run.text, box: transformBox(matrix, run.box) }));
  });
}

/** Width of the longest line of a text element, in CSS pixels. */
export function textLength(element: Element): number {
  const box = localBox(element);
  return box === undefined ? 0 : box.right - box.left;
}

interface Cursor {
  x: number;
  y: number;
}

/** Sets the text of an element line by line: tspans may move the pen (x, y) or shift it (dx, dy). */
function placeRuns(element: Element): PlacedText[] {
  const text = element.closest("text") ?? element;
  const pen: Cursor = { x: length(text, "x", 0) ?? 0, y: length(text, "y", 0) ?? 0 };
  const lines: PlacedText[][] = [[]];
  walk(element, pen, lines);
  const anchor = inherited(element, "text-anchor") ?? "start";
  return lines.flatMap((line) => anchorLine(line, anchor));
}

function walk(node: Element, pen: Cursor, lines: PlacedText[][]): void {
  const font = fontOf(node);
  if (node.tagName.toLowerCase() === "tspan") {
    const x = length(node, "x", font.sizePixels);
    if (x !== undefined) {
      pen.x = x;
      lines.push([]);
    }
    pen.y = length(node, "y", font.sizePixels) ?? pen.y;
    pen.x += length(node, "dx", font.sizePixels) ?? 0;
    pen.y += length(node, "dy", font.sizePixels) ?? 0;
  }
  for (const child of node.childNodes) {
    if (child.nodeType === 1) walk(child as Element, pen, lines);
    // A zero-width space only carries a shift of the baseline.
    else if (child.nodeType === 3) {
      const text = (child.textContent ?? "").replace(/\u200b/g, "");
      if (text === "") continue;
      const { width, ascent, descent } = measureText(text, font);
      const box = { left: pen.x, right: pen.x + width, top: pen.y - ascent, bottom: pen.y + descent };
      lines.at(-1)?.push({ text, box });
      pen.x += width;
    }
  }
}

function anchorLine(line: readonly PlacedText[], anchor: string): PlacedText[] {
  const whole = unionBox(line.map(({ box }) => box));
  const share = anchor === "middle" ? 0.5 : anchor === "end" ? 1 : 0;
  if (whole === undefined) return [];
  const shift = -share * (whole.right - whole.left);
  return line.map(({ text, box }) => ({
    text,
    box: { ...box, left: box.left + shift, right: box.right + shift },
  }));
}

function fontOf(element: Element): FontStyle {
  const size = ownStyle(element, "font-size");
  const parent = element.parentElement;
  const above = parent === null ? DEFAULT_FONT : fontOf(parent);
  const weight = ownStyle(element, "font-weight");
  const slant = ownStyle(element, "font-style");
  return {
    sizePixels:
      size === undefined
        ? above.sizePixels
        : parseFloat(size) * (size.endsWith("%") ? above.sizePixels / 100 : 1),
    bold: weight === undefined ? above.bold : weight === "bold" || Number(weight) >= 600,
    italic: slant === undefined ? above.italic : slant === "italic",
  };
}

function inherited(element: Element, property: string): string | undefined {
  return (
    ownStyle(element, property) ??
    (element.parentElement === null ? undefined : inherited(element.parentElement, property))
  );
}

/** A property as the element itself sets it, by style or by attribute. */
function ownStyle(element: Element, property: string): string | undefined {
  const style = element.getAttribute("style") ?? "";
  const found = new RegExp(`(?:^|;)\\s*${property}\\s*:\\s*([^;]+)`).exec(style)?.[1]?.trim();
  return found ?? element.getAttribute(property) ?? undefined;
}

function isHidden(element: Element): boolean {
  for (let at: Element | null = element; at !== null; at = at.parentElement)
    if (ownStyle(at, "display") === "none" || ownStyle(at, "opacity") === "0") return true;
  return false;
}

function length(element: Element, attribute: string, fontSize: number): number | undefined {
  const text = element.getAttribute(attribute);
  if (text === null) return undefined;
  return parseFloat(text) * (text.endsWith("em") ? fontSize : 1);
}

function rectangle(element: Element): Box {
  const [left, top] = [length(element, "x", 0) ?? 0, length(element, "y", 0) ?? 0];
  const [width, height] = [length(element, "width", 0) ?? 0, length(element, "height", 0) ?? 0];
  return { left, top, right: left + width, bottom: top + height };
}

function pageMatrix(element: Element): Matrix {
  const own = transformOf(element);
  const parent = element.parentElement;
  return parent === null ? own : compose(pageMatrix(parent), own);
}

function transformOf(element: Element): Matrix {
  const text = element.getAttribute("transform") ?? "";
  let matrix = IDENTITY;
  for (const [, name, numbers] of text.matchAll(/(\w+)\(([^)]*)\)/g))
    matrix = compose(matrix, primitive(name ?? "", (numbers ?? "").split(/[\s,]+/).map(Number)));
  return matrix;
}

function primitive(name: string, [p = 0, q, r = 0, s = 1, t = 0, u = 0]: readonly number[]): Matrix {
  switch (name) {
    case "translate":
      return [1, 0, 0, 1, p, q ?? 0];
    case "scale":
      return [p, 0, 0, q ?? p, 0, 0];
    case "matrix":
      return [p, q ?? 0, r, s, t, u];
    case "rotate": {
      const [cos, sin] = [Math.cos((p * Math.PI) / 180), Math.sin((p * Math.PI) / 180)];
      const [x, y] = [q ?? 0, r];
      return [cos, sin, -sin, cos, x - cos * x + sin * y, y - sin * x - cos * y];
    }
    default:
      return IDENTITY;
  }
}

function compose([a, b, c, d, e, f]: Matrix, [p, q, r, s, t, u]: Matrix): Matrix {
  return [a * p + c * q, b * p + d * q, a * r + c * s, b * r + d * s, a * t + c * u + e, b * t + d * u + f];
}

function transformBox([a, b, c, d, e, f]: Matrix, box: Box): Box {
  const xs = [box.left, box.right].flatMap((x) => [box.top, box.bottom].map((y) => a * x + c * y + e));
  const ys = [box.left, box.right].flatMap((x) => [box.top, box.bottom].map((y) => b * x + d * y + f));
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}
