/**
 * Gives every reader of files a pipe that nobody writes to, and writes what each of them says to standard output. A reader
 * that waits never ends: that is why this is a process of its own. Its argument is an empty folder.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PluginHost } from '@ligature/core';
import { loadPlugin } from '@ligature/core/node';
import { plugin as datasets, resolveDataset } from '@ligature/datasets';
import { plugin as recorders } from '@ligature/recorders';
import { readRun } from '@ligature/report';
import { readEventLog, readJson } from '@ligature/run';
import { readStudy } from '@ligature/studies';
import { plugin as tokenizers } from '@ligature/tokenizers/node';
import { acquireRunLock, CheckpointStore, loadModel } from '@ligature/trainer/node';
import { readConfigFile } from '../../src/config/file.js';

const [root = ''] = process.argv.slice(2);
const host = new PluginHost().register(datasets).register(tokenizers).register(recorders);

/** A folder with the given names as pipes, and an ordinary file beside them. */
function withPipes<T>(names: readonly string[], use: (folder: string) => T): T {
  const folder = mkdtempSync(join(root, 'case-'));
  writeFileSync(join(folder, 'ordinary.md'), 'Call me.\n'.repeat(100));
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    execFileSync('mkfifo', [join(folder, name)]);
  }
  return use(folder);
}

const text = (name: string, folder: string, options: object = {}) =>
  host
    .create('datasets', name, { path: folder, ...options }, { source: folder, folder })
    .then((dataset) => dataset.split?.('train'));

const readers: Readonly<Record<string, () => unknown>> = {
  ...Object.fromEntries(
    ['config.json', 'config.yaml', 'config.mjs', 'config.ts'].map((name) => [
      `a configuration called ${name}`,
      () => withPipes([name], (folder) => readConfigFile(name, folder)),
    ]),
  ),
  'a text': () =>
    withPipes(['book.txt'], (folder) =>
      resolveDataset('book.txt', { folder, known: host.names('datasets') }),
    ),
  'a text given as such': () => withPipes(['book.txt'], (folder) => text('text', join(folder, 'book.txt'))),
  'a text of a folder': () => withPipes(['book.txt'], (folder) => text('text', folder)),
  'a text of WikiText': () =>
    withPipes(['train.txt', 'valid.txt', 'test.txt'], (folder) =>
      text('wikitext', folder, { layout: 'txt' }),
    ),
  'a tokenizer': () =>
    withPipes(['tokenizer.json'], (folder) =>
      host.create(
        'tokenizers',
        'file',
        { path: join(folder, 'tokenizer.json') },
        {
          trainingText: () => Promise.reject(new Error('not asked for')),
        },
      ),
    ),
  'a plug-in': () => withPipes(['plugin.mjs'], (folder) => loadPlugin(host, './plugin.mjs', folder)),
  'the manifest of a plug-in': () =>
    withPipes(['made/package.json'], (folder) => loadPlugin(host, './made', folder)),
  'the configuration of a run': () => withPipes(['config.json', 'events.jsonl'], (folder) => readRun(folder)),
  'a file of a run that may be missing': () =>
    withPipes(['manifest.json'], (folder) => `read: ${String(readJson(join(folder, 'manifest.json')))}`),
  'an event log': () => withPipes(['events.jsonl'], (folder) => [...readEventLog(folder)]),
  'a study': () => withPipes(['study.json', 'plan.json'], (folder) => readStudy(folder)),
  'a model': () =>
    withPipes(['model.json', 'model.safetensors', 'checksums.json'], (folder) => loadModel(folder)),
  'a checkpoint': () =>
    withPipes(
      ['model.json', 'model.safetensors', 'state.json', 'checksums.json'].map(
        (name) => `step-00000001/${name}`,
      ),
      (folder) => new CheckpointStore(folder).latest(),
    ),
  'the newest of checkpoints': () =>
    withPipes(['latest'], async (folder) => `read: ${String(await new CheckpointStore(folder).latest())}`),
  'the lock of a run': () =>
    withPipes(['run.lock'], async (folder) => {
      await (await acquireRunLock(folder)).release();
      return 'taken over';
    }),
};

for (const [what, read] of Object.entries(readers)) {
  // Before it begins, so that the last line tells who waits.
  process.stdout.write(`${what}: `);
  const said = await Promise.resolve()
    .then(read)
    .then(
      (value) => (typeof value === 'string' ? value : `READ ${JSON.stringify(value)}`),
      (error: unknown) => `${(error as { code?: string }).code ?? 'NO CODE'}, ${(error as Error).message}`,
    );
  process.stdout.write(`${said.replaceAll('\n', ' ')}\n`);
}
