import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suites } from '@ligature/testing';
import { afterAll, beforeEach } from 'vitest';
import { datasetViolators, goodDataset } from './violators/datasets.js';
import { testSuite } from './violators/violators.js';

const folder = mkdtempSync(join(tmpdir(), 'ligature-datasets-'));
const text = Array.from(
  { length: 120 },
  (_, line) => `Line ${line} of ${line * line}: 🐋 ${line % 7}\n`,
).join('');
// Anew for each: some violators write into the folder.
beforeEach(() => {
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  writeFileSync(join(folder, 'text.txt'), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

const options = { source: 'text.txt', folder };
testSuite(
  'datasets',
  suites.datasets,
  goodDataset,
  datasetViolators.map(({ timeoutSeconds, ...one }) => ({
    ...one,
    options: { ...options, ...(timeoutSeconds !== undefined && { timeoutSeconds }) },
  })),
  options,
);
