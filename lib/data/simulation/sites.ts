import type { Rng } from "../../backend/rng";
import type { Sequence } from "../../shape";
import type { SimulationTraits } from "./simulation-version";
import type { InversionRecovery, Mprage, Pulses, Scan, SpinEcho } from "./acquisition";

/** How each sequence is acquired. */
export type Protocol = Readonly<Record<Sequence, Scan>>;

/** A scanner and its tumour protocol. */
export interface Site {
  /** Strength of the main field, tesla. */
  readonly tesla: 1.5 | 3;
  readonly protocol: Protocol;
}

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
const scan = (
  pulses: Pulses,
  sliceMm: number,
  signalToNoise: number,
  blur: number,
  sliceAxis: 0 | 1 | 2 = 2,
): Scan => ({ pulses, sliceMm, sliceAxis, signalToNoise, blur });

/**
 * Ten sites: 3D T1, axial T2 and FLAIR as the brain tumour imaging consensus has them (Ellingson et al. 2015,
 * Neuro-Oncology 17(9)), and older protocols of thick slices, as BraTS's scans come from many scanners without a common
 * one (Menze et al. 2015, IEEE TMI 34(10); Bakas et al. 2017, Sci Data 4, 170117). Times and shares are our choice.
 */
export const SITES: readonly Site[] = [
  {
    tesla: 3,
    protocol: {
      t1w: scan(mprage(2100, 1000, 9), 1, 49, 0.03),
      t1wGd: scan(mprage(2100, 1000, 9), 1, 49, 0.03),
      t2w: scan(spinEcho(4800, 95), 3, 44, 0.05),
      flair: scan(flair(9000, 115, 2400), 3, 41, 0.1),
    },
  },
  {
    tesla: 3,
    protocol: {
      t1w: scan(spinEcho(600, 12), 5, 44, 0.1),
      t1wGd: scan(mprage(1900, 950, 10), 1, 46, 0.03),
      t2w: scan(spinEcho(4000, 88), 5, 49, 0.05),
      flair: scan(flair(9500, 120, 2450), 5, 44, 0.12),
    },
  },
  {
    tesla: 3,
    protocol: {
      t1w: scan(spinEcho(550, 10), 3, 41, 0.08),
      t1wGd: scan(spinEcho(550, 10), 3, 41, 0.08),
      t2w: scan(spinEcho(5500, 105), 3, 41, 0.05),
      flair: scan(flair(8500, 105, 2300), 3, 44, 0.08, 0),
    },
  },
  {
    tesla: 3,
    protocol: {
      t1w: scan(mprage(2300, 1050, 8), 1, 44, 0.02),
      t1wGd: scan(spinEcho(650, 14), 4, 44, 0.1),
      t2w: scan(spinEcho(3600, 82), 1, 38, 0.05),
      flair: scan(flair(8000, 125, 2250), 1, 41, 0.08),
    },
  },
  {
    tesla: 3,
    protocol: {
      t1w: scan(spinEcho(700, 14), 4, 41, 0.1),
      t1wGd: scan(mprage(2200, 1000, 9), 1, 44, 0.03),
      t2w: scan(spinEcho(4500, 100), 4, 44, 0.06),
      flair: scan(flair(9000, 135, 2400), 5, 41, 0.12, 1),
    },
  },
  {
    tesla: 3,
    protocol: {
      t1w: scan(mprage(2000, 980, 9), 1.5, 35, 0.05),
      t1wGd: scan(mprage(2000, 980, 9), 1.5, 35, 0.05),
      t2w: scan(spinEcho(5000, 90), 2, 38, 0.05),
      flair: scan(flair(8800, 110, 2350), 2, 37, 0.1),
    },
  },
  {
    tesla: 1.5,
    protocol: {
      t1w: scan(spinEcho(500, 14), 5, 46, 0.12),
      t1wGd: scan(spinEcho(500, 14), 5, 46, 0.12),
      t2w: scan(spinEcho(4200, 98), 5, 51, 0.1),
      flair: scan(flair(9000, 130, 2400), 5, 46, 0.15),
    },
  },
  {
    tesla: 1.5,
    protocol: {
      t1w: scan(spinEcho(450, 12), 3, 39, 0.1),
      t1wGd: scan(mprage(1900, 900, 10), 1.4, 44, 0.06),
      t2w: scan(spinEcho(3800, 90), 3, 44, 0.08),
      flair: scan(flair(10000, 140, 2480), 3, 41, 0.12),
    },
  },
  {
    tesla: 1.5,
    protocol: {
      t1w: scan(mprage(1800, 880, 12), 1.5, 39, 0.06),
      t1wGd: scan(mprage(1800, 880, 12), 1.5, 39, 0.06),
      t2w: scan(spinEcho(5200, 110), 4, 46, 0.1),
      flair: scan(flair(8200, 120, 2300), 6, 46, 0.15),
    },
  },
  {
    tesla: 1.5,
    protocol: {
      t1w: scan(spinEcho(620, 15), 6, 46, 0.12, 0),
      t1wGd: scan(spinEcho(560, 13), 3, 44, 0.1),
      t2w: scan(spinEcho(4600, 102), 6, 51, 0.1),
      flair: scan(flair(8600, 110, 2350), 4, 46, 0.12),
    },
  },
];

/** Standard deviation of the log of a scan's timing, and of its noise, about the site's own. */
const TIMING_SPREAD = 0.03;
const NOISE_SPREAD = 0.2;

/**
 * The site of a subject and its protocol, with the changes from scan to scan that sites make.
 *
 * @param traits How a version of the simulation differs from SITES.
 */
export function drawProtocol(
  rng: Rng,
  traits: Pick<SimulationTraits, "signalToNoise" | "blur">,
): {
  readonly site: number;
  readonly tesla: number;
  readonly protocol: Protocol;
} {
  const draw = rng.stream();
  const site = draw.integer(SITES.length);
  const { tesla, protocol } = SITES[site] as Site;
  const vary = (sequence: Sequence, { pulses, signalToNoise, blur, ...rest }: Scan): Scan => {
    const factor = Math.exp(draw.normal(0, TIMING_SPREAD));
    const varied: Pulses =
      pulses.kind === "mprage"
        ? { ...pulses, ti: pulses.ti * factor }
        : { ...pulses, te: pulses.te * factor };
    return {
      ...rest,
      pulses: varied,
      signalToNoise: traits.signalToNoise[sequence] * signalToNoise * Math.exp(draw.normal(0, NOISE_SPREAD)),
      blur: traits.blur * blur,
    };
  };
  const { t1w, t1wGd, t2w, flair } = protocol;
  return {
    site,
    tesla,
    protocol: {
      t1w: vary("t1w", t1w),
      t1wGd: vary("t1wGd", t1wGd),
      t2w: vary("t2w", t2w),
      flair: vary("flair", flair),
    },
  };
}
