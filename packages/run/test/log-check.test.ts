/** A log that is not the one that the checkpoint knows is named, and nothing of it is cut. */
import {
  appendFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { RunConfigInput } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { readEventLog, resumeTrial, runTrial, type TrialResult } from '../src/index.js';
import { base, run } from './resumed-run.js';
import { environment, tinyConfig, withFolder } from './tiny-run.js';

/** Some 900 bytes a file: dozens of rotations in twelve steps, of which two files are kept. */
const rotating: RunConfigInput = {
  controller: 'random',
  eventLog: { rotateMegabytes: 900 / 2 ** 20, keepFiles: 2 },
};

/** Begins a run and stops it after a step. @returns its folder */
async function stopped(
  folder: string,
  name: string,
  overrides: RunConfigInput,
  after: number,
): Promise<string> {
  const abort = new AbortController();
  const place = join(folder, name);
  const env = environment(folder, {
    signal: abort.signal,
    listen: (bus) => void bus.on('step.completed').subscribe(({ step }) => step === after && abort.abort()),
  });
  await runTrial(tinyConfig(folder, { ...base, ...overrides }), place, env);
  return place;
}

const logFiles = (place: string): string[] =>
  readdirSync(place)
    .filter((name) => /^events.*\.jsonl$/.test(name))
    .sort();
const bytesOf = (place: string): string[] =>
  logFiles(place).map((name) => `${name} ${readFileSync(join(place, name), 'base64')}`);

/** What a result says that does not depend on the clock. */
const told = ({
  tokens,
  losses,
  tieMaps,
  diagnostics,
  validation,
  test,
  trainingFlops,
}: TrialResult): unknown => ({
  ...{ tokens, losses, tieMaps, diagnostics, validation, test, trainingFlops },
});

describe('a run whose log is rotated and thrown away', () => {
  it('reports all of its steps when it is resumed, however often', async () => {
    await withFolder(async (folder) => {
      const whole = await run(folder, 'whole', rotating, []);
      const resumed = await run(folder, 'resumed', rotating, [3, 5, 8, 11]);
      expect(logFiles(join(folder, 'resumed'))[0]).not.toBe('events-000001.jsonl');
      expect(whole.tokens).toBe(12 * 2 * 2 * 8);
      expect(told(resumed)).toEqual(told(whole));
      const unrotated = await run(folder, 'unrotated', { controller: 'random' }, []);
      expect(told(unrotated)).toEqual(told(whole));
      // Seconds are summed over all steps, and not over those that are left in the log.
      const measured = (result: TrialResult): number => result.trainingSeconds / result.steps;
      expect(measured(resumed)).toBeGreaterThan(0);
      const last = readFileSync(join(folder, 'resumed', 'checkpoints', 'step-000012', 'state.json'), 'utf8');
      const { totals } = JSON.parse(last) as { totals: { steps: { durationMs: number[] } } };
      const sum = totals.steps.durationMs.reduce((all, one) => all + one, 0);
      expect(resumed.trainingSeconds).toBeCloseTo(sum / 1000, 9);
      expect(totals.steps.durationMs).toHaveLength(12);
    });
  });

  it('keeps the files that its newest checkpoint knows, however often it is rotated after it', async () => {
    await withFolder(async (folder) => {
      const rare = { ...rotating, checkpoint: { every: 1000, everyMinutes: null } };
      const whole = await run(folder, 'whole', rare, []);
      const place = await stopped(folder, 'killed', rare, 5);
      const checkpoints = join(place, 'checkpoints');
      const before = join(folder, 'checkpoints');
      cpSync(checkpoints, before, { recursive: true });
      await resumeTrial(place, environment(folder));
      // As after a kill in the last moment: the log is at its end, and nothing was saved since.
      rmSync(checkpoints, { recursive: true });
      cpSync(before, checkpoints, { recursive: true });
      rmSync(join(place, 'result.json'));
      const result = await resumeTrial(place, environment(folder));
      expect(told(result)).toEqual(told(whole));
    });
  });
});

describe('a log that disagrees with the checkpoint', () => {
  const flip = (path: string): void => {
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(path, bytes);
  };
  const damages: readonly (readonly [string, (path: string, place: string) => void, RegExp])[] = [
    ['removed', (path) => rmSync(path), /is missing|the log has 0/],
    ['cut', (path) => truncateSync(path, statSync(path).size >> 1), /has \d+/],
    ['emptied', (path) => truncateSync(path, 0), /has 0/],
    ['flipped', flip, /does not match its checksum/],
    [
      'exchanged',
      (path) => writeFileSync(path, readFileSync(path, 'utf8').replace(/"loss":\d/, '"loss":9')),
      /checksum/,
    ],
  ];

  it('is named, file by file and damage by damage, and left as it is', async () => {
    await withFolder(async (folder) => {
      const place = await stopped(
        folder,
        'run',
        { ...rotating, eventLog: { ...rotating.eventLog, keepFiles: 3 } },
        9,
      );
      const files = logFiles(place);
      expect(files.length).toBeGreaterThan(4);
      // The last three rotated ones and the current one are promised; older ones are kept for an older checkpoint.
      const promised = files.slice(-4);
      let named = 0;
      for (const name of files) {
        for (const [damage, harm, words] of damages) {
          if (damage === 'removed' && !promised.includes(name)) continue;
          const copy = join(folder, 'copy');
          cpSync(place, copy, { recursive: true });
          const before = readFileSync(join(copy, name), 'utf8');
          harm(join(copy, name), copy);
          if (damage === 'exchanged' && readFileSync(join(copy, name), 'utf8') === before) {
            rmSync(copy, { recursive: true });
            continue;
          }
          const found = bytesOf(copy);
          const refused = await resumeTrial(copy, environment(folder)).then(
            () => undefined,
            (error: Error & { code: string }) => error,
          );
          expect([name, damage, refused?.code]).toEqual([
            name,
            damage,
            expect.stringMatching(/^run-log-(changed|short)$/),
          ]);
          expect(refused?.message).toMatch(words);
          expect(refused?.message).toContain('weights.from.name=run');
          if (refused?.code === 'run-log-changed') expect(refused.message).toContain(name);
          expect(bytesOf(copy)).toEqual(found);
          named += 1;
          rmSync(copy, { recursive: true });
        }
      }
      expect(named).toBeGreaterThan(16);
      // Undamaged, with a torn line and files of a future that did not come to a checkpoint, it goes on.
      appendFileSync(join(place, 'events.jsonl'), '{"type":"step.compl');
      expect((await resumeTrial(place, environment(folder))).outcome).toBe('completed');
    });
  });
});

describe('reading a log', () => {
  it('names a file that is missing between others, and reads a log whose beginning was thrown away', async () => {
    await withFolder(async (folder) => {
      const place = await stopped(
        folder,
        'run',
        { ...rotating, eventLog: { rotateMegabytes: 400 / 2 ** 20, keepFiles: 1 } },
        11,
      );
      const files = logFiles(place);
      const kept = [...readEventLog(place)];
      expect(kept.some(({ type }) => type === 'run.started')).toBe(false);
      rmSync(join(place, files[0] as string));
      expect([...readEventLog(place)].length).toBeLessThan(kept.length);
      renameSync(join(place, files[1] as string), join(place, 'elsewhere'));
      writeFileSync(join(place, files[0] as string), '');
      expect(() => [...readEventLog(place)]).toThrow(
        expect.objectContaining({
          code: 'event-log-damaged',
          message: expect.stringContaining(files[1] as string) as string,
        }),
      );
    });
  });
});
