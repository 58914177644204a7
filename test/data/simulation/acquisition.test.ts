import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { signal } from "../../../lib/data/simulation/acquisition";
import type { Vector } from "../../../lib/data/simulation/lattice";
import { NoiseSource } from "../../../lib/data/simulation/noise-source";
import { rowExtents, type RowExtents } from "../../../lib/data/simulation/row-extents";
import { drawProtocol, SITES } from "../../../lib/data/simulation/sites";
import { averageSlices } from "../../../lib/data/simulation/thick-slices";
import { traitsOf } from "../../../lib/data/simulation/simulation-version";
import { drawTissues, TISSUES, withGadolinium } from "../../../lib/data/simulation/tissue-parameters";
import { near } from "../../near";

const test = suite("acquisition");

function everywhere(size: Vector): RowExtents {
  const box = { frame: { shape: size, spacingMm: 1 }, start: [0, 0, 0] as const, size };
  return rowExtents(box, new Uint8Array(size[0] * size[1] * size[2]).fill(1));
}

test("spin echo and inversion recovery follow their equations", () => {
  const tissue = { t1: 1000, t2: 100, pd: 0.8 };
  // 0.8 (1 - exp(-0.5)) exp(-0.1) = 0.8 * 0.393469 * 0.904837 = 0.284821
  near([signal({ kind: "spinEcho", tr: 500, te: 10 }, tissue)], [0.284821], 1e-6);
  // 0.8 |1 - 2 exp(-2) + exp(-9)| exp(-1) = 0.8 * 0.729453 * 0.367879 = 0.214680
  near([signal({ kind: "inversionRecovery", tr: 9000, te: 100, ti: 2000 }, tissue)], [0.21468], 1e-5);
});

test("an MPRAGE of tiny flips reads the recovered magnetization", () => {
  // Without readout losses: mz = 1 - 2 exp(-TI/T1) / (1 + exp(-TR/T1)), here with sin(0.1 deg).
  const pulses = { kind: "mprage", tr: 2000, ti: 900, flipDeg: 0.1, echoSpacing: 8, flips: 176 } as const;
  const expected = Math.abs(1 - (2 * Math.exp(-0.9)) / (1 + Math.exp(-2))) * Math.sin((0.1 * Math.PI) / 180);
  near([signal(pulses, { t1: 1000, t2: 80, pd: 1 }) / expected], [1], 1e-3);
});

test("every site shows the tissues in the order that radiologists know", () => {
  SITES.forEach(({ tesla, protocol }, site) => {
    const tissues = drawTissues(Rng.fromSeed(site), tesla);
    const of = (sequence: keyof typeof protocol, tissue: (typeof TISSUES)[number]): number =>
      signal(protocol[sequence].pulses, tissues[tissue]);
    assert.ok(of("t1w", "wm") > of("t1w", "gm") && of("t1w", "gm") > of("t1w", "csf"), "T1w: WM > GM > CSF");
    assert.ok(of("t2w", "csf") > of("t2w", "gm") && of("t2w", "gm") > of("t2w", "wm"), "T2w: CSF > GM > WM");
    assert.ok(
      of("flair", "gm") > of("flair", "wm") && of("flair", "wm") > 3 * of("flair", "csf"),
      "FLAIR: CSF nulled",
    );
    assert.ok(of("flair", "edema") > 1.2 * of("flair", "gm"), "FLAIR: edema bright");
    assert.ok(of("t2w", "edema") > of("t2w", "gm"), "T2w: edema bright");
    const enhanced = signal(protocol.t1wGd.pulses, withGadolinium(tissues.tumour, 0.6));
    assert.ok(enhanced > 1.2 * of("t1wGd", "wm"), "T1wGd: enhancing tumour brighter than white matter");
  });
});

test("T1 is shorter in a weaker field, that of CSF is not", () => {
  const [weak, strong] = [drawTissues(Rng.fromSeed(1), 1.5), drawTissues(Rng.fromSeed(1), 3)];
  // Half the field to the power 0.376 (grey) and 0.382 (white): 0.7706 and 0.7674.
  near([weak.gm.t1 / strong.gm.t1, weak.wm.t1 / strong.wm.t1], [0.7706, 0.7674], 1e-3);
  assert.is(weak.csf.t1, strong.csf.t1);
});

test("subjects come from all sites and both field strengths", () => {
  const drawn = Array.from({ length: 200 }, (_, i) => drawProtocol(Rng.fromSeed(i), traitsOf("2")));
  assert.is(new Set(drawn.map(({ site }) => site)).size, SITES.length);
  assert.equal([...new Set(drawn.map(({ tesla }) => tesla))].sort(), [1.5, 3]);
});

test("gadolinium adds r1 times concentration to 1/T1", () => {
  // 1/1.4 + 4.2 * 0.5 = 2.814286 per s, so 355.33 ms
  near([withGadolinium({ t1: 1400, t2: 100, pd: 1 }, 0.5).t1], [355.33], 1e-4);
});

test("thick slices of a ramp give the ramp back inside, of a plane its share", () => {
  const ramp = Float32Array.from({ length: 40 }, (_, i) => i);
  averageSlices(ramp, [1, 1, 40], everywhere([1, 1, 40]), 2, 4, 0.3);
  near(
    ramp.slice(8, 32),
    Float32Array.from({ length: 24 }, (_, i) => i + 8),
    1e-4,
  );
  const plane = new Float32Array(40).fill(0);
  plane[20] = 1;
  averageSlices(plane, [40, 1, 1], everywhere([40, 1, 1]), 0, 4, 0);
  near([Math.max(...plane)], [0.25], 0.05);
});

test("table noise is standard normal", () => {
  const noise = new NoiseSource(Rng.fromSeed(3));
  let [sum, squares, fourth] = [0, 0, 0];
  for (let i = 0; i < 400_000; i++) {
    const value = noise.normal();
    sum += value;
    squares += value ** 2;
    fourth += value ** 4;
  }
  near([sum / 4e5, squares / 4e5, fourth / 4e5], [0, 1, 3], 0.02);
});

test.run();
