import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PluginHost } from '@ligature/core';
import { plugin as studies, presentComparison, type Comparison } from '@ligature/studies';
import {
  documentPage,
  escapeHtml,
  jsonInScript,
  makeReport as reportOf,
  markup,
  tableHtml,
  vegaScripts,
} from '../src/index.js';
import { eventsOf, HOSTILE, temporaryFolder, writeRun } from './run-folder.js';
import { comparison, trial } from './synthetic.js';

const makeReport = (folder: string): Promise<string> => reportOf(folder, new PluginHost().register(studies));

const scriptsOf = (page: string): string[] =>
  [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, text]) => text as string);

/** The page without its scripts: what data could have put into it. */
const bodyOf = (page: string): string => page.replaceAll(/<script\b[\s\S]*?<\/script>/g, '');

/** Everything that the page would do by itself or load. */
function expectHarmless(page: string): void {
  // Vega, its interpreter, and our own.
  expect(scriptsOf(page)).toHaveLength(3);
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll('&#39;', "'") ?? '';
  const hashes = scriptsOf(page).map(
    (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
  );
  expect(policy).toContain(`script-src ${hashes.join(' ')};`);
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe-eval');
  const body = bodyOf(page);
  expect(body).not.toMatch(/<(img|iframe|object|embed|link|base|form|audio|video)\b/i);
  // Attributes without what is between their quotes, where names may stand.
  const bare = body.replaceAll(/="[^"]*"/g, '=""');
  expect(bare).not.toMatch(/<[^>]*\s(on\w+|src|srcset)\s*=/i);
  // Links lead into the page, into a file of it, or to a page beside it.
  for (const [, target] of body.matchAll(/href="([^"]*)"/g))
    expect(target).toMatch(/^(#|data:text\/|[\w%.-]+\/report\.html$)/);
}

describe('escaping', () => {
  it('leaves no text that a browser would read as markup', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'<>"\'&ab/!-') }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']/);
        expect(markup`<p title="${text}">${[text]}</p>`.text).toBe(
          `<p title="${escapeHtml(text)}">${escapeHtml(text)}</p>`,
        );
      }),
    );
  });

  it('keeps JSON inside its script, and the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, text) => {
        const json = jsonInScript([value, text, HOSTILE, '\u2028']);
        expect(json).not.toContain('<');
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify([value, text, HOSTILE, '\u2028'])));
      }),
    );
  });
});

describe('the page of a run', () => {
  it('is harmless whatever names are in its files', async () => {
    const folder = writeRun(join(temporaryFolder(), 'run'), {
      controller: HOSTILE,
      dataset: HOSTILE,
      message: HOSTILE,
    });
    const page = await makeReport(folder);
    expectHarmless(page);
    expect(page).toContain(`<h1>${escapeHtml(HOSTILE)} on ${escapeHtml(HOSTILE)}, seed 1</h1>`);
  });

  it('shows what is in its log: charts, decisions, diagnostics, the command', async () => {
    const folder = writeRun(join(temporaryFolder(), 'run'), { windows: 20, message: 'look here' });
    const page = await makeReport(folder);
    const charts = [...page.matchAll(/<figure data-chart="([^"]+)"/g)].map(([, id]) => id);
    expect(charts).toEqual(['tie-map', 'loss', 'rewards', 'values', 'exploration', 'learning-0', 'memory']);
    // Drawn before any script runs.
    expect(page.match(/<svg /g)).toHaveLength(charts.length);
    expect(page).toContain('ligature train --dataset tiny');
    expect(page).toContain('look here');
    // Window 1: layer 2 takes the block of 0, not explored, epsilon 1/2, a reward of 3 clipped to 1.
    expect(bodyOf(page)).toMatch(/layer 2 uses the block of 0<\/td>\s*<td>no<\/td>\s*<td[^>]*>0\.5<\/td>/);
    expect(page).toContain('1 (clipped)');
    expect(page).toContain('It has not ended');
  });

  it('says what it leaves out of a long run, and stays small', async () => {
    const page = await makeReport(writeRun(join(temporaryFolder(), 'run'), { windows: 4000 }));
    expect(Buffer.byteLength(page)).toBeLessThan(2e6);
    expect(page).toContain('Of 4000 windows one in 7 can be pointed at');
    expect(page).toContain('means of 12 steps each');
    expect(page).toContain('one in 10; the CSV has the same');
  });

  it('says that the beginning of a log is gone, and what is counted from where', async () => {
    const folder = writeRun(join(temporaryFolder(), 'run'));
    const log = join(folder, 'events.jsonl');
    expect(await makeReport(folder)).not.toContain('The log begins after');
    const lines = readFileSync(log, 'utf8').split('\n');
    const from = lines.findIndex((line) => line.includes('"window.opened","window":5'));
    writeFileSync(log, lines.slice(from).join('\n'));
    const page = await makeReport(folder);
    expect(bodyOf(page)).toContain('The log begins after step 10: its older files are gone');
    expect(bodyOf(page)).toContain('after 40 of 40 steps');
    // As the configuration has it.
    expect(page).toMatch(/<title>[^<]*q-learning.* on tiny, seed 1/);
  });

  it('is made of folders of before optimizers could be chosen', async () => {
    const folder = writeRun(join(temporaryFolder(), 'run'));
    const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as { training: object };
    const before = { ...config, training: { ...config.training, weightDecay: 0.25, chunking: 'official' } };
    writeFileSync(join(folder, 'config.json'), JSON.stringify(before));
    expect(await makeReport(folder)).toContain('&quot;weightDecay&quot;: 0.25');
  });

  it('has the same bytes every time', async () => {
    const folder = writeRun(join(temporaryFolder(), 'run'));
    expect(await makeReport(folder)).toBe(await makeReport(folder));
  });
});

