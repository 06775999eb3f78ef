/** The page: what is selected, the stream that tells of it, and who draws it. */
import { Charts } from './charts.js';
import { byId, html, swatch } from './dom.js';
import { listenToKeys } from './keys.js';
import { plural } from './format.js';
import { RunTable } from './run-table.js';
import { TieMaps } from './tie-maps.js';

/** @typedef {import('../src/wire.js').StreamEvents} StreamEvents */

/** Names that the legend has room for. */
const MOST_NAMES = 10;
/** Runs that are selected when nobody has selected any: those that train. */
const FIRST = 3;

/** In the order in which they were selected, which gives them their colours. @type {Set<string>} */
const selected = new Set(
  location.hash.startsWith('#runs=') ? location.hash.slice(6).split(',').filter(Boolean) : [],
);
/** Whether somebody has selected anything yet. */
let chosen = selected.size > 0;
/** @type {Map<string, StreamEvents['detail']>} */
const details = new Map();
/** @type {StreamEvents['hello']['colors']} */
let colors = [];
/** @type {EventSource | undefined} */
let source;

const colorOf = (/** @type {number} */ index) =>
  colors[index % Math.max(1, colors.length)] ?? { fill: '#888888', ink: '#000000' };
/** Colours of the selected runs. @type {Map<string, string>} */
const fills = new Map();

const table = new RunTable({ toggle, colorOf: (id) => fills.get(id) });
const charts = new Charts(byId('charts', HTMLElement));
const maps = new TieMaps(colorOf);

/** @param {string} id @param {boolean} alone */
function toggle(id, alone) {
  if (alone) select([id]);
  else select(selected.has(id) ? [...selected].filter((one) => one !== id) : [...selected, id]);
}

/** @param {readonly string[]} ids */
function select(ids) {
  chosen = true;
  selected.clear();
  for (const id of ids) selected.add(id);
  history.replaceState(null, '', ids.length > 0 ? `#runs=${ids.join(',')}` : location.pathname);
  for (const id of details.keys()) if (!selected.has(id)) details.delete(id);
  connect();
  drawSelection();
  drawPictures();
}

/** What is selected, in the table and above the pictures. */
function drawSelection() {
  fills.clear();
  [...selected].forEach((id, at) => fills.set(id, colorOf(at).fill));
  table.mark(selected);
  byId('nothing', HTMLElement).hidden = selected.size > 0;
  byId('detail-title', HTMLElement).textContent =
    selected.size > 0 ? plural(selected.size, 'run') : 'Selection';
  drawLegend();
}

function drawPictures() {
  const shown = [...selected].flatMap((id) => {
    const [run, detail] = [table.run(id), details.get(id)];
    return run && detail ? [{ id, name: run.name, color: fills.get(id) ?? '', detail }] : [];
  });
  byId('pictures', HTMLElement).hidden = shown.length === 0;
  charts.show(shown);
  maps.show(shown);
}

function drawLegend() {
  const names = [...selected].slice(0, MOST_NAMES).flatMap((id) => {
    const run = table.run(id);
    return run ? [html('li', {}, swatch(fills.get(id) ?? ''), run.name)] : [];
  });
  const left = selected.size - MOST_NAMES;
  byId('legend', HTMLElement).replaceChildren(
    ...names,
    ...(left > 0 ? [html('li', {}, `and ${left} more`)] : []),
  );
}

/** A stream tells of one selection; another selection is another stream. */
function connect() {
  source?.close();
  source = new EventSource(`/stream?runs=${[...selected].join(',')}`);
  const say = (/** @type {string} */ text, /** @type {string} */ state) => {
    const place = byId('connection', HTMLElement);
    place.dataset['state'] = state;
    if (place.textContent !== text) place.textContent = text;
  };
  source.onopen = () => say('Live', 'live');
  source.onerror = () =>
    say('Not connected: the dashboard was ended. What is shown is the last that was told.', 'lost');
  on('hello', (hello) => {
    colors = hello.colors;
    byId('folder', HTMLElement).textContent = hello.folder;
    document.title = `Ligature: ${hello.folder}`;
  });
  on('runs', (changed) => {
    table.update(changed);
    if (!chosen && changed.runs.length > 0) selectFirst();
    // What was deleted is not selected any more.
    const lost = [...selected].filter((id) => changed.gone.includes(id));
    if (lost.length > 0) select([...selected].filter((id) => !lost.includes(id)));
    else if (changed.all) drawSelection();
  });
  on('detail', (detail) => {
    if (!selected.has(detail.id)) return;
    details.set(detail.id, detail);
    drawSoon();
  });
}

/**
 * @template {keyof StreamEvents} E
 * @param {E} name
 * @param {(data: StreamEvents[E]) => void} listener
 */
function on(name, listener) {
  source?.addEventListener(name, (event) => listener(JSON.parse(event.data)));
}

function selectFirst() {
  const runs = table.runs();
  const running = runs.filter(({ state }) => state === 'running');
  select((running.length > 0 ? running.slice(0, FIRST) : runs.slice(0, 1)).map(({ id }) => id));
}

let drawing = false;
/** Details come one by one; they are drawn together. */
function drawSoon() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    drawPictures();
  });
}

byId('select-shown', HTMLButtonElement).addEventListener('click', () => select(table.shown));
byId('select-none', HTMLButtonElement).addEventListener('click', () => select([]));
byId('filter', HTMLInputElement).addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  byId('filter', HTMLInputElement).value = '';
  byId('filter', HTMLInputElement).dispatchEvent(new Event('input'));
});
listenToKeys({
  a: () => select(table.shown),
  Escape: () => select([]),
  '/': () => table.focusFilter(),
  p: () => maps.play(),
});
connect();
