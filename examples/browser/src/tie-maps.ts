/** Tie maps as coloured cells: layers that share a block share its colour, which is that of the layer it belongs to. */
import type { RunState, TieMap } from '@ligature/core';
import { element } from './svg.js';

/** Of Okabe and Ito, in the order of `@ligature/report`; distinct under the common colour-vision deficiencies. */
const COLORS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9'] as const;
const colorOf = (owner: number): string => COLORS[owner % COLORS.length] as string;

/** The stack as it is now, its first layer at the bottom. */
export function drawStack(list: HTMLElement, tieMap: TieMap): void {
  const rows = tieMap.map((owner, layer) => {
    const row = document.createElement('li');
    row.style.setProperty('--block', colorOf(owner));
    row.classList.toggle('tied', owner !== layer);
    row.textContent = owner === layer ? `layer ${layer}` : `layer ${layer} uses ${owner}`;
    return row;
  });
  list.replaceChildren(...rows.toReversed());
}

const [WIDTH, CELL, LEFT] = [720, 26, 44];

/** One column for each window, with a mark where a layer was decided on. */
export function drawMaps(svg: SVGElement, { windows, plannedSteps = 60 }: RunState): void {
  const layers = windows[0]?.tieMap.length ?? 4;
  const unit = (WIDTH - LEFT - 8) / plannedSteps;
  const y = (layer: number): number => (layers - 1 - layer) * CELL + 1;
  const cells = windows.flatMap(({ tieMap, from, to, layer: decided }) =>
    tieMap.map((owner, layer) =>
      element('rect', {
        ...{
          x: LEFT + from * unit,
          y: y(layer),
          fill: colorOf(owner),
          class: layer === decided ? 'decided' : '',
        },
        ...{ width: Math.max(0, (to - from) * unit - 2), height: CELL - 2, rx: 2 },
      }),
    ),
  );
  const names = Array.from({ length: layers }, (_, layer) =>
    element('text', { class: 'end', x: LEFT - 8, y: y(layer) + CELL / 2 + 4 }, String(layer)),
  );
  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${layers * CELL + 1}`);
  svg.replaceChildren(...names, ...cells);
}
