import { SEQUENCES } from "../../shape";
import { signal } from "./acquisition";
import type { Protocol } from "./sites";
import {
  GADOLINIUM_MM,
  TISSUES,
  withGadolinium,
  type Tissue,
  type TissueParameters,
} from "./tissue-parameters";

/** Signals of one subject's tissues in one protocol; rows in the order of SEQUENCES. */
export interface SignalTable {
  /** Per sequence, the signal of each tissue in the order of TISSUES. */
  readonly plain: readonly Float32Array[];
  /** Per sequence, what full uptake of contrast agent adds to the signal of tumour. */
  readonly tumourGain: readonly number[];
}

/** The contrast agent is given before the last T1-weighted scan only; blood carries it there. */
export function signalTable(
  protocol: Protocol,
  tissues: Readonly<Record<Tissue, TissueParameters>>,
): SignalTable {
  const plain = SEQUENCES.map((sequence) => {
    const { pulses } = protocol[sequence];
    return Float32Array.from(TISSUES, (tissue) => {
      const blood = tissue === "vessel" && sequence === "t1wGd";
      // After contrast, veins and slow arteries outshine the flow void: their T2 no longer counts.
      const parameters = blood
        ? withGadolinium({ ...tissues.vessel, t2: 150 }, GADOLINIUM_MM.blood)
        : tissues[tissue];
      return signal(pulses, parameters);
    });
  });
  const { pulses } = protocol.t1wGd;
  const gain =
    signal(pulses, withGadolinium(tissues.tumour, GADOLINIUM_MM.tumour)) - signal(pulses, tissues.tumour);
  return { plain, tumourGain: SEQUENCES.map((sequence) => (sequence === "t1wGd" ? gain : 0)) };
}
