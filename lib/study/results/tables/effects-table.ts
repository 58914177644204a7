import { Table, written } from "../../../figures/table";
import type { Claim } from "../claims/claim";
import type { StudyResults } from "../study-results";

/** What was measured for each claim, with its interval, what that is over, and the rule of the verdict. */
export function effectsTable({ cohort }: StudyResults, claims: readonly Claim[]): Table {
  const rows = claims.flatMap(({ statement, rule, effects }) =>
    effects.map(({ what, value, digits, over, seeds }, i) => {
      const { estimate, low, high } = value;
      const range = Number.isNaN(low) ? "" : ` (${written(low, digits)} to ${written(high, digits)})`;
      return [
        i === 0 ? statement : "",
        what,
        written(estimate, digits) + range,
        over,
        seeds,
        i === 0 ? rule : "",
      ];
    }),
  );
  return new Table({
    id: "effects",
    caption: `What the verdicts rest on (${cohort.title}): effect with its 95 % interval, what the interval is over, trainings behind it, and the rule of the verdict.`,
    columns: [
      { label: "claim" },
      { label: "effect", align: "left" },
      { label: "value (95 % interval)" },
      { label: "over", align: "left" },
      { label: "trainings", digits: 0 },
      { label: "rule", align: "left" },
    ],
    rows,
  });
}
