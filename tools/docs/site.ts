/**
 * One static site of the guides and the reference of all packages: one program for the compiler, one search, one
 * navigation. The README of a package opens its reference. Any warning of typedoc is a finding.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import {
  Application,
  Comment,
  CommentTag,
  Converter,
  KindRouter,
  LogLevel,
  MinimalSourceFile,
  ReflectionKind,
  type DeclarationReflection,
  type DocumentReflection,
  type NormalizedPath,
  type Reflection,
  type TypeDocOptions,
} from 'typedoc';
import { PACKAGES, pages, PARTS, ROOT, type Page } from './pages.js';

interface EntryPoint {
  /** As it is imported: `@ligature/core`, `@ligature/weight-sharing/schemes`. */
  readonly name: string;
  readonly source: string;
  readonly readme?: string;
}

const SOURCE = '@ligature/source';

/** All that the packages' `exports` offer, with the sources behind it. */
export function entryPoints(): EntryPoint[] {
  return readdirSync(join(ROOT, 'packages')).flatMap((folder) => {
    const at = join(ROOT, 'packages', folder);
    const manifest = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8')) as {
      name: string;
      exports: Record<string, string | Record<string, string>>;
    };
    return Object.entries(manifest.exports).flatMap(([subpath, conditions]) => {
      if (typeof conditions === 'string' || conditions[SOURCE] === undefined) return [];
      const readme = join(at, 'README.md');
      return {
        name: join(manifest.name, subpath),
        source: join(at, conditions[SOURCE]),
        ...(subpath === '.' && existsSync(readme) ? { readme } : {}),
      };
    });
  });
}

const options = (out: string, listed: readonly Page[]): TypeDocOptions => ({
  name: 'Ligature',
  tsconfig: join(ROOT, 'tsconfig.json'),
  // Types are checked by `npm run typecheck`, for the tests too.
  skipErrorChecking: true,
  entryPoints: entryPoints().map(({ source }) => source),
  projectDocuments: listed.map(({ path }) => join(ROOT, path)),
  readme: join(ROOT, 'README.md'),
  out,
  basePath: ROOT,
  // The address of the repository is not settled; where something is defined is said without a link.
  disableSources: true,
  excludeExternals: true,
  excludePrivate: true,
  excludeInternal: true,
  sort: ['kind', 'instance-first', 'alphabetical-ignoring-documents'],
  kindSortOrder: ['Document', 'Module', 'Function', 'Class', 'Interface', 'TypeAlias', 'Variable'],
  categorizeByGroup: false,
  categoryOrder: [...PARTS.map(([name]) => name), PACKAGES, '*'],
  navigation: { includeCategories: true, includeGroups: false, includeFolders: false },
  headings: { readme: false, document: false },
  searchInDocuments: true,
  searchInComments: true,
  highlightLanguages: ['typescript', 'javascript', 'json', 'yaml', 'sh', 'python'],
  router: 'ligature',
  markdownItLoader: codeInHeadings,
  customCss: join(ROOT, 'tools', 'docs', 'site.css'),
  validation: { notExported: true, invalidLink: true, invalidPath: true, rewrittenLink: true },
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
  logLevel: LogLevel.Warn,
});

/** The parts of markdown-it that are used; it comes with typedoc and without types. */
interface Token {
  readonly type: string;
  readonly content: string;
  children: Token[] | null;
}
interface MarkdownIt {
  readonly core: {
    readonly ruler: { push(name: string, rule: (state: State) => void): void };
  };
}
interface State {
  readonly tokens: readonly Token[];
  readonly Token: new (type: string, tag: string, nesting: number) => { content: string } & Token;
}

/** Typedoc leaves code out of a heading's anchor and of the table of contents, GitHub does not. */
function codeInHeadings(parser: MarkdownIt): void {
  parser.core.ruler.push('code-in-headings', ({ tokens, Token }) => {
    const make = (type: string, content: string): Token => Object.assign(new Token(type, '', 0), { content });
    tokens.forEach((token, index) => {
      if (tokens[index - 1]?.type !== 'heading_open') return;
      token.children = (token.children ?? []).flatMap((child) =>
        child.type === 'code_inline'
          ? [make('html_inline', '<code>'), make('text', child.content), make('html_inline', '</code>')]
          : [child],
      );
    });
  });
}

/** Pages lie where their sources do, packages under their names without the scope. */
class Router extends KindRouter {
  protected override getIdealBaseName(reflection: Reflection): string {
    const source = reflection.project.files.getReflectionPath(reflection);
    if (reflection.isDocument() && source !== undefined)
      return relative(ROOT, source)
        .replace(/^docs\//, '')
        .replace(/\.md$/, '');
    return super.getIdealBaseName(reflection).replaceAll('_ligature_', '');
  }
}

/** Gives guides their titles, packages their names, and both their places in the navigation. */
function arrange(app: Application, listed: readonly Page[]): void {
  const byPath = new Map(listed.map((page) => [join(ROOT, page.path), page]));
  const bySource = new Map(entryPoints().map((entry) => [entry.source, entry]));

  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context: undefined, document: DocumentReflection) => {
    const file = document.project.files.getReflectionPath(document);
    const page = byPath.get(file ?? '');
    if (file === undefined || page === undefined) return;
    document.name = page.title;
    document.frontmatter['category'] = page.part;
    // A link to the folder means the page that lists what is in it.
    if (file.endsWith('/README.md'))
      document.project.files.registerReflectionPath(dirname(file) as NormalizedPath, document);
  });

  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, module: DeclarationReflection) => {
    if (!module.kindOf(ReflectionKind.Module)) return;
    const file = context.project.files.getReflectionPath(module);
    const entry = bySource.get(file ?? '');
    if (entry === undefined) return;
    module.name = entry.name;
    module.comment ??= new Comment();
    module.comment.blockTags.push(new CommentTag('@category', [{ kind: 'text', text: PACKAGES }]));
    if (entry.readme === undefined) return;
    const readme = entry.readme as NormalizedPath;
    const files = context.project.files;
    files.registerReflectionPath(readme, module);
    files.registerReflectionPath(dirname(readme) as NormalizedPath, module);
    // The page has the package's name for its title already.
    const text = readFileSync(readme, 'utf8').replace(/^# .*\n/, '');
    module.readme = app.converter.parseRawComment(new MinimalSourceFile(text, readme), files).content;
  });
}

/** @returns whether it was made without a warning; typedoc has printed what was wrong */
export async function buildSite(out: string): Promise<boolean> {
  const listed = pages();
  const app = await Application.bootstrap(options(out, listed));
  app.renderer.defineRouter('ligature', Router);
  arrange(app, listed);
  const project = await app.convert();
  if (project === undefined) return false;
  app.validate(project);
  if (app.logger.hasErrors()) return false;
  await app.generateOutputs(project);
  return !app.logger.hasErrors() && !app.logger.hasWarnings();
}
