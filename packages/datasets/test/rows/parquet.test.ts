/** Parquet files of pyarrow (fixtures/parquet/make_fixtures.py), and what becomes of damaged ones. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openParquet } from '../../src/rows/parquet.js';
import { temporaryFolder } from '../helpers.js';

const folder = fileURLToPath(new URL('../fixtures/parquet/', import.meta.url));
const open = (name: string) => openParquet(join(folder, `${name}.parquet`), name);
const SENTENCES = [
  ...['The sailors rode the breeze.', 'Made rope the over weights.', 'Größe zählt 🐋', ''],
  'It is "so", they said.',
];

describe('columns', () => {
  it.each(['none', 'snappy', 'gzip', 'brotli', 'zstd', 'lz4', 'pages', 'plain'])(
    'are read from %s',
    async (name) => {
      const table = await open(name);
      expect(table.columns).toEqual(['sentence', 'label', 'idx']);
      const rows = await table.read(['label', 'sentence', 'idx']);
      expect(rows).toEqual(
        Array.from({ length: 23 }, (_, at) => ({ at: at + 1, values: [at % 2, SENTENCES[at % 5], at] })),
      );
    },
  );

  it('may miss values, and are texts, numbers and flags', async () => {
    const rows = await (await open('kinds')).read(['text', 'score', 'flag']);
    expect(rows.map(({ values }) => values)).toEqual([
      ['a', 0.5, true],
      [null, 1.25, false],
      ['c', null, null],
      ['d', -3, true],
    ]);
  });

  it('are refused where they are nested, no text, missing, or written in another way', async () => {
    const kinds = await open('kinds');
    await expect(kinds.read(['list'])).rejects.toMatchObject({ code: 'column-nested' });
    await expect(kinds.read(['bytes'])).rejects.toMatchObject({ code: 'dataset-not-utf8' });
    await expect(async () => kinds.read(['nope'])).rejects.toThrow(
      /no column "nope"; its columns are text, score, flag, list, bytes/,
    );
    await expect(open('empty')).rejects.toMatchObject({ code: 'table-empty' });
    const delta = await open('delta');
    await expect(delta.read(['idx'])).rejects.toThrow(/DELTA_BINARY_PACKED.*plain or dictionary/);
    expect(await delta.read(['sentence'])).toHaveLength(23);
    await expect(open('not there')).rejects.toMatchObject({ code: 'dataset-missing' });
  });
});

describe('files that are cut off or changed', () => {
  const bytes = readFileSync(join(folder, 'snappy.parquet'));

  it('are refused at any length', async () => {
    const place = temporaryFolder(
      Object.fromEntries(
        Array.from({ length: bytes.length }, (_, length) => [`${length}.parquet`, bytes.subarray(0, length)]),
      ),
    );
    for (let length = 0; length < bytes.length; length += 1) {
      const read = openParquet(join(place, `${length}.parquet`), 'cut').then((table) =>
        table.read(['sentence']),
      );
      await expect(read, `${length} bytes`).rejects.toMatchObject({ code: 'parquet-damaged' });
    }
  });

  it.each(['none', 'snappy', 'pages', 'plain', 'zstd'])(
    'end in a value or a typed error: %s',
    async (name) => {
      const whole = readFileSync(join(folder, `${name}.parquet`));
      const folderOfCase = temporaryFolder();
      for (let at = 0; at < whole.length; at += 7) {
        const changed = Buffer.from(whole);
        changed[at] = (changed[at] as number) ^ 0xff;
        const place = join(folderOfCase, 'x.parquet');
        writeFileSync(place, changed);
        const found = await openParquet(place, 'changed')
          .then((table) => table.read(['sentence', 'label']))
          .catch((error: unknown) => error);
        if (Array.isArray(found)) expect(found.length).toBeLessThanOrEqual(23);
        else expect(found, `byte ${at}`).toMatchObject({ name: 'InputError' });
      }
    },
  );
});
