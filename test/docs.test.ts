/**
 * The documentation is true: its code compiles, its programs print what stands below them, its commands, flags and
 * configurations are those of the command. `npm run docs` follows the links; how it judges them is tested here.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { ignored, place, typeMistakes, type Placed } from '../tools/docs/code.js';
import {
  commandMistake,
  configurationMistakes,
  ligatureCommands,
  shellWords,
  unknownScripts,
} from '../tools/docs/commands.js';
import { deadLinks } from '../tools/docs/links.js';
import { parseMarkdown, readMarkdown, type MarkdownFile } from '../tools/docs/markdown.js';
import { markdownFiles } from '../tools/docs/pages.js';
import { deadSiteLinks, readHtml } from '../tools/docs/site-links.js';
import { runProgram } from './run-program.js';
import { ligature, makeFolder, TEXT } from './support.js';

const files = markdownFiles().map(readMarkdown);
const blocks = files.flatMap((file) => file.blocks);
const where = ({ path, line }: { path: string; line: number }): string => `${path}:${line}`;

const placed = place(blocks);

/** The first program of every package's README has a test of its own. */
const openers = new Set(
  files
    .filter(({ path }) => /^packages\/[^/]+\/README\.md$/.test(path))
    .map((file) => file.blocks.find(({ language }) => language === 'ts')),
);
const programs = placed.filter(({ block }) => block.output !== undefined && !openers.has(block));

/** Runs two at a time: programs start compilers and backends of their own. */
async function twoAtATime<T>(tasks: readonly T[], run: (task: T) => Promise<void>): Promise<void> {
  const left = [...tasks];
  const worker = async (): Promise<void> => {
    for (let task = left.shift(); task !== undefined; task = left.shift()) await run(task);
  };
  await Promise.all([worker(), worker()]);
}

const messageOf = (error: unknown): string => (error as { stderr?: string }).stderr ?? String(error);

describe('code', () => {
  it('has a language, and is left out of these checks only with a reason', () => {
    expect(blocks.filter(({ language }) => language === '').map(where)).toEqual([]);
    expect(blocks.filter((block) => block.note.includes('ignore') && !ignored(block)).map(where)).toEqual([]);
  });

  it('compiles', () => {
    expect(placed.length).toBeGreaterThan(20);
    expect(typeMistakes(placed)).toEqual([]);
  }, 120_000);

  it('does not compile with a mistake in it', () => {
    const [mistaken] = placed.filter(({ block }) => block.language === 'ts');
    const wrong = { ...mistaken!, file: join(mistaken!.folder, 'wrong.mts') };
    writeFileSync(wrong.file, "import { plugin } from '@ligature/evaluators';\nplugin.rewards.none;\n");
    expect(typeMistakes([wrong])).toEqual([expect.stringContaining("Property 'none' does not exist")]);
  });
});

describe('programs', () => {
  const printed = new Map<Placed, string>();
  beforeAll(
    () =>
      twoAtATime(programs, async (program) => {
        printed.set(program, await runProgram(program.file).catch(messageOf));
      }),
    120_000,
  );

  it.each(programs.map((program) => ({ at: where(program.block), program })))(
    '$at prints what it says',
    ({ program }) => expect(printed.get(program)?.trimEnd()).toBe(program.block.output),
  );
});

const commands = ligatureCommands(blocks);

describe('commands', () => {
  /** Where the files of a page lie. */
  const folderOf = (path: string): string | undefined =>
    placed.find(({ block }) => block.path === path)?.folder;

  /** Those whose files stand in blocks of the same page. */
  const given = (words: readonly string[]): string[] =>
    words.flatMap((word, index) =>
      ['--plugins', '--config', '--dataset'].includes(words[index - 1] ?? '') && /\.\w+$/.test(word)
        ? [word]
        : [],
    );
  const runnable = commands.filter(({ path, words }) => {
    const named = given(words).filter((file) => !file.endsWith('.txt'));
    const folder = folderOf(path);
    return folder !== undefined && named.length > 0 && named.every((file) => existsSync(join(folder, file)));
  });

  it('are those of the command, with its flags', () => {
    expect(commands.length).toBeGreaterThan(15);
    // What is run with the plug-ins of its page may have flags that only they know.
    const others = commands.filter((command) => !runnable.includes(command));
    const mistakes = others.map((command) => [where(command), commandMistake(command.words)]);
    expect(mistakes.filter(([, mistake]) => mistake !== undefined)).toEqual([]);
  });

  it.each(['trian', 'train --contoller none', 'resume', 'generate runs/a --promt x', 'generate a b'])(
    'would not be: ligature %s',
    (line) => expect(commandMistake(shellWords(line))).toMatch(/unknown|missing|too many/),
  );

  it('name scripts that there are', () => expect(unknownScripts(blocks)).toEqual([]));

  it('are configured by what the schema takes', () => {
    expect(configurationMistakes(blocks)).toEqual([]);
    const wrong = parseMarkdown('page.md', '```yaml\ntraining: { stpes: 3 }\n```\n').blocks;
    expect(configurationMistakes(wrong)).toEqual([expect.stringContaining('stpes')]);
  });

  /** Flags that make it small: of what the model of the page has, and of data where its task takes some. */
  const small = (words: readonly string[]): string[] => {
    const sizes = ['--layers', '3', '--width', '8', '--context', '16'];
    const heads = words.includes('--model') ? [] : ['--heads', '2'];
    const tokenizer = words.includes('--task') ? [] : ['--tokenizer', 'byte'];
    const text = words.includes('--task') || words.includes('--dataset') ? [] : ['--dataset', 'book.txt'];
    const run = ['--backend', 'cpu', '--batch', '2', '--steps', '6', '--window', '2', '--quiet'];
    return [...run, ...sizes, ...heads, ...tokenizer, ...text];
  };
  const outcomes = new Map<string, string>();
  beforeAll(
    () =>
      twoAtATime(runnable, async (command) => {
        const folder = folderOf(command.path)!;
        writeFileSync(join(folder, 'book.txt'), TEXT);
        const out = ['--out', `runs-${command.line}`];
        const { status, stderr } = await ligature(
          [...command.words, ...small(command.words), ...out],
          folder,
        );
        outcomes.set(where(command), `${status} ${status === 0 ? '' : stderr}`);
      }),
    // Each is a command of its own, some with trials in processes of theirs.
    300_000,
  );

  it('run with the files of their page', () => {
    expect(runnable.map(({ path }) => path)).toContain('docs/guides/write-a-reward.md');
    expect([...outcomes].filter(([, outcome]) => outcome !== '0 ')).toEqual([]);
  });
});

