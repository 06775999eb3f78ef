/** `bench encode`: how fast a text becomes ids in a file, beside Hugging Face's tokenizers. */
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { InputError } from '@ligature/core';
import { createMobyDick } from '@ligature/datasets';
import type { Command } from 'commander';
import { findTokenizers, measureTokenizers } from '../hugging-face/peer.js';
import type { EncodeMeasurement } from '../measures/encode.js';
import { measureInChild } from '../process/in-child.js';
import { table } from '../table.js';
import { count, print } from './flags.js';

interface EncodeFlags {
  readonly text?: string;
  readonly tokenizer?: string;
  readonly tokenizers: boolean;
  readonly python?: string;
  readonly megabytes: number;
  readonly json: boolean;
}

export function encodeCommand(program: Command): void {
  program
    .command('encode')
    .description(
      'Encodes a text in a stream into a file, in one thread: megabytes for a second of processor time',
    )
    .option('--text <file>', 'a text in UTF-8; left out: Moby-Dick again and again')
    .option('--megabytes <n>', 'of Moby-Dick', count(1), 32)
    .option('--tokenizer <file>', "a tokenizer.json; left out: GPT-2's own")
    .option('--tokenizers', "Hugging Face's tokenizers beside it, from python3: needs --tokenizer", false)
    .option('--python <path>', 'the python3 that has them')
    .option('--json', 'print one JSON object and nothing else', false)
    .action(run);
}

async function run({ text, tokenizer, tokenizers, python, megabytes, json }: EncodeFlags): Promise<void> {
  if (tokenizers && tokenizer === undefined) {
    throw new InputError('tokenizer-missing', {
      asked: "Measure Hugging Face's tokenizers, too",
      found: 'no file that both read is named',
      todo: 'Name one with --tokenizer tokenizer.json',
    });
  }
  const peer = tokenizers ? findTokenizers(python === undefined ? undefined : [python]) : undefined;
  const folder = mkdtempSync(join(tmpdir(), 'ligature-bench-'));
  try {
    const file = text === undefined ? await mobyDick(folder, megabytes) : resolve(text);
    const chosen = tokenizer === undefined ? {} : { tokenizer: resolve(tokenizer) };
    const results: EncodeMeasurement[] = [
      await measureInChild('encode', { backend: 'ligature', text: file, ...chosen }),
    ];
    if (peer !== undefined && tokenizer !== undefined) {
      results.push(await measureTokenizers(peer, { text: file, tokenizer: resolve(tokenizer) }));
    }
    print(json, { results }, () => inWords(results));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function mobyDick(folder: string, megabytes: number): Promise<string> {
  const { text } = await createMobyDick().split('train');
  const file = join(folder, 'moby-dick.txt');
  const times = Math.ceil((1e6 * megabytes) / Buffer.byteLength(text));
  await pipeline(
    Array.from({ length: times }, () => text),
    createWriteStream(file),
  );
  return file;
}

function inWords(results: readonly EncodeMeasurement[]): string {
  const [ours] = results as [EncodeMeasurement];
  const rows = results.map((one) => [
    `${one.encoder} ${one.version}`,
    one.megabytes.toFixed(1),
    one.tokens.toLocaleString('en-US'),
    one.processorSeconds.toFixed(1),
    one.megabytesPerSecond.toFixed(2),
    `${(one.megabytesPerSecond / ours.megabytesPerSecond).toFixed(2)}x`,
    (one.peakResidentBytes / 2 ** 20).toFixed(0),
  ]);
  const header = ['encoder', 'MB', 'tokens', 'processor s', 'MB/s', 'rate / ligature', 'peak MiB'];
  return table(header, rows);
}
