/** A matrix in double precision, row after row. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

export function matrix(rows: number, columns: number, values?: ArrayLike<number>): Matrix {
  if (values !== undefined && values.length !== rows * columns)
    throw new RangeError(`${values.length} values do not make ${rows} rows of ${columns}`);
  return {
    rows,
    columns,
    values: values === undefined ? new Float64Array(rows * columns) : new Float64Array(values),
  };
}

export function transposed({ rows, columns, values }: Matrix): Matrix {
  const result = matrix(columns, rows);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) result.values[j * rows + i] = values[i * columns + j] as number;
  return result;
}
