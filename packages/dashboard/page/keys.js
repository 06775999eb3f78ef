/** Keys that work wherever the focus is, except where text is written, and the list of all keys. */
import { byId, html } from './dom.js';

/** @type {readonly (readonly [keys: string, what: string])[]} */
const LIST = [
  ['Tab', 'go through the page'],
  ['↑ ↓', 'go through the runs; Page Up, Page Down, Home and End as well'],
  ['Space', 'select the run, or take it out of the selection'],
  ['Enter', 'select this run alone'],
  ['a', 'select all runs that are shown'],
  ['Esc', 'select none; in the filter: empty it'],
  ['/', 'go to the filter'],
  ['p', 'play the tie maps, or stop'],
  ['← →', 'on the step: back and forth'],
  ['?', 'show these keys'],
];

/** @param {Record<string, () => void>} actions by key */
export function listenToKeys(actions) {
  const dialog = byId('keys', HTMLDialogElement);
  const list = dialog.querySelector('dl');
  list?.append(
    ...LIST.flatMap(([keys, what]) => [html('dt', {}, html('kbd', {}, keys)), html('dd', {}, what)]),
  );
  const show = () => dialog.showModal();
  byId('show-keys', HTMLButtonElement).addEventListener('click', show);
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    const writing = event.target instanceof HTMLInputElement && event.target.type !== 'range';
    if (writing) return;
    const action = event.key === '?' ? show : actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
