import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loadAnatomy } from "../../../lib/data/simulation/anatomy";
import type { Head } from "../../../lib/data/simulation/head";
import { nodeCount, nodePosition } from "../../../lib/data/simulation/lattice";
import { massEffectSize } from "../../../lib/data/simulation/mass-effect-size";
import { subjectHead } from "../../../lib/data/simulation/simulate-subject";
import type { Displacement } from "../../../lib/data/simulation/displacement";
import { near } from "../../near";

const test = suite("massEffectSize");
const anatomy = loadAnatomy("analytic");
const head = subjectHead(anatomy, { name: "test", version: "3", seed: 11 }, 1);

/** The head with another push; where its tissue lies in the atlas stays as it is. */
function pushedBy(push: (x: number, y: number, z: number) => readonly [number, number, number]): Head {
  const { lattice } = head;
  const count = nodeCount(lattice);
  const field: Displacement = {
    x: new Float32Array(count),
    y: new Float32Array(count),
    z: new Float32Array(count),
  };
  for (let i = 0; i < count; i++) [field.x[i], field.y[i], field.z[i]] = push(...nodePosition(lattice, i));
  return { ...head, tumour: { ...head.tumour, push: field } };
}

test("without a push nothing is shifted or pressed", () => {
  const { midlineShiftMm, ventriclesMl, pressedShare, pressedShareOfSide } = massEffectSize(
    pushedBy(() => [0, 0, 0]),
  );
  assert.equal([midlineShiftMm, pressedShare, pressedShareOfSide], [0, 0, 0]);
  assert.ok(ventriclesMl > 5 && ventriclesMl < 60, `${ventriclesMl} mL`);
});

test("a push of 4 mm to one side is a midline shift of 4 mm and presses nothing", () => {
  const { midlineShiftMm, pressedShare } = massEffectSize(pushedBy(() => [-4, 1, 0]));
  near([midlineShiftMm, pressedShare], [4, 0], 1e-5);
});

test("tissue that came from a space 1.1 times as wide lost a quarter of its volume", () => {
  // Each point came from 1.1 times its distance to the centre: 1 - 1 / 1.1^3 = 0.24869 of the volume is gone.
  const shrunk = massEffectSize(pushedBy((x, y, z) => [0.1 * (x - 119), 0.1 * (y - 122), 0.1 * (z - 80)]));
  near([shrunk.pressedShare, shrunk.pressedShareOfSide], [0.24869, 0.24869], 1e-4);
});

test("a tumour of the simulation shifts by millimetres and presses the ventricles", () => {
  const { midlineShiftMm, pressedShare, pressedShareOfSide } = massEffectSize(head);
  assert.ok(midlineShiftMm > 0 && midlineShiftMm < 20, `${midlineShiftMm} mm`);
  assert.ok(pressedShare > -0.1 && pressedShare < 0.6, `${pressedShare}`);
  assert.ok(pressedShareOfSide >= pressedShare);
});

test.run();
