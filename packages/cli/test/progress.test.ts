import type { LigatureEvent } from '@ligature/core';
import { Ansis } from 'ansis';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluationLine, plainEvaluationLine } from '../src/progress/evaluation.js';
import { formatDuration, plainLine, progressLine } from '../src/progress/line.js';
import { RunProgress, type ProgressState } from '../src/progress/state.js';
import { createProgressView } from '../src/progress/view.js';
import { tieMapCells } from '../src/terminal/cells.js';
import { colorLevel, width, wrap } from '../src/terminal/paint.js';
import { fakeIo, frames, screenOf } from './fake-io.js';
import { diagnostic, started, stepped, tied } from './events.js';

const READING: LigatureEvent = { type: 'stage.entered', message: 'Reading …' };
const plain = new Ansis(0);
const colours = new Ansis(3);

/** What is known after some events, with `tick` milliseconds between them. */
function after(events: readonly LigatureEvent[], tick: number): ProgressState {
  const progress = new RunProgress('x');
  for (const [at, event] of events.entries()) progress.observe(event, tick * at);
  return progress.state;
}

describe('the state of a run', () => {
  it('follows steps, losses, speed, tie map and the time to go', () => {
    const state = after([started([0, 1, 2], 11), stepped(1, 5), tied([0, 0, 2]), stepped(2, 4)], 1000);
    expect(state.tieMap).toEqual([0, 0, 2]);
    // A tenth of the way from 5 to 4.
    expect(state.loss).toBeCloseTo(4.9);
    // 64 tokens in 500 ms.
    expect(state.tokensPerSecond).toBeCloseTo(128);
    // The second step came 2 s after the first; nine more to go.
    expect(state.remaining).toBe(18_000);
  });

  it('includes the evaluation that ends the run, at a third of what its targets would take to train on', () => {
    const finalPasses = [
      { split: 'validation', batches: 2, weight: 192 },
      { split: 'test', batches: 1, weight: 96 },
    ] as const;
    const events = [{ ...started([0, 1, 2], 11), finalPasses }, stepped(1, 5), stepped(2, 4)];
    // Nine steps of a second; 288 targets are four and a half steps of 64, a third of which is one and a half.
    expect(after(events, 1000).remaining).toBeCloseTo(10_500);
  });

  it('counts what the task of a resumed run counts', () => {
    const resumed: LigatureEvent = {
      type: 'run.resumed',
      step: 0,
      steps: 4,
      tieMap: [0, 0, 2],
      unit: 'rows',
    };
    expect(plainLine(after([resumed, stepped(1, 5), stepped(2, 5)], 1000))).toContain(' rows/s');
  });

  it('goes on where a resumed run was stopped, and goes by what it has seen', () => {
    const resumed: LigatureEvent = { type: 'run.resumed', step: 200, steps: 400, tieMap: [0, 0, 2] };
    expect(plainLine(after([resumed], 1000))).toBe(
      'x: step 200/400 (50 %), 2/3 layers independent, tie map 0-0-2',
    );
    const state = after([resumed, stepped(201, 5), stepped(202, 5)], 1000);
    // A second a step, 198 to go.
    expect(state).toMatchObject({ step: 202, steps: 400, tieMap: [0, 0, 2], remaining: 198_000 });
  });

  it('goes back with a roll-back, and goes by the steps that it has seen', () => {
    const diverged: LigatureEvent = {
      ...{ type: 'run.diverged', step: 4, window: 1, loss: 'NaN', gradientNorm: 1, learningRate: 1 },
      ...{ action: 'rollback', resumedStep: 1 },
    };
    const steps = [stepped(1, 5), stepped(2, 50), stepped(3, 500)];
    const state = after([started([0, 1], 11), ...steps, diverged], 1000);
    // A second a step, ten to go; the losses of the steps that were taken back are gone.
    expect(state).toMatchObject({ step: 1, loss: 5, tieMap: [0, 1], remaining: 10_000 });
  });

  it('starts afresh with the next run', () => {
    const state = after([started([0, 1], 4), stepped(1, 5), started([0, 0], 8)], 0);
    expect(state).toMatchObject({ step: 0, steps: 8, loss: null, tieMap: [0, 0] });
  });
});

const state: ProgressState = {
  label: '[2/5] q-learning',
  steps: 240,
  step: 60,
  tieMap: [0, 0, 2, 0, 2, 5, 5, 7],
  loss: 5.1234,
  unit: 'tokens',
  tokensPerSecond: 1234.5,
  remaining: 83_000,
};

