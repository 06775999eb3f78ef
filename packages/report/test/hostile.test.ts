/** Every text of the table, in every place of a document where a text from outside may stand. */
import { parse as parseCsv } from 'csv-parse/sync';
import { marked } from 'marked';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { visible, type DocumentChart, type StudyDocument } from '@ligature/core';
import { code } from '@ligature/studies';
import { HOSTILE_TEXTS } from '@ligature/testing';
import {
  documentFiles,
  documentMarkdown,
  documentPage,
  runMarkdown,
  tableCsv,
  tieMapSvg,
} from '../src/index.js';
import { config, trial } from './synthetic.js';

const TEXTS = Object.entries(HOSTILE_TEXTS);
const all = TEXTS.map(([, text]) => text);

/** What must be in no file for people: controls but line breaks, turned directions, halves of characters. */
const ACTIVE = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\p{Cs}\u2028\u2029]/u;

const chart = (text: string): DocumentChart & { readonly kind: 'chart' } => ({
  kind: 'chart',
  id: 'lines',
  title: text,
  alt: text,
  notes: [text],
  file: 'lines.svg',
  drawing: {
    kind: 'lines',
    xTitle: text,
    yTitle: text,
    series: [
      { name: text, points: [{ x: 0, y: 1 }] },
      { name: 'b', points: [{ x: 1, y: 2, low: 1, high: 3 }] },
    ],
  },
});

const hostileDocument = (texts: readonly string[]): StudyDocument => {
  const [first = ''] = texts;
  return {
    ...{ name: 'study', kind: first, title: first, verdict: first, unfinished: 1 },
    lead: `Of ${code(first)}, and ${first}`,
    command: 'ligature study',
    config: { ...config, dataset: { name: first, options: { path: first } } },
    failed: texts.map((text, seed) => ({ controller: text, seed, message: text })),
    body: [
      { kind: 'verdict' },
      { kind: 'heading', text: first },
      { kind: 'text', text: first },
      { kind: 'list', items: texts },
      { kind: 'tie-maps', title: first, maps: texts.map((label) => ({ label, map: [0, 0, 2] })) },
      {
        kind: 'table',
        caption: first,
        note: first,
        file: 'table.csv',
        columns: [
          { key: 'name', heading: 'Name', unit: 'text' },
          { key: 'value', heading: 'Value', unit: '' },
          { key: 'trial', heading: 'Trial', unit: 'trial' },
        ],
        rows: texts.map((text) => [text, -0.5, text]),
      },
      chart(first),
    ],
  };
};

const decoded = (html: string): string =>
  html
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&#124;', '|')
    .replaceAll('&amp;', '&');

/** As it is read: in one line, and what acts is visible. */
const read = (text: string): string => visible(text).replaceAll(/\s+/g, ' ').trim();
const readHtml = (html: string | undefined): string =>
  decoded(html ?? '')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** What a browser would make of the file: markup of ours alone, and nothing that runs or is fetched. */
