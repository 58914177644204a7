import { readAuditVolumes } from "./audit-volumes";
import type { AuditFiles } from "./file-layout";
import { measureSubject, type SubjectMeasures } from "./subject-measures";

/** Reads and measures one subject; its volumes are gone afterwards. */
export function measureFiles(files: AuditFiles): SubjectMeasures {
  return measureSubject(readAuditVolumes(files));
}
