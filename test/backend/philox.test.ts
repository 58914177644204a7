import { suite } from "uvu";
import * as assert from "uvu/assert";
import { philox } from "../../lib/backend/philox";

const test = suite("philox");

/** Known answers of Random123 1.14, kat_vectors, philox4x32 with 10 rounds: counter, key, result. */
const KNOWN_ANSWERS = [
  ["00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
  ["ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"],
  ["243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"],
] as const;

const words = (text: string) => text.split(" ").map((word) => Number.parseInt(word, 16));

for (const sign of ["unsigned", "signed"]) {
  test(`gives the known answers of Random123 for ${sign} words`, () => {
    for (const [counter, key, answer] of KNOWN_ANSWERS) {
      const read = (text: string) => words(text).map((word) => (sign === "signed" ? word | 0 : word));
      const [c0 = 0, c1 = 0, c2 = 0, c3 = 0] = read(counter);
      const [k0 = 0, k1 = 0] = read(key);
      const out = new Uint32Array(4);
      philox([k0, k1], [c0, c1, c2, c3], out);
      assert.equal([...out], words(answer));
    }
  });
}

test.run();
