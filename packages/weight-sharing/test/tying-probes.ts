/** What tests of misbehaving controllers look at. */
import { expect, vi } from 'vitest';
import { HandlerError, type ControllerFailed, type LigatureEvent } from '@ligature/core';
import type { TyingRun } from './tying-run.js';

export const never = <T>(): Promise<T> => new Promise(() => undefined);
export const typesOf = (events: readonly LigatureEvent[]): string[] => events.map(({ type }) => type);
export const failures = ({ events }: TyingRun): ControllerFailed[] =>
  events.filter((event) => event.type === 'controller.failed');

/** Runs `work` while the clock goes on for a minute and a half; the limit is a minute by default. */
export async function inTime<T>(work: Promise<T>): Promise<T> {
  const [result] = await Promise.allSettled([work, vi.advanceTimersByTimeAsync(90_000)]);
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

export async function causeOf(work: Promise<unknown>): Promise<Error & { code: string }> {
  const failure: unknown = await inTime(work).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(HandlerError);
  return (failure as HandlerError).cause as Error & { code: string };
}