describe('links', () => {
  it('of all Markdown files lead somewhere', () => expect(deadLinks(files)).toEqual([]));

  const page = (path: string, text: string): MarkdownFile => parseMarkdown(path, text);
  const other = page('docs/other.md', '# A `code` heading, twice\n\n## Twice\n\n## Twice\n');
  it.each([
    ['[a](other.md#a-code-heading-twice)', undefined],
    ['[a](other.md#twice-1)', undefined],
    ['[a](#here)', undefined],
    ['[a][ref]\n\n[ref]: other.md', undefined],
    ['`[a](gone.md)`', undefined],
    ['[a](https://example.org/a?b#c)', undefined],
    ['[a](gone.md)', 'docs/page.md:3: gone.md is not there'],
    ['![a](gone.svg)', 'docs/page.md:3: gone.svg is not there'],
    ['<img src="gone.svg">', 'docs/page.md:3: gone.svg is not there'],
    ['[a][ref]\n\n[ref]: gone.md', 'docs/page.md:3: gone.md is not there'],
    ['[a](other.md#twice-2)', 'docs/page.md:3: other.md#twice-2 has no heading for #twice-2'],
    ['[a](#there)', 'docs/page.md:3: #there has no heading for #there'],
    ['[a](/other.md)', 'docs/page.md:3: /other.md is absolute: it means another file on every machine'],
    ['[a](../../other.md)', 'docs/page.md:3: ../../other.md leads out of the repository'],
    ['[a](http://example.org)', 'docs/page.md:3: http://example.org should be https, not http'],
    ['[a](https://localhost/)', 'docs/page.md:3: https://localhost/ names no public host'],
  ])('%s', (text, found) => {
    const there = (path: string): boolean => ['docs/page.md', 'docs/other.md'].includes(path);
    expect(deadLinks([page('docs/page.md', `# Here\n\n${text}\n`), other], there)).toEqual(
      found ? [found] : [],
    );
  });

  it('of a page of the site are those of its tags', () => {
    const { ids, links } = readHtml(
      '<h2 id="a&amp;b"><a class="x" href="c.html?d=1&amp;e#f">g</a></h2><img src="h.svg"/><pre>&lt;a href="no"></pre>',
    );
    expect([...ids]).toEqual(['a&b']);
    expect(links).toEqual([
      { tag: 'a', target: 'c.html?d=1&e#f' },
      { tag: 'img', target: 'h.svg' },
    ]);
  });

  it('of a site lead to pages and places in them, from its menus too', () => {
    const { folder, remove } = makeFolder();
    const packed = (data: unknown): string =>
      `window.data = "${deflateSync(JSON.stringify(data)).toString('base64')}"`;
    try {
      mkdirSync(join(folder, 'assets'));
      const files = {
        'index.html':
          '<a href="guides.html#here"></a><a href="guides.html#there"></a><a href="gone.html"></a>',
        'guides.html':
          '<h1 id="here"></h1><a href="./"></a><img src="https://example.org/a.svg"><a href="a.md"></a>',
        'a.md': '',
        'assets/navigation.js': packed([{ children: [{ path: 'guides.html' }, { path: 'old.html' }] }]),
        'assets/search.js': packed({ rows: [{ url: 'guides.html#here' }, { url: 'older.html' }] }),
      };
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
      expect(deadSiteLinks(folder).sort()).toEqual([
        'guides.html: a.md is a Markdown file that is no page of the site',
        'guides.html: https://example.org/a.svg is loaded from another host',
        'index.html: gone.html is not there',
        'index.html: guides.html#there has no #there',
        'navigation: old.html is not there',
        'search: older.html is not there',
      ]);
    } finally {
      remove();
    }
  });
});
