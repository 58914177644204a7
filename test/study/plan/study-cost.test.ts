import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FORWARD_OPERATIONS } from "../../../lib/study/plan/study-operations";
import { GPU_RATE, studyBytes, studyCost, studyCostTable } from "../../../lib/study/plan/study-cost";
import { near } from "../../near";

const test = suite("cost of the profiles for a GPU");

const line = (what: string) => {
  const found = studyCost("paper").find((one) => one.what === what);
  assert.ok(found, what);
  return found;
};

test("counts every training and every set of images of the profile paper", () => {
  // 369 subjects less 63 and 56 train 250: subsets of 23, 46, 92, 184 and all.
  assert.is(line("training: StyleGAN 2").count, 5);
  assert.is(line("drawing: diffusion model").count, 5);
  // 22 rows; and real slices with none and with each of five generators at four smaller subsets. Ten seeds.
  assert.is(line("training: U-Net").count, 10 * (22 + 4 * 6));
  assert.is(line("training: Swin transformer").count, 10 * 22);
});

test("a diffusion model's image costs as many passes as there are steps", () => {
  const { operations } = line("drawing: diffusion model");
  assert.is(operations, 4000 * FORWARD_OPERATIONS.paper["diffusion denoiser"]);
});

test("one StyleGAN 3 takes the time that its authors measured", () => {
  const { gpuHours, count } = line("training: StyleGAN 3");
  near([gpuHours / count], [(25_000 * 49.8) / 3600], 1e-6);
  assert.ok(GPU_RATE > 1e13 && GPU_RATE < 3.12e14, "below what an A100 can do");
});

test("the table says that it is an estimate, and adds up", () => {
  const { caption, rows } = studyCostTable("paper");
  assert.match(caption, /^Estimate .* nothing of it was run/);
  const hours = rows.map((row) => Number(row.at(-1)));
  const sum = hours.slice(0, -1).reduce((total, one) => total + one, 0);
  near([hours.at(-1) ?? Number.NaN], [sum], 1e-6 * sum);
});

test("the profile workstation would take about a day of one GPU", () => {
  const hours = Number(studyCostTable("workstation").rows.at(-1)?.at(-1));
  assert.ok(hours > 12 && hours < 30, `${hours}`);
  const drawing = studyCost("workstation").find(({ what }) => what === "drawing: diffusion model");
  assert.is(drawing?.operations, 250 * FORWARD_OPERATIONS.workstation["diffusion denoiser"]);
});

test("disk holds images, and weights and two checkpoints of each training", () => {
  const { images, trainings } = studyBytes("paper");
  assert.ok(images > 5e11);
  // 460 U-Nets of 116,014,272 weights in 1 + 2 x 3 copies, 220 Swin transformers of 121,169,344 in 1 + 2 x 4.
  const networks = 4 * (460 * 116_014_272 * 7 + 220 * 121_169_344 * 9);
  assert.ok(trainings > networks && trainings < 1.05 * networks);
  assert.match(studyCostTable("paper").caption, "GB of weights and the last two checkpoints");
});

test.run();
