/** A long text to ids in a file: all that a run does before it trains, in one process and one thread. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { SplitName } from '@ligature/core';
import { createTextDataset } from '@ligature/datasets';
import { fileCache } from '@ligature/run';
import { tokenizeDataset } from '@ligature/tasks';
import { createGpt2Tokenizer, loadTokenizerJson } from '@ligature/tokenizers';
import type { Report } from './report.js';

const SPLITS: readonly SplitName[] = ['train', 'validation', 'test'];
/** As little as may be is held out. */
const SHARES = { validation: 0.001, test: 0.001 };

export interface EncodeRequest {
  /** Who encodes. */
  readonly backend: 'ligature';
  /** A text file. */
  readonly text: string;
  /** A tokenizer.json; left out: GPT-2's own files. */
  readonly tokenizer?: string;
}

export interface EncodeMeasurement {
  readonly encoder: string;
  readonly version: string;
  readonly megabytes: number;
  readonly tokens: number;
  /** Of processor time, on all cores together. */
  readonly processorSeconds: number;
  readonly megabytesPerSecond: number;
  readonly peakResidentBytes: number;
}

/** The text is read in a stream whatever its size, cut, encoded, digested, and written to a folder that is gone afterwards. */
export async function measureEncode(
  { text, tokenizer: file }: EncodeRequest,
  report: Report,
): Promise<EncodeMeasurement> {
  const tokenizer = file
    ? loadTokenizerJson(JSON.parse(readFileSync(file, 'utf8')))
    : await createGpt2Tokenizer();
  const dataset = createTextDataset(SHARES, { source: basename(text), folder: dirname(text) }, 0);
  const folder = mkdtempSync(join(tmpdir(), 'ligature-encode-'));
  try {
    const before = process.cpuUsage();
    const data = await tokenizeDataset({
      ...{ dataset, tokenizer, cache: fileCache(folder) },
      progress: async (done, of) => report(`ligature: ${Math.round((100 * done) / of)} %`),
    });
    const { user, system } = process.cpuUsage(before);
    const processorSeconds = (user + system) / 1e6;
    const sum = (of: (split: SplitName) => number): number =>
      SPLITS.reduce((all, split) => all + of(split), 0);
    const megabytes = sum((split) => data.bytes(split)) / 1e6;
    return {
      ...{ encoder: 'ligature', version: process.version, megabytes, processorSeconds },
      tokens: sum((split) => data.tokens(split).length),
      megabytesPerSecond: megabytes / processorSeconds,
      peakResidentBytes: process.resourceUsage().maxRSS * 1024,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
