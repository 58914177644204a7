import { z } from "zod";

/** A number that may be undefined: JSON has no NaN, so null stands for it in a file. */
export const jsonNumber = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);

/** The number as a file holds it; null for NaN and for nothing. */
export function orNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}
