import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { MessageWriter } from "../../backend/graph/wire-format";
import { explainFileError } from "../../errors";
import { writeFileAtomic } from "../../storage/atomic-write";
import { crc32c } from "./crc32c";
import type { LogLine } from "./run-log";

/** What TensorBoard takes for an event file: anything with ".tfevents." in its name. */
const NAME = "events.out.tfevents.0.synthmr";

/**
 * The numbers of a run's log for TensorBoard (`tensorboard --logdir <folder>`), against the images seen. Times are
 * those of the training since its start, so that "relative" is the time spent training.
 *
 * @see tensorflow/core/util/event.proto and framework/summary.proto; lib/io/record_writer.h.
 */
export class EventFile {
  private readonly path: string;

  constructor(folder: string) {
    this.path = join(folder, NAME);
  }

  /** Writes the file anew from the lines of a log. */
  write(lines: readonly LogLine[]): void {
    const first = new MessageWriter();
    first.double(1, 0); // wall_time
    first.bytes(3, "brain.Event:2"); // file_version
    writeFileAtomic(this.path, [record(first.finish()), ...lines.map((line) => record(eventOf(line)))]);
  }

  append(line: LogLine): void {
    try {
      appendFileSync(this.path, record(eventOf(line)));
    } catch (error) {
      throw explainFileError(this.path, error);
    }
  }
}

function eventOf({ imagesSeen, durationSec, details = {}, ...line }: LogLine): Buffer {
  const { loss, learningRate, imagesPerSec, residentMb } = line;
  const numbers = { loss, learningRate, imagesPerSec, residentMb };
  const event = new MessageWriter();
  event.double(1, durationSec); // wall_time
  event.integer(2, imagesSeen); // step
  event.message(5, (summary) => {
    for (const [tag, value] of Object.entries({ ...numbers, ...prefixed(details) }))
      summary.message(1, (entry) => {
        entry.bytes(1, tag);
        entry.float(2, value); // simple_value
      });
  });
  return event.finish();
}

function prefixed(details: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(details).map(([name, value]) => [`details/${name}`, value]));
}

/** A record of TensorFlow's files: its length and its bytes, each with a masked checksum. */
function record(bytes: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([length, masked(length), bytes, masked(bytes)]);
}

function masked(bytes: Buffer): Buffer {
  const crc = crc32c(bytes);
  const result = Buffer.alloc(4);
  result.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
  return result;
}
