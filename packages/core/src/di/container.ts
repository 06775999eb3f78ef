/**
 * One container per run. It is a child of tsyringe's root only because tsyringe offers no other way to make
 * one; nothing is ever registered in the root, so runs and tests cannot see each other.
 *
 * A run is assembled by modules: each puts in what it makes, takes what others made, says which of it has a state to be
 * saved and what is to be done when the run ends.
 */
import 'reflect-metadata';
import { container as root, type DependencyContainer } from 'tsyringe';
import type { Snapshotable } from '../contracts/snapshot.js';
import { ContractError } from '../errors.js';
import type { Token } from './tokens.js';

export interface RunContainer {
  /** Registers a ready-made value; `dispose` runs when the run ends, last registered first. */
  provide<T>(token: Token<T>, value: T, dispose?: () => void | Promise<void>): T;
  /** Builds an injectable class from what was provided. */
  build<T>(type: new (...args: never[]) => T): T;
  /** @throws ContractError (`not-provided`) naming the token */
  readonly get: <T>(token: Token<T>) => T;
  /** What was provided for a token, if anything. */
  find<T>(token: Token<T>): T | undefined;
  /**
   * Says that a part moves during the run: checkpoints save it under this name, and a run that goes on gets it back.
   *
   * @throws ContractError (`state-twice`)
   */
  saves(name: string, part: Snapshotable): void;
  /** All parts that move, by name, in the order in which they were named. */
  readonly states: ReadonlyMap<string, Snapshotable>;
  /** Adds work for the end of the run that belongs to no token. */
  onDispose(dispose: () => void | Promise<void>): void;
  /**
   * Disposes everything, newest first; a failing disposer does not keep the others from running.
   *
   * @throws what failed, or an AggregateError when several did
   */
  dispose(): Promise<void>;
}

/** Puts a part of a run into its container. */
export type RunModule = (container: RunContainer) => void | Promise<void>;

/** A container of its own, filled by modules one after the other; disposed when one of them throws. */
export async function assembleRun(modules: readonly RunModule[]): Promise<RunContainer> {
  const container = createRunContainer();
  try {
    for (const module of modules) await module(container);
    return container;
  } catch (error) {
    // Its first error is the one to report, also when disposing fails in its turn.
    await container.dispose().catch(() => undefined);
    throw error;
  }
}

export function createRunContainer(): RunContainer {
  const child: DependencyContainer = root.createChildContainer();
  const disposers: (() => void | Promise<void>)[] = [];
  const states = new Map<string, Snapshotable>();
  const find = <T>(token: Token<T>): T | undefined =>
    child.isRegistered(token) ? child.resolve(token) : undefined;
  return {
    provide(token, value, dispose) {
      child.register(token, { useValue: value });
      if (dispose) disposers.push(dispose);
      return value;
    },
    build: (type) => child.resolve(type as never),
    get(token) {
      if (child.isRegistered(token)) return child.resolve(token);
      throw new ContractError('not-provided', {
        asked: `Take ${String(typeof token === 'symbol' ? token.description : token)} from the run's container`,
        found: 'nothing was provided for it',
        todo: 'Provide it in a module that comes before',
      });
    },
    find,
    saves(name, part) {
      if (states.has(name)) {
        throw new ContractError('state-twice', {
          asked: `Save a part of the run as "${name}"`,
          found: 'another part is saved under this name',
          todo: 'Give each part a name of its own',
        });
      }
      states.set(name, part);
    },
    states,
    onDispose: (dispose) => void disposers.push(dispose),
    async dispose() {
      const failures: unknown[] = [];
      for (const dispose of disposers.splice(0).reverse()) {
        try {
          await dispose();
        } catch (error) {
          failures.push(error);
        }
      }
      child.clearInstances();
      if (failures.length === 1) throw failures[0];
      if (failures.length > 1) throw new AggregateError(failures, 'The run could not be disposed completely');
    },
  };
}
