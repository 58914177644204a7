import type { Rng } from "../../backend/rng";
import type { StageContext } from "../stage";

/** What the parts of an audit share. */
export interface AuditContext extends StageContext {
  /** Threads for work on subjects. */
  readonly workers: number;
  readonly rng: Rng;
}
