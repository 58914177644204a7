import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { PNG } from "pngjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bundleOf } from "../../lib/display/show";
import type { MimeBundle } from "../../lib/display/displayable";

const test = suite("previews of tensors, volumes and images");

function pictureIn(bundle: MimeBundle): PNG {
  return PNG.sync.read(Buffer.from(String(bundle["image/png"]), "base64"));
}

function redAt(picture: PNG, x: number, y: number): number {
  return picture.data[4 * (y * picture.width + x)] as number;
}

test("a batch of images stands side by side, from black to white", async () => {
  await tf.setBackend("cpu");
  const images = tf.reshape(tf.range(0, 2 * 8 * 9), [2, 8, 9, 1]);
  const bundle = await bundleOf(images);
  assert.match(String(bundle["text/plain"]), "Tensor [2, 8, 9, 1] float32, range [0, 143], mean 71.5");
  const picture = pictureIn(bundle);
  assert.equal([picture.width, picture.height], [18, 8]);
  // Pixel (x, y) of image i holds 72 i + 9 y + x; 255 / 143 grey values for each.
  assert.equal([redAt(picture, 0, 0), redAt(picture, 9, 0), redAt(picture, 17, 7)], [0, 128, 255]);
  images.dispose();
  assert.is((await bundleOf(images))["text/plain"], "Tensor [2, 8, 9, 1] float32, disposed");
});

test("a tensor that is no image, or all of one value, is told in words alone", async () => {
  assert.equal(Object.keys(await bundleOf(tf.ones([8, 8, 1]))), ["text/plain"]);
  assert.equal(Object.keys(await bundleOf(tf.reshape(tf.range(0, 128), [8, 8, 2]))), ["text/plain"]);
  assert.match(String((await bundleOf(tf.tensor1d([1, NaN, 3])))["text/plain"]), "mean 2, 1 not finite");
});

test("a volume shows its middle slices: from above, from the front, from the side", async () => {
  // 4 x 6 x 8 voxels; each holds its z, so that slices from the front and the side brighten upwards.
  const data = Float32Array.from({ length: 4 * 6 * 8 }, (_, i) => Math.floor(i / 24));
  const bundle = await bundleOf({ shape: [4, 6, 8], spacingMm: [1, 1, 1.5], data });
  assert.is(bundle["text/plain"], "Volume 4 x 6 x 8, 1 x 1 x 1.5 mm, range [0, 7]");
  const picture = pictureIn(bundle);
  assert.equal([picture.width, picture.height], [4 + 4 + 6, 8]);
  assert.is(redAt(picture, 0, 0), Math.round((255 * 4) / 7), "the slice z = 4");
  assert.equal([redAt(picture, 4, 0), redAt(picture, 4, 7), redAt(picture, 13, 0)], [255, 0, 255]);
});

test("an image of decoded pixels is shown as it is", async () => {
  const data = Uint8Array.from([10, 20, 30, 255, 40, 50, 60, 255]);
  const bundle = await bundleOf({ width: 2, height: 1, data });
  assert.is(bundle["text/plain"], "Image 2 x 1");
  assert.equal([...pictureIn(bundle).data], [...data]);
});

test.run();
