/** Running means of named numbers, for the log. */
export class MeanValues {
  private readonly sums = new Map<string, { sum: number; count: number }>();

  add(name: string, value: number): void {
    const entry = this.sums.get(name) ?? { sum: 0, count: 0 };
    entry.sum += value;
    entry.count++;
    this.sums.set(name, entry);
  }

  /** The mean of each number since the last call; names without a number are left out. */
  take(): Record<string, number> {
    const means = Object.fromEntries([...this.sums].map(([name, { sum, count }]) => [name, sum / count]));
    this.sums.clear();
    return means;
  }
}
