import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startBackend } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import { InputError } from "../../lib/errors";
import { passed, verifyFile } from "../../lib/references/verify";
import { fromFloat32, toFloat32 } from "../../lib/storage/safetensors";
import { changedCase, filled, fixture, writeCase } from "./case-file";

const test = suite("verify");

/** Every case of a public implementation that stands among the fixtures, and its outputs. */
const CASES: readonly (readonly [name: string, reference: string, outputs: readonly string[]])[] = [
  ["genforce-pggan-generator", "genforce-pggan-generator", ["image"]],
  ["genforce-pggan-discriminator", "genforce-pggan-discriminator", ["logits", "r1"]],
  ["genforce-stylegan1-generator", "genforce-stylegan1-generator", ["image", "w"]],
  ["genforce-stylegan1-discriminator", "genforce-stylegan1-discriminator", ["logits", "r1"]],
  ["nvlabs-stylegan2-generator", "nvlabs-stylegan2-generator", ["image", "image_psi0.5", "w"]],
  ["nvlabs-stylegan2-discriminator", "nvlabs-stylegan2-discriminator", ["logits", "r1"]],
  ["nvlabs-stylegan3-t-generator", "nvlabs-stylegan3", ["image", "w"]],
  ["nvlabs-stylegan3-r-generator", "nvlabs-stylegan3", ["image", "w"]],
  ["openai-guided-diffusion-unet", "openai-guided-diffusion-unet", ["model_output"]],
  [
    "openai-diffusion-coefficients-cosine-1000",
    "openai-diffusion-coefficients",
    [
      "alphas_cumprod",
      "betas",
      "posterior_log_variance_clipped",
      "posterior_mean_coef1",
      "posterior_mean_coef2",
      "posterior_variance",
    ],
  ],
  [
    "openai-diffusion-step-linear-1000",
    "openai-diffusion-step",
    ["log_variance", "loss", "mean", "mse", "pred_xstart", "q_sample"],
  ],
  ["openai-diffusion-ddim10-linear-1000", "openai-diffusion-ddim", ["sample"]],
  ["study-unet-same", "study-unet", ["level0", "level1", "level2"]],
  ["study-unet-valid", "study-unet", ["level0", "level1", "level2", "level3"]],
  ["study-unet-loss", "study-unet-loss", ["cross_entropy", "soft_dice_loss"]],
  ["hf-upernet-swin", "hf-upernet-swin", ["logits"]],
];

test.before(async () => {
  await startBackend({ precision: "float64" });
});

for (const [name, reference, outputs] of CASES)
  test(`agrees with ${name}`, () => {
    const before = tf.memory().numTensors;
    const report = verifyFile(fixture(name));
    assert.is(report.reference, reference);
    assert.equal([...report.outputs].map((output) => output.name).sort(), [...outputs]);
    assert.ok(passed(report), JSON.stringify(report.outputs));
    assert.is(tf.memory().numTensors, before, "tensors");
  });

test("tells a case by its reference, else by its file's name, else by its tensors", () => {
  const name = "nvlabs-stylegan3-t-generator";
  const named = changedCase(
    name,
    ({ meta }) => (meta["reference"] = "nvlabs-stylegan3-generator"),
    "study-unet-x",
  );
  assert.is(verifyFile(named).reference, "nvlabs-stylegan3");
  const byTensors = changedCase(name, () => undefined);
  assert.is(verifyFile(byTensors).reference, "nvlabs-stylegan3");
  // The name counts before the tensors: this one is then not understood.
  const misnamed = changedCase(name, () => undefined, "study-unet-y");
  assert.throws(
    () => verifyFile(misnamed),
    (error: unknown) => error instanceof InputError,
  );
});

test("takes attention at factors that the levels do not reach, as the reference does", () => {
  const path = changedCase("openai-guided-diffusion-unet", ({ meta }) => (meta["attention_ds"] = [8, 2]));
  assert.ok(passed(verifyFile(path)));
});

test("fails an output that is off by more than the tolerance, and tells by how much", () => {
  const path = changedCase("genforce-pggan-discriminator", ({ tensors }) => {
    const logits = tensors.get("out.logits");
    if (logits === undefined) throw new Error("no logits");
    const values = toFloat32(logits);
    values[3] = (values[3] ?? 0) + 0.5;
    tensors.set("out.logits", fromFloat32(values, logits.shape));
  });
  const report = verifyFile(path);
  const [logits, r1] = report.outputs;
  assert.not.ok(passed(report));
  assert.is(logits?.status, "fail");
  assert.ok(Math.abs((logits?.absolute ?? 0) - 0.5) < 1e-4);
  assert.is(r1?.status, "pass");
});

test("fails weights that are not the reference's", () => {
  const path = changedCase("nvlabs-stylegan2-discriminator", ({ tensors }) => {
    tensors.set("weights.b4.out.bias", filled([1], 3));
  });
  assert.not.ok(passed(verifyFile(path)));
});

