import type { Rng } from "../../backend/rng";
import type { Sequence } from "../../shape";
import type { TissueParameters } from "./tissue-parameters";

/** Spin echo: times in ms. */
export interface SpinEcho {
  readonly kind: "spinEcho";
  readonly tr: number;
  readonly te: number;
}

/** Inversion recovery with a spin-echo readout; the inversion time nulls CSF. */
export interface InversionRecovery {
  readonly kind: "inversionRecovery";
  readonly tr: number;
  readonly te: number;
  readonly ti: number;
}

/** Magnetization-prepared rapid gradient echo: an inversion, then a train of small flips. */
export interface Mprage {
  readonly kind: "mprage";
  readonly tr: number;
  readonly ti: number;
  readonly flipDeg: number;
  /** Time between flips and their number. */
  readonly echoSpacing: number;
  readonly flips: number;
}

export type Pulses = SpinEcho | InversionRecovery | Mprage;

/** How one sequence is acquired. */
export interface Scan {
  readonly pulses: Pulses;
  /** Thickness of the slices, mm; 1 for 3D sequences. */
  readonly sliceMm: number;
  /** Axis across the slices: 0 sagittal, 1 coronal, 2 axial. */
  readonly sliceAxis: 0 | 1 | 2;
  /** White matter's signal over the standard deviation of the noise in each channel, in the final image. */
  readonly signalToNoise: number;
}

export type Protocol = Readonly<Record<Sequence, Scan>>;

const spinEcho = (tr: number, te: number): SpinEcho => ({ kind: "spinEcho", tr, te });
const flair = (tr: number, te: number, ti: number): InversionRecovery => ({
  kind: "inversionRecovery",
  tr,
  te,
  ti,
});
const mprage = (tr: number, ti: number, flipDeg: number): Mprage => ({
  kind: "mprage",
  tr,
  ti,
  flipDeg,
  echoSpacing: 8,
  flips: 176,
});
const scan = (pulses: Pulses, sliceMm: number, signalToNoise: number, sliceAxis: 0 | 1 | 2 = 2): Scan => ({
  pulses,
  sliceMm,
  sliceAxis,
  signalToNoise,
});

/**
 * Protocols of six sites, within the ranges of the brain tumour imaging consensus (Ellingson et al. 2015,
 * Neuro-Oncology 17(9)) and of the sources of BraTS (Menze et al. 2015, IEEE TMI 34(10)): 3D or thick-slice T1,
 * mostly thick-slice T2 and FLAIR.
 */
export const SITES: readonly Protocol[] = [
  {
    t1w: scan(mprage(2100, 1000, 9), 1, 34),
    t1wGd: scan(mprage(2100, 1000, 9), 1, 34),
    t2w: scan(spinEcho(4800, 95), 3, 30),
    flair: scan(flair(9000, 115, 2400), 3, 24),
  },
  {
    t1w: scan(spinEcho(600, 12), 5, 30),
    t1wGd: scan(mprage(1900, 950, 10), 1, 32),
    t2w: scan(spinEcho(4000, 88), 5, 34),
    flair: scan(flair(9500, 120, 2450), 5, 26),
  },
  {
    t1w: scan(spinEcho(550, 10), 3, 28),
    t1wGd: scan(spinEcho(550, 10), 3, 28),
    t2w: scan(spinEcho(5500, 105), 3, 28),
    flair: scan(flair(8500, 105, 2300), 3, 26, 0),
  },
  {
    t1w: scan(mprage(2300, 1050, 8), 1, 30),
    t1wGd: scan(spinEcho(650, 14), 4, 30),
    t2w: scan(spinEcho(3600, 82), 1, 26),
    flair: scan(flair(8000, 125, 2250), 1, 24),
  },
  {
    t1w: scan(spinEcho(700, 14), 4, 28),
    t1wGd: scan(mprage(2200, 1000, 9), 1, 30),
    t2w: scan(spinEcho(4500, 100), 4, 30),
    flair: scan(flair(9000, 135, 2400), 5, 24, 1),
  },
  {
    t1w: scan(mprage(2000, 980, 9), 1.5, 24),
    t1wGd: scan(mprage(2000, 980, 9), 1.5, 24),
    t2w: scan(spinEcho(5000, 90), 2, 26),
    flair: scan(flair(8800, 110, 2350), 2, 22),
  },
];

/** The protocol of a subject's site with the scan-to-scan changes of a few percent that sites make. */
export function drawProtocol(rng: Rng): { readonly site: number; readonly protocol: Protocol } {
  const draw = rng.stream();
  const site = draw.integer(SITES.length);
  const chosen = SITES[site] as Protocol;
  const vary = ({ pulses, signalToNoise, ...rest }: Scan): Scan => {
    const factor = Math.exp(draw.normal(0, 0.03));
    const varied: Pulses =
      pulses.kind === "mprage"
        ? { ...pulses, ti: pulses.ti * factor }
        : { ...pulses, te: pulses.te * factor };
    return { ...rest, pulses: varied, signalToNoise: signalToNoise * Math.exp(draw.normal(0, 0.2)) };
  };
  const { t1w, t1wGd, t2w, flair } = chosen;
  return { site, protocol: { t1w: vary(t1w), t1wGd: vary(t1wGd), t2w: vary(t2w), flair: vary(flair) } };
}

/**
 * Magnitude of a tissue's signal.
 *
 * Spin echo: PD (1 - exp(-TR/T1)) exp(-TE/T2). Inversion recovery: PD |1 - 2 exp(-TI/T1) + exp(-TR/T1)|
 * exp(-TE/T2). MPRAGE: the steady state of its recursion, see below.
 *
 * @see Bernstein, King, Zhou 2004, Handbook of MRI Pulse Sequences, chapters 14 and 16.
 */
export function signal(pulses: Pulses, { t1, t2, pd }: TissueParameters): number {
  switch (pulses.kind) {
    case "spinEcho":
      return pd * (1 - Math.exp(-pulses.tr / t1)) * Math.exp(-pulses.te / t2);
    case "inversionRecovery":
      return (
        pd *
        Math.abs(1 - 2 * Math.exp(-pulses.ti / t1) + Math.exp(-pulses.tr / t1)) *
        Math.exp(-pulses.te / t2)
      );
    case "mprage":
      return pd * mprageSignal(pulses, t1);
  }
}

/**
 * Transverse magnetization at the middle of the train, where k-space is centred, followed pulse by pulse until
 * it repeats (Mugler and Brookeman 1990, MRM 15(1)). T2* decay is left out: the echo time is a few ms.
 */
function mprageSignal({ tr, ti, flipDeg, echoSpacing, flips }: Mprage, t1: number): number {
  const recover = (mz: number, ms: number): number => 1 + (mz - 1) * Math.exp(-ms / t1);
  const cos = Math.cos((flipDeg * Math.PI) / 180);
  const delay = Math.max(0, ti - (flips / 2) * echoSpacing);
  const rest = Math.max(0, tr - delay - flips * echoSpacing);
  let mz = 1;
  let centre = 0;
  for (let cycle = 0; cycle < 6; cycle++) {
    mz = recover(-mz, delay);
    for (let flip = 0; flip < flips; flip++) {
      if (flip === flips / 2) centre = mz;
      mz = recover(mz * cos, echoSpacing);
    }
    mz = recover(mz, rest);
  }
  return Math.abs(centre) * Math.sin((flipDeg * Math.PI) / 180);
}
