/** Losses and traces of the selected runs, one line a run. Vega interprets its expressions: the page has no `eval`. */
import { expressionInterpreter } from '/vendor/vega-interpreter.js';
import { curveSpec } from './curve-spec.js';
import { html } from './dom.js';
import { plural, short } from './format.js';

/** @typedef {import('../src/wire.js').RunDetail} RunDetail */
/** @typedef {{ id: string, name: string, color: string, detail: RunDetail }} Shown */

/**
 * What the axis says is a matter of the run, since tasks measure different things.
 *
 * @type {readonly { title: string, y: (detail: RunDetail) => string, of: (detail: RunDetail) => readonly { curve: import('../src/wire.js').Curve, dash: number[] }[] }[]}
 */
const CHARTS = [
  {
    title: 'Loss (validation dashed)',
    y: ({ axes }) => axes.loss,
    of: ({ curves, validation, axes }) => [
      { curve: curves.loss, dash: [] },
      ...(axes.together ? [{ curve: validation, dash: [4, 3] }] : []),
    ],
  },
  {
    title: 'Validation',
    y: ({ axes }) => axes.validation,
    of: ({ validation, axes }) => (axes.together ? [] : [{ curve: validation, dash: [] }]),
  },
  { title: 'Reward', y: () => 'reward', of: ({ curves }) => [{ curve: curves.reward, dash: [] }] },
  {
    title: 'Epsilon',
    y: () => 'share of exploration',
    of: ({ curves }) => [{ curve: curves.epsilon, dash: [] }],
  },
  {
    title: 'Value of the best action',
    y: () => 'Q',
    of: ({ curves }) => [{ curve: curves.value, dash: [] }],
  },
];

/** Milliseconds between two drawings; when they take long, three times what the last one took. */
const PACE = 250;
/** Points of a chart that the pointer can find. With more of them there is no room to find one. */
const MOST_DOTS = 3000;

export class Charts {
  #place;
  /** @type {readonly Shown[]} */
  #shown = [];
  /** @type {{ view: any, figure: HTMLElement, chart: (typeof CHARTS)[number] }[]} */
  #made = [];
  #width = 0;
  /** @type {number | undefined} */
  #timer;
  /** Milliseconds that the last drawing took. */
  #took = 0;

  /** @param {HTMLElement} place */
  constructor(place) {
    this.#place = place;
    new ResizeObserver(() => this.#resized()).observe(place);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#rebuild());
  }

  /** @param {readonly Shown[]} shown */
  show(shown) {
    this.#shown = shown;
    // Logs grow faster than eyes follow.
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        this.#draw();
      },
      Math.max(PACE, 3 * this.#took),
    );
  }

  #resized() {
    if (this.#place.clientWidth === this.#width || this.#place.clientWidth === 0) return;
    this.#width = this.#place.clientWidth;
    this.#rebuild();
  }

  #rebuild() {
    for (const { view } of this.#made) view.finalize();
    const style = getComputedStyle(this.#place);
    const color = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
    const theme = { ink: color('--ink'), quiet: color('--quiet'), line: color('--line') };
    const gap = 16;
    const columns = this.#width >= 700 ? 2 : 1;
    const width = Math.floor((this.#width - gap * (columns - 1)) / columns);
    this.#made = CHARTS.map((chart) => {
      const figure = html('figure', { role: 'img' });
      const spec = curveSpec({ title: chart.title, width, height: 220, theme });
      const view = new vega.View(vega.parse(spec, undefined, { ast: true }), {
        expr: expressionInterpreter,
        renderer: 'canvas',
        container: figure,
        hover: true,
        logLevel: vega.Error,
      });
      return { view, figure, chart };
    });
    this.#place.replaceChildren(...this.#made.map(({ figure }) => figure));
    this.#draw();
  }

  #draw() {
    const began = performance.now();
    const steps = Math.max(1, ...this.#shown.map(({ detail }) => detail.steps));
    for (const { view, figure, chart } of this.#made) {
      const curves = this.#shown.flatMap((run) =>
        chart
          .of(run.detail)
          .flatMap(({ curve, dash }) => (curve.steps.length > 0 ? [{ run, curve, dash }] : [])),
      );
      figure.hidden = curves.length === 0;
      figure.setAttribute('aria-label', this.#describe(chart));
      if (curves.length > 0) put(view, { steps, y: this.#axis(chart), curves });
    }
    this.#took = performance.now() - began;
  }

  /** What its numbers are, of the runs that it shows. @param {(typeof CHARTS)[number]} chart */
  #axis({ y, of }) {
    const drawn = this.#shown.filter(({ detail }) => of(detail).some(({ curve }) => curve.steps.length > 0));
    return [...new Set(drawn.map(({ detail }) => y(detail)))].join(' or ');
  }

  /** What the chart shows, in words. @param {(typeof CHARTS)[number]} chart */
  #describe(chart) {
    const { title, of } = chart;
    const lines = this.#shown.slice(0, 10).flatMap(({ name, detail }) => {
      const [curve] = of(detail);
      const last = curve?.curve.values.at(-1);
      return last === undefined ? [] : [`${name}: last ${short(last)}`];
    });
    return `${title}, ${this.#axis(chart)}, of ${plural(this.#shown.length, 'run')}. ${lines.join('; ')}`;
  }
}

/**
 * @param {import('vega').View} view
 * @param {object} drawn
 * @param {number} drawn.steps
 * @param {string} drawn.y what the numbers are
 * @param {readonly { run: Shown, curve: import('../src/wire.js').Curve, dash: number[] }[]} drawn.curves
 */
function put(view, { steps, y: title, curves }) {
  let [low, high] = [Infinity, -Infinity];
  for (const { curve } of curves) {
    for (const value of curve.values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  // A level curve lies in the middle.
  const room = low === high ? Math.abs(low) * 0.1 || 1 : 0;
  view
    .signal('steps', steps)
    .signal('title', title)
    .signal('low', low - room)
    .signal('high', high + room)
    .run();
  const [x, y] = [view.scale('x'), view.scale('y')];
  const paths = curves.map(({ run, curve, dash }) => ({
    color: run.color,
    dash,
    path: curve.steps
      .map((step, at) => `${at === 0 ? 'M' : 'L'}${x(step).toFixed(1)},${y(curve.values[at]).toFixed(1)}`)
      .join(''),
  }));
  const total = curves.reduce((sum, { curve }) => sum + curve.steps.length, 0);
  const dots = curves
    .filter(({ curve }) => total <= MOST_DOTS || curve.steps.length === 1)
    .flatMap(({ run: { name, color }, curve }) =>
      curve.steps.map((step, at) => {
        const value = curve.values[at] ?? 0;
        const label = `${name}\nstep ${step}: ${short(value)}`;
        return { x: step, y: value, color, label, alone: curve.steps.length === 1 };
      }),
    );
  view.data('curves', paths).data('dots', dots).run();
}
