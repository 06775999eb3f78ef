/** Checkpoints and whole run folders as `resume` reads them: sealed anew, so that the checksums hold. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { plugin as backends } from '@ligature/backends';
import { PluginHost, runConfigSchema, type Choice, type Plugin } from '@ligature/core';
import { readEventLog, resumeTrial, runTrial, type RunEnvironment } from '@ligature/run';
import { CheckpointStore } from '@ligature/trainer/node';
import * as fc from 'fast-check';
import { BUILTINS } from '../../../packages/cli/src/builtins.js';
import { encodeManifest } from '../../../packages/trainer/src/checkpoint/manifest.js';
import '../backend.js';
import { damaged, strangers } from '../generate/bytes.js';
import { jsonFile } from '../generate/json.js';
import { defineTarget } from '../target.js';

type Files = Readonly<Record<string, Uint8Array>>;

const TEXT = Array.from({ length: 60 }, (_, i) => `Line ${i} says that ${i} and one make ${i + 1}.\n\n`).join(
  '',
);
const STEPS = 5;
const config = runConfigSchema.parse({
  dataset: './book.txt',
  tokenizer: 'byte',
  backend: 'cpu',
  controller: { name: 'q-learning', options: { hidden: 2, replay: { capacity: 3, batch: 2 } } },
  model: { layers: 3, width: 4, heads: 2, context: 4 },
  training: { steps: STEPS, batch: 2, warmup: 0 },
  tying: { window: 2 },
  evaluation: { batches: 1, evaluators: ['ledger', 'diagnostics'] },
  checkpoint: { every: 3, everyMinutes: null, keepLast: 3 },
});

// Only this backend: a case must not load native code because its configuration says so.
const only: Plugin = { ...backends, backends: { cpu: backends.backends.cpu } };
const host = new PluginHost();
for (const plugin of BUILTINS) host.register(plugin.name === only.name ? only : plugin);
const environment = (folder: string): RunEnvironment => ({
  ...{ host, cwd: folder, cacheFolder: join(folder, 'cache'), now: () => 0 },
});

/** The files of a run that was stopped one step before its end, by path inside its folder. */
async function stoppedRun(): Promise<Files> {
  const folder = mkdtempSync(join(tmpdir(), 'ligature-fuzz-run-'));
  try {
    writeFileSync(join(folder, 'book.txt'), TEXT);
    const abort = new AbortController();
    await runTrial(config, join(folder, 'run'), {
      ...environment(folder),
      signal: abort.signal,
      listen: (bus) =>
        void bus.on('step.completed', 'fuzz').subscribe(({ step }) => step === STEPS - 1 && abort.abort()),
    });
    const paths = readdirSync(join(folder, 'run'), { recursive: true, withFileTypes: true });
    return Object.fromEntries(
      paths
        .filter((one) => one.isFile())
        .map((one) => join(one.parentPath, one.name))
        .map((path) => [path.slice(folder.length + '/run/'.length), new Uint8Array(readFileSync(path))]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const RUN = await stoppedRun();
const NEWEST = `checkpoints/step-00000${STEPS - 1}`;
const content = (name: string): Uint8Array => RUN[`${NEWEST}/${name}`] as Uint8Array;
const json = (name: string): unknown => JSON.parse(Buffer.from(content(name)).toString('utf8'));
const tensors = (name: string) => fc.oneof(damaged(fc.constant(content(name))), strangers);

/** As it was saved, and with sizes that its weights have not. */
const { config: savedConfig, ...rest } = json('model.json') as { config: typeof config };
const descriptions = [{}, { width: 65_536, heads: 1 }, { layers: 1024 }, { context: 65_536 }].map(
  (sizes) => ({
    ...rest,
    config: { ...savedConfig, model: withOptions(savedConfig.model, sizes) },
  }),
);

function withOptions({ name, options }: Choice, more: object): Choice {
  return { name, options: { ...options, ...more } };
}

/** What is put in the place of a file of the newest checkpoint. */
const change = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant('state.json'), jsonFile([json('state.json')])) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('model.json'), jsonFile(descriptions)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('state.safetensors'), tensors('state.safetensors')) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('model.safetensors'), tensors('model.safetensors')) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('checksums.json'), jsonFile([json('checksums.json')])) },
);
const LINKS = [
  'events.jsonl',
  'run.lock',
  'result.json',
  'checkpoints',
  'checkpoints/latest',
  NEWEST,
  `${NEWEST}/state.json`,
];
/** A name inside the run folder that is a link out of it, to a file or to a folder. */
const link = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...LINKS), fc.constantFrom('secret.txt', '.')) },
);
const latest = fc.oneof(
  { weight: 5, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom('../../outside\n', '/etc\n', 'step-999999\n', '\0', '') },
);
const log = fc.oneof(
  { weight: 4, arbitrary: fc.constant(RUN['events.jsonl'] as Uint8Array) },
  { weight: 2, arbitrary: damaged(fc.constant(RUN['events.jsonl'] as Uint8Array)) },
  {
    weight: 2,
    arbitrary: jsonFile(linesOf(RUN['events.jsonl'] as Uint8Array)).map(
      (line) => new Uint8Array(Buffer.concat([line, Buffer.from('\n'), RUN['events.jsonl'] as Uint8Array])),
    ),
  },
);

