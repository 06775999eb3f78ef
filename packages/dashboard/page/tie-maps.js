/** Tie maps of the selected runs as they came about; a cursor that all of them share plays them back. */
import { byId, html, setAll, svg, swatch } from './dom.js';
import { plural, short } from './format.js';

/** @typedef {import('../src/wire.js').RunDetail} RunDetail */
/** @typedef {import('./charts.js').Shown} Shown */

/** Maps that are drawn; more could not be told apart. */
const MOST = 12;
/** Milliseconds that playing a whole history takes. */
const LENGTH = 8000;
/** Pixels: the names of the layers, the column of the step under the cursor, and what is between that and the rest. */
const LEFT = 26;
const NOW = 52;
const GAP = 10;
const MIN_WIDTH = 240;

/** The block of each layer at a step. @param {RunDetail} detail @param {number} step */
function ownersAt({ layers, stretches }, step) {
  /** @type {number[]} */
  const owners = Array.from({ length: layers }, (_, layer) => layer);
  // At a border the later stretch counts; the last one lasts until now.
  for (const [layer, owner, from] of stretches) if (from <= step) owners[layer] = owner;
  return owners;
}

export class TieMaps {
  /** @type {readonly Shown[]} */
  #all = [];
  /** Those of them that are drawn. @type {readonly Shown[]} */
  #shown = [];
  /** @type {Map<string, { card: HTMLElement, drawn: RunDetail | undefined }>} */
  #cards = new Map();
  #place = byId('maps', HTMLElement);
  #range = byId('cursor', HTMLInputElement);
  #button = byId('play', HTMLButtonElement);
  /** Whether the cursor follows the newest step. */
  #live = true;
  /** @type {number | undefined} */
  #frame;
  /** Pixels of one picture. */
  #width = 0;

