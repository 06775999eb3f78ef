/**
 * Watches what a plug-in takes from its surroundings: chance, clocks and timers. The globals are replaced while a
 * rule is checked, and put back; an AsyncLocalStorage tells the plug-in's calls from everybody else's, so a test
 * runner that looks at the clock meanwhile is not noted.
 *
 * This is the one place of the package that touches what is global. Functions that a module took aside when it was
 * loaded (`const { random } = Math`) and `node:crypto` escape.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { fileURLToPath } from 'node:url';

export type Source = 'chance' | 'clock';

export interface Note {
  readonly source: Source;
  /** `Math.random()` */
  readonly call: string;
  /** The line that called it, as stack traces show it. */
  readonly place: string;
}

const current = new AsyncLocalStorage<Ambient>();
const here = fileURLToPath(import.meta.url);

/** Notes the calls of what is run inside of it. */
export class Ambient {
  readonly notes: Note[] = [];
  readonly #timers = new Map<NodeJS.Timeout, string>();

  run<T>(inside: () => T): T {
    return current.run(this, inside);
  }

  /** Where the timers that are still running were started. */
  get timers(): readonly string[] {
    return [...this.#timers].flatMap(([timer, place]) => (isOver(timer) ? [] : [place]));
  }

  started(timer: NodeJS.Timeout): void {
    this.#timers.set(timer, placeOfCall());
  }

  ended(timer: unknown): void {
    for (const one of this.#timers.keys()) {
      if (one === timer || (typeof timer !== 'object' && String(Number(one)) === String(timer)))
        this.#timers.delete(one);
    }
  }

  /** Ends the timers that are left, so that a check never keeps its process alive. */
  clear(): void {
    for (const timer of this.#timers.keys()) clearTimeout(timer);
    this.#timers.clear();
  }

  note(source: Source, call: string): void {
    this.notes.push({ source, call, place: placeOfCall() });
  }
}

/** Runs a check with the globals replaced. */
export async function withAmbient<T>(check: (ambient: Ambient) => Promise<T>): Promise<T> {
  const ambient = new Ambient();
  install();
  try {
    return await check(ambient);
  } finally {
    uninstall();
    ambient.clear();
  }
}

const isOver = (timer: NodeJS.Timeout): boolean =>
  (timer as unknown as { readonly _destroyed?: boolean })._destroyed === true;

function placeOfCall(): string {
  const lines = (new Error().stack ?? '').split('\n').slice(1);
  const line = lines.find((one) => !one.includes(here) && !one.includes('node:'));
  return (line ?? 'an unknown place').trim().replace(/^at /, '');
}

/** How many checks have the globals replaced now: they may overlap. */
let users = 0;
let putBack: (() => void)[] = [];

function install(): void {
  users += 1;
  if (users > 1) return;
  const note = (source: Source, call: string): void => current.getStore()?.note(source, call);
  noting(Math, 'random', 'chance', 'Math.random()');
  if (typeof globalThis.crypto === 'object') {
    noting(globalThis.crypto, 'getRandomValues', 'chance', 'crypto.getRandomValues()');
    noting(globalThis.crypto, 'randomUUID', 'chance', 'crypto.randomUUID()');
  }
  noting(performance, 'now', 'clock', 'performance.now()');
  noting(process, 'hrtime', 'clock', 'process.hrtime()');
  noting(process.hrtime, 'bigint', 'clock', 'process.hrtime.bigint()');
  const { Date: OriginalDate } = globalThis;
  replace(
    globalThis,
    'Date',
    new Proxy(OriginalDate, {
      construct(target, parameters, newTarget) {
        if (parameters.length === 0) note('clock', 'new Date()');
        return Reflect.construct(target, parameters, newTarget === globalThis.Date ? target : newTarget);
      },
      apply(target, self, parameters) {
        note('clock', 'Date()');
        return Reflect.apply(target, self, parameters) as string;
      },
      get(target, key) {
        if (key === 'now' && current.getStore()) note('clock', 'Date.now()');
        return Reflect.get(target, key) as unknown;
      },
    }),
  );
  starting('setTimeout');
  starting('setInterval');
  ending('clearTimeout');
  ending('clearInterval');
}

function uninstall(): void {
  users -= 1;
  if (users > 0) return;
  for (const back of putBack.reverse()) back();
  putBack = [];
}

function replace<T extends object, K extends keyof T>(owner: T, key: K, value: T[K]): void {
  const own = Object.getOwnPropertyDescriptor(owner, key);
  Object.defineProperty(owner, key, { value, configurable: true, writable: true });
  putBack.push(() => {
    if (own) Object.defineProperty(owner, key, own);
    else delete owner[key];
  });
}

type AnyFunction = (this: unknown, ...parameters: unknown[]) => unknown;

/** Replaces a function by one that does the same, and is otherwise like it (`hrtime.bigint`, promisified timers). */
function wrap(owner: object, key: string, make: (original: AnyFunction) => AnyFunction): void {
  const original = (owner as Record<string, unknown>)[key] as AnyFunction;
  const wrapped = make(original);
  Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(original));
  replace(owner as Record<string, unknown>, key, wrapped);
}

function noting(owner: object, key: string, source: Source, call: string): void {
  wrap(owner, key, (original) => {
    return function (this: unknown, ...parameters) {
      current.getStore()?.note(source, call);
      return Reflect.apply(original, this, parameters);
    };
  });
}

function starting(key: 'setTimeout' | 'setInterval'): void {
  wrap(globalThis, key, (original) => (callback, ...rest) => {
    const ambient = current.getStore();
    if (!ambient || typeof callback !== 'function') return original(callback, ...rest);
    const timer = original(
      (...values: unknown[]) => {
        if (key === 'setTimeout') ambient.ended(timer);
        (callback as AnyFunction)(...values);
      },
      ...rest,
    ) as NodeJS.Timeout;
    ambient.started(timer);
    return timer;
  });
}

function ending(key: 'clearTimeout' | 'clearInterval'): void {
  wrap(globalThis, key, (original) => (timer) => {
    current.getStore()?.ended(timer);
    return original(timer);
  });
}
