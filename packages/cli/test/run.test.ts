import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, stackLayers, type TieMap } from '@ligature/core';
import { LANGUAGE_MODEL } from '@ligature/run';
import type { PlannedTrial, TrialResult } from '@ligature/core';
import type { Comparison } from '@ligature/studies';
import { describe, expect, it } from 'vitest';
import { run } from '../src/index.js';
import { ledger, started, stepped } from './events.js';
import { fakeIo, frames, type ExecuteTrial, type FakeOptions } from './fake-io.js';

function result({ label, seed, config }: PlannedTrial, folder: string): TrialResult {
  const layers = stackLayers(config);
  const tieMap: TieMap = Array.from({ length: layers }, (_, layer) => (label === 'none' ? layer : 0));
  const metrics = { nats: 2, perplexity: Math.exp(2), bitsPerByte: 3, accuracy: 0.25 };
  return {
    controller: label,
    seed,
    ...LANGUAGE_MODEL,
    steps: 4,
    tokens: 256,
    validation: metrics,
    test: metrics,
    ledger: ledger(tieMap),
    tieMap,
    tieMaps: [{ step: 0, window: 0, tieMap }],
    losses: [{ step: 1, loss: 5 }],
    diagnostics: [],
    memory: { backendBytes: 1e6, residentBytes: 1e8 },
    tokensPerSecond: 640,
    trainingSeconds: 1,
    data: {
      vocabularySize: 256,
      trainingTokens: 9000,
      validationTokens: 500,
      testTokens: 500,
      splits: 'derived',
    },
    summary: {},
    backend: { name: 'cpu', version: '1', detail: 'made up' },
    outcome: 'completed',
    folder,
    config,
  };
}

const succeed: ExecuteTrial = (plan, folder, hooks) => {
  hooks.event({ type: 'stage.entered', message: 'Reading …' });
  hooks.event(started([0, 1], 4));
  hooks.event(stepped(4, 5));
  return Promise.resolve(result(plan, folder));
};

const call = async (argv: string[], options: FakeOptions = {}) => {
  const io = fakeIo({ executeTrial: succeed, ...options });
  const status = await run(argv, io);
  return { io, status, out: io.out(), err: io.err() };
};

const small = ['--backend', 'cpu', '--tokenizer', 'byte', '--layers', '3'];

