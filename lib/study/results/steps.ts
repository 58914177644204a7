/** The outline of a histogram as a line: up at the first edge, level over each bin, down at the last. */
export function steps(
  values: readonly number[],
  start: number,
  binWidth: number,
): { readonly x: readonly number[]; readonly y: readonly number[] } {
  const edges = Array.from({ length: values.length + 1 }, (_, i) => start + i * binWidth);
  return {
    x: edges.flatMap((edge) => [edge, edge]),
    y: [0, ...values.flatMap((value) => [value, value]), 0],
  };
}