describe('the live line', () => {
  it('shows everything in 80 columns', () => {
    const line = progressLine(state, 80, plain);
    expect(line).toContain('[2/5] q-learning');
    for (const part of [' 25%', 'loss 5.123', '1235 tok/s', '4/8 own', '00202557', 'ETA 1:23', '━']) {
      expect(line).toContain(part);
    }
    expect(width(line)).toBeLessThanOrEqual(78);
  });

  it('colours a cell per layer, with the number of its owner where there is room', () => {
    const line = progressLine(state, 120, colours);
    expect(new Ansis(0).strip(line)).toContain(' 0 0 2 0 2 5 5 7');
    // Owner 0: white on #0072b2; independent, so bold.
    expect(line).toContain('\u001b[48;2;0;114;178m\u001b[38;2;255;255;255m\u001b[1m 0');
  });

  it('never grows wider than the terminal, whatever is shown', () => {
    const states = fc.record({
      label: fc.string({ minLength: 0, maxLength: 60, unit: 'grapheme-ascii' }),
      steps: fc.integer({ min: 1, max: 1_000_000 }),
      step: fc.nat(1_000_000),
      tieMap: fc
        .array(fc.nat(47), { minLength: 1, maxLength: 1024 })
        .map((map) => map.map((owner, at) => Math.min(owner, at))),
      loss: fc.option(fc.double({ min: 0, max: 1e4, noNaN: true })),
      unit: fc.constantFrom('tokens', 'sequences', 'rows'),
      tokensPerSecond: fc.option(fc.double({ min: 0, max: 1e7, noNaN: true })),
      remaining: fc.option(fc.nat(1e9)),
    });
    fc.assert(
      fc.property(states, fc.integer({ min: 60, max: 200 }), fc.boolean(), (one, columns, coloured) => {
        const shown = { ...one, step: Math.min(one.step, one.steps) };
        expect(width(progressLine(shown, columns, coloured ? colours : plain))).toBeLessThanOrEqual(columns);
      }),
    );
  });

  it('keeps a cell for each of 48 layers in 80 columns, and everything that is asked for', () => {
    const deep = { ...state, tieMap: Array.from({ length: 48 }, (_, layer) => layer - (layer % 2)) };
    const line = plain.strip(progressLine(deep, 80, colours));
    for (const part of ['25%', 'loss 5.123', '1235 tok/s', '▌'.repeat(24), '24/48', 'ETA 1:23']) {
      expect(line).toContain(part);
    }
    expect(width(line)).toBeLessThanOrEqual(78);
  });

  it('says that it evaluates once the steps are done', () => {
    expect(progressLine({ ...state, step: 240, remaining: 0 }, 80, plain)).toContain('evaluating');
  });
});

describe('tie map cells', () => {
  it('shrink: two columns a layer, one, half a column, a sample', () => {
    const map = [0, 0, 2, 2];
    const shown = (room: number): string => plain.strip(tieMapCells(map, room, colours));
    expect(shown(8)).toBe(' 0 0 2 2');
    expect(shown(7)).toBe('████');
    expect(shown(3)).toBe('▌▌');
    expect(shown(1)).toBe('▌');
    expect(shown(0)).toBe('');
    // Left half of layer 0 in blue, right half of layer 2 in green: the sample of two of four.
    expect(tieMapCells(map, 1, colours)).toContain('\u001b[38;2;0;114;178m\u001b[48;2;0;158;115m▌');
  });

  it('without colours are owners, or own and borrowed blocks', () => {
    expect(tieMapCells([0, 0, 2, 2], 8, plain)).toBe('0022');
    expect(tieMapCells([0, 0, 2, 2], 3, plain)).toBe('#.#');
    const deep = Array.from({ length: 48 }, (_, layer) => layer - (layer % 2));
    expect(tieMapCells(deep, 48, plain)).toBe('#.'.repeat(24));
  });
});

describe('plain progress', () => {
  it('is one readable line', () => {
    expect(plainLine(state)).toBe(
      '[2/5] q-learning: step 60/240 (25 %), loss 5.123, 1235 tokens/s, 4/8 layers independent, tie map 0-0-2-0-2-5-5-7, 1:23 to go',
    );
  });

  it.each([
    [0, '0:00'],
    [59_400, '0:59'],
    [3_661_000, '1:01:01'],
  ])('formats %d ms', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));
});

