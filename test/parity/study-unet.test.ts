import { suite } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import { Rng } from "../../lib/backend/rng";
import { startBackend } from "../../lib/backend/start";
import { Params } from "../../lib/models/params";
import { loadReferenceWeights } from "../../lib/models/weights/reference-weights";
import { UNet, type UNetConfig } from "../../lib/models/unet/unet";
import { studyUnetNames } from "../../lib/models/unet/unet-names";
import { ReferenceCase } from "../models/reference-case";
import { near } from "../near";

const test = suite("the study's U-Net in PyTorch");

test.before(async () => {
  await startBackend({ precision: "float32" });
});

for (const padding of ["same", "valid"]) {
  test(`gives the same outputs at every level with ${padding} padding`, () => {
    const reference = new ReferenceCase(`study-unet-${padding}`);
    const config = configOf(reference.meta);
    const params = new Params(Rng.fromSeed(1));
    const net = new UNet(params, config);
    loadReferenceWeights(params, studyUnetNames(config), reference.weights);
    const image = reference.images("in.image");
    const outputs = net.apply(image);
    assert.is(outputs.length, config.depth - 1);
    outputs.forEach((output, level) => {
      near(output, reference.images(`out.level${level}`), 1e-4, `level ${level}`);
    });
    near(net.predict(image), reference.images("out.level0"), 1e-4, "prediction");
    params.dispose();
  });
}

function configOf(meta: unknown): UNetConfig {
  const parsed = z
    .object({
      in_channels: z.number(),
      classes: z.number(),
      depth: z.number(),
      first_channels: z.number(),
      padding: z.enum(["same", "valid"]),
    })
    .parse(meta);
  const { in_channels: inChannels, classes, depth, first_channels: firstChannels, padding } = parsed;
  return { inChannels, classes, depth, firstChannels, padding };
}

test.run();
