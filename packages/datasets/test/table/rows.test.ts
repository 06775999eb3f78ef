/** Rows that are lines of a text, as the Hub keeps WikiText. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTable } from '@ligature/datasets';
import { describe, expect, it } from 'vitest';
import { findCorpus, temporaryFolder } from '../helpers.js';

const corpus = findCorpus('wikitext-2');
const jsonl = (rows: readonly string[]): string =>
  rows.map((text) => `${JSON.stringify({ text })}\n`).join('');
const open = (train: readonly string[], test: readonly string[], rows?: 'auto' | 'lines' | 'paragraphs') => {
  const folder = temporaryFolder({ 'train.jsonl': jsonl(train), 'test.jsonl': jsonl(test) });
  return createTable({ path: folder, ...(rows && { rows }) }, { source: 'table', folder });
};
const wiki = ['', ' = Title = \n', '', ' One two . \n', ' Three . \n'];
const enough = Array.from({ length: 40 }, (_, at) => ` Line ${at} . \n`);

describe('rows of a running text', () => {
  it.each(['auto', 'lines'] as const)(
    'are lines with their ends (%s), blank ones as in WikiText',
    async (rows) => {
      expect((await open(enough, wiki, rows).split?.('test'))?.text).toBe(
        ' \n = Title = \n \n One two . \n Three . \n',
      );
    },
  );

  it('have plain blank lines between others, and an end where there is none', async () => {
    expect((await open(enough, ['a\n', '', 'b'], 'lines').split?.('test'))?.text).toBe('a\n\nb\n');
    expect((await open(enough, ['a\n', '', 'b'], 'auto').split?.('test'))?.text).toBe('a\n\n\nb\n');
  });

  it('are paragraphs unless it is said', async () => {
    expect((await open(enough, ['a', '', 'b']).split?.('test'))?.text).toBe('a\n\nb\n');
  });

  // The rows are made as the Hub's script made them: lines of the file, those of spaces alone empty.
  it.skipIf(!corpus)('of WikiText-2 are the bytes of wiki.test.raw', async () => {
    const original = readFileSync(join(corpus!, 'wiki.test.raw'), 'utf8');
    const lines = original.split(/(?<=\n)/).map((line) => (line.trim() === '' ? '' : line));
    expect(lines.length).toBe(4358);
    expect((await open(enough, lines, 'auto').split?.('test'))?.text === original).toBe(true);
  });
});