describe('the view', () => {
  const events = [started([0, 1, 2], 100), ...Array.from({ length: 100 }, (_, at) => stepped(at + 1, 5))];
  const show = (io: ReturnType<typeof fakeIo>, options = { quiet: false, plain: false }): string => {
    const view = createProgressView(io, options);
    const one = view.begin('run');
    one.event(READING);
    for (const event of [...events, diagnostic('reward-saturated'), diagnostic('reward-saturated')])
      one.event(event);
    view.note('a line that stays');
    view.end();
    expect(io.out()).toBe('');
    return io.err();
  };

  it('redraws one line on a terminal, hides the cursor and gives it back', () => {
    const text = show(fakeIo({ isTTY: true }));
    expect(text.startsWith('\u001b[?25l\r')).toBe(true);
    expect(text.endsWith('\r\u001b[K\u001b[?25h')).toBe(true);
    expect(text.match(/\u001b\[\?25l/g)?.length).toBe(text.match(/\u001b\[\?25h/g)?.length);
    expect(frames(text).filter((line) => line.includes('100%')).length).toBeGreaterThan(0);
    expect(frames(text)).toContain('a line that stays');
    for (const line of frames(text)) expect(width(line)).toBeLessThanOrEqual(80);
  });

  it.each([
    ['without a terminal', { isTTY: false }, { quiet: false, plain: false }],
    ['in CI', { isTTY: true, env: { CI: '1', NO_COLOR: '1' } }, { quiet: false, plain: false }],
    ['when asked for JSON', { isTTY: true, env: { NO_COLOR: '1' } }, { quiet: false, plain: true }],
  ])('prints plain lines %s: no control characters, a few lines only', (_, terminal, options) => {
    const text = show(fakeIo(terminal), options);

    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    const steps = text.split('\n').filter((line) => line.includes('step '));
    // Every tenth, and every ten seconds of this clock that runs a second a look.
    expect(steps.length).toBeGreaterThanOrEqual(10);
    expect(steps.length).toBeLessThanOrEqual(40);
    expect(steps.at(-1)).toContain('step 100/100 (100 %)');
  });

  it('breaks warnings between words, the label counted', () => {
    const io = fakeIo();
    const view = createProgressView(io, { quiet: false, plain: true });
    const one = view.begin('[10/10] q-learning, seed 2, with a label that fills the line');
    one.event(diagnostic('reward-saturated'));
    const lines = io.err().trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(79);
  });

  it('says a notice once, whichever runs raise it', () => {
    const io = fakeIo();
    const view = createProgressView(io, { quiet: false, plain: true });
    for (const run of [view.begin('a'), view.begin('b')])
      run.event({ type: 'notice.raised', message: 'cpu is used instead' });
    expect(io.err()).toBe('note: cpu is used instead\n');
  });

  it('warns once of each diagnostic', () => {
    expect(show(fakeIo()).match(/warning: run: Rewards were clipped/g)).toHaveLength(1);
  });

  it('says nothing when quiet', () => {
    expect(show(fakeIo({ isTTY: true }), { quiet: true, plain: false })).toBe('');
  });
});

describe('several runs at once', () => {
  const show = (isTTY: boolean, rows?: number): { io: ReturnType<typeof fakeIo>; screen: () => string[] } => {
    const io = fakeIo({ isTTY, ...(rows !== undefined && { rows }) });
    return { io, screen: () => screenOf(io.err()) };
  };
  const label = (at: number): string => `[${at}/9] q-learning:epsilon=0.${at}, seed ${at}`;

  it('have a line each, in place, within 80 columns; notes stay above, ends take a line away', () => {
    const { io, screen } = show(true);
    const view = createProgressView(io, { quiet: false, plain: false });
    const [a, b] = [view.begin(label(1)), view.begin(label(2))];
    a.event(READING);
    for (const run of [a, b]) run.event(started([0, 0, 2, 2], 4));
    for (let step = 1; step <= 2; step += 1) for (const run of [a, b]) run.event(stepped(step, 5));
    b.event(stepped(3, 5));
    const running = screen();
    expect(running).toHaveLength(2);
    expect(running[0]).toMatch(/^\[1\/9\].* 50% .*loss 5\.000 .* ████ 2\/4 own/);
    expect(running[1]).toMatch(/^\[2\/9\].* 75% /);
    for (const line of running) expect(line.length).toBeLessThanOrEqual(78);
    view.note('[2/9] is over');
    b.end();
    b.end();
    expect(screen()).toEqual(['[2/9] is over', running[0]]);
    a.end();
    expect(screen()).toEqual(['[2/9] is over']);
    view.end();
    expect(io.err().match(/\u001b\[\?25l/g)?.length).toBe(io.err().match(/\u001b\[\?25h/g)?.length);
    expect(io.err().endsWith('\u001b[?25h')).toBe(true);
  });

  it('that do not fit on the screen are counted in the last line', () => {
    const { io, screen } = show(true, 5);
    const view = createProgressView(io, { quiet: false, plain: false });
    for (let at = 1; at <= 6; at += 1) view.begin(label(at)).event(READING);
    expect(screen().map((line) => line.slice(0, 12))).toEqual([
      '[1/9] q-lear',
      '[2/9] q-lear',
      '… and 4 more',
    ]);
  });

  it('are plain lines elsewhere, each with its own name and its own tenths', () => {
    const { io } = show(false);
    const view = createProgressView(io, { quiet: false, plain: false });
    const [a, b] = [view.begin(label(1)), view.begin(label(2))];
    for (const run of [a, b]) run.event(started([0, 0], 20));
    for (let step = 1; step <= 4; step += 1) for (const run of [a, b]) run.event(stepped(step, 5));
    const lines = io.err().trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/, loss.*/, ''))).toEqual([
      `${label(1)}: step 2/20 (10 %)`,
      `${label(2)}: step 2/20 (10 %)`,
      `${label(1)}: step 4/20 (20 %)`,
      `${label(2)}: step 4/20 (20 %)`,
    ]);
    expect(io.err()).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });
});

describe('an evaluation', () => {
  const half = { label: 'q-learning', split: 'test', done: 12, total: 40, remaining: 65_000 } as const;

  it('is a bar with batches and the time to go', () => {
    const line = evaluationLine(half, 80, plain);
    for (const part of ['q-learning: evaluating test', '━━━', '──', ' 30%', '12/40 batches', 'ETA 1:05'])
      expect(line).toContain(part);
    expect(plainEvaluationLine(half)).toBe('q-learning: evaluating test: batch 12/40 (30 %), 1:05 to go');
    expect(plainEvaluationLine({ ...half, label: '', remaining: null })).toBe(
      'evaluating test: batch 12/40 (30 %)',
    );
  });

  it('never grows wider than the terminal, whatever is shown', () => {
    const states = fc.record({
      label: fc.string({ minLength: 0, maxLength: 60, unit: 'grapheme-ascii' }),
      split: fc.constantFrom('train', 'validation', 'test'),
      done: fc.nat(1_000_000),
      total: fc.integer({ min: 1, max: 1_000_000 }),
      remaining: fc.option(fc.nat(1e9)),
    });
    fc.assert(
      fc.property(states, fc.integer({ min: 40, max: 200 }), (one, columns) => {
        const shown = { ...one, done: Math.min(one.done, one.total) };
        expect(width(evaluationLine(shown, columns, plain))).toBeLessThanOrEqual(columns);
      }),
    );
  });

  it('counts the batches of the splits that come after it', () => {
    const io = fakeIo({ isTTY: false });
    const view = createProgressView(io, { quiet: false, plain: false });
    const one = view.begin('run');
    const finalPasses = [
      { split: 'validation', batches: 20, weight: 20 },
      { split: 'test', batches: 5, weight: 5 },
    ] as const;
    one.event({ ...started([0, 1, 2], 1), finalPasses });
    one.event(stepped(1, 5));
    for (let done = 0; done <= 12; done += 1)
      one.event({ type: 'evaluation.progressed', split: 'validation', done, total: 20 });
    view.end();
    // A second a batch: ten more of these, and five of test.
    expect(io.err()).toContain('batch 10/20 (50 %), 0:15 to go');
  });

  const show = (isTTY: boolean, batches: number): string => {
    const io = fakeIo({ isTTY });
    const view = createProgressView(io, { quiet: false, plain: false });
    const one = view.begin('run');
    for (let done = 0; done <= batches; done += 1)
      one.event({ type: 'evaluation.progressed', split: 'test', done, total: batches });
    view.end();
    return io.err();
  };

  it('is drawn on a terminal, and taken away', () => {
    const text = show(true, 8);
    // This clock runs a second a look.
    expect(frames(text)).toContainEqual(
      expect.stringMatching(/^run: evaluating test .* 25% 2\/8 batches ETA 0:06$/),
    );
    expect(text.endsWith('\r\u001b[K\u001b[?25h')).toBe(true);
  });

  it('is a plain line every ten seconds elsewhere, and nothing when it is shorter', () => {
    expect(show(false, 9)).toBe('');
    expect(show(false, 25)).toBe(
      'run: evaluating test: batch 10/25 (40 %), 0:15 to go\nrun: evaluating test: batch 20/25 (80 %), 0:05 to go\n',
    );
  });
});

describe('colours', () => {
  const stream = (isTTY: boolean) => ({ write: () => undefined, isTTY });
  it.each([
    [true, {}, 2],
    [true, { COLORTERM: 'truecolor' }, 3],
    [true, { NO_COLOR: '1', COLORTERM: 'truecolor' }, 0],
    [true, { TERM: 'dumb' }, 0],
    [false, {}, 0],
    [false, { FORCE_COLOR: '1' }, 2],
    [true, { FORCE_COLOR: '0' }, 0],
  ])('on a terminal (%s) with %j: level %d', (isTTY, env, level) => {
    expect(colorLevel(stream(isTTY), env)).toBe(level);
  });

  it('leave wrapped lines within their columns', () => {
    expect(wrap('one two three four', 9, '  ')).toBe('  one two\n  three\n  four');
  });
});
