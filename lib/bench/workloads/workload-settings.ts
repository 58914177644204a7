/** More values than the study's largest network has, the U-Net of 116 million; a case that asks for more is refused. */
export const MOST_VALUES = 2 ** 27;

/** So small that no network leaves its first weights in the steps that are timed. */
export const BENCH_RATE = 1e-6;

export const BENCH_EMA = { halfLifeImages: 10_000, rampUp: 0 } as const;
