import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DATASET_NAMES, plugin, resolveDataset } from '@ligature/datasets';
import { temporaryFolder } from './helpers.js';

describe('resolveDataset', () => {
  const layout = () => ({ 'train.txt': 'x', 'valid.txt': 'x', 'test.txt': 'x' });

  it('takes a known name before a path of that name', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'sotu'));
    expect(await resolveDataset('sotu', { folder })).toEqual({ name: 'sotu', options: {} });
    expect(await resolveDataset('./sotu', { folder })).toEqual({ name: 'text', options: { path: './sotu' } });
    expect(await resolveDataset('mine', { known: ['mine'] })).toEqual({ name: 'mine', options: {} });
  });

  it('tells texts from the WikiText layout', async () => {
    const folder = temporaryFolder({ 'book.txt': 'x' });
    expect(await resolveDataset('book.txt', { folder })).toEqual({
      name: 'text',
      options: { path: 'book.txt' },
    });
    expect(await resolveDataset(folder)).toEqual({ name: 'text', options: { path: folder } });
    const table = temporaryFolder({ 'rows.CSV': 'text\nx\n' });
    expect(await resolveDataset('rows.CSV', { folder: table })).toEqual({
      name: 'table',
      options: { path: 'rows.CSV' },
    });
    const wiki = temporaryFolder(layout());
    expect(await resolveDataset(wiki)).toEqual({ name: 'wikitext', options: { path: wiki } });
    // Which files are which split is an option of texts alone.
    const given = { train: 'train.txt', test: 'valid.txt' };
    expect(await resolveDataset(wiki, { given })).toEqual({ name: 'text', options: { path: wiki } });
    expect(await resolveDataset(wiki, { given: { layout: 'txt' } })).toMatchObject({ name: 'wikitext' });
  });

  it('lists the known names for what is neither, with the nearest one', async () => {
    const unknown = resolveDataset('moby-dik');
    await expect(unknown).rejects.toMatchObject({ name: 'InputError', code: 'unknown-dataset' });
    const known = [...DATASET_NAMES].sort().join(', ');
    await expect(unknown).rejects.toThrow(`known: ${known}. Did you mean "moby-dick"?`);
    await expect(resolveDataset('')).rejects.toMatchObject({ code: 'unknown-dataset' });
    await expect(resolveDataset('/dev/null')).rejects.toMatchObject({ code: 'unknown-dataset' });
  });

  it('knows the names of the plug-in', () => {
    expect(Object.keys(plugin.datasets)).toEqual(DATASET_NAMES);
  });

  it('leaves names of the Hub to the plug-in that reads them', async () => {
    expect(await resolveDataset('hf:a/b', { known: ['hub', 'text'] })).toEqual({ name: 'hub', options: {} });
    await expect(resolveDataset('hf:a/b')).rejects.toThrow('@ligature/hub');
  });
});
