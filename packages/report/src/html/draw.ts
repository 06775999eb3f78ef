/** A chart as it stands in a page before any script runs: what is printed, and seen at once. */
import type { Mark, Spec } from 'vega';
import type { Chart } from '../charts/chart.js';
import { renderSvg } from '../figures/render.js';

const isHover = ({ name }: Mark): boolean => name?.startsWith('hover') === true;

/** SVG whose ids are its own on the page. */
export async function drawChart({ id, spec }: Chart): Promise<string> {
  const still: Spec = { ...spec, marks: (spec.marks ?? []).filter((mark) => !isHover(mark)) };
  const svg = await renderSvg(still);
  return svg
    .replaceAll(/ id="([^"]+)"/g, ` id="${id}-$1"`)
    .replaceAll(/url\(#([^)]+)\)/g, `url(#${id}-$1)`)
    .trim();
}
