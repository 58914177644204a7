import { measureSubject, type SubjectMeasures } from "../../../lib/data/audit/subject-measures";
import { countableVolumes } from "../../data/audit/volumes";

/** Measures of one subject with other volumes of the three labels, mL. */
export function subjectWith(id: string, volumesMl: readonly [number, number, number]): SubjectMeasures {
  return { ...measureSubject(countableVolumes()), id, volumesMl: [...volumesMl] };
}
