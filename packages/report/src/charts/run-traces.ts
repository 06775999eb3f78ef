/** What a controller was told and said of itself, window by window: rewards, values, exploration, learning. */
import { largest, smallest } from '@ligature/core';
import type { Mark, Spec } from 'vega';
import type { RunTrace, WindowTrace } from '../trace/run-trace.js';
import { everyNth, short, smoothed } from '../trace/thin.js';
import { hoverBands, pageSpec, seriesColor, shortLabels, type Chart } from './chart.js';
import { decisionText } from './run-tie-map.js';

const POINTS = 500;

type Row = Readonly<Record<string, unknown>>;

/** Which window a row is of; what else it holds is shown under the name that the chart gives it. */
const placeOf = ({ window, from, to, layer }: WindowTrace) => ({ window, from, step: to, layer });

const finite = (value: number | null | undefined): value is number =>
  typeof value === 'number' && Number.isFinite(value);

interface Line {
  readonly field: string;
  readonly series: number;
  readonly label: string;
  readonly width?: number;
}

interface Rest {
  readonly y: string;
  readonly height?: number;
  readonly marks?: readonly Mark[];
  readonly domain?: number[];
  /** Shown at the pointer besides the lines: label and field. */
  readonly more?: readonly (readonly [label: string, field: string])[];
}

