/** What is shown of trials that were measured on a part of the splits. */
import type { FinishedTrial, StudyDocument, Subset, TrialResult } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { tinyConfig, withFolder } from '../../run/test/tiny-run.js';
import { planned } from '../src/conduct/conduct.js';
import { withMeasured } from '../src/presentation/measured.js';
import { withMeasurement } from '../src/presentation/measurement.js';
import { planTrials } from '../src/index.js';

const document: StudyDocument = {
  ...{ name: 'comparison', kind: 'comparison', title: 'A against B', lead: 'Both.', verdict: 'None.' },
  body: [
    { kind: 'heading', text: 'Table' },
    {
      ...{ kind: 'table', caption: 'Means', file: 'table.csv' },
      columns: [{ key: 'controller', heading: 'Controller', unit: 'text' }],
      rows: [['a'], ['b']],
    },
    { kind: 'table', caption: 'For people', columns: [{ heading: 'Note', unit: 'text' }], rows: [['x']] },
  ],
  ...{ failed: [], unfinished: 0, command: 'ligature compare', config: null },
};

const trial = (label: string, subset?: TrialResult['subset']): FinishedTrial =>
  ({ trial: { label, seed: 1 }, result: subset ? { subset } : {} }) as unknown as FinishedTrial;

const some: Subset = { batches: 3, of: 51 };

describe('a document', () => {
  it('stays as it is where whole splits were measured, or nothing', () => {
    expect(withMeasured(document, [trial('a'), trial('b')])).toBe(document);
    expect(withMeasured(document, [])).toBe(document);
  });

  it('says below its first table, and in each file, on what all trials were measured', () => {
    const marked = withMeasured(document, [trial('a', { test: some }), trial('b', { test: some })]);
    expect(marked.body[2]).toEqual({
      kind: 'text',
      text: 'Measured after training on 3 of 51 batches of test, evenly over the splits and the same for every trial (`evaluation.final`).',
    });
    expect(marked.body[1]).toMatchObject({
      columns: [{ key: 'controller' }, { key: 'measured_on' }],
      rows: [
        ['a', '3 of 51 batches of test'],
        ['b', '3 of 51 batches of test'],
      ],
    });
    expect(marked.body[3]).toBe(document.body[2]);
  });

  it('names the trials that were not measured alike', () => {
    const { body } = withMeasured(document, [trial('a'), trial('b', { test: some })]);
    expect(body[2]).toMatchObject({
      text: expect.stringContaining(
        'the whole splits (a, seed 1), and 3 of 51 batches of test (b, seed 1)',
      ) as string,
    });
    expect(body[1]).toMatchObject({
      rows: [
        ['a', 'not the same for all trials'],
        ['b', 'not the same for all trials'],
      ],
    });
  });
});

describe('a document of trials that were measured at their best steps', () => {
  const at = (label: string, steps: number, step?: number): FinishedTrial =>
    ({
      trial: { label, seed: 1 },
      result: { steps, ...(step !== undefined && { best: { step } }) },
    }) as unknown as FinishedTrial;

  it('says so once, above its first table, and in each file', () => {
    const { body } = withMeasurement(document, [at('a', 4000, 1200), at('b', 4000, 900)]);
    expect(body[1]).toEqual({
      kind: 'text',
      text: 'Test, validation, sizes and tie maps are those of the best validation step of each trial (`evaluation.final.of`): steps 900 to 1,200 of 4,000.',
    });
    expect(body[2]).toMatchObject({
      columns: [{ key: 'controller' }, { key: 'measured_at' }],
      rows: [
        ['a', 'best validation step'],
        ['b', 'best validation step'],
      ],
    });
    expect(body[3]).toBe(document.body[2]);
  });

  it('says how many, where some were not', () => {
    const { body } = withMeasurement(document, [at('a', 400, 100), at('b', 400)]);
    expect(body[1]).toMatchObject({
      text: expect.stringContaining(
        'of 1 of 2 trials, of the last one of the others (`evaluation.final.of`): step 100 of 400.',
      ) as string,
    });
    expect(body[2]).toMatchObject({
      rows: [
        ['a', 'not the same for all trials'],
        ['b', 'not the same for all trials'],
      ],
    });
  });

  it('stays as it is where last steps were measured', () => {
    expect(withMeasurement(document, [at('a', 400)])).toBe(document);
  });
});

describe('a study', () => {
  it('needs both splits', async () => {
    await withFolder((folder) => {
      const config = tinyConfig(folder, { evaluation: { final: { splits: ['validation'] } } });
      const study = { plan: planTrials } as unknown as Parameters<typeof planned>[0];
      expect(() => planned(study, config)).toThrow(expect.objectContaining({ code: 'splits-needed' }));
      expect(planned(study, tinyConfig(folder))).not.toHaveLength(0);
      return Promise.resolve();
    });
  });
});
