import type { StageProgress } from "../study/progress";

/** A stage as a run announces it. */
export interface AnnouncedStage {
  readonly title: string;
  /** Seconds it usually takes one core; 0 where not known. */
  readonly expectedSec: number;
  /** Whether that was measured on this machine, and needs no correction by what else was slow; default: not. */
  readonly measured?: boolean;
  /** What it does, for the pace: stages of one kind are as fast or slow here as each other. Default: a kind of its own. */
  readonly kind?: string;
  /** Whether it works on as many cores as there are stages side by side; default: on one. */
  readonly allCores?: boolean;
}

/** Seconds of one core: what some work usually takes, and what it took here. */
interface Pace {
  readonly expectedSec: number;
  readonly spentSec: number;
}

interface Running {
  /** When it was first heard of; of stages in a row, when the one before it ended. */
  readonly begunSec: number;
  /** Of what it did here. */
  readonly pace: Pace;
  /** Seconds of one core that it still needs by its own pace; undefined before its first report of work done. */
  readonly leftSec: number | undefined;
}

const NO_PACE: Pace = { expectedSec: 0, spentSec: 0 };

/** Less work than this says nothing about a pace. */
const LEAST_EXPECTED_SEC = 10;

/**
 * The time that a run of stages still takes. Running stages go on at their own pace; later ones take what they
 * usually take, at the pace of their kind where it was seen, else at that of the run where they were not measured here.
 */
export class TimeLeft {
  private stages: ReadonlyMap<string, AnnouncedStage> = new Map();
  private parallel = 1;
  private readonly done = new Map<string, Pace>();
  private readonly running = new Map<string, Running>();

  /** @param lastEndSec When the run begins, on the clock that all calls share, seconds. */
  constructor(private lastEndSec: number) {}

  /** Says what will come. @param parallel Stages that run side by side. */
  plan(stages: readonly AnnouncedStage[], parallel: number): void {
    this.stages = new Map(stages.map((stage) => [stage.title, stage]));
    this.parallel = parallel;
  }

  /** @returns Seconds for which the stage has been running. */
  update({ label, done, total, doneAtStart }: StageProgress, nowSec: number): number {
    const begunSec = this.running.get(label)?.begunSec ?? this.beginSec(label, nowSec);
    const elapsedSec = nowSec - begunSec;
    const spentSec = this.coresOf(label) * elapsedSec;
    const share = done > doneAtStart ? (done - doneAtStart) / (total - doneAtStart) : undefined;
    this.running.set(label, {
      begunSec,
      pace: {
        expectedSec: (share ?? 0) * this.expectedSec(label),
        spentSec: share === undefined ? 0 : spentSec,
      },
      leftSec: share === undefined ? undefined : spentSec / share - spentSec,
    });
    return elapsedSec;
  }

  /** @param reused Whether a finished result was taken, which says nothing about the pace. */
  finish(title: string, nowSec: number, reused: boolean): void {
    const begunSec = this.running.get(title)?.begunSec ?? this.lastEndSec;
    const spentSec = reused ? 0 : this.coresOf(title) * (nowSec - begunSec);
    if (this.stages.has(title))
      this.done.set(title, { expectedSec: reused ? 0 : this.expectedSec(title), spentSec });
    this.running.delete(title);
    this.lastEndSec = nowSec;
  }

  /** Which stage is being done, and of how many. */
  counter(): string {
    return `${Math.min(this.done.size + 1, this.stages.size)}/${this.stages.size}`;
  }

  /** Seconds left of all stages; undefined where the running one's pace or what the others take is not known. */
  allSec(label: string): number | undefined {
    const own = this.running.get(label)?.leftSec;
    const others = [...this.stages.values()].filter(({ title }) => title !== label && !this.done.has(title));
    if (own === undefined || others.every(({ expectedSec }) => expectedSec === 0)) return undefined;
    const slowness = this.slowness();
    const coreSec = others.reduce(
      (sum, stage) => sum + (this.running.get(stage.title)?.leftSec ?? slowness(stage) * stage.expectedSec),
      own,
    );
    return coreSec / this.parallel;
  }

  /** Tells how many times as long as usual a stage takes here, from one look at all that was done. */
  private slowness(): (stage: AnnouncedStage) => number {
    const kinds = new Map<string, Pace>();
    let ofRun = NO_PACE;
    const running = [...this.running].map(([title, { pace }]) => [title, pace] as const);
    for (const [title, pace] of [...this.done, ...running]) {
      // Work of which nothing was expected would slow down all that is.
      if (pace.expectedSec === 0) continue;
      const { kind, measured = false } = this.stages.get(title) ?? {};
      if (kind !== undefined) kinds.set(kind, addPaces(kinds.get(kind) ?? NO_PACE, pace));
      if (!measured) ofRun = addPaces(ofRun, pace);
    }
    return ({ kind, measured = false }) =>
      ratioOf(kind === undefined ? undefined : kinds.get(kind)) ??
      (measured ? undefined : ratioOf(ofRun)) ??
      1;
  }

  private beginSec(label: string, nowSec: number): number {
    const inARow = this.parallel === 1 || this.coresOf(label) > 1;
    return inARow ? this.lastEndSec : nowSec;
  }

  private coresOf(title: string): number {
    return this.stages.get(title)?.allCores === true ? this.parallel : 1;
  }

  private expectedSec(title: string): number {
    return this.stages.get(title)?.expectedSec ?? 0;
  }
}

function addPaces(a: Pace, b: Pace): Pace {
  return { expectedSec: a.expectedSec + b.expectedSec, spentSec: a.spentSec + b.spentSec };
}

function ratioOf({ expectedSec, spentSec }: Pace = NO_PACE): number | undefined {
  return expectedSec > LEAST_EXPECTED_SEC ? spentSec / expectedSec : undefined;
}