describe('bad input ends with status 2 and says what to do', () => {
  it.each<[string[], string]>([
    [['trian'], 'Did you mean train?'],
    [['train', '--stpes', '3'], 'Did you mean --steps?'],
    [['train', 'extra'], 'too many arguments'],
    [['evaluate'], "missing required argument 'runs'"],
    [['train', '--controller', 'cylce'], 'Did you mean "cycle"?'],
    [['compare', '--controllers', 'none,rondom'], 'Did you mean "random"?'],
    [['train', '--dataset', 'mobby-dick'], 'Did you mean "moby-dick"?'],
    [['train', '--tokenizer', 'bite'], 'Did you mean "byte"?'],
    [['train', '--plugins', './none.js'], './none.js'],
    [['train', '--controller', 'cycle:blcks=2'], 'there is no option "blcks" (did you mean "blocks"?)'],
    [['train', '--controller', 'q-learning:replay.size=2'], '"replay.size" (known: capacity, batch)'],
    [['train', '--controller', 'q-learning:hidden=0'], 'hidden must be at least 1, not 0'],
    [['train', '--controller', 'map'], 'map is missing'],
    [['train', '--controller', 'immediate', '--layers', '9'], 'Set repeats to 1, 3 or 9'],
    [['train', ...small, '--controllers', 'none,random'], 'Use `ligature compare`'],
    [['train', ...small, '--parallel', '2'], 'or --threads in place of --parallel'],
    [['train', ...small, '--budget', 'lightyears:3'], 'must be one of tokens, flops, seconds'],
    [['compare', ...small, '--budget', 'flops:1e9', '--steps', '3'], 'a budget of 1000000000 flops too'],
    [['train', ...small, '--seeds', '3'], 'or --seed in place of --seeds'],
    [['train', ...small, '--set', 'model.options.layers=0'], 'model.layers must be at least 1, not 0'],
    [['train', '--layers', '0'], 'model.layers must be at least 1'],
    [['train', '--steps', 'abc'], '"abc" is not a number'],
    [['train', '--width', '30', '--heads', '4'], '4 does not divide 30'],
    [['train', '--controller', '0-2-1'], 'layer 1 points at 2, a later layer'],
    [['train', '--controller', '0-0-0', '--layers', '4'], 'it has 3 entries'],
    [['compare', ...small, '--controllers', 'none,none'], '"none" is listed twice'],
    [['compare', ...small, '--control', 'cycle:blocks=2'], 'name one of them with --control'],
    [['train', ...small, '--control', 'none'], 'Use `ligature compare`'],
    [['train', '--name', '../x'], 'no plain folder name'],
    [['generate', 'nowhere'], 'no folder of that name'],
    [['evaluate', 'nowhere'], 'no folder of that name'],
    [['generate', '.', '--top-p', '2'], '--top-p must be at most 1'],
    [['generate', '.', '--temperature', '-1'], '--temperature must be at least 0'],
    [['evaluate', '.', '--split', 'tst'], 'must be one of train, validation, test'],
    [['evaluate', '.', '--round', 'int4'], 'must be one of none, int8'],
    [['evaluate', '.'], 'Open the run'],
    [['plugins', 'qlearning'], 'Did you mean "q-learning"?'],
    [['train', '--threads', '0'], 'threads must be more than 0'],
    [['compare', '--threads', 'two'], '"two" is not a number'],
    [['train', '--backend', 'onnxruntime:provider=gpu'], 'provider must be one of cpu, webgpu, cuda'],
    [['evaluate', '.', '--threads', '0'], '--threads must be at least 1'],
    [['generate', '.', '--threads', '1.5'], '--threads must be a whole number'],
    [['resume', '.', '--backend', 'onnxruntime:provider'], '"provider" is not option=value'],
  ])('%j', async (argv, text) => {
    const { io, status, out, err } = await call(argv);
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(text);
    expect(err).toMatch(/^error: .+\n {2}found: .+\n {2}to do: .+\n$/m);
    expect(err).not.toContain('    at ');
    // Nothing is left behind.
    expect(readdirSync(io.cwd).filter((name) => name !== 'cache')).toEqual([]);
  });

  it('for a folder that cannot be written', async () => {
    const io = fakeIo({ executeTrial: succeed });
    writeFileSync(join(io.cwd, 'file'), '');
    for (const out of ['file', 'file/below']) {
      expect(await run(['compare', ...small, '--out', out], io)).toBe(2);
      expect(io.err()).toMatch(new RegExp(`Write runs into ".*${out}"`));
    }
  });

  it('as one JSON line with --json, and with the stack with --verbose', async () => {
    const { err } = await call(['train', '--controller', 'cylce', '--json']);
    const { error } = JSON.parse(err) as { error: Record<string, string> };
    expect(Object.keys(error)).toEqual(['code', 'asked', 'found', 'todo']);
    expect(error['code']).toBe('unknown-controller');
    expect((await call(['train', '--controller', 'cylce', '--verbose'])).err).toContain('    at ');
  });
});

describe('print-config', () => {
  it('prints what --config reads back, as YAML and as JSON', async () => {
    const io = fakeIo();
    const flags = [
      '--print-config',
      ...small,
      '--controllers',
      'none,cycle:blocks=2',
      '--set',
      'training.clip=null',
    ];
    expect(await run(['compare', ...flags], io)).toBe(0);
    writeFileSync(join(io.cwd, 'a.yaml'), io.out());
    const json = fakeIo();
    expect(await run(['compare', ...flags, '--json'], json)).toBe(0);
    writeFileSync(join(json.cwd, 'a.json'), json.out());
    for (const [one, file] of [
      [io, 'a.yaml'],
      [json, 'a.json'],
    ] as const) {
      const again = fakeIo();
      expect(await run(['train', '--config', join(one.cwd, file), '--print-config', '--json'], again)).toBe(
        0,
      );
      expect(again.out()).toBe(json.out());
    }
    expect(JSON.parse(json.out())).toMatchObject({ training: { clip: null }, compare: { seeds: 1 } });
  });
});

