import { Rng } from "../../lib/backend/rng";
import { GREY_OF_CLASS } from "../../lib/data/mask-code";
import type { SliceSet } from "../../lib/data/slice-set";
import type { Figure } from "../../lib/figures/figure";
import { histogramFigure } from "../../lib/figures/histogram-figure";
import { montageFigure } from "../../lib/figures/montage-figure";
import { overlayFigure } from "../../lib/figures/overlay-figure";
import { pairsFigure } from "../../lib/figures/pairs-figure";
import { preparationFigure } from "../../lib/figures/preparation-figure";
import { trainingFigure } from "../../lib/figures/training-figure";
import { volumesFigure } from "../../lib/figures/volumes-figure";
import { Table } from "../../lib/figures/table";

/** Slices of bright discs with a target of three classes in them, 16 x 16. */
export function discSlices(count: number, seed: number, subjects = ["SIM_0001", "SIM_0002"]): SliceSet {
  const size = 16;
  const images = new Uint8Array(count * size * size * 5);
  for (let n = 0; n < count; n++) {
    const draw = Rng.fromSeed(seed).fork(n).stream();
    const [x0, y0] = [draw.uniform(7, 9), draw.uniform(7, 9)];
    for (let i = 0; i < size * size; i++) {
      const r = Math.hypot((i % size) - x0, Math.floor(i / size) - y0);
      if (r > 6) continue;
      const classIndex = r < 1 ? 1 : r < 2 ? 3 : r < 3 ? 2 : 0;
      for (let c = 0; c < 4; c++) images[(n * size * size + i) * 5 + c] = 60 + 30 * c + draw.uniform(0, 60);
      images[(n * size * size + i) * 5 + 4] = GREY_OF_CLASS[classIndex];
    }
  }
  return {
    size,
    count,
    images,
    subjects,
    subjectOf: Int32Array.from({ length: count }, (_, i) => i % subjects.length),
    z: Int32Array.from({ length: count }, (_, i) => 60 + i),
    simulated: true,
    source: "discs",
  };
}

/** A table with intervals and a missing row. */
export function exampleTable(): Table {
  return new Table({
    id: "dice",
    caption: "Dice on n = 8 held-out simulated test subjects.",
    columns: [{ label: "training images" }, { label: "necrotic core" }, { label: "mean" }],
    rows: [
      ["real (simulated) slices", { estimate: 0.6, low: 0.5, high: 0.7 }, 0.8],
      ["synthetic slices (diffusion)", null, null],
    ],
  });
}

/** Figures of the data: a histogram, volumes with a class that some lack, and the steps of the preparation. */
function dataFigures(): readonly Figure[] {
  const image = (side: number) => ({
    side,
    values: Float32Array.from({ length: side ** 2 }, (_, i) => i % 4),
  });
  const note = "0 to 1843, 1204 values";
  const steps = [240, 240, 256, 256, 16].map((side) => ({ image: image(side), note }));
  return [
    histogramFigure({
      id: "histogram",
      title: "Kept slices",
      caption: "Of simulated subjects.",
      alternative: "A histogram.",
      values: [60, 61, 64, 70, 71],
      binWidth: 4,
      xAxis: "kept slices of a subject",
      yAxis: "simulated subjects",
      colour: "#3b3b3b",
    }),
    volumesFigure({
      id: "volumes",
      volumes: { necroticCore: [0, 2, 9], edema: [30, 60, 120], enhancingTumour: [0.5, 11, 40] },
      subjects: "simulated subjects",
    }),
    preparationFigure({
      id: "preparation",
      subject: "Simulated subject SIM_0001",
      z: 70,
      steps: ["as scanned, 240", "x 255 / maximum", "padded, 256", "8 bits", "averaged, 16"],
      rows: [
        { label: "T1w", steps, classes: false },
        { label: "annotation", steps, classes: true },
      ],
      ruled: [30, 60, 90].map((z) => ({ z, image: image(120), brightShare: z / 400, kept: z > 60 })),
      rule: { share: 0.15, above: 50 },
      kept: 77,
      of: 155,
    }),
  ];
}

/** One of each figure. */
export function exampleFigures(): readonly Figure[] {
  const [train, test, synthetic] = [discSlices(6, 1), discSlices(6, 2), discSlices(12, 3, ["synthetic"])];
  const label = "synthetic (diffusion)";
  const maps = [0, 1].map(() => Uint8Array.from({ length: 256 }, (_, i) => (i > 100 && i < 110 ? 2 : 0)));
  const steps = Array.from({ length: 300 }, (_, i) => i + 1);
  const loss = steps.map((step) => 1 / step + 0.01 * Math.sin(step) ** 2);
  return [
    ...dataFigures(),
    montageFigure({
      id: "montage",
      rows: [
        { label: "real (simulated cohort), train", source: "real", set: train, indices: [0, 1] },
        { label: "real (simulated cohort), test", source: "heldOut", set: test, indices: [2] },
        { label, source: "diffusion", set: synthetic, indices: [3, 4, 5] },
      ],
    }),
    pairsFigure({
      id: "pairs",
      title: "Pairs",
      caption: "Of simulated subjects.",
      sequence: "t1wGd",
      rows: [0, 1, 2].map((n) => ({
        label: "diffusion",
        synthetic,
        syntheticIndex: n,
        training: train,
        trainingIndex: 5 - n,
        r: 0.9 - 0.1 * n,
      })),
    }),
    overlayFigure({
      id: "overlays",
      set: test,
      network: "U-Nets",
      arms: [
        { source: "real", label: "trained on real slices" },
        { source: "diffusion", label: "trained on synthetic slices (diffusion)" },
      ],
      cases: [0, 3].map((index) => ({ index, predictions: maps })),
    }),
    trainingFigure({
      id: "training",
      panels: [
        {
          title: "Generator",
          loss: "mean squared error of the noise",
          logarithmic: true,
          curves: [{ source: "diffusion", label: "diffusion", imagesSeen: steps.map((s) => 32 * s), loss }],
        },
        {
          title: "Segmentation networks",
          loss: "Dice + cross entropy",
          logarithmic: false,
          curves: [{ source: "real", label: "U-Net on real slices", imagesSeen: steps, loss }],
        },
      ],
    }),
  ];
}
