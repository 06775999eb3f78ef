/** The loss of every step as a curve, validations as dots. */
import type { RunState } from '@ligature/core';
import { element } from './svg.js';

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [720, 260, 44, 28, 12];

export function drawLoss(svg: SVGElement, { steps, plannedSteps = 60, evaluations }: RunState): void {
  const dots = evaluations.flatMap(({ step, split, metrics }) => {
    const nats = metrics['nats'];
    return split === 'validation' && nats !== undefined ? [{ step, loss: nats }] : [];
  });
  const highest = Math.ceil(Math.max(6, ...[...steps, ...dots].map(({ loss }) => loss)));
  const x = (step: number): number => LEFT + ((WIDTH - LEFT - 8) * step) / plannedSteps;
  const y = (loss: number): number => HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - TOP) * loss) / highest;
  const drawn: Element[] = [];
  for (let nats = 0; nats <= highest; nats += Math.ceil(highest / 6)) {
    drawn.push(element('line', { class: 'grid', x1: LEFT, x2: WIDTH - 8, y1: y(nats), y2: y(nats) }));
    drawn.push(element('text', { class: 'end', x: LEFT - 8, y: y(nats) + 4 }, String(nats)));
  }
  for (let at = 0; at <= 4; at += 1) {
    const step = Math.round((plannedSteps * at) / 4);
    drawn.push(
      element('text', { class: at === 4 ? 'end' : 'middle', x: x(step), y: HEIGHT - 8 }, String(step)),
    );
  }
  drawn.push(
    element('polyline', {
      class: 'loss',
      points: steps.map((one) => `${x(one.step)},${y(one.loss)}`).join(' '),
    }),
    ...dots.map((dot) => element('circle', { class: 'validation', cx: x(dot.step), cy: y(dot.loss), r: 5 })),
  );
  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
  svg.replaceChildren(...drawn);
}
