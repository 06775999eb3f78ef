/** The page: a button, a text, and what the events of a run amount to. */
import { independentLayers, RunFold, type LigatureEvent } from '@ligature/core';
import { drawLoss } from './loss-chart.js';
import { configFor } from './run.js';
import type { Shown } from './shown.js';
import { TEXT } from './text.js';
import { drawMaps, drawStack } from './tie-maps.js';
import { train } from './train.js';

declare global {
  interface Window {
    ligature: Shown;
  }
}

const find = <E extends Element>(selector: string): E => document.querySelector<E>(selector) as E;
const button = find<HTMLButtonElement>('#start');
const text = find<HTMLTextAreaElement>('#text');
const controller = find<HTMLSelectElement>('#controller');

window.ligature = { state: 'idle', losses: [], events: [] };
text.value = TEXT;
let stop: AbortController | undefined;
button.addEventListener('click', () => (stop ? stop.abort() : void start()));
show(new RunFold());

async function start(): Promise<void> {
  const stopping = (stop = new AbortController());
  const fold = new RunFold();
  const shown: Shown = (window.ligature = { state: 'running', losses: [], events: [] });
  show(fold);
  try {
    const listen = (event: LigatureEvent): void => {
      fold.observe(event);
      shown.events.push(event);
      if (event.type === 'step.completed') shown.losses.push(event.loss);
      show(fold);
    };
    const config = configFor(text.value, controller.value);
    shown.state = await train(config, (bus) => bus.events$.subscribe(listen), stopping.signal);
  } catch (error) {
    shown.state = 'failed';
    shown.error = error instanceof Error ? error.message : String(error);
  } finally {
    stop = undefined;
    show(fold);
  }
}

function show({ state }: RunFold): void {
  const { state: phase, error } = window.ligature;
  button.textContent = phase === 'running' ? 'Stop' : 'Train';
  text.disabled = controller.disabled = phase === 'running';
  find('#state').textContent = error ?? phase;
  const { step, plannedSteps, steps, tieMap, windows, ledgers } = state;
  const reward = windows.findLast((one) => one.reward)?.reward?.reward;
  const ledger = ledgers.at(-1)?.ledger;
  put('step', plannedSteps === undefined ? undefined : `${step} of ${plannedSteps}`);
  put('loss', steps.at(-1)?.loss.toFixed(3));
  put('blocks', tieMap.length === 0 ? undefined : `${independentLayers(tieMap).length} of ${tieMap.length}`);
  put(
    'parameters',
    ledger && `${thousands(ledger.uniqueParameters)} of ${thousands(ledger.totalParameters)}`,
  );
  put('reward', reward?.toFixed(3).replace('-', '−'));
  drawLoss(find('#loss-chart'), state);
  drawStack(find('#stack'), tieMap);
  drawMaps(find('#maps'), state);
}

function put(id: string, value: string | undefined): void {
  find(`#${id}`).textContent = value ?? '–';
}

function thousands(count: number): string {
  return count.toLocaleString('en');
}
