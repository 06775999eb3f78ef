/** The tie map over time, with what was decided in each window at the pointer. */
import type { Data, Mark } from 'vega';
import { tieMapSpec } from '../figures/tie-map.js';
import type { RunTrace, WindowTrace } from '../trace/run-trace.js';
import { everyNth, short } from '../trace/thin.js';
import { below, containerWidth, PAGE, type Chart } from './chart.js';

const WINDOWS = 600;
const VALUES = 24;

export function runTieMapChart(trace: RunTrace): Chart | undefined {
  const { layers, windows, steps } = trace;
  const end = Math.max(steps.at(-1)?.step ?? 0, windows.at(-1)?.to ?? 0);
  const first = windows[0];
  if (first === undefined || end === 0) return undefined;
  const history = windows.map(({ window, from, tieMap }) => ({ step: from, window, tieMap }));
  const base = tieMapSpec({ layers, steps: end, tieMaps: history, title: 'Blocks in use' }, PAGE);
  const { title: _, width: __, data = [], marks = [], ...rest } = base;
  const { kept, every } = everyNth(windows, WINDOWS);
  const columns = kept.map((one) => ({
    from: one.from,
    to: Math.max(one.to, one.from + 1),
    tip: tipOf(one),
  }));
  const room = `(datum.to - datum.from) / ${end} * width >= 16`;
  const last = windows.at(-1) as WindowTrace;
  return {
    id: 'tie-map',
    title: 'Tie map over time',
    alt:
      `Which block each of ${layers} layers used over ${end} steps. At the end: ` +
      `${last.tieMap.map((owner, layer) => (owner === layer ? `layer ${layer} its own` : `layer ${layer} that of ${owner}`)).join(', ')}.`,
    notes: [
      `A row is a layer, a colour and number the layer whose block it used; a line below means that the block was its own. ` +
        `Point at a window to see what was decided in it and what came of it.`,
      ...(every > 1
        ? [
            `Of ${windows.length} windows one in ${every} can be pointed at; the picture draws one change for each pixel.`,
          ]
        : []),
    ],
    spec: {
      ...rest,
      padding: 4,
      autosize: { type: 'fit-x', contains: 'padding', resize: true },
      signals: [...containerWidth],
      data: [
        ...data.map((one): Data =>
          // The room for numbers depends on the page.
          one.name === 'labelled'
            ? ({ ...one, transform: [{ type: 'filter', expr: layers <= 32 ? room : 'false' }] } as Data)
            : one,
        ),
        { name: 'windows', values: columns },
      ],
      axes: (rest.axes ?? []).map((axis) =>
        axis.orient === 'bottom'
          ? { ...axis, labelOverlap: true, tickCount: { signal: 'ceil(width / 90)' } }
          : axis,
      ),
      legends: (rest.legends ?? []).map((legend) => ({
        ...legend,
        ...below(56, 3),
      })),
      marks: [...marks.map(onUpdate), hover],
    },
  };
}

/** Positions follow the width of the page. */
const onUpdate = (mark: Mark): Mark => ({ ...mark, encode: { update: mark.encode?.enter ?? {} } }) as Mark;

const hover: Mark = {
  type: 'rect',
  name: 'hover-windows',
  from: { data: 'windows' },
  encode: {
    update: {
      x: { scale: 'step', field: 'from' },
      x2: { scale: 'step', field: 'to' },
      y: { value: 0 },
      y2: { signal: 'height' },
      fill: { value: PAGE.ink },
      fillOpacity: { value: 0 },
      tooltip: { field: 'tip' },
    },
    hover: { fillOpacity: { value: 0.25 } },
  },
};

type Tip = Readonly<Record<string, string | number>>;

/** What is shown at the pointer; the table of windows has the same in columns. */
export function tipOf({ window, layer, from, to, decision, tieMap, reward, report }: WindowTrace): Tip {
  const { explored, epsilon, values } = decision?.notes ?? {};
  return {
    title: `window ${window}, steps ${from + 1} to ${to}`,
    ...(decision && { decision: decisionText(decision, layer) }),
    ...(explored !== undefined && { explored: explored ? 'yes' : 'no' }),
    ...(epsilon !== undefined && { epsilon: short(epsilon) }),
    ...(values && values.length > 0 && { 'Q-values': valuesText(values) }),
    ...(reward && {
      reward: `${short(reward.reward)}${reward.saturated ? ` (clipped from ${short(reward.raw)})` : ''}`,
    }),
    ...(report?.['loss'] !== undefined && { 'learning loss': short(report['loss']) }),
    'tie map': tieMap.length > 48 ? `${tieMap.slice(0, 48).join('-')}-…` : tieMap.join('-'),
  };
}

export function decisionText(
  { kind, source }: NonNullable<WindowTrace['decision']>,
  layer: number | null,
): string {
  if (kind === 'map') return 'the whole map';
  if (kind === 'keep' || layer === null || source === null) return 'everything stays';
  return source === layer ? `layer ${layer} has its own block` : `layer ${layer} uses the block of ${source}`;
}

/** Values by source, the last one for the layer's own block. */
export function valuesText(values: readonly number[], most = VALUES): string {
  const shown = values
    .slice(0, most)
    .map((value, source) => `${source}: ${value === null ? '–' : value.toPrecision(3)}`);
  return shown.join(', ') + (values.length > most ? `, … (${values.length} in all)` : '');
}
