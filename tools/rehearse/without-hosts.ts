/** A stranger whose machine reaches the package registry and nothing else, and who was told of no variable. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Consumer } from './consumer.js';
import type { Run } from './processes.js';

/** Nothing listens there, and nothing may without being root. */
const NOWHERE = 'http://127.0.0.1:1';
const TINY = [
  ...[
    'train',
    '--dataset',
    'book.txt',
    '--tokenizer',
    'byte',
    '--layers',
    '2',
    '--width',
    '8',
    '--heads',
    '2',
  ],
  ...['--context', '8', '--batch', '2', '--steps', '2', '--window', '2', '--json'],
];

/**
 * The environment with every way out but the registry closed. Proxies do that for whoever starts it, where taking the
 * network away wants rights: npm keeps to the usual names, the install script of onnxruntime-node to those of its agent.
 */
export function withoutOtherHosts(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
  const shown = Object.entries(env).filter(
    ([name]) =>
      name !== 'ONNXRUNTIME_NODE_INSTALL' &&
      !names.includes(name.replace(/^GLOBAL_AGENT_/i, '').toUpperCase()),
  );
  return {
    ...Object.fromEntries(shown),
    ...{ HTTP_PROXY: NOWHERE, HTTPS_PROXY: NOWHERE, NO_PROXY: '127.0.0.1' },
    ...{ GLOBAL_AGENT_HTTP_PROXY: NOWHERE, GLOBAL_AGENT_HTTPS_PROXY: NOWHERE },
  };
}

interface Outcome {
  readonly backend: { readonly name: string };
}

/** The first command works; where npm left the engine out, the first run says so, and what it says to run brings it. */
export async function installWithoutHosts(
  consumer: Consumer,
  run: Run,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  await consumer.install('@ligature/cli');
  const optional = consumer.installed(/^js-tiktoken$|datasets-sotu$/);
  assert.deepEqual([...optional.keys()], [], 'texts and vocabularies come to those who use them');
  writeFileSync(join(consumer.folder, 'book.txt'), 'The whale is a fish.\n\nThe ship is not.\n\n'.repeat(40));
  const first = await consumer.ligature(...TINY);
  const { backend } = JSON.parse(first.stdout) as Outcome;
  if (existsSync(join(consumer.folder, 'node_modules', 'onnxruntime-node'))) {
    return `npm ${process.platform === 'linux' ? 'ran no install script' : 'needs no other host here'}, a run on ${backend.name}`;
  }
  assert.notEqual(backend.name, 'onnxruntime');
  assert.match(first.stderr, /onnxruntime-node, [^]* is\s+not\s+installed/);
  const command = /`([^`]*npm install [^`]*)`/.exec(first.stderr)?.[1];
  assert.ok(command, `a command stands in: ${first.stderr}`);
  const doctor = await consumer.ligature('doctor', '--json');
  assert.ok(doctor.stdout.includes(command), 'doctor says the same command');

  await run('sh', ['-c', command], { cwd: consumer.folder, env });
  const second = await consumer.ligature(...TINY, '--out', 'again');
  assert.equal((JSON.parse(second.stdout) as Outcome).backend.name, 'onnxruntime');
  assert.doesNotMatch(second.stderr, /is\s+not\s+installed/);
  return `installed, ran on ${backend.name} and said so; after \`${command}\` on onnxruntime`;
}