/** Lines over training steps, with all of a window at the pointer. */
function windowsSpec(
  description: string,
  rows: readonly Row[],
  lines: readonly Line[],
  { y, height = 180, marks = [], domain, more = [] }: Rest,
): Spec {
  const shown = [...lines.map(({ label, field }) => [label, field]), ...more];
  const tip =
    "{title: 'window ' + datum.window + ', steps ' + (datum.from + 1) + ' to ' + datum.step, " +
    `layer: datum.layer, ${shown.map(([label, field]) => `${JSON.stringify(label)}: datum.${field}`).join(', ')}}`;
  const x = { scale: 'x', field: 'step' };
  return pageSpec(description, {
    height,
    data: [
      {
        name: 'windows',
        values: [...rows],
        transform: [{ type: 'window', ops: ['lag'], fields: ['step'], as: ['before'] }],
      },
    ],
    scales: [
      {
        name: 'x',
        type: 'linear',
        domain: { data: 'windows', field: 'step' },
        range: 'width',
        zero: true,
        nice: false,
      },
      {
        name: 'y',
        type: 'linear',
        domain: domain ?? { fields: lines.map(({ field }) => ({ data: 'windows', field })) },
        range: 'height',
        nice: domain === undefined,
        zero: false,
      },
      {
        name: 'line',
        type: 'ordinal',
        domain: lines.map(({ label }) => label),
        range: lines.map(({ series }) => seriesColor(series)),
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
      { scale: 'y', orient: 'left', grid: true, title: y, tickCount: 5 },
    ],
    ...(lines.length > 1 && {
      legends: [
        {
          stroke: 'line',
          symbolType: 'stroke',
          symbolStrokeWidth: 3,
          orient: 'bottom',
          direction: 'horizontal',
        },
      ],
    }),
    marks: [
      ...lines.map(({ field, series, width = 1.75 }): Mark => ({
        type: 'line',
        from: { data: 'windows' },
        encode: {
          update: {
            x,
            y: { scale: 'y', field },
            defined: { signal: `isValid(datum.${field})` },
            stroke: { value: seriesColor(series) },
            strokeWidth: { value: width },
            strokeJoin: { value: 'round' },
          },
        },
      })),
      ...marks,
      hoverBands('hover-windows', 'windows', x, tip),
    ],
  });
}

const thinned = (all: number, every: number): string[] =>
  every > 1 ? [`Of ${all} windows one in ${every} is drawn.`] : [];

export function rewardChart({ windows }: RunTrace): Chart | undefined {
  const rewarded = windows.filter(({ reward }) => finite(reward?.reward));
  if (rewarded.length === 0) return undefined;
  const width = Math.max(1, Math.round(rewarded.length / 20));
  const means = smoothed(
    rewarded.map(({ reward }) => reward?.reward ?? null),
    width,
  );
  const all = rewarded.map((window, index) => ({
    ...placeOf(window),
    reward: short(window.reward?.reward ?? 0),
    mean: short(means[index] ?? 0),
    saturated: window.reward?.saturated === true,
  }));
  const { kept, every } = everyNth(all, POINTS);
  const saturated = all.filter((one) => one.saturated).length;
  return {
    id: 'rewards',
    title: 'Rewards',
    alt: `${all.length} rewards, ${saturated} of them clipped; their running mean ends at ${all.at(-1)?.mean}.`,
    notes: [
      `Points: the reward of each window; crosses: clipped ones, which say nothing about the decision (${saturated} of ${all.length}).` +
        (width > 1 ? ` Line: running mean over ${width} windows.` : ''),
      ...thinned(all.length, every),
    ],
    spec: windowsSpec(
      'Reward of every window',
      kept,
      [{ field: 'mean', series: 0, label: 'mean', width: 2.25 }],
      {
        y: 'reward',
        domain: padded(all.map(({ reward }) => reward)),
        more: [
          ['reward', 'reward'],
          ['clipped', 'saturated'],
        ],
        marks: [
          {
            type: 'symbol',
            from: { data: 'windows' },
            encode: {
              update: {
                x: { scale: 'x', field: 'step' },
                y: { scale: 'y', field: 'reward' },
                shape: { signal: "datum.saturated ? 'M-1,-1L1,1M-1,1L1,-1' : 'circle'" },
                size: { signal: 'datum.saturated ? 14 : 12' },
                fill: { signal: `datum.saturated ? 'transparent' : '${seriesColor(0)}'` },
                stroke: { signal: `datum.saturated ? '${seriesColor(5)}' : 'transparent'` },
                strokeWidth: { value: 1.25 },
                opacity: { value: 0.6 },
              },
            },
          },
        ],
      },
    ),
  };
}

/** Domain with a little room, so that points at the edge are whole. */
function padded(values: readonly number[]): number[] {
  // As arguments, so many values would not fit on the stack.
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const room = (high - low) * 0.06 || 0.5;
  return [low - room, high + room];
}

export function valuesChart({ windows }: RunTrace): Chart | undefined {
  const valued = windows.filter(({ decision }) => (decision?.notes.values?.length ?? 0) > 0);
  if (valued.length === 0) return undefined;
  const { kept, every } = everyNth(valued, POINTS);
  const rows = kept.map((window) => {
    const values = (window.decision?.notes.values ?? []).filter(finite);
    const source = window.decision?.source;
    const chosen = typeof source === 'number' ? window.decision?.notes.values?.[source] : undefined;
    const some = values.length > 0;
    return {
      ...placeOf(window),
      decision: window.decision ? decisionText(window.decision, window.layer) : '',
      highest: some ? short(largest(values)) : null,
      lowest: some ? short(smallest(values)) : null,
      chosen: finite(chosen) ? short(chosen) : null,
    };
  });
  return {
    id: 'values',
    title: 'Values of the actions',
    alt: `The highest, the lowest and the chosen of the values that the controller gave its actions, in ${valued.length} windows.`,
    notes: [
      'What the controller expected of the actions that a window left it: the highest and the lowest value, and that of the action taken. ' +
        'Windows take turns over the layers, so neighbours are values of different layers.',
      ...thinned(valued.length, every),
    ],
    spec: windowsSpec(
      'Values of the actions in each window',
      rows,
      [
        { field: 'highest', series: 0, label: 'highest' },
        { field: 'chosen', series: 1, label: 'chosen' },
        { field: 'lowest', series: 2, label: 'lowest' },
      ],
      { y: 'value', more: [['decision', 'decision']] },
    ),
  };
}

export function explorationChart({ windows }: RunTrace): Chart | undefined {
  const noted = windows.filter(({ decision }) => {
    const { epsilon, explored } = decision?.notes ?? {};
    return finite(epsilon) || explored !== undefined;
  });
  if (noted.length === 0) return undefined;
  const width = Math.max(1, Math.round(noted.length / 20));
  const knows = noted.some(({ decision }) => decision?.notes.explored !== undefined);
  const hasEpsilon = noted.some(({ decision }) => finite(decision?.notes.epsilon));
  const share = smoothed(
    noted.map(({ decision: d }) => (d?.notes.explored === undefined ? null : d.notes.explored ? 1 : 0)),
    width,
  );
  const { kept, every } = everyNth(
    noted.map((window, index) => ({
      ...placeOf(window),
      epsilon: finite(window.decision?.notes.epsilon) ? short(window.decision.notes.epsilon) : null,
      share: share[index] === null || share[index] === undefined ? null : short(share[index]),
    })),
    POINTS,
  );
  return {
    id: 'exploration',
    title: 'Exploration',
    alt: `Exploration over ${noted.length} windows${hasEpsilon ? `: epsilon from ${kept[0]?.epsilon} to ${kept.at(-1)?.epsilon}` : ''}.`,
    notes: [
      [
        ...(hasEpsilon ? ['Epsilon is the chance that an action is drawn at random.'] : []),
        ...(knows ? [`The share that really was, over ${width} windows, scatters around it.`] : []),
      ].join(' '),
      ...thinned(noted.length, every),
    ],
    spec: windowsSpec(
      'Exploration over time',
      kept,
      [
        ...(hasEpsilon ? [{ field: 'epsilon', series: 0, label: 'epsilon', width: 2.25 }] : []),
        ...(knows ? [{ field: 'share', series: 1, label: 'explored' }] : []),
      ],
      { y: 'share of decisions', domain: [0, 1], height: 140 },
    ),
  };
}

/** One chart per number that the controller reported of its updates, where it changed at all. */
export function learningCharts({ windows }: RunTrace, most = 6): Chart[] {
  const learned = windows.filter(({ report }) => report !== undefined);
  const told = new Set(['reward', 'epsilon', 'clipped', 'batch', 'updates']);
  const names = [...new Set(learned.flatMap(({ report }) => Object.keys(report ?? {})))]
    .filter((name) => !told.has(name))
    .filter((name) => new Set(learned.map(({ report }) => report?.[name])).size > 1);
  return names.slice(0, most).map((name, index) => {
    const { kept, every } = everyNth(learned, POINTS);
    const rows = kept.map((window) => {
      const value = window.report?.[name];
      return { ...placeOf(window), value: finite(value) ? short(value) : null };
    });
    return {
      id: `learning-${index}`,
      title: `Learning: ${name}`,
      alt: `What the controller reported as ${name} after each of ${learned.length} updates.`,
      notes: thinned(learned.length, every),
      spec: windowsSpec(`${name} of each update`, rows, [{ field: 'value', series: 0, label: name }], {
        y: name,
        height: 120,
      }),
    };
  });
}
