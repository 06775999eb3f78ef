/**
 * One container per run. It is a child of tsyringe's root only because tsyringe offers no other way to make
 * one; nothing is ever registered in the root, so runs and tests cannot see each other.
 */
import 'reflect-metadata';
import { container as root, type DependencyContainer } from 'tsyringe';
import type { Token } from './tokens.js';

export interface RunContainer {
  /** Registers a ready-made value; `dispose` runs when the run ends, last registered first. */
  provide<T>(token: Token<T>, value: T, dispose?: () => void | Promise<void>): T;
  /** Builds an injectable class from what was provided. */
  build<T>(type: new (...args: never[]) => T): T;
  /** @throws ContractError-like tsyringe error naming the token when nothing was provided for it. */
  get<T>(token: Token<T>): T;
  /** Adds work for the end of the run that belongs to no token. */
  onDispose(dispose: () => void | Promise<void>): void;
  /**
   * Disposes everything, newest first; a failing disposer does not keep the others from running.
   *
   * @throws what failed, or an AggregateError when several did
   */
  dispose(): Promise<void>;
}

export function createRunContainer(): RunContainer {
  const child: DependencyContainer = root.createChildContainer();
  const disposers: (() => void | Promise<void>)[] = [];
  return {
    provide(token, value, dispose) {
      child.register(token, { useValue: value });
      if (dispose) disposers.push(dispose);
      return value;
    },
    build: (type) => child.resolve(type as never),
    get: (token) => child.resolve(token),
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
