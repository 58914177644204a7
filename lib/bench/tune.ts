import { execFile, type ExecFileException } from "node:child_process";
import { threadCount } from "../backend/threads";
import { processorName, writeTuning } from "../backend/tuning";
import { RunError } from "../errors";
import type { TunedRates, TuneRequest } from "./tune-process";

/** One setting that was tried. */
export interface TriedSetting {
  readonly processes: number;
  /** Threads of an operation, in each process. */
  readonly threads: number;
  readonly precision: "float32" | "mixed";
  /** Images a second of all processes together, by network. */
  readonly imagesPerSec: TunedRates;
}

/** What was found to be fastest. */
export interface TuneResult {
  readonly threads: number;
  readonly trainingBfloat16: boolean;
  /** Whether two trainings side by side, with half of the threads each, see more images than one with all. */
  readonly sideBySide: boolean;
  readonly tried: readonly TriedSetting[];
}

/** How settings are measured; replaced in tests. */
export type MeasureSetting = (setting: Omit<TriedSetting, "imagesPerSec">) => Promise<TunedRates>;

/**
 * Measures on this machine how many threads an operation should have, in which format training steps should
 * multiply, and whether trainings should run side by side. Takes a minute or two.
 *
 * @param say Told of each setting as it is measured.
 */
export async function tune(
  say: (setting: TriedSetting) => void,
  measure: MeasureSetting = measureSetting,
  processors = threadCount({}),
): Promise<TuneResult> {
  const tried: TriedSetting[] = [];
  const attempt = async (setting: Omit<TriedSetting, "imagesPerSec">): Promise<TriedSetting> => {
    const done = { ...setting, imagesPerSec: await measure(setting) };
    tried.push(done);
    say(done);
    return done;
  };
  const plain = await attempt({ processes: 1, threads: processors, precision: "float32" });
  const mixed = await attempt({ processes: 1, threads: processors, precision: "mixed" });
  const trainingBfloat16 = speedOf(mixed) > speedOf(plain);
  const { precision } = trainingBfloat16 ? mixed : plain;
  const whole = trainingBfloat16 ? mixed : plain;
  const half = Math.ceil(processors / 2);
  if (half === processors) return { threads: processors, trainingBfloat16, sideBySide: false, tried };
  const fewer = await attempt({ processes: 1, threads: half, precision });
  const pair = await attempt({ processes: 2, threads: half, precision });
  return {
    threads: speedOf(fewer) > speedOf(whole) ? half : processors,
    trainingBfloat16,
    sideBySide: speedOf(pair) > Math.max(speedOf(whole), speedOf(fewer)),
    tried,
  };
}

/** Keeps the choices for every later start of the backend. */
export function keepTuning({ threads, trainingBfloat16 }: TuneResult): void {
  writeTuning({ processor: processorName(), threads, trainingBfloat16 });
}

/** The geometric mean over the networks, so that each counts alike. */
export function speedOf({ imagesPerSec }: Pick<TriedSetting, "imagesPerSec">): number {
  const rates = Object.values(imagesPerSec);
  return Math.exp(rates.reduce((sum, rate) => sum + Math.log(rate), 0) / rates.length);
}

async function measureSetting({
  processes,
  threads,
  precision,
}: Omit<TriedSetting, "imagesPerSec">): Promise<TunedRates> {
  const all = await Promise.all(Array.from({ length: processes }, () => runProcess({ precision }, threads)));
  const sum: Record<string, number> = {};
  for (const rates of all)
    for (const [network, rate] of Object.entries(rates)) sum[network] = (sum[network] ?? 0) + rate;
  return sum;
}

/** TensorFlow takes its number of threads once a process, so every setting has a process of its own. */
function runProcess(request: TuneRequest, threads: number): Promise<TunedRates> {
  const args = [...process.execArgv, require.resolve("./tune-process"), JSON.stringify(request)];
  const env = { ...process.env, TF_NUM_INTRAOP_THREADS: String(threads), TF_CPP_MIN_LOG_LEVEL: "3" };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { env }, (error: ExecFileException | null, stdout, stderr) => {
      const line = stdout
        .trim()
        .split("\n")
        .filter((text) => text.startsWith("{"))
        .at(-1);
      if (error !== null || line === undefined)
        reject(new RunError(`the measurement failed: ${stderr.trim().split("\n").at(-1) ?? ""}`));
      else resolve(JSON.parse(line) as TunedRates);
    });
  });
}