function linesOf(bytes: Uint8Array): unknown[] {
  return Buffer.from(bytes)
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

/** One checkpoint only, so that nothing older is taken in its place. */
function place(run: string, [name, bytes]: readonly [string, Uint8Array], sealed: boolean): void {
  const parts = ['model.json', 'model.safetensors', 'state.json', 'state.safetensors'] as const;
  const files = new Map(parts.map((one) => [one, one === name ? bytes : content(one)]));
  for (const [one, data] of files) put(join(run, NEWEST, one), data);
  const manifest = sealed ? encodeManifest(STEPS - 1, null, files) : content('checksums.json');
  put(join(run, NEWEST, 'checksums.json'), name === 'checksums.json' ? bytes : manifest);
  put(join(run, 'checkpoints/latest'), Buffer.from(`${NEWEST.slice('checkpoints/'.length)}\n`));
}

function put(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

const sealed = fc.oneof(
  { weight: 6, arbitrary: fc.constant(true) },
  { weight: 1, arbitrary: fc.constant(false) },
);

export const checkpoint = defineTarget({
  name: 'checkpoint',
  reads: 'the newest checkpoint of a run',
  input: fc.tuple(change, sealed, latest),
  prepare([changed, seal, pointer], { folder }) {
    place(folder, changed, seal);
    if (pointer !== undefined) put(join(folder, 'checkpoints/latest'), Buffer.from(pointer));
    return async () => {
      const store = new CheckpointStore(join(folder, 'checkpoints'));
      await store.list();
      const found = await store.latest();
      return found && [found.parts, found.model.config, found.damaged];
    };
  },
});

export const eventLog = defineTarget({
  name: 'event-log',
  reads: 'the event log of a run',
  input: log,
  prepare(bytes, { folder }) {
    writeFileSync(join(folder, 'events.jsonl'), bytes);
    return () => [...readEventLog(folder)];
  },
});

export const resumed = defineTarget({
  name: 'resume',
  reads: 'a run folder that is resumed and trained to its end',
  input: fc.tuple(change, log, link),
  writes: '.',
  prepare([changed, events, out], { folder, outside }) {
    const run = join(folder, 'run');
    writeFileSync(join(folder, 'book.txt'), TEXT);
    put(join(run, 'events.jsonl'), events);
    place(run, changed, true);
    if (out !== undefined) {
      const [name, target] = out;
      rmSync(join(run, name), { recursive: true, force: true });
      symlinkSync(join(outside, target), join(run, name));
    }
    return () => resumeTrial(run, environment(folder));
  },
});
