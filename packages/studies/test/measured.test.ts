/** What is shown of trials that were measured on a part of the splits. */
import type { FinishedTrial, StudyDocument, Subset, TrialResult } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { tinyConfig, withFolder } from '../../run/test/tiny-run.js';
import { planned } from '../src/conduct/conduct.js';
import { withMeasured } from '../src/presentation/measured.js';
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
