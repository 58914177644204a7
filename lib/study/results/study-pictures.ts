import type { SliceSet } from "../../data/slice-set";
import type { GeneratorName } from "../../generators/generator-config";
import type { GeneratorCell, SegmentationCell } from "../grid/cells";
import type { MemorizationRecord } from "./study-results";

/** The few slices of a run that its figures show; empty where pictures of patients may not be shown. */
export interface StudyPictures {
  /** Held-out slices of different subjects, to stand beside synthetic ones; null: not to be shown. */
  readonly real: SliceSet | null;
  /** The first images of each generator with a tumour that can be seen, not chosen. */
  readonly generators: readonly { readonly generator: GeneratorName; readonly slices: SliceSet }[];
  /** Held-out slices with the predictions of some networks; null: not to be shown. */
  readonly overlays: OverlayPictures | null;
  /** The closest pairs of each memorization record, highest correlation first. */
  readonly pairs: readonly PairPictures[];
}

export interface OverlayPictures {
  readonly set: SliceSet;
  readonly predictions: readonly {
    readonly cell: SegmentationCell;
    /** Class index of each pixel, [N, H, W]. */
    readonly classes: Uint8Array;
  }[];
}

export interface PairPictures {
  readonly cell: GeneratorCell;
  readonly sequence: MemorizationRecord["sequence"];
  readonly extent: MemorizationRecord["extent"];
  /** Image n of one set is most like slice n of the other, which holds the neighbours of these behind them. */
  readonly synthetic: SliceSet;
  readonly training: SliceSet;
  /** Where the kept slices below and above slice n of the same subject stand in the training set; null: none. */
  readonly neighbours: readonly { readonly below: number | null; readonly above: number | null }[];
  /** Correlation of each pair. */
  readonly r: readonly number[];
}