describe('the page of a comparison', () => {
  const made = (controllers: readonly string[]): Comparison => {
    const groups = controllers.map((name, index) =>
      [1, 2, 3].map((seed) => ({
        ...trial(
          name,
          seed,
          2 + index / 10 + seed / 100 + (seed === 2 ? index / 50 : 0),
          index === 0 ? [0, 1, 2] : [0, 0, 2],
        ),
      })),
    );
    return comparison(groups);
  };

  it('is harmless whatever names are in its files', async () => {
    const page = await documentPage(presentComparison(made(['none', HOSTILE])), temporaryFolder());
    expectHarmless(page);
    expect(page).toContain(escapeHtml(HOSTILE));
  });

  it('has its table, verdict, differences and maps; seconds only where logs are', async () => {
    const folder = temporaryFolder();
    const document = presentComparison(made(['none', 'random']));
    const page = await documentPage(document, folder);
    const charts = [...page.matchAll(/<figure data-chart="([^"]+)"/g)].map(([, id]) => id);
    expect(charts).toEqual(['means', 'differences', 'pareto', 'loss', 'memory']);
    expect(page).toContain('Two controllers, one seed: no more than an example.');
    expect(page).toContain('aria-label="0-0-2"');
    expect(page).not.toContain('value="seconds"');
    for (const name of ['none', 'random'])
      for (const seed of [1, 2, 3]) writeRun(join(folder, `${name}-seed-${seed}`), { windows: 1 });
    mkdirSync(join(folder, 'random-seed-2'), { recursive: true });
    writeFileSync(join(folder, 'random-seed-2', 'report.html'), '');
    const whole = await documentPage(document, folder);
    expect(whole).toContain('value="seconds"');
    expect(whole).toContain('<a href="random-seed-2/report.html">');
  });
});

describe('a folder that holds no report', () => {
  it.each([
    ['nothing', {}],
    ['a plan only', { 'plan.json': '{}' }],
    ['a comparison that is none', { 'comparison.json': '{"trials": 3}' }],
    ['a comparison that is damaged', { 'comparison.json': '{"trials": [{}], "rows": [{}]}' }],
    ['a list', { 'sweep.json': '[]' }],
    ['torn JSON', { 'landscape.json': '{"maps": ' }],
    ['a run without a configuration', { 'config.json': '{"model": 3}', 'events.jsonl': '' }],
  ])('is refused: %s', async (_what, files) => {
    const folder = temporaryFolder();
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text as string);
    await expect(makeReport(folder)).rejects.toMatchObject({
      code: expect.stringMatching(/^(report|comparison)-unreadable$/) as string,
    });
  });

  it('is a run all the same when its log has just begun', async () => {
    const folder = writeRun(join(temporaryFolder(), 'run'));
    writeFileSync(join(folder, 'events.jsonl'), `${JSON.stringify(eventsOf(0)[0])}\n`);
    expect(await makeReport(folder)).toContain('after 0 of 0 steps');
  });
});

describe('tables', () => {
  it('sort by the numbers that their texts begin with', () => {
    const rows = [
      ['a', '17.50\u00a0k', '9.5 ± 0.1'],
      ['b', '2.10\u00a0M', '–'],
      ['c', '−3', 'text'],
    ];
    const { text } = tableHtml({ caption: 'x', headings: ['', 'n', 'm'], rows });
    const keys = [...text.matchAll(/<td( data-sort="([^"]*)")?>/g)].map(([, , key]) => key);
    expect(keys).toEqual(['17500', '9.5', '2100000', '', '-3', undefined]);
  });
});

describe('the scripts that draw', () => {
  it('define Vega and an interpreter that needs no eval, and carry their licences', () => {
    // No code from strings, as under the policy of a page.
    const context = createContext(
      { setTimeout, clearTimeout, setInterval, clearInterval, console },
      { codeGeneration: { strings: false, wasm: false } },
    );
    for (const script of vegaScripts()) runInContext(script, context);
    expect(runInContext('typeof vega.expressionInterpreter', context)).toBe('object');
    for (const script of vegaScripts()) expect(script).toMatch(/^\/\*! vega[\s\S]*Redistribution and use/);
  });
});
