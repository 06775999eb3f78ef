/** The table of runs: sorted, filtered, walked through with the arrow keys. */
import { byId, html, setAll, swatch } from './dom.js';
import { fixed, plural, whole } from './format.js';

/** @typedef {import('../src/wire.js').RunSummary} RunSummary */

/**
 * @typedef {object} Column
 * @property {string} heading
 * @property {string} [hint]
 * @property {boolean} [number]
 * @property {(run: RunSummary) => string | number | null} value what it is sorted by
 * @property {(run: RunSummary) => string} [text] left out: the value
 */

/** @type {readonly Column[]} */
const COLUMNS = [
  { heading: 'Name', value: ({ name }) => name },
  { heading: 'State', value: ({ state }) => state, text: stateText },
  {
    heading: 'Step',
    number: true,
    value: ({ step }) => step,
    text: ({ step, steps }) => (steps === null ? whole(step) : `${whole(step)} / ${whole(steps)}`),
  },
  {
    heading: 'Loss',
    hint: 'training loss, mean of the last 20 steps',
    number: true,
    value: ({ loss }) => loss,
    text: ({ loss }) => fixed(loss, 3),
  },
  {
    heading: 'Own blocks',
    hint: 'layers with a block of their own',
    number: true,
    value: ({ ownBlocks }) => ownBlocks,
    text: ({ ownBlocks, layers }) => (ownBlocks === null ? '–' : `${ownBlocks} / ${layers ?? '?'}`),
  },
  {
    heading: 'Speed',
    hint: 'what the task counts, a second, over the last 50 steps',
    number: true,
    value: ({ tokensPerSecond }) => tokensPerSecond,
    text: ({ tokensPerSecond, unit }) =>
      tokensPerSecond === null ? whole(null) : `${whole(tokensPerSecond)} ${unit}/s`,
  },
  {
    heading: 'Val.',
    hint: 'last validation, by the metric that the task puts first',
    number: true,
    value: ({ validation }) => validation,
    text: ({ validation }) => fixed(validation, 3),
  },
  { heading: 'Controller', value: ({ controller }) => controller },
  { heading: 'Seed', number: true, value: ({ seed }) => seed },
];

/** @param {RunSummary} run */
function stateText({ state, loading, damagedLines, missingSteps = 0, warnings }) {
  const notes = [
    ...(loading ? ['reading'] : []),
    ...(missingSteps > 0 ? [`its log begins after step ${missingSteps}`] : []),
    ...(damagedLines > 0 ? [plural(damagedLines, 'damaged line')] : []),
    ...(warnings > 0 ? [plural(warnings, 'warning')] : []),
  ];
  return [state, ...notes].join(', ');
}

/** @param {string | number | null} a @param {string | number | null} b */
function compare(a, b) {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}

/**
 * @typedef {object} Row
 * @property {RunSummary} run
 * @property {HTMLTableRowElement} element
 * @property {string} words what the filter looks at
 */

export class RunTable {
  /** @type {Map<string, Row>} */
  #rows = new Map();
  /** Ids of the rows that are shown, in their order. @type {string[]} */
  #shown = [];
  #sort = { column: 0, descending: false };
  /** The row that the tab key comes to. */
  #active = '';
  #head = byId('runs', HTMLTableElement).tHead ?? raise();
  #body = byId('runs', HTMLTableElement).tBodies[0] ?? raise();
  #filter = byId('filter', HTMLInputElement);
  #count = byId('count', HTMLElement);

