import { Figure, hiddenAxis } from "./figure";
import { PAGE_MM } from "./page";
import { placeImage, placeLabel, type Sheet } from "./sheet";
import { pngUri } from "./slice-tile";

/** How often tumours project onto each cell of one view. */
export interface LocationMap {
  readonly view: "axial" | "coronal" | "sagittal";
  readonly columns: number;
  readonly rows: number;
  /** Share of subjects, row by row. */
  readonly share: readonly number[];
  /** Share of subjects whose brain projects onto the cell. */
  readonly brain: readonly number[];
}

export interface LocationFigureContent {
  readonly id: string;
  readonly maps: readonly LocationMap[];
  /** The cohort with "simulated" where it is. */
  readonly cohort: string;
  readonly cellMm: number;
}

/** What is at the left and right edge, and at the upper one. */
const SIDES = {
  axial: "patient's right on the left, front above",
  coronal: "patient's right on the left, top above",
  sagittal: "front on the left, top above",
} as const;

/** Where the tumours of a cohort are: projections in three directions, darker where more subjects have one. */
export function locationFigure({ id, maps, cohort, cellMm }: LocationFigureContent): Figure {
  const highest = maps.reduce((most, { share }) => Math.max(most, ...share), 0);
  const sheet = { widthMm: PAGE_MM, heightMm: 78 };
  const widest = maps.reduce((sum, { columns }) => sum + columns, 0);
  const cellOnPaper = (sheet.widthMm - 6 * (maps.length + 1)) / widest;
  let leftMm = 6;
  const parts = maps.map((map) => {
    const widthMm = map.columns * cellOnPaper;
    const heightMm = map.rows * cellOnPaper;
    const image = placeImage(sheet, { leftMm, topMm: 13, widthMm, heightMm }, tile(map, highest));
    const labels = labelsOf(sheet, leftMm, widthMm, map.view);
    leftMm += widthMm + 6;
    return { image, labels };
  });
  return new Figure({
    id,
    title: "Where the tumours are",
    caption: `Share of ${cohort} whose tumour projects onto a cell of ${cellMm} mm, from pale (none) to black (${Math.round(100 * highest)} %, the most in any view); pale: the brain of at least half of them. ${maps.map(({ view }) => `${view[0]?.toUpperCase()}${view.slice(1)}: ${SIDES[view]}`).join("; ")}.`,
    alternative: `Three maps of where tumours are; at most ${Math.round(100 * highest)} % of the subjects have tumour on one line of sight.`,
    data: [],
    layout: {
      xaxis: hiddenAxis(0, 1),
      yaxis: hiddenAxis(0, 1),
      images: parts.map(({ image }) => image),
      annotations: parts.flatMap(({ labels }) => labels),
    },
    ...sheet,
  });
}

function labelsOf(
  sheet: Sheet,
  leftMm: number,
  widthMm: number,
  view: LocationMap["view"],
): ReturnType<typeof placeLabel>[] {
  return [placeLabel(sheet, leftMm + widthMm / 2, 9, view, { bold: true, align: "center" })];
}

/** Grey of the brain where no subject has tumour. */
const BRAIN_GREY = 232;

/** White outside the brain, pale in it, black where the most have tumour; z upwards in views from front and side. */
function tile({ view, columns, rows, share, brain }: LocationMap, highest: number): string {
  const pixels = 4;
  const bytes = new Uint8Array(columns * rows * pixels ** 2);
  for (let row = 0; row < rows * pixels; row++)
    for (let column = 0; column < columns * pixels; column++) {
      const from = Math.floor(row / pixels);
      const cell = (view === "axial" ? from : rows - 1 - from) * columns + Math.floor(column / pixels);
      const value = highest > 0 ? (share[cell] ?? 0) / highest : 0;
      const empty = (brain[cell] ?? 0) >= 0.5 ? BRAIN_GREY : 255;
      bytes[row * columns * pixels + column] = Math.round(empty * (1 - value));
    }
  return pngUri({ width: columns * pixels, height: rows * pixels, channels: 1, bytes });
}
