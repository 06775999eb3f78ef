/** Chooses the tfjs backend of the process. */
import type { BackendContext, BackendDescription } from '@ligature/core';
import { InputError, unknownName } from '@ligature/core';
import { AUTOMATIC_ORDER, entriesOf, type BackendSource } from './sources.js';
import { tryBackend, type Working } from './trial.js';

export interface Tried {
  readonly name: string;
  readonly taken: boolean;
  /** Why it was or was not taken. */
  readonly reason: string;
}

export interface SelectedBackend extends BackendDescription {
  /** Its name among Ligature's backends. */
  readonly name: string;
  /** Its name in tfjs. */
  readonly tfjsName: string;
  /** All that were considered, in order. */
  readonly tried: readonly Tried[];
  /** For people, of `auto`: which faster backend should have worked here, and why it does not; else `null`. */
  readonly notice: string | null;
}

export interface SelectOptions {
  readonly context?: BackendContext;
  /** What `auto` tries, in this order. */
  readonly order?: readonly string[];
}

/** A name, `auto`, or one of them with options as a configuration has it. `auto` passes options to nobody. */
export type BackendChoice = string | { readonly name: string; readonly options?: unknown };

/**
 * Sets the backend of tfjs for this process and returns what was taken and why. A backend is taken only after it
 * has computed a small product and its gradient correctly.
 *
 * @param source a plug-in host or a map of entries; this package's own backends if left out
 * @throws InputError (`unknown-backend`, `backend-unavailable`, `options-invalid`)
 */
export async function selectBackend(
  choice: BackendChoice,
  source?: BackendSource,
  { context = {}, order = AUTOMATIC_ORDER }: SelectOptions = {},
): Promise<SelectedBackend> {
  const { name, options } = typeof choice === 'string' ? { name: choice, options: {} } : choice;
  const entries = entriesOf(source);
  if (name === 'auto') return await selectFirst(order, entries, context);
  const entry = entries.get(name);
  if (entry === undefined) throw unknownName('backend', name, ['auto', ...entries.keys()]);

  const trial = await tryBackend(name, entry, options, context);
  if (!trial.works) {
    throw new InputError(
      'backend-unavailable',
      { asked: `Use the backend "${name}"`, found: trial.reason, todo: trial.todo },
      { cause: trial.cause },
    );
  }
  const tried = [{ name, taken: true, reason: 'asked for by name' }];
  return { ...described(name, trial), tried, notice: null };
}

/** What is told of one that works. */
function described(
  name: string,
  { tfjsName, version, detail, threads }: Working,
): Omit<SelectedBackend, 'tried' | 'notice'> {
  return { name, tfjsName, version, detail, ...(threads !== undefined && { threads }) };
}

async function selectFirst(
  order: readonly string[],
  entries: ReturnType<typeof entriesOf>,
  context: BackendContext,
): Promise<SelectedBackend> {
  const tried: Tried[] = [];
  const broken: { readonly what: string; readonly todo: string }[] = [];
  const present = order.filter((name) => entries.has(name));
  for (const [index, name] of present.entries()) {
    const trial = await tryBackend(name, entries.get(name)!, {}, context);
    if (!trial.works) {
      tried.push({ name, taken: false, reason: trial.reason });
      // Optional packages that nobody installed are no news.
      if (!trial.notInstalled) {
        broken.push({ what: `the backend ${name} does not work here: ${trial.reason}`, todo: trial.todo });
      }
      continue;
    }
    const reason = index === 0 ? 'the fastest one, and it works here' : 'the first one that works here';
    const rest = present
      .slice(index + 1)
      .map((later) => ({ name: later, taken: false, reason: `${name} was taken` }));
    const notice =
      broken.length === 0
        ? null
        : `${broken.map(({ what }) => what).join('; ')}; ${name} is used instead, which may take several times as long. ` +
          broken.map(({ todo }) => todo).join('. ');
    const all = [...tried, { name, taken: true, reason }, ...rest];
    return { ...described(name, trial), tried: all, notice };
  }
  const found = tried.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  throw new InputError('no-backend', {
    asked: `Find a backend that works (${order.join(', ')})`,
    found: found || `none of them is offered; known: ${[...entries.keys()].join(', ') || 'none'}`,
    todo: 'Install @ligature/backends again, or name a backend of a plug-in with --backend',
  });
}
