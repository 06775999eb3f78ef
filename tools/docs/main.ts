/**
 * `npm run docs` builds the site and fails for what a reader would stumble over: a warning of typedoc, a link that
 * leads nowhere, in the Markdown files or in the site.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { deadLinks } from './links.js';
import { readMarkdown } from './markdown.js';
import { markdownFiles, ROOT } from './pages.js';
import { deadSiteLinks } from './site-links.js';
import { buildSite } from './site.js';

const program = new Command('docs')
  .description('Builds the site of guides and reference, and follows its links.')
  .option('--out <folder>', 'where to', 'site')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
program.parse();
const out = join(ROOT, program.opts<{ out: string }>().out);

const files = markdownFiles().map(readMarkdown);
const dead = deadLinks(files);
const built = await buildSite(out);
const findings = [...dead, ...(built ? deadSiteLinks(out) : [])];
for (const finding of findings) console.error(finding);

if (built) {
  const pages = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.html'),
  );
  const links = files.reduce((sum, file) => sum + file.links.length, 0);
  const verdict = findings.length === 0 ? 'no dead link' : `${findings.length} dead links`;
  console.log(`${pages.length} pages, ${files.length} Markdown files with ${links} links, ${verdict}`);
  console.log(`Open ${join(program.opts<{ out: string }>().out, 'index.html')}`);
} else {
  console.error('The site has mistakes; they stand above.');
}
process.exitCode = built && findings.length === 0 ? 0 : 1;
