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
  /** In-plane blur of the acquired matrix: the share that a voxel gives to each neighbour along an axis, 0-0.25. */
  readonly blur: number;
}

/**
 * Magnitude of a tissue's signal.
 *
 * Spin echo: PD (1 - exp(-TR/T1)) exp(-TE/T2). Inversion recovery: PD |1 - 2 exp(-TI/T1) + exp(-TR/T1)|
 * exp(-TE/T2). MPRAGE: the steady state of its recursion, see below.
 *
 * @see Bernstein, King, Zhou 2004, Handbook of MRI Pulse Sequences.
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