function expectPlain(markdown: string): string {
  expect(markdown).not.toMatch(ACTIVE);
  expect(markdown).not.toMatch(/<(script|img|iframe|svg|td|h1|style)/i);
  const html = marked.parse(markdown, { async: false });
  const tags = new Set([...html.matchAll(/<\/?([a-zA-Z][\w-]*)/g)].map(([, tag]) => tag));
  const ours = 'h1 h2 p ul li table thead tbody tr th td code pre details summary em img a strong'.split(' ');
  expect([...tags].filter((tag) => !ours.includes(tag as string))).toEqual([]);
  // `strong` is of nobody's making here.
  expect(html).not.toContain('<strong>');
  for (const [, target] of html.matchAll(/(?:href|src)="([^"]*)"/g))
    expect(target).toMatch(/^(https:\/\/example\.com|lines\.svg$)/);
  expect(html.match(/<img/g) ?? []).toHaveLength(html.includes('src="lines.svg"') ? 1 : 0);
  expect(html.replaceAll(/="[^"]*"/g, '=""')).not.toMatch(/<[^>]*\son\w+=/);
  return html;
}

describe('Markdown', () => {
  it.each(TEXTS)('says %s and does nothing else', (_, text) => {
    const document = hostileDocument([text, 'plain']);
    const html = expectPlain(documentMarkdown(document));
    // Readers of Markdown take what they find in a bare address as it is.
    const whole = !text.includes('https://');
    if (whole) expect(readHtml(/<h1>([\s\S]*?)<\/h1>/.exec(html)?.[1])).toBe(read(text));
    expect(html.match(/<h1/g)).toHaveLength(1);
    // Heading of the text's own, failures, maps and the configuration.
    expect(html.match(/<h2/g)).toHaveLength(4);
    const rows = [...html.matchAll(/<tr>([\s\S]*?)<\/tr>/g)].map(([, row]) =>
      [...(row as string).matchAll(/<t[hd][^>]*>([\s\S]*?)<\/t[hd]>/g)].map(([, cell]) => readHtml(cell)),
    );
    expect(rows.map((row) => row.length)).toEqual([3, 3, 3, 3, 3, 3]);
    if (whole) expect(rows[1]?.[0]).toBe(read(text));
    if (whole) expect(rows[4]).toEqual([read(text), '-0.500', read(text)]);
    const items = [...html.matchAll(/<li>([\s\S]*?)<\/li>/g)].map(([, item]) => readHtml(item));
    expect(items).toHaveLength(4);
    if (whole && !/[`*]/.test(text)) expect(items[0]).toBe(read(text));
    const json = readHtml(/<pre><code class="language-json">([\s\S]*?)<\/code>/.exec(html)?.[1]);
    expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(document.config)));
  });

  it.each(TEXTS)('of a run says %s and does nothing else', (_, text) => {
    const one = trial(text, 1, 2, [0, 0, 2]);
    const html = expectPlain(
      runMarkdown({
        ...one,
        config: { ...one.config, dataset: { name: text, options: {} } },
        unit: text,
        validation: { [text]: 1 },
        test: { [text]: 1 },
        backend: { name: text, version: text, detail: text },
        diagnostics: [{ code: text, message: text, window: 1 }],
        data: { [text]: 3 },
      } as never),
    );
    expect(html.match(/<h1/g)).toHaveLength(1);
    expect(html.match(/<li>/g)).toHaveLength(1);
  });
});

describe('CSV', () => {
  it('is read back by programs and run by no spreadsheet', () => {
    const [table] = hostileDocument(all).body.filter((block) => block.kind === 'table');
    const csv = tableCsv(table as never);
    const rows = parseCsv(csv, { columns: true, relax_column_count: false }) as Record<string, string>[];
    expect(rows).toHaveLength(all.length);
    for (const [at, row] of rows.entries()) {
      expect(row['value']).toBe('-0.5');
      expect(row['name']).not.toMatch(/^([\s\p{Cc}]*[=+\-@\uff1d]|[\t\r\n])/u);
      const text = all[at]?.replaceAll(/\p{Cs}/gu, '\ufffd');
      expect([text, `'${text}`]).toContain(row['name']);
    }
    expect(rows.map(({ name }) => name).filter((name) => name?.startsWith("'"))).toHaveLength(11);
  });
});

describe('SVG', () => {
  it.each(TEXTS)('with %s is well-formed XML of the house', async (_, text) => {
    const pictures = [
      (await documentFiles({ ...hostileDocument([text]), config: null })).get('lines.svg') as string,
      await tieMapSvg({ layers: 1, steps: 1, tieMaps: [], title: text }),
    ];
    for (const svg of pictures) {
      expect(svg).not.toMatch(ACTIVE);
      const names = new Set<string>();
      const attributes = new Set<string>();
      let said = '';
      const parser = new SaxesParser();
      parser.on('error', (error) => {
        throw error;
      });
      parser.on('opentag', (tag) => {
        names.add(tag.name);
        Object.keys(tag.attributes).forEach((name) => attributes.add(name));
      });
      parser.on('text', (part) => (said += part));
      parser.write(svg).close();
      expect([...names].filter((name) => !/^(svg|g|path|text|line|rect|defs|clipPath)$/.test(name))).toEqual(
        [],
      );
      expect([...attributes].filter((name) => /^on|href/.test(name))).toEqual([]);
      if (!/\s/.test(text)) expect(said).toContain(visible(text));
    }
  });
});

describe('the page of a study', () => {
  it('holds all of them at once and is harmless', async () => {
    for (const document of [
      hostileDocument(all),
      ...all.map((text) => ({ ...hostileDocument([text]), body: [] })),
    ]) {
      const page = await documentPage(document);
      expect(page).not.toMatch(ACTIVE);
      const body = page
        .replaceAll(/<script\b[\s\S]*?<\/script>/g, '')
        .replaceAll(/<style>[\s\S]*?<\/style>/g, '');
      // Attributes without what is between their quotes, where texts may stand.
      const bare = body.replaceAll(/="[^"]*"/g, '=""');
      expect(bare).not.toMatch(/<(img|iframe|object|embed|link|base|form|td>alert)\b/i);
      expect(bare).not.toMatch(/<[^>]*\s(on\w+|src|srcset|srcdoc)\s*=/i);
      for (const [, target] of body.matchAll(/href="([^"]*)"/g)) expect(target).toMatch(/^(#|data:text\/)/);
    }
  });
});