test("fails an output of another shape and one with NaN", () => {
  const reshaped = changedCase("genforce-pggan-discriminator", ({ tensors }) => {
    tensors.set("out.logits", filled([8], 0));
    tensors.set("out.r1", filled([8], Number.NaN));
  });
  const [logits, r1] = verifyFile(reshaped).outputs;
  assert.equal([logits?.status, logits?.note], ["fail", "has the shape [8,1], expected [8]"]);
  assert.equal([r1?.status, r1?.relative], ["fail", Infinity]);
});

test("does not pass what it does not cover", () => {
  const path = changedCase("genforce-pggan-discriminator", ({ tensors }) => {
    tensors.set("out.features", filled([8, 3], 0));
  });
  const report = verifyFile(path);
  assert.equal(
    report.outputs.map(({ status }) => status),
    ["not covered", "pass", "pass"].sort((a, b) => (a === b ? 0 : a === "not covered" ? 1 : -1)),
  );
  assert.not.ok(passed(report));
});

/** Files that cannot be understood, and what the message says of each. */
const REFUSED: readonly (readonly [what: string, path: () => string, says: string])[] = [
  ["meta that is no JSON", () => writeCase(new Map(), "{"), "its meta is not JSON"],
  ["meta that is no object", () => writeCase(new Map(), "[1]"), "its meta is not a JSON object"],
  [
    "an unknown reference",
    () => writeCase(new Map(), { reference: "biggan" }),
    "is of the unknown reference biggan",
  ],
  ["nothing to go by", () => writeCase(new Map([["x", filled([1], 0)]]), {}), "tell which reference"],
  [
    "settings that contradict the weights",
    () => changedCase("openai-guided-diffusion-unet", ({ meta }) => (meta["model_channels"] = 64)),
    "model_channels is said to be 64, but the weights are of 32",
  ],
  [
    "settings of a network far larger than the file",
    () =>
      changedCase("genforce-pggan-generator", ({ meta }) => {
        Object.assign(meta, { fmaps_base: 2 ** 22, fmaps_max: 16384 });
      }),
    "but there are",
  ],
  [
    "settings beyond all bounds",
    () => changedCase("nvlabs-stylegan3-t-generator", ({ meta }) => (meta["margin_size"] = 1e9)),
    "margin_size",
  ],
  [
    "a size that is no number",
    () => changedCase("study-unet-same", ({ meta }) => (meta["padding"] = "mirrored")),
    "padding",
  ],
  [
    "a missing input",
    () => changedCase("genforce-pggan-generator", ({ tensors }) => tensors.delete("in.z")),
    "has no input in.z",
  ],
  [
    "an input of another size",
    () => changedCase("genforce-pggan-generator", ({ tensors }) => tensors.set("in.z", filled([3, 17], 0))),
    "in.z has the shape [3,17], expected [any,16]",
  ],
  [
    "an image that the network cannot halve",
    () =>
      changedCase("openai-guided-diffusion-unet", ({ tensors }) =>
        tensors.set("in.x_t", filled([2, 5, 31, 31], 0)),
      ),
    "cannot be computed",
  ],
  [
    "a missing parameter",
    () => changedCase("study-unet-same", ({ tensors }) => tensors.delete("weights.up_path.1.up.1.weight")),
    "up_path.1.up.1.weight: is missing among the weights",
  ],
  [
    "a parameter of no values",
    () =>
      changedCase("nvlabs-stylegan2-discriminator", ({ tensors }) =>
        tensors.set("weights.b4.fc.weight", filled([2 ** 40, 0], 0)),
      ),
    "b4.fc.weight has no values",
  ],
  [
    "another filter than the network's",
    () =>
      changedCase("nvlabs-stylegan2-discriminator", ({ tensors }) =>
        tensors.set("weights.b8.resample_filter", filled([4, 4], 1)),
      ),
    "b8.resample_filter: has other values",
  ],
  [
    "a network outside the folder",
    () => changedCase("openai-diffusion-step-linear-1000", ({ meta }) => (meta["network"] = "../x")),
    '"../x" is not the name of a case',
  ],
  [
    "a network that is not there",
    () => changedCase("openai-diffusion-step-linear-1000", ({ meta }) => (meta["network"] = "elsewhere")),
    "no such file",
  ],
  [
    "steps that a schedule does not have",
    () => changedCase("openai-diffusion-coefficients-cosine-1000", ({ meta }) => (meta["steps"] = 1e12)),
    "steps",
  ],
];

for (const [what, path, says] of REFUSED)
  test(`refuses ${what}`, () => {
    const before = tf.memory().numTensors;
    const file = path();
    assert.throws(
      () => verifyFile(file),
      (error: unknown) => error instanceof InputError && error.message.includes(says),
      what,
    );
    assert.is(tf.memory().numTensors, before, "tensors");
  });

test.run();
