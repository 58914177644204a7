import { Figure } from "./figure";
import { placeKeyLines, type LineKeyEntry } from "./key";
import { PAGE_MM } from "./page";
import { drawPanel, type Panel } from "./panel";

export interface PanelsContent {
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly alternative: string;
  /** Row by row. */
  readonly panels: readonly Panel[];
  /** Panels side by side; fewer where the width does not hold so many. */
  readonly columns: number;
  readonly panelHeightMm: number;
  /** Narrowest panel; below it the number of columns falls. */
  readonly panelLeastMm: number;
  /** Whether all panels have the axes of the first: ticks then stand at the edges of the grid alone. */
  readonly sharedAxes: boolean;
  readonly key: readonly LineKeyEntry[];
  readonly widthMm?: number;
}

/** Margins, mm: room for ticks and the title of an axis, and between panels. */
const LEFT_MM = 13;
const RIGHT_MM = 2.5;
const BOTTOM_MM = 10;
const GAP_MM = 4;
const TITLE_LINE_MM = 3.6;

/** Panels in a grid, with one key above them. */
export function panelsFigure(content: PanelsContent): Figure {
  const { id, title, caption, alternative, panels, key: entries, sharedAxes, panelHeightMm } = content;
  if (panels.length === 0) throw new RangeError(`figure ${id} has no panel`);
  const widthMm = content.widthMm ?? PAGE_MM;
  const betweenMm = sharedAxes ? GAP_MM : LEFT_MM;
  const fits = Math.floor((widthMm - LEFT_MM - RIGHT_MM + betweenMm) / (content.panelLeastMm + betweenMm));
  const columns = Math.max(1, Math.min(content.columns, panels.length, fits));
  const rows = Math.ceil(panels.length / columns);
  const panelWidthMm = (widthMm - LEFT_MM - RIGHT_MM - (columns - 1) * betweenMm) / columns;
  const headsMm = Array.from({ length: rows }, (_, row) =>
    headMm(panels.slice(row * columns, (row + 1) * columns)),
  );
  const belowMm = sharedAxes ? 3 : BOTTOM_MM;
  // The key's height does not depend on the sheet's.
  const keyMm = placeKeyLines(
    { widthMm, heightMm: 1 },
    { leftMm: 0, topMm: 0, widthMm: widthMm - 4 },
    entries,
  ).heightMm;
  const topMm = 1 + keyMm;
  const labelled = panels.some(({ x }) => x.title !== "");
  const fixedMm = topMm + (rows - 1) * belowMm + (labelled ? BOTTOM_MM : 2);
  const heightMm = headsMm.reduce((sum, head) => sum + head + panelHeightMm, fixedMm);
  const sheet = { widthMm, heightMm };
  const key = placeKeyLines(sheet, { leftMm: 2, topMm: 0.6, widthMm: widthMm - 4 }, entries);
  const parts = panels.map((panel, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    return drawPanel(sheet, panel, {
      place: {
        leftMm: LEFT_MM + column * (panelWidthMm + betweenMm),
        topMm: headsMm
          .slice(0, row + 1)
          .reduce((sum, head) => sum + head, topMm + row * (panelHeightMm + belowMm)),
        widthMm: panelWidthMm,
        heightMm: panelHeightMm,
      },
      index: i,
      left: !sharedAxes || column === 0,
      bottom: !sharedAxes || i + columns >= panels.length,
    });
  });
  return new Figure({
    id,
    title,
    caption,
    alternative,
    data: parts.flatMap(({ traces }) => traces),
    layout: {
      ...Object.assign({}, ...parts.map(({ axes }) => axes)),
      shapes: [...key.shapes, ...parts.flatMap(({ shapes }) => shapes)],
      annotations: [...key.annotations, ...parts.flatMap(({ annotations }) => annotations)],
    },
    ...sheet,
  });
}

/** Room over a row of panels for its titles and notes. */
function headMm(row: readonly Panel[]): number {
  const lines = row.map(({ title, note }) => Number(title !== "") + Number(note !== undefined));
  return Math.max(...lines) * TITLE_LINE_MM + 1.4;
}
