/** Work that is done a few pieces at a time: each piece waits for a free lane. */
export class Lanes {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  /** @param count Pieces that are worked on side by side. */
  constructor(readonly count: number) {
    this.free = count;
  }

  /** Does a piece of work once a lane is free; pieces begin in the order in which they were given. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.free === 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.free--;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free++;
      else next();
    }
  }
}
