/** What the ledger counts in bytes over a run: weights, gradients, moments and activations, one on the other. */
import type { LedgerBytes } from '@ligature/core';
import { formatQuantity, quantities } from '../format.js';
import type { RunTrace } from '../trace/run-trace.js';
import { everyNth } from '../trace/thin.js';
import { below, PAGE, pageSpec, seriesColor, shortLabels, type Chart } from './chart.js';

const PARTS: readonly (keyof LedgerBytes)[] = ['weights', 'gradients', 'moments', 'activations'];
const POINTS = 300;

export function memoryChart({ ledgers, steps }: RunTrace): Chart | undefined {
  const end = steps.at(-1)?.step ?? 0;
  const last = ledgers.at(-1);
  if (last === undefined || end === 0) return undefined;
  const { kept, every } = everyNth(ledgers, POINTS);
  const at = (step: number, ledger: typeof last.ledger, next: number) =>
    PARTS.map((part, order) => ({
      ...{ step, next, part, order, bytes: ledger.bytes[part] },
      blocks: ledger.independentLayers,
    }));
  const values = kept.flatMap(({ step, ledger }, index) => at(step, ledger, kept[index + 1]?.step ?? end));
  return {
    id: 'memory',
    title: 'Memory, as the ledger counts it',
    alt: `At the end ${PARTS.map((part) => `${part} ${formatQuantity(last.ledger.bytes[part], quantities.bytes)}`).join(', ')}.`,
    notes: [
      'Bytes of float32 that a training step needs, block by block: tied layers store their weights, gradients and moments once. ' +
        'What was measured is in the table: the tensors that the backend held after a step, and the whole process.',
      ...(every > 1 ? [`Of ${ledgers.length} changes one in ${every} is drawn.`] : []),
    ],
    spec: pageSpec('Bytes by kind over training', {
      height: 220,
      data: [
        {
          name: 'parts',
          values,
          transform: [
            { type: 'filter', expr: 'datum.next > datum.step' },
            { type: 'stack', groupby: ['step'], field: 'bytes', sort: { field: 'order' } },
          ],
        },
      ],
      scales: [
        { name: 'x', type: 'linear', domain: [0, end], range: 'width', nice: false },
        {
          name: 'y',
          type: 'linear',
          domain: { data: 'parts', field: 'y1' },
          range: 'height',
          nice: true,
          zero: true,
        },
        {
          name: 'part',
          type: 'ordinal',
          domain: [...PARTS],
          range: PARTS.map((_, index) => seriesColor(index)),
        },
      ],
      axes: [
        {
          scale: 'x',
          orient: 'bottom',
          title: 'training step',
          encode: shortLabels,
          tickMinStep: 1,
          tickCount: { signal: 'ceil(width / 90)' },
        },
        { scale: 'y', orient: 'left', grid: true, title: 'bytes', encode: shortLabels, tickCount: 5 },
      ],
      legends: [
        {
          fill: 'part',
          symbolType: 'square',
          ...below(110, 2),
        },
      ],
      marks: [
        {
          type: 'rect',
          from: { data: 'parts' },
          encode: {
            update: {
              x: { scale: 'x', field: 'step' },
              x2: { scale: 'x', field: 'next' },
              y: { scale: 'y', field: 'y0' },
              y2: { scale: 'y', field: 'y1' },
              fill: { scale: 'part', field: 'part' },
              fillOpacity: { value: 0.85 },
              stroke: { value: PAGE.ink },
              strokeWidth: { value: 0 },
              tooltip: {
                signal:
                  "{title: datum.part, steps: datum.step + ' to ' + datum.next, bytes: format(datum.bytes, ',d'), " +
                  "'independent layers': datum.blocks}",
              },
            },
          },
        },
      ],
    }),
  };
}
