import { nativeBackend } from "./native-ops";

/** In which format graphs that draw images multiply; see `narrowGraph` for what stays in float32 either way. */
export type SamplingPrecision = "float32" | "bfloat16";

let precision: SamplingPrecision = "float32";

/** Says in which format the graphs of samplers made from now on multiply. */
export function setSamplingPrecision(chosen: SamplingPrecision): void {
  precision = chosen;
}

/** What samplers compute in: bfloat16 where it was chosen and graphs are recorded, else float32. */
export function samplingPrecision(): SamplingPrecision {
  return nativeBackend() === undefined || process.env["SYNTHMR_EAGER"] === "1" ? "float32" : precision;
}