describe('compare', () => {
  it('says once which backend had to give way, however many trials say so', async () => {
    const notice = 'the backend fast does not work here: no such machine; slow is used instead';
    const executeTrial: ExecuteTrial = (plan, folder, hooks) => {
      hooks.event({ type: 'notice.raised', message: notice });
      return succeed(plan, folder, hooks);
    };
    const { status, err } = await call(['compare', ...small, '--controllers', 'none,all-tied'], {
      executeTrial,
    });
    expect(status).toBe(0);
    expect(err.replace(/\s+/g, ' ').split(`note: ${notice}`)).toHaveLength(2);
  });

  const argv = ['compare', ...small, '--controllers', 'none,all-tied'];

  it('runs every trial, prints all columns in 80 columns, and writes the files', async () => {
    const { io, status, out, err } = await call([...argv, '--seeds', '2']);
    expect(status).toBe(0);
    expect(err).toContain('[4/4] all-tied, seed 2: test 2.000 nats, 1/3 own');
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    // Headings, a word a line.
    for (const word of [
      'nats',
      'perplexity',
      'bits/byte',
      'Independent',
      'Unique',
      'Trainable',
      'Reduction',
      'memory',
      'Tokens/s',
    ]) {
      expect(out).toContain(word);
    }
    expect(out).toMatch(/all-tied, seed 2 +0-0-0/);
    const folder = join(io.cwd, 'runs', 'compare-moby-dick');
    expect(readdirSync(folder).sort()).toEqual(
      'comparison.csv comparison.json comparison.md config.json loss.svg manifest.json outcome.json plan.json report.html statistics.csv table.csv tie-maps'.split(
        ' ',
      ),
    );
    expect(readdirSync(join(folder, 'tie-maps'))).toHaveLength(4);
    const markdown = readFileSync(join(folder, 'comparison.md'), 'utf8');
    for (const [, path] of markdown.matchAll(/!\[[^\]]*\]\(<([^>]+)>\)/g)) {
      expect(existsSync(join(folder, path as string))).toBe(true);
    }
    expect(out).toContain('runs/compare-moby-dick/comparison.md');
  });

  it('runs trials side by side in the order of the plan, and says so beside the times', async () => {
    const running = new Set<string>();
    let most = 0;
    const executeTrial: ExecuteTrial = async (plan, folder, hooks) => {
      running.add(plan.id);
      most = Math.max(most, running.size);
      // The later a trial begins the sooner it ends.
      const turns = plan.label === 'none' ? 5 : 1;
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      running.delete(plan.id);
      return succeed(plan, folder, hooks);
    };
    const side = await call([...argv, '--seeds', '2', '--parallel', '3', '--threads', '1'], { executeTrial });
    expect({ status: side.status, most }).toEqual({ status: 0, most: 3 });
    expect(side.out.replace(/\s+/g, ' ')).toContain(
      'Tokens/s and seconds were measured with 3 trials side by side on 1 thread each.',
    );
    const alone = await call([...argv, '--seeds', '2', '--threads', '1'], { executeTrial });
    expect(alone.out).not.toContain('side by side');
    const numbers = ({ io }: typeof side): string =>
      readFileSync(join(io.cwd, 'runs', 'compare-moby-dick', 'comparison.csv'), 'utf8');
    expect(numbers(side)).toBe(numbers(alone));
  });

  it('says what evaluations took where that is worth a word', async () => {
    // The clock advances by a second at each look.
    const evaluated =
      (looks: number): ExecuteTrial =>
      (plan, folder, hooks) => {
        const evaluated = (done: number): void =>
          hooks.event({ type: 'evaluation.progressed', split: 'test', done, total: 2 });
        evaluated(0);
        evaluated(1);
        for (let look = 0; look < looks; look += 1) hooks.event(stepped(4, 5));
        evaluated(2);
        return succeed(plan, folder, hooks);
      };
    const few = ['compare', '--controllers', 'none', ...small];
    const long = await call(few, { executeTrial: evaluated(12) });
    expect(long.err).toMatch(/640\stok\/s, 1\.0\ss \+ \d\d\.\d\ss measuring, tie map/);
    expect((await call(few, { executeTrial: evaluated(0) })).err).not.toContain('measuring');
  });

  it('takes a new folder each time', async () => {
    const { io } = await call(argv);
    expect(await run(argv, io)).toBe(0);
    expect(readdirSync(join(io.cwd, 'runs')).sort()).toEqual(['compare-moby-dick', 'compare-moby-dick-2']);
  });

  it('prints one JSON document and nothing else on stdout with --json', async () => {
    const { out, err } = await call([...argv, '--json'], { isTTY: true });
    const { rows, trials } = JSON.parse(out) as Comparison;
    expect(rows.map(({ controller }) => controller)).toEqual(['none', 'all-tied']);
    expect(trials).toHaveLength(2);
    expect(err).not.toContain('\r');
    expect((await call([...argv, '--json', '--quiet'])).err).toBe('');
  });

  it('goes on after a trial that failed, and ends with status 1', async () => {
    const executeTrial: ExecuteTrial = (plan, ...rest) =>
      plan.label === 'none' ? Promise.reject(new Error('out of luck')) : succeed(plan, ...rest);
    const { status, out, err } = await call(argv, { executeTrial });
    expect(status).toBe(1);
    expect(err).toContain('failed: none, seed 1: out of luck');
    expect(out).toContain('failed none, seed 1: out of luck');
    expect(out).toMatch(/^all-tied +2\.000/m);
  });

  it('ends at the first bad input, with status 2 and no folder', async () => {
    let trials = 0;
    const executeTrial: ExecuteTrial = () => {
      trials += 1;
      return Promise.reject(
        new InputError('text-short', { asked: 'Read x', found: 'it is short', todo: 'Take a longer one' }),
      );
    };
    const { io, status, err } = await call(argv, { executeTrial });
    expect({ status, trials }).toEqual({ status: 2, trials: 1 });
    expect(err).toContain('error: Read x\n  found: it is short\n  to do: Take a longer one');
    expect(readdirSync(join(io.cwd, 'runs'))).toEqual([]);
  });

  it('stops cleanly at the first Ctrl-C, with what there is, and at once at the second', async () => {
    const io = fakeIo({
      isTTY: true,
      executeTrial: async (plan, folder, hooks) => {
        if (plan.label === 'none') return succeed(plan, folder, hooks);
        hooks.event(started([0, 1], 4));
        io.interrupt();
        expect(hooks.signal.aborted).toBe(true);
        io.interrupt();
        return { ...result(plan, folder), outcome: 'stopped', steps: 1 };
      },
    });
    // What it says to type next must load the run's plug-ins again: a folder's own are never loaded unasked.
    writeFileSync(join(io.cwd, 'mine.mjs'), "export default { name: 'mine', version: '1.0.0' };\n");
    expect(await run([...argv, '--seeds', '2', '--plugins', './mine.mjs'], io)).toBe(130);
    expect(io.exits).toEqual([130]);
    const lines = frames(io.err());
    expect(lines).toContain('Stopping after this step; Ctrl-C again stops at once.');
    expect(lines.at(-2)).toContain('stopped after 1 steps');
    expect(lines.at(-1)).toBe(
      `To go on: ligature resume ${join('runs', 'compare-moby-dick')} --plugins ./mine.mjs`,
    );
    expect(io.err().lastIndexOf('\u001b[?25h')).toBeGreaterThan(io.err().lastIndexOf('\u001b[?25l'));
    expect(frames(io.out()).some((line) => /^none\s+1\sof\s2\s+2\.000/.test(line))).toBe(true);
  });

  it('is resumed without repeating a finished trial, and refuses another backend', async () => {
    const ran: string[] = [];
    const io = fakeIo({
      executeTrial: (plan, folder, hooks) => {
        ran.push(`${plan.id} ${hooks.begun}`);
        if (ran.length === 2) {
          io.interrupt();
          return Promise.resolve({ ...result(plan, folder), outcome: 'stopped' });
        }
        // As the trial's own process does.
        mkdirSync(folder);
        writeFileSync(join(folder, 'result.json'), JSON.stringify(result(plan, folder)));
        return succeed(plan, folder, hooks);
      },
    });
    expect(await run([...argv, '--seeds', '2'], io)).toBe(130);
    const place = join('runs', 'compare-moby-dick');
    expect(io.err()).toContain(`To go on: ligature resume ${place}`);
    // Stopped for good: what is asked of the second process is a matter of that process.
    const again = { ...io, onInterrupt: () => () => undefined };
    expect(await run(['resume', place, '--backend', 'wasm'], again)).toBe(2);
    expect(io.err()).toContain('its trials would no longer be computed alike');
    expect(await run(['resume', place, '--json'], again)).toBe(0);
    expect(ran.slice(2)).toEqual(['all-tied-seed-1 false', 'none-seed-2 false', 'all-tied-seed-2 false']);
    const { rows } = JSON.parse(readFileSync(join(io.cwd, place, 'comparison.json'), 'utf8')) as Comparison;
    expect(rows.map(({ seeds }) => seeds)).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(readdirSync(join(io.cwd, 'runs'))).toEqual(['compare-moby-dick']);
  });

  it('compares one controller when only one is named', async () => {
    const { out } = await call(['compare', ...small, '--controller', 'none', '--json']);
    expect((JSON.parse(out) as Comparison).rows.map(({ controller }) => controller)).toEqual(['none']);
  });
});
