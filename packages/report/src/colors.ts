/**
 * One colour per block, the same in pictures and in the terminal.
 *
 * The eight hues are those of Okabe and Ito (https://jfly.uni-koeln.de/color/), which stay distinct under the
 * common colour-vision deficiencies, with grey in place of black. From the ninth owner on the hues return
 * lighter or darker, so an owner keeps its colour whatever the number of layers.
 */

/** Order: the hues that differ most come first, since low layers own most blocks. */
const HUES = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#56b4e9',
  '#d55e00',
  '#f0e442',
  '#999999',
] as const;

/** Share of white (positive) or black (negative) mixed in, per round of hues. */
const SHADES = [0, 0.5, -0.4, 0.72, -0.65, 0.28, -0.2] as const;

type Rgb = readonly [number, number, number];

const parse = (hex: string): Rgb =>
  [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;

const print = (rgb: Rgb): string =>
  `#${rgb.map((value) => Math.round(value).toString(16).padStart(2, '0')).join('')}`;

/** The colour of the block that layer `owner` owns, as `#rrggbb`. */
export function blockColor(owner: number): string {
  const hue = HUES[owner % HUES.length] as string;
  const shade = SHADES[Math.floor(owner / HUES.length) % SHADES.length] as number;
  const towards = shade > 0 ? 255 : 0;
  return print(parse(hue).map((value) => value + (towards - value) * Math.abs(shade)) as unknown as Rgb);
}

/** Black or white, whichever is easier to read on `background` (WCAG relative luminance). */
export function inkOn(background: string): '#000000' | '#ffffff' {
  const [r, g, b] = parse(background).map((value) => {
    const share = value / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return luminance > 0.179 ? '#000000' : '#ffffff';
}
