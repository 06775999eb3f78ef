/** Every text of the table, on every way to a terminal, a pipe and a file. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse as parseYaml } from 'yaml';
import { describe, expect, it } from 'vitest';
import { visible } from '@ligature/core';
import { HOSTILE_TEXTS } from '@ligature/testing';
import { run } from '../src/index.js';
import { printConfig } from '../src/commands/prepare.js';
import { reportError } from '../src/errors.js';
import { createProgressView } from '../src/progress/view.js';
import { guarded, shownText } from '../src/terminal/guard.js';
import { writeModelText } from '../src/terminal/model-text.js';
import { paintFor } from '../src/terminal/paint.js';
import { started, stepped } from './events.js';
import { fakeIo, type FakeOptions } from './fake-io.js';

const TEXTS = Object.entries(HOSTILE_TEXTS);
const PLUGIN = fileURLToPath(new URL('fixtures/hostile-study.mjs', import.meta.url));
Object.assign(globalThis, { hostileTexts: Object.values(HOSTILE_TEXTS) });

/** What acts on a terminal, but for line ends. */
const ACTIVE = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\p{Cs}\u2028\u2029]/u;
/** What our own live lines and colours are made of; no text of the table may have brought any of it. */
const OURS = /\u001b\[(?:\d+A|\?25[lh]|[JK]|[\d;]*m)|\r(?=[^\n]|$)/g;
const FORGED = /\u001b\[(2J|31mred|8m|\d*m?hidden)|\r(?=finished |=1)/;

function expectHarmless(text: string, isTTY: boolean): void {
  expect(text).not.toMatch(FORGED);
  expect(isTTY ? text.replaceAll(OURS, '') : text).not.toMatch(ACTIVE);
}

const TERMINALS: [string, FakeOptions][] = [
  ['a terminal', { isTTY: true, columns: 100 }],
  ['a terminal without colours', { isTTY: true, columns: 100, env: { NO_COLOR: '1' } }],
  ['a pipe', {}],
];

describe.each(TERMINALS)('on %s', (_, options) => {
  const isTTY = options.isTTY === true;

  it.each(TEXTS)('an error says %s', (_name, text) => {
    for (const json of [true, false]) {
      const io = fakeIo(options);
      reportError(new TypeError(text), guarded(io), { json, verbose: true });
      expectHarmless(io.err(), isTTY);
      // The stack comes after it.
      const [line = ''] = io.err().split('\n');
      if (json) expect(JSON.parse(line)).toMatchObject({ error: { found: `TypeError: ${text}` } });
      else expect(io.err()).toContain(visible(text).split('\n')[0]);
    }
  });

  it.each(TEXTS)('progress shows %s', (_name, text) => {
    const io = fakeIo(options);
    const listeners: ((line: string) => void)[] = [];
    const onPrinted = (listener: (line: string) => void) => {
      listeners.push(listener);
      return () => undefined;
    };
    const view = createProgressView(guarded({ ...io, onPrinted }), { quiet: false, plain: false });
    const line = view.begin(text);
    line.event({ type: 'stage.entered', message: text });
    line.event({ type: 'notice.raised', message: text });
    line.event({ ...started([0, 1], 2), unit: text } as never);
    line.event(stepped(1, 5));
    line.event({ type: 'diagnostic.raised', code: text, message: text, window: 1, evidence: {} });
    for (const done of [0, 1, 2]) {
      line.event({ type: 'evaluation.progressed', split: text as never, done, total: 2 });
    }
    line.event(stepped(2, 5));
    listeners[0]?.(text);
    view.end();
    expectHarmless(io.err(), isTTY);
    expect(listeners).toHaveLength(1);
  });

  it('a study of a plug-in shows what it says, and gives it as JSON', async () => {
    for (const more of [[], ['--json']]) {
      const io = fakeIo(options);
      const argv = ['study', 'hostile', '--plugins', PLUGIN, '--executor', 'hostile', ...more];
      const status = await run([...argv, '--backend', 'cpu', '--tokenizer', 'byte', '--layers', '2'], io);
      expect(status, io.err()).toBe(1);
      expectHarmless(io.out(), isTTY);
      expectHarmless(io.err(), isTTY);
      if (more.length > 0) {
        expect((JSON.parse(io.out()) as { texts: string[] }).texts).toEqual(Object.values(HOSTILE_TEXTS));
        continue;
      }
      const folder = join(io.cwd, 'runs', 'hostile-moby-dick');
      for (const file of ['hostile.md', 'report.html'])
        expect(readFileSync(join(folder, file), 'utf8')).not.toMatch(ACTIVE);
      const page = fakeIo(options);
      expect(await run(['report', folder, '--plugins', PLUGIN], page)).toBe(0);
      expectHarmless(page.out(), isTTY);
    }
  });

  it.each([
    ['plugins', '--plugins', PLUGIN],
    ['plugins', 'hostile', '--plugins', PLUGIN],
    ['plugins', '--json', '--plugins', PLUGIN],
    ['study', '--plugins', PLUGIN],
    ['study', 'hostile', '--help', '--plugins', PLUGIN],
  ])('`ligature %s %s` says what a plug-in says of itself', async (...argv) => {
    const io = fakeIo(options);
    expect(await run(argv, io), io.err()).toBe(0);
    expectHarmless(io.out(), isTTY);
  });
});

describe('on a terminal', () => {
  const options: FakeOptions = { isTTY: true, columns: 100 };

  it.each(TEXTS)('a command line with %s is answered', async (_name, text) => {
    for (const argv of [['train', '--plugins', text], ['evaluate', text], [`--${text}`], [text]]) {
      const io = fakeIo(options);
      await run(argv, io);
      expectHarmless(io.out() + io.err(), true);
    }
  });

  it.each(TEXTS)('a configuration with %s is printed as it is read', (_name, text) => {
    for (const json of [false, true]) {
      const io = fakeIo(options);
      const config = {
        out: text,
        plugins: [text, 'other'],
        backend: { name: 'cpu', options: { [text]: text } },
      };
      printConfig(config as never, { io: guarded(io), json } as never);
      expectHarmless(io.out(), true);
      expect(json ? JSON.parse(io.out()) : parseYaml(io.out())).toEqual(config);
    }
  });
});

describe('what a model writes', () => {
  it.each(TEXTS)('is visible on a terminal, and as it is in a pipe: %s', (_name, text) => {
    const terminal = fakeIo({ isTTY: true });
    writeModelText(text, guarded(terminal).stdout);
    expect(terminal.out()).toBe(visible(text));
    const pipe = fakeIo();
    writeModelText(text, guarded(pipe).stdout);
    expect(pipe.out()).toBe(text);
  });
});

describe('the guard', () => {
  it('leaves our colours, and lets nothing else that moves or paints through', () => {
    for (const COLORTERM of ['truecolor', '']) {
      const env = { COLORTERM };
      const paint = paintFor({ isTTY: true, write: () => undefined }, env);
      const text = [paint.bold.red('a'), paint.dim('b'), paint.cyan('c'), paint.yellow('d'), paint.green('e')]
        .concat(paint.bgHex('#123456').hex('#abcdef').bold(' 1'), paint.hex('#fedcba').bgHex('#123')('▌'))
        .join('\n');
      expect(text).toContain('\u001b[');
      expect(shownText(text, true)).toBe(text);
      expect(shownText(text, false)).not.toContain('\u001b');
    }
    for (const [, text] of TEXTS) expect(shownText(text, false)).toBe(visible(text));
    expect(shownText('\u001b[5m\u001b[8m\u001b[2J\u001b[7m\u001b[1;31m', true)).not.toContain('\u001b');
  });
});
