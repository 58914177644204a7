// Bundles the declarations of the library's entry into one file, dist/flat/index.d.ts. A cell then reads the
// types that it can use, not those of every module behind them: tslab checks types anew for each cell.
// Usage: node lib/setup/flat-types.mjs, after the library is built.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FLAT = join(ROOT, "dist", "flat");

/** Without the bundle the types of the modules themselves serve, slower. */
async function flatten(entry) {
  try {
    const [{ rollup }, { dts }] = await Promise.all([import("rollup"), import("rollup-plugin-dts")]);
    const bundle = await rollup({
      input: join(ROOT, "dist", `${entry}.d.ts`),
      external: (id) => !id.startsWith(".") && !id.startsWith("/"),
      plugins: [dts({ tsconfig: join(ROOT, "lib", "tsconfig.json") })],
      onwarn(warning) {
        if (warning.code !== "UNUSED_EXTERNAL_IMPORT") throw new Error(warning.message);
      },
    });
    const { output } = await bundle.generate({});
    const code = output[0].code;
    writeFileSync(join(FLAT, `${entry}.d.ts`), code + exportOfTypes(code));
  } catch (error) {
    console.error(`the types of ${entry} were not bundled (${error.message}); cells start slower`);
    writeFileSync(join(FLAT, `${entry}.d.ts`), `export * from "../${entry}";\n`);
  }
}

/** A cell may keep a value of any type that a function gives; tslab must then be able to name the type. */
function exportOfTypes(code) {
  const exported = new Set(
    [...code.matchAll(/^export (?:type )?\{([^}]*)\};$/gm)].flatMap(([, names]) => names.split(/[\s,]+/)),
  );
  const declared = [...code.matchAll(/^(?:declare )?(?:abstract )?(?:interface|type|class) (\w+)/gm)];
  const missing = declared.map(([, name]) => name).filter((name) => !exported.has(name));
  return missing.length === 0 ? "" : `export type { ${[...new Set(missing)].sort().join(", ")} };\n`;
}

mkdirSync(FLAT, { recursive: true });
await flatten("index");
