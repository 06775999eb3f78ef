/** What the checks need of a Markdown file: its code blocks, its links and the anchors that others may point to. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { marked, type Token } from 'marked';
import { ROOT } from './pages.js';

export interface CodeBlock {
  readonly path: string;
  /** Of the fence, counted from 1; inside of lists and quotes that of the list. */
  readonly line: number;
  readonly language: string;
  /** What stands behind the language: `ignore: why`. */
  readonly note: string;
  readonly code: string;
  /** The `text` block that follows, with nothing between: what the program prints. */
  readonly output?: string;
}

export interface Link {
  readonly line: number;
  readonly target: string;
}

export interface MarkdownFile {
  readonly path: string;
  readonly blocks: readonly CodeBlock[];
  readonly links: readonly Link[];
  readonly anchors: ReadonlySet<string>;
}

/** GitHub's anchors: lower case, no punctuation, spaces as hyphens, a number behind those that repeat. */
function anchorsOf(headings: readonly string[]): Set<string> {
  const anchors = new Set<string>();
  for (const heading of headings) {
    const plain = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
      .replaceAll(' ', '-');
    let anchor = plain;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${plain}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** The text that a reader sees: no markup, no addresses. */
function visible(token: Token): string {
  const inner = 'tokens' in token ? (token.tokens as Token[] | undefined) : undefined;
  if (inner !== undefined && inner.length > 0) return inner.map(visible).join('');
  return 'text' in token && token.type !== 'html' ? String(token.text) : '';
}

const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
/** The lexer escapes characters in text; this undoes it. */
export const plain = (text: string): string =>
  text.replaceAll(/&(lt|gt|quot|#39);/g, (entity) => ENTITIES[entity]!).replaceAll('&amp;', '&');

export function parseMarkdown(path: string, text: string): MarkdownFile {
  const blocks: CodeBlock[] = [];
  const links: Link[] = [];
  const headings: string[] = [];
  let line = 1;
  const tokens = marked.lexer(text);
  tokens.forEach((top, index) => {
    void marked.walkTokens([top], (token) => {
      if (token.type === 'heading') headings.push(plain(visible(token)));
      if (token.type === 'link' || token.type === 'image')
        links.push({ line, target: plain((token as { href: string }).href) });
      if (token.type === 'html')
        for (const [, target] of (token as { raw: string }).raw.matchAll(/\b(?:href|src)="([^"]*)"/g))
          links.push({ line, target: target! });
      if (token.type === 'code') {
        const { lang = '', text: code } = token as { lang?: string; text: string };
        const [language = '', ...note] = lang.split(' ');
        const next = tokens.slice(index + 1).find(({ type }) => type !== 'space');
        const follows = top === token && next?.type === 'code' && (next as { lang?: string }).lang === 'text';
        const output = follows ? { output: (next as { text: string }).text } : {};
        blocks.push({ path, line, language, note: note.join(' '), code, ...output });
      }
    });
    line += top.raw.split('\n').length - 1;
  });
  return { path, blocks, links, anchors: anchorsOf(headings) };
}

export const readMarkdown = (path: string): MarkdownFile =>
  parseMarkdown(path, readFileSync(join(ROOT, path), 'utf8'));
