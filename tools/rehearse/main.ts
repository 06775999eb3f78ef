/**
 * Publishes everything, except that nobody gets it: `npm run rehearse [-- --limit 900] [--keep]`. A registry on this
 * machine, a copy of the checkout in which lerna makes two releases, and strangers in empty folders who install what
 * came out and use it. Needs the build; leaves the checkout as it is. Exit status 1 when anything is not as it should be.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { readRepository } from '../check-packages/packages.js';
import { assertBuilt, copyCheckout } from './checkout.js';
import { Consumer } from './consumer.js';
import { followTheGuide } from './five-commands.js';
import { useEveryKind } from './outside.js';
import { Processes } from './processes.js';
import { startRegistry, strangerEnvironment } from './registry.js';
import { Releases } from './releases.js';
import { installWithoutHosts, withoutOtherHosts } from './without-hosts.js';
import { compileTypes, publishThirdParty, trainAndCompare, useAlone } from './scenarios.js';

const THIRD_PARTY = 'ligature-controller-neighbours';
const OUTSIDE = 'ligature-outside';

async function rehearse(folder: string, signal: AbortSignal): Promise<void> {
  const seconds = (): string => `${(performance.now() / 1000).toFixed(0).padStart(4)} s`;
  const say = (line: string): void => console.log(`${seconds()}  ${line}`);
  const repository = readRepository(fileURLToPath(new URL('../..', import.meta.url)));
  assertBuilt(repository);
  const { run } = new Processes(signal);
  const registry = await startRegistry(join(folder, 'registry'), ['@ligature/*', THIRD_PARTY, OUTSIDE]);
  try {
    const env = strangerEnvironment(registry, join(folder, 'home'));
    const consumer = (name: string): Consumer => new Consumer(join(folder, name), registry, run, env);
    say('A registry is running');

    const copy = await copyCheckout(repository, join(folder, 'copy'), run, env);
    const releases = new Releases(copy, registry, run, env);
    const first = await releases.first();
    const published = await releases.publish();
    assert.deepEqual(published, [...first].map(([name, version]) => `${name}@${version}`).sort());
    say(`First release: ${published.length} packages with versions, changelogs and tags, published`);

    const second = await releases.second(first);
    const again = await releases.publish();
    assert.deepEqual(
      again,
      [...second]
        .filter(([name, version]) => first.get(name) !== version)
        .map((one) => one.join('@'))
        .sort(),
    );
    say(`Second release: ${again.join(', ')} and nothing else`);

    await publishThirdParty('controller', join(folder, 'third-party'), second, run, env);
    const app = consumer('app');
    await app.install('@ligature/cli', '@ligature/controller-q-learning', THIRD_PARTY);
    for (const [name, version] of app.installed(/^@ligature\//))
      assert.equal(version, second.get(name), name);
    say(
      `An empty folder has the command, a controller and a stranger's controller: ${app.installed(/./).size} packages`,
    );
    say(`ligature compare and train: ${await trainAndCompare(app)}`);
    compileTypes(app);
    say('TypeScript: the types of what is installed are whole');

    const closed = withoutOtherHosts(env);
    const cut = new Consumer(join(folder, 'registry-alone'), registry, run, closed);
    say(`Where nothing but the registry is reached: ${await installWithoutHosts(cut, run, closed)}`);

    await publishThirdParty('outside', join(folder, 'outside'), second, run, env);
    const outside = consumer('all-kinds');
    await outside.install('@ligature/cli', '@ligature/testing', '@tensorflow/tfjs-backend-cpu', OUTSIDE);
    say(`A package with one of every kind: ${await useEveryKind(outside)}`);
    outside.loadedModules();

    const alone: [name: string, expected: string[], brought: string[]][] = [
      ['tokenizers', ['@ligature/core', '@ligature/tokenizers'], []],
      ['weight-sharing', ['@ligature/core', '@ligature/weight-sharing'], ['@tensorflow/tfjs-backend-cpu']],
      ['backend-onnxruntime', ['@ligature/backend-onnxruntime'], []],
    ];
    for (const [name, expected, brought] of alone) {
      const stranger = consumer(name);
      await stranger.install(`@ligature/${name}`, ...brought);
      say(`@ligature/${name} alone: ${await useAlone(stranger, name, expected)}`);
    }
    say(`The guide's five commands: ${await followTheGuide(join(folder, 'guide'), run, env)}`);
  } finally {
    registry.close();
  }
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a number of seconds above 0');
  return value;
}

const program = new Command('rehearse')
  .description('Publishes to a registry on this machine, installs from it and uses what was installed.')
  .option('--limit <seconds>', 'gives up after this time', positive, 900)
  .option('--keep', 'keeps the temporary folder')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
program.parse();
const { limit, keep } = program.opts<{ limit: number; keep?: boolean }>();

const stop = new AbortController();
const timer = setTimeout(() => stop.abort(new Error(`Not done after ${limit} seconds`)), limit * 1000);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => stop.abort(new Error(`Stopped by ${signal}`)));
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ligature-rehearsal-')));
try {
  await rehearse(folder, stop.signal);
  console.log('The rehearsal went well; nothing was published.');
} catch (error) {
  console.error(
    error instanceof assert.AssertionError ? error : error instanceof Error ? error.message : error,
  );
  process.exitCode = 1;
} finally {
  clearTimeout(timer);
  if (keep === true) console.log(`Kept: ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}
// The registry keeps connections to npm's open for a while, which nobody waits for.
process.exit();
