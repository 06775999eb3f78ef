/** Losses and traces of the selected runs, one line a run. Vega interprets its expressions: the page has no `eval`. */
import { expressionInterpreter } from '/vendor/vega-interpreter.js';
import { curveSpec } from './curve-spec.js';
import { html } from './dom.js';
import { plural, short } from './format.js';

/** @typedef {import('../src/wire.js').RunDetail} RunDetail */
/** @typedef {{ id: string, name: string, color: string, detail: RunDetail }} Shown */

/** @type {readonly { title: string, y: string, of: (detail: RunDetail) => readonly { curve: import('../src/wire.js').Curve, dash: number[] }[] }[]} */
const CHARTS = [
  {
    title: 'Loss (validation dashed)',
    y: 'nats per token',
    of: ({ curves, validation }) => [
      { curve: curves.loss, dash: [] },
      { curve: validation, dash: [4, 3] },
    ],
  },
  { title: 'Reward', y: 'reward', of: ({ curves }) => [{ curve: curves.reward, dash: [] }] },
  { title: 'Epsilon', y: 'share of exploration', of: ({ curves }) => [{ curve: curves.epsilon, dash: [] }] },
  { title: 'Value of the best action', y: 'Q', of: ({ curves }) => [{ curve: curves.value, dash: [] }] },
];

/** Milliseconds between two drawings of one chart. */
const PACE = 250;

export class Charts {
  #place;
  /** @type {readonly Shown[]} */
  #shown = [];
  /** @type {{ view: any, figure: HTMLElement, chart: (typeof CHARTS)[number] }[]} */
  #made = [];
  #width = 0;
  /** @type {number | undefined} */
  #timer;

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
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#draw();
    }, PACE);
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
      const spec = curveSpec({ ...chart, width, height: 220, theme });
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
    const steps = Math.max(1, ...this.#shown.map(({ detail }) => detail.steps));
    for (const { view, figure, chart } of this.#made) {
      const curves = this.#shown.flatMap((run) =>
        chart.of(run.detail).map((part, at) => ({ run, part, at })),
      );
      const points = curves.flatMap(({ run, part: { curve, dash }, at }) =>
        curve.steps.map((x, index) => {
          const y = curve.values[index] ?? 0;
          const label = `${run.name}\nstep ${x}: ${short(y)}`;
          return {
            x,
            y,
            dash,
            label,
            color: run.color,
            curve: `${run.id}/${at}`,
            alone: curve.steps.length === 1,
          };
        }),
      );
      figure.hidden = points.length === 0;
      figure.setAttribute('aria-label', this.#describe(chart));
      if (points.length > 0) view.signal('steps', steps).data('points', points).run();
    }
  }

  /** What the chart shows, in words. @param {(typeof CHARTS)[number]} chart */
  #describe({ title, y, of }) {
    const lines = this.#shown.slice(0, 10).flatMap(({ name, detail }) => {
      const [curve] = of(detail);
      const last = curve?.curve.values.at(-1);
      return last === undefined ? [] : [`${name}: last ${short(last)}`];
    });
    return `${title}, ${y}, of ${plural(this.#shown.length, 'run')}. ${lines.join('; ')}`;
  }
}