  /**
   * @param {object} asked
   * @param {(id: string, alone: boolean) => void} asked.toggle
   * @param {(id: string) => string | undefined} asked.colorOf the colour of a selected run
   */
  constructor({ toggle, colorOf }) {
    this.toggle = toggle;
    this.colorOf = colorOf;
    this.#drawHead();
    this.#filter.addEventListener('input', () => this.#arrange());
    this.#body.addEventListener('click', (event) => {
      const id = this.#idOf(event.target);
      if (id === undefined) return;
      this.#focus(id);
      this.toggle(id, false);
    });
    this.#body.addEventListener('keydown', (event) => this.#key(event));
    // Whoever comes to a row by other means goes on from there.
    this.#body.addEventListener('focusin', (event) => {
      const id = this.#idOf(event.target);
      if (id !== undefined) this.#makeActive(id);
    });
  }

  /** @returns {readonly string[]} */
  get shown() {
    return this.#shown;
  }

  /** @param {string} id */
  run(id) {
    return this.#rows.get(id)?.run;
  }

  runs() {
    return [...this.#rows.values()].map(({ run }) => run);
  }

  /** @param {import('../src/wire.js').RunsChanged} changed */
  update({ all, runs, gone, left }) {
    const ids = new Set(runs.map(({ id }) => id));
    const lost = all ? [...this.#rows.keys()].filter((id) => !ids.has(id)) : gone;
    for (const id of lost) {
      this.#rows.get(id)?.element.remove();
      this.#rows.delete(id);
    }
    for (const run of runs) this.#put(run);
    this.#arrange();
    byId('none', HTMLElement).hidden = this.#rows.size > 0;
    this.#count.title = left > 0 ? `${left} more are in the folder and not watched` : '';
  }

  /** After a change of the selection. @param {ReadonlySet<string>} selected */
  mark(selected) {
    for (const [id, { element }] of this.#rows) {
      const chosen = String(selected.has(id));
      const fill = this.colorOf(id) ?? 'none';
      if (element.getAttribute('aria-selected') !== chosen) element.setAttribute('aria-selected', chosen);
      const rect = element.querySelector('.swatch rect');
      if (rect?.getAttribute('fill') !== fill) rect?.setAttribute('fill', fill);
    }
  }

  focusFilter() {
    this.#filter.focus();
    this.#filter.select();
  }

  /** @param {RunSummary} run */
  #put(run) {
    const known = this.#rows.get(run.id);
    const element = known?.element ?? this.#newRow(run.id);
    COLUMNS.forEach((column, at) => {
      const cell = element.cells[at];
      const text = column.text?.(run) ?? String(column.value(run) ?? '–');
      const place = at === 0 ? cell?.lastElementChild : cell;
      if (place && place.textContent !== text) place.textContent = text;
      if (at === 0 && cell) cell.title = text;
    });
    element.dataset['state'] = run.state;
    const words = `${run.name} ${run.controller} seed-${run.seed} ${run.state}`.toLowerCase();
    this.#rows.set(run.id, { run, element, words });
  }

  /** @param {string} id */
  #newRow(id) {
    const element = html('tr', { tabindex: -1, 'aria-selected': 'false', 'data-id': id });
    COLUMNS.forEach(({ number }, at) => {
      const cell = html('td', { role: 'gridcell', class: number ? 'number' : undefined });
      if (at === 0) cell.append(swatch(this.colorOf(id) ?? 'none'), html('span'));
      element.append(cell);
    });
    return element;
  }

  #arrange() {
    const wanted = this.#filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const { value } = COLUMNS[this.#sort.column] ?? raise();
    const sign = this.#sort.descending ? -1 : 1;
    const shown = [...this.#rows.values()]
      .filter(({ words }) => wanted.every((word) => words.includes(word)))
      .sort((a, b) => {
        const [left, right] = [value(a.run), value(b.run)];
        // What is not known comes last, whatever the direction.
        if (left === null || right === null) return Number(left === null) - Number(right === null);
        return sign * compare(left, right) || compare(a.run.name, b.run.name);
      });
    const order = shown.map(({ run }) => run.id);
    if (order.join() !== this.#shown.join()) {
      const focused = document.activeElement;
      this.#body.replaceChildren(...shown.map(({ element }) => element));
      // A row that is moved loses the focus.
      if (focused instanceof HTMLElement && focused.isConnected && this.#body.contains(focused))
        focused.focus();
      this.#shown = order;
    }
    if (!order.includes(this.#active)) this.#makeActive(order[0] ?? '');
    const total = this.#rows.size;
    const running = shown.filter(({ run }) => run.state === 'running').length;
    const text = order.length === total ? plural(total, 'run') : `${order.length} of ${plural(total, 'run')}`;
    const told = `${text}, ${running} running`;
    if (this.#count.textContent !== told) this.#count.textContent = told;
  }

  #drawHead() {
    const cells = COLUMNS.map(({ heading, hint, number }, at) => {
      const active = at === this.#sort.column;
      const arrow = active ? (this.#sort.descending ? ' ▾' : ' ▴') : '';
      const button = html(
        'button',
        { type: 'button', title: hint },
        heading,
        html('span', { 'aria-hidden': 'true' }, arrow),
      );
      button.addEventListener('click', () => this.#sortBy(at));
      const order = this.#sort.descending ? 'descending' : 'ascending';
      return html(
        'th',
        {
          scope: 'col',
          role: 'columnheader',
          class: number ? 'number' : undefined,
          'aria-sort': active ? order : undefined,
        },
        button,
      );
    });
    this.#head.replaceChildren(html('tr', {}, ...cells));
  }

  /** @param {number} column */
  #sortBy(column) {
    const again = column === this.#sort.column;
    this.#sort = { column, descending: again && !this.#sort.descending };
    this.#drawHead();
    this.#head.querySelectorAll('button')[column]?.focus();
    this.#arrange();
  }

  /** @param {EventTarget | null} target */
  #idOf(target) {
    const row = target instanceof Element ? target.closest('tr') : null;
    return row?.dataset['id'];
  }

  /** @param {string} id */
  #makeActive(id) {
    const before = this.#rows.get(this.#active)?.element;
    if (before) setAll(before, { tabindex: -1 });
    this.#active = id;
    const now = this.#rows.get(id)?.element;
    if (now) setAll(now, { tabindex: 0 });
  }

  /** @param {string | undefined} id */
  #focus(id) {
    if (id === undefined) return;
    this.#makeActive(id);
    const element = this.#rows.get(id)?.element;
    element?.focus();
    element?.scrollIntoView({ block: 'nearest' });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.#shown.indexOf(this.#active);
    const last = this.#shown.length - 1;
    const to = {
      ArrowDown: Math.min(last, at + 1),
      ArrowUp: Math.max(0, at - 1),
      PageDown: Math.min(last, at + 10),
      PageUp: Math.max(0, at - 10),
      Home: 0,
      End: last,
    }[event.key];
    if (to !== undefined) this.#focus(this.#shown[to]);
    else if (event.key === ' ') this.toggle(this.#active, false);
    else if (event.key === 'Enter') this.toggle(this.#active, true);
    else return;
    event.preventDefault();
  }
}

/** @returns {never} */
function raise() {
  throw new Error('the page is not whole');
}
