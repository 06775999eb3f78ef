/** A run folder may come from anywhere: what it links to outside of itself is neither read nor written. */
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '@ligature/core';
import { openRun, resumeTrial } from '../src/index.js';
import { environment, tinyRun, withFolder } from './tiny-run.js';

const refusal = async (work: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(InputError);
  return (error as InputError).code;
};

describe('links out of a run folder', () => {
  it('are refused, also those to nothing, and what they lead to stays as it is', async () => {
    await withFolder(async (folder) => {
      const run = await tinyRun(folder);
      const outside = join(folder, 'precious.txt');
      for (const name of ['events.jsonl', 'result.json', 'checkpoints/latest']) {
        const path = join(run.folder, name);
        const kept = readFileSync(path);
        writeFileSync(outside, 'precious '.repeat(2000));
        for (const target of [outside, join(folder, 'not-there-yet')]) {
          rmSync(path);
          symlinkSync(target, path);
          expect(await refusal(resumeTrial(run.folder, environment(folder)))).toBe('run-link-outside');
          expect(await refusal(openRun(run.folder, environment(folder)))).toBe('run-link-outside');
        }
        expect(readFileSync(outside, 'utf8')).toBe('precious '.repeat(2000));
        rmSync(path);
        writeFileSync(path, kept);
      }
    });
  });

  it('may lead to places inside, and the folder itself may be a link', async () => {
    await withFolder(async (folder) => {
      const run = await tinyRun(folder);
      mkdirSync(join(run.folder, 'logs'));
      renameSync(join(run.folder, 'events.jsonl'), join(run.folder, 'logs', 'events.jsonl'));
      symlinkSync(join('logs', 'events.jsonl'), join(run.folder, 'events.jsonl'));
      symlinkSync(run.folder, join(folder, 'alias'));
      const opened = await openRun(join(folder, 'alias'), environment(folder));
      opened.dispose();
      expect(opened.config).toEqual(run.result.config);
    });
  });
});
