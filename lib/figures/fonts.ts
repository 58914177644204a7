import { GlobalFonts } from "@napi-rs/canvas";

/**
 * The typeface of the figures is Arimo, which comes with the program. It has the widths of Arial, Helvetica
 * and Liberation Sans, one of which nearly every computer has: an SVG file laid out with Arimo keeps its
 * layout there, without a font inside. PNG files are drawn with Arimo alone and with no system font.
 */
export const FONT_NAME = "Arimo";
export const FONT_FAMILY = `${FONT_NAME}, Arial, Liberation Sans, Helvetica, sans-serif`;

/** Files of the typeface, regular, bold and italic. */
export function fontFiles(): readonly string[] {
  return [
    "400Regular/Arimo_400Regular.ttf",
    "700Bold/Arimo_700Bold.ttf",
    "400Regular_Italic/Arimo_400Regular_Italic.ttf",
  ].map((file) => require.resolve(`@expo-google-fonts/arimo/${file}`));
}

let registered = false;

/** Makes the typeface known to the canvas that measures text; does nothing the second time. */
export function registerFonts(): void {
  if (registered) return;
  for (const file of fontFiles()) GlobalFonts.registerFromPath(file, FONT_NAME);
  registered = true;
}
