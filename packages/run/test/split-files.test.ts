import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tinyRun, withFolder } from './tiny-run.js';

it('a run says which files it takes for which split, and keeps that; test text is not trained on', async () => {
  await withFolder(async (folder) => {
    const texts = join(folder, 'texts');
    mkdirSync(texts);
    writeFileSync(join(texts, 'Train.txt'), 'aaaa bbbb\n\n'.repeat(60));
    writeFileSync(join(texts, 'tst.md'), 'zzzz yyyy\n\n'.repeat(20));
    const {
      folder: run,
      heard,
      result,
    } = await tinyRun(folder, {
      dataset: texts,
      evaluation: { batch: 1 },
    });
    const said = heard.flatMap((event) => (event.type === 'notice.raised' ? [event.message] : []));
    expect(said).toContainEqual(
      expect.stringMatching(/training on Train\.txt; validation on text that is cut .*; test on tst\.md$/),
    );
    const manifest = JSON.parse(readFileSync(join(run, 'manifest.json'), 'utf8')) as object;
    expect(manifest).toMatchObject({
      files: { train: ['Train.txt'], validation: [], test: ['tst.md'], leftOut: [] },
    });
    // Bytes: 33 of the 660 are validation's.
    const { trainingTokens, validationTokens, testTokens, splits } = result.data as Record<string, unknown>;
    expect(splits).toBe('official');
    expect(testTokens).toBe(220);
    expect(Number(trainingTokens) + Number(validationTokens)).toBe(660);
  });
});
