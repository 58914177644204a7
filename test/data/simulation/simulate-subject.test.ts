import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loadAnatomy } from "../../../lib/data/simulation/anatomy";
import { reducedFrame } from "../../../lib/data/simulation/frame";
import { simulateSubject, type SimulatedSubject } from "../../../lib/data/simulation/simulate-subject";
import { SEQUENCES } from "../../../lib/shape";

const test = suite("simulateSubject");
const anatomy = loadAnatomy("analytic");
const recipe = { name: "test", version: "3", seed: 11 } as const;
const frame = reducedFrame(4);
const subjects = [1, 2, 3].map((number) => simulateSubject(anatomy, recipe, number, frame));

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function sequenceWhere(
  subject: SimulatedSubject,
  sequence: "t2w" | "flair",
  label: (l: number) => boolean,
): number {
  const image = subject.sequences[sequence];
  return median([...image].filter((grey, i) => grey > 0 && label(subject.labels[i] ?? 0)));
}

test("the same recipe and number give the same bytes", () => {
  const again = simulateSubject(anatomy, recipe, 1, frame);
  for (const sequence of SEQUENCES) assert.equal(again.sequences[sequence], subjects[0]?.sequences[sequence]);
  assert.equal(again.labels, subjects[0]?.labels);
});

test("another seed, name or number gives another subject", () => {
  const others = [
    simulateSubject(anatomy, { ...recipe, seed: 12 }, 1, frame),
    simulateSubject(anatomy, { ...recipe, name: "other" }, 1, frame),
    subjects[1] as SimulatedSubject,
  ];
  for (const other of others) assert.not.equal(other.sequences.flair, subjects[0]?.sequences.flair);
});

test("labels are those of BraTS and lie in the brain", () => {
  for (const { labels, sequences } of subjects) {
    assert.ok(labels.every((label) => label === 0 || label === 1 || label === 2 || label === 4));
    assert.ok(labels.some((label) => label === 2));
    assert.ok(labels.every((label, i) => label === 0 || (sequences.t1w[i] ?? 0) > 0));
  }
});

test("outside the brain all sequences are exactly 0, inside at least 1", () => {
  for (const { sequences } of subjects) {
    const brain = sequences.t1w.map((grey) => (grey > 0 ? 1 : 0));
    for (const sequence of SEQUENCES)
      assert.ok(sequences[sequence].every((grey, i) => grey > 0 === (brain[i] === 1) && grey <= 16_000));
    const ml = (brain.reduce((sum, value) => sum + value, 0) * 64) / 1000;
    assert.ok(ml > 900 && ml < 1900, `${ml} mL`);
  }
});

test("edema and tumour are brighter than the rest of the brain on FLAIR and T2", () => {
  for (const subject of subjects)
    for (const sequence of ["flair", "t2w"] as const) {
      const rest = sequenceWhere(subject, sequence, (label) => label === 0);
      assert.ok(sequenceWhere(subject, sequence, (label) => label === 2) > 1.05 * rest, sequence);
    }
});

test.run();