  /** @param {(owner: number) => { fill: string, ink: string }} colorOf */
  constructor(colorOf) {
    this.colorOf = colorOf;
    this.#range.addEventListener('input', () => {
      this.#stop();
      this.#live = this.#range.value === this.#range.max;
      this.#point();
    });
    this.#button.addEventListener('click', () => this.play());
    new ResizeObserver(() => this.#resized()).observe(this.#place);
  }

  /** @param {readonly Shown[]} shown */
  show(shown) {
    this.#all = shown;
    this.#shown = shown.filter(({ detail }) => detail.layers > 0).slice(0, MOST);
    const left = shown.length - this.#shown.length;
    const note = byId('maps-left', HTMLElement);
    note.hidden = left === 0;
    note.textContent = `The tie maps of the first ${this.#shown.length} are drawn, of ${shown.length} that are selected.`;
    const ids = new Set(this.#shown.map(({ id }) => id));
    for (const [id, { card }] of this.#cards) {
      if (ids.has(id)) continue;
      card.remove();
      this.#cards.delete(id);
    }
    for (const run of this.#shown) this.#draw(run);
    const cards = this.#shown.flatMap(({ id }) => this.#cards.get(id)?.card ?? []);
    if (cards.some((card, at) => this.#place.children[at] !== card)) this.#place.replaceChildren(...cards);
    this.#range.max = String(Math.max(1, ...this.#shown.map(({ detail }) => detail.step)));
    if (this.#live) this.#range.value = this.#range.max;
    this.#point();
  }

  /** From the beginning, or on from the cursor; again: stop. */
  play() {
    if (this.#frame !== undefined) return this.#stop();
    const max = Number(this.#range.max);
    const from = this.#range.value === this.#range.max ? 0 : Number(this.#range.value);
    // Whoever wants no movement goes there in jumps.
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const began = performance.now();
    this.#live = false;
    this.#button.textContent = 'Stop';
    const next = () => {
      const share = (performance.now() - began) / LENGTH;
      const exact = from + share * max;
      const step = calm ? Math.floor((exact / max) * 10) * (max / 10) : exact;
      this.#range.value = String(Math.min(max, Math.round(step)));
      this.#point();
      if (exact >= max) {
        this.#stop();
        this.#live = true;
      } else this.#frame = requestAnimationFrame(next);
    };
    this.#frame = requestAnimationFrame(next);
  }

  #resized() {
    const width = Math.max(MIN_WIDTH, this.#place.firstElementChild?.clientWidth ?? 0);
    if (width === this.#width || this.#cards.size === 0) return;
    this.#width = width;
    for (const card of this.#cards.values()) card.drawn = undefined;
    this.show(this.#all);
  }

  #stop() {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    this.#button.textContent = 'Play';
  }

  /** @param {Shown} run */
  #draw({ id, name, color, detail }) {
    const known = this.#cards.get(id);
    if (known?.drawn === detail) return;
    const card = known?.card ?? html('article');
    if (!known) this.#place.append(card);
    // All cards are as wide as the first one.
    if (this.#width === 0) this.#width = Math.max(MIN_WIDTH, card.clientWidth);
    const { layers, steps, stretches } = detail;
    const row = layers <= 12 ? 20 : layers <= 24 ? 14 : layers <= 48 ? 8 : 4;
    const right = this.#width - NOW - GAP;
    const x = (/** @type {number} */ step) => LEFT + (step / steps) * (right - LEFT);
    const height = layers * row;
    const rects = stretches.flatMap(([layer, owner, from, to]) => {
      const { fill, ink } = this.colorOf(owner);
      const width = x(to) - x(from);
      const y = layer * row;
      return [
        svg('rect', { x: x(from), y: y + 0.5, width, height: row - 1, fill }),
        ...(owner === layer
          ? [svg('rect', { class: 'own', x: x(from), y: y + row - 2.5, width, height: 2 })]
          : []),
        ...(row >= 14 && width >= 16 ? [label(x(from) + width / 2, y + row / 2, ink, owner)] : []),
      ];
    });
    const every = row >= 14 ? 1 : row >= 8 ? 4 : 8;
    const names = Array.from({ length: Math.ceil(layers / every) }, (_, at) =>
      svg('text', { class: 'layer', x: LEFT - 6, y: at * every * row + row / 2 }, String(at * every)),
    );
    const now = svg('g', { class: 'now' });
    const cursor = svg('line', { class: 'cursor', y1: 0, y2: height });
    const later = svg('rect', { class: 'later', y: 0, height });
    const picture = svg(
      'svg',
      { viewBox: `0 0 ${this.#width} ${height + 1}`, role: 'img' },
      ...names,
      svg('g', {}, ...rects),
      later,
      cursor,
      now,
    );
    card.replaceChildren(
      html('h4', {}, swatch(color), name),
      picture,
      html('p', { class: 'map' }),
      html('p', { class: 'decision quiet' }, decisionText(detail)),
    );
    this.#cards.set(id, { card, drawn: detail });
  }

  /** Shows the step under the cursor in all maps. */
  #point() {
    const at = Number(this.#range.value);
    byId('cursor-step', HTMLOutputElement).value = this.#live ? `${at} (now)` : String(at);
    for (const { id, name, detail } of this.#shown) {
      const card = this.#cards.get(id)?.card;
      if (!card) continue;
      const { layers, steps } = detail;
      const step = Math.min(at, detail.step);
      const owners = ownersAt(detail, step);
      const right = this.#width - NOW - GAP;
      const x = LEFT + (step / steps) * (right - LEFT);
      const picture = card.querySelector('svg[role=img]');
      const height = Number(picture?.querySelector('.cursor')?.getAttribute('y2'));
      const row = height / Math.max(1, layers);
      const own = owners.filter((owner, layer) => owner === layer).length;
      setAll(picture?.querySelector('.cursor') ?? card, { x1: x, x2: x });
      setAll(picture?.querySelector('.later') ?? card, { x, width: Math.max(0, right - x) });
      picture?.querySelector('.now')?.replaceChildren(
        ...owners.flatMap((owner, layer) => {
          const { fill, ink } = this.colorOf(owner);
          const y = layer * row;
          const box = svg('rect', { x: this.#width - NOW, y: y + 0.5, width: NOW, height: row - 1, fill });
          const rule = svg('rect', {
            class: 'own',
            x: this.#width - NOW,
            y: y + row - 2.5,
            width: NOW,
            height: 2,
          });
          return [
            box,
            ...(owner === layer ? [rule] : []),
            ...(row >= 14 ? [label(this.#width - NOW / 2, y + row / 2, ink, owner)] : []),
          ];
        }),
      );
      const map = owners.join('-');
      const text = `Step ${step}: ${map} (${plural(own, 'block')})`;
      picture?.setAttribute('aria-label', `Tie map of ${name}. ${text}`);
      const line = card.querySelector('.map');
      if (line && line.textContent !== text) line.textContent = text;
    }
  }
}

/** @param {number} x @param {number} y @param {string} fill @param {number} owner */
function label(x, y, fill, owner) {
  return svg('text', { class: 'owner', x, y, fill }, String(owner));
}

/** @param {RunDetail} detail */
function decisionText({ decision }) {
  if (!decision) return '';
  const { window, step, layer, source, kind, explored, epsilon, values, reward } = decision;
  const what =
    kind === 'keep'
      ? 'everything stays'
      : kind === 'map'
        ? 'a whole map'
        : layer === source
          ? `layer ${layer} gets a block of its own`
          : `layer ${layer} uses the block of layer ${source}`;
  const most = values.slice(0, 16).map(short).join(', ');
  return [
    `Last decision, window ${window} at step ${step}: ${what}`,
    ...(explored === null ? [] : [explored ? 'explored' : 'greedy']),
    ...(epsilon === null ? [] : [`epsilon ${short(epsilon)}`]),
    ...(values.length === 0 ? [] : [`values ${most}${values.length > 16 ? ', …' : ''}`]),
    ...(reward === null ? [] : [`reward ${short(reward)}`]),
  ].join('; ');
}
