import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defaultDenoiser, defaultGan } from "../../lib/bench/workloads/default-networks";
import { smallConfig } from "../../lib/generators/small-configs";

const test = suite("default networks of the benchmark");

test("are those of the small profile in its sizes", () => {
  for (const size of [32, 64]) {
    const denoiser = smallConfig("diffusion", size);
    assert.equal(defaultDenoiser(size), denoiser.kind === "diffusion" ? denoiser.network : null);
    for (const name of ["progressive-gan", "stylegan1", "stylegan2", "stylegan3"] as const) {
      const gan = smallConfig(name, size);
      const { generator, discriminator } = gan.kind === "diffusion" ? defaultGan(name, size) : gan;
      assert.equal(defaultGan(name, size), { generator, discriminator });
    }
  }
});

test("have a level more for each doubling of the size", () => {
  assert.equal(defaultDenoiser(128).channelMultipliers, [1, 2, 4, 4, 4]);
  assert.equal(defaultDenoiser(128).attentionFactors, [16]);
  assert.equal(defaultDenoiser(8).channelMultipliers, [1]);
});

test("halve images no further than they can be", () => {
  assert.equal(defaultDenoiser(36).attentionFactors, [4]); // 9 pixels
  assert.equal(defaultDenoiser(33).attentionFactors, [1]);
});

test.run();
