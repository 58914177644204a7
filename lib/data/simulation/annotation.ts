import { CONFUSED_REACH_MM, type Rater, type VisibleLimits } from "./rater";

/** BraTS: 0 other, 1 necrosis and tumour that does not enhance, 2 edema, 4 enhancing tumour. */
export type Label = 0 | 1 | 2 | 4;

/** What there is to be drawn at a voxel. */
export interface Finding {
  /** Distances inside core, its enhancing part and its necrosis, mm, negative outside. */
  coreMm: number;
  enhancingMm: number;
  necrosisMm: number;
  /** Uptake of contrast agent in living tumour, 0..1. */
  uptake: number;
  /** Share of the voxel that looks wet, 0..1. */
  wetness: number;
  csf: number;
}

/** The label by the true borders. */
export function trueLabel(finding: Finding, limits: VisibleLimits): Label {
  return labelOf(finding, limits);
}

/**
 * The label that a rater draws.
 *
 * @param finding As the rater sees it, with displaced borders.
 * @param confusion The rater's confusion at the voxel.
 */
export function drawnLabel(finding: Finding, rater: Rater, confusion: number): Label {
  const label = labelOf(finding, rater.limits);
  if (label === 1 && finding.enhancingMm <= 0 && confusion > rater.coreAsEdema) return 2;
  if (label === 2 && finding.coreMm > -CONFUSED_REACH_MM && -confusion > rater.edemaAsCore) return 1;
  return label;
}

function labelOf(finding: Finding, limits: VisibleLimits): Label {
  if (finding.csf > limits.csf) return 0;
  if (finding.coreMm > 0)
    return finding.enhancingMm > 0 && finding.necrosisMm <= 0 && finding.uptake > limits.uptake ? 4 : 1;
  return finding.wetness > limits.wetness ? 2 : 0;
}
