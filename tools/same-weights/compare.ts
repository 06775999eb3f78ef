/** Compares what two runs left behind, bit for bit. */
import { isDeepStrictEqual } from 'node:util';
import type { Event, Tensor, Trace, Weights } from './trace.js';

export interface Difference {
  /** Training steps that had been taken; of the weights: Infinity, they are the last that there is. */
  readonly step: number;
  readonly text: string;
}

export interface ComparisonOptions {
  /** All events with all fields but timings, not only those fields that every version has. */
  readonly wholeLog?: boolean;
}

/** Of each type of event the fields that must be there and be equal, whatever else an event says. */
const COMPARED: Readonly<Record<string, readonly string[]>> = {
  'step.completed': ['step', 'loss', 'gradientNorm', 'learningRate'],
  'tying.applied': ['tieMap'],
  'reward.measured': ['reward'],
  'evaluation.completed': ['split', 'step', 'metrics'],
};

/** @returns at most one difference for each type of event, and those of the weights; the first in time first */
export function compareTraces(
  before: Trace,
  now: Trace,
  { wholeLog = false }: ComparisonOptions = {},
): Difference[] {
  const logs = wholeLog
    ? [compareSequences('events', timed(before.events).map(whole), timed(now.events).map(whole))]
    : Object.entries(COMPARED).map(([type, fields]) => {
        const [a, b] = [before, now].map(({ events }) => pick(timed(events), type, fields));
        return compareSequences(type, a!, b!);
      });
  const found = [...logs.flatMap((one) => one ?? []), ...compareWeights(before.weights, now.weights)];
  return found.sort((a, b) => (a.step === b.step ? 0 : a.step - b.step));
}

interface Timed {
  readonly step: number;
  readonly event: Event;
}

/** Each event with the steps that had been taken when it was published. */
function timed(events: readonly Event[]): Timed[] {
  let step = 0;
  return events.map((event) => {
    if (event.type === 'step.completed') step = Number(event['step']);
    return { step, event };
  });
}

function pick(events: readonly Timed[], type: string, fields: readonly string[]): Timed[] {
  return events
    .filter(({ event }) => event.type === type)
    .map(({ step, event }) => {
      const picked = Object.fromEntries(fields.map((field) => [field, event[field]]));
      return { step, event: { ...picked, type } };
    });
}

/** Without how long anything took. */
function whole({ step, event }: Timed): Timed {
  const { durationMs: _, ...rest } = event;
  return { step, event: rest as Event };
}

function compareSequences(
  name: string,
  before: readonly Timed[],
  now: readonly Timed[],
): Difference | undefined {
  const length = Math.max(before.length, now.length);
  for (let index = 0; index < length; index += 1) {
    const [a, b] = [before[index], now[index]];
    if (a !== undefined && b !== undefined && isDeepStrictEqual(a.event, b.event)) continue;
    const step = Math.min(a?.step ?? Infinity, b?.step ?? Infinity);
    const where = `${name} ${index + 1}, step ${step}`;
    if (a === undefined || b === undefined)
      return { step, text: `${where}: ${before.length} of them before, ${now.length} now` };
    return { step, text: `${where}: ${differentFields(a.event, b.event).join('; ')}` };
  }
  return undefined;
}

function differentFields(before: Event, now: Event): string[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...fields]
    .filter((field) => !isDeepStrictEqual(before[field], now[field]))
    .map((field) => `${field} ${show(before[field])} before, ${show(now[field])} now`);
}

const show = (value: unknown): string =>
  Object.is(value, -0) ? '-0' : (JSON.stringify(value) ?? 'missing').slice(0, 200);

function compareWeights(before: Weights, now: Weights): Difference[] {
  const texts: string[] = [];
  if (!isDeepStrictEqual(before.tieMap, now.tieMap))
    texts.push(`tie map ${show(before.tieMap)} before, ${show(now.tieMap)} now`);
  for (const [component, map] of Object.entries(before.tieMaps)) {
    // One that has been divided or joined since is judged by its tensors: each block is stored once.
    const other = now.tieMaps[component];
    if (other !== undefined && !isDeepStrictEqual(map, other))
      texts.push(`tie map of ${component} ${show(map)} before, ${show(other)} now`);
  }
  const names = [...new Set([...before.tensors.keys(), ...now.tensors.keys()])].sort();
  const different = names.flatMap((name) => {
    const text = compareTensors(before.tensors.get(name), now.tensors.get(name));
    return text === undefined ? [] : [`${name}: ${text}`];
  });
  if (different.length > 0)
    texts.push(`${different.length} of ${names.length} tensors, the first is ${different[0]}`);
  return texts.map((text) => ({ step: Infinity, text: `weights: ${text}` }));
}

function compareTensors(before: Tensor | undefined, now: Tensor | undefined): string | undefined {
  if (before === undefined) return 'only now';
  if (now === undefined) return 'only before';
  const described = [before, now].map(({ type, shape }) => `${type} [${shape.join(', ')}]`);
  if (described[0] !== described[1]) return `${described[0]} before, ${described[1]} now`;
  if (before.data.equals(now.data)) return undefined;
  return `byte ${before.data.findIndex((byte, at) => byte !== now.data[at])} of ${before.data.length}`;
}
