/** lerna's part: versions, changelogs and tags from the history, and publishing what has a new version. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { readRepository, shippedDependencies } from '../check-packages/packages.js';
import type { Copy } from './checkout.js';
import type { Run } from './processes.js';
import type { Registry } from './registry.js';

/** A change that every package tells its users. */
const EVERYWHERE = 'everything is rehearsed';

export type Versions = ReadonlyMap<string, string>;

const versionsOf = (folder: string): Versions =>
  new Map(readRepository(folder).packages.map(({ name, manifest }) => [name, manifest.version]));

/** The newest entry of a package's changelog, heading included. */
function newestEntry(folder: string, name: string): string {
  const [, entry] = readFileSync(join(folder, 'packages', name, 'CHANGELOG.md'), 'utf8').split(
    /^(?=##? \[?\d)/m,
  );
  return entry ?? '';
}

export class Releases {
  private readonly lerna: string;

  constructor(
    private readonly copy: Copy,
    private readonly registry: Registry,
    private readonly run: Run,
    private readonly env: NodeJS.ProcessEnv,
  ) {
    this.lerna = join(copy.folder, 'node_modules', '.bin', 'lerna');
  }

  /** Everything that is here, for the first time. @returns the new versions */
  async first(): Promise<Versions> {
    const { folder } = this.copy;
    const before = versionsOf(folder);
    // A clone may know the last commit only: one change that every changelog has to tell.
    for (const { directory } of readRepository(folder).packages) this.touch(directory, 'src/index.ts');
    await this.copy.commit(`feat: ${EVERYWHERE}`);
    const versions = await this.version();
    const tags = new Set((await this.copy.git('tag', '--points-at', 'HEAD')).trim().split('\n'));
    for (const { name, directory, manifest } of readRepository(folder).packages) {
      assert.notEqual(manifest.version, before.get(name), `${name} has a new version`);
      assert.ok(tags.has(`${name}@${manifest.version}`), `there is a tag for ${name}`);
      for (const [other, range] of Object.entries(shippedDependencies(manifest))) {
        const version = versions.get(other);
        if (version !== undefined) assert.equal(range, `^${version}`, `${name} asks for the new ${other}`);
      }
      const plugin = join(folder, directory, 'src', 'plugin.ts');
      if (existsSync(plugin)) {
        const says = `version: '${manifest.version}'`;
        assert.ok(readFileSync(plugin, 'utf8').includes(says), `the plug-in of ${name} says ${says}`);
      }
      this.assertReadable(directory.replace('packages/', ''), manifest.version);
    }
    return versions;
  }

  /** What a user reads: new, mended or faster, or which dependencies moved; never what we did for ourselves. */
  private assertReadable(name: string, version: string): void {
    const entry = newestEntry(this.copy.folder, name);
    assert.match(entry, /^##? /, `${name} has a changelog`);
    assert.ok(entry.includes(version), `the changelog of ${name} begins with ${version}`);
    const sections = [...entry.matchAll(/^### (?<title>.*)$/gm)].map(({ groups }) => groups?.['title']);
    assert.ok(
      sections.includes('Features') && entry.includes(`* ${EVERYWHERE} ([`),
      `what is new in ${name}`,
    );
    const known = [
      'Features',
      'Bug Fixes',
      'Performance Improvements',
      'Reverts',
      'BREAKING CHANGES',
      'Dependencies',
    ];
    for (const section of sections) assert.ok(known.includes(section as string), `${name}: ${section}`);
    // The merge of working files is a chore, and the addresses of commits are those of the repository.
    assert.ok(
      !entry.includes('not committed yet') && !entry.includes(this.copy.folder),
      `no noise in ${name}`,
    );
  }

  /**
   * A fix in one package, a feature in another and work that nobody outside notices in a third: only what changed,
   * and what depends on it, gets a version; each changelog says why.
   */
  async second(before: Versions): Promise<Versions> {
    const { folder } = this.copy;
    const edit = async (name: string, path: string, message: string): Promise<void> => {
      this.touch(`packages/${name}`, path);
      await this.copy.commit(message);
    };
    await edit('report', 'src/index.ts', 'fix(report): axes of one step have a label');
    await edit('create-controller', 'src/index.ts', 'feat(create-controller): asks for a licence');
    await edit('core', 'test/errors.test.ts', 'test(core): one more error');
    await edit('core', 'README.md', 'docs(core): one more line');

    const after = await this.version();
    const changed = [...after]
      .filter(([name, version]) => version !== before.get(name))
      .map(([name]) => name);
    // Those two, and what depends on the report.
    assert.deepEqual(changed.sort(), [
      '@ligature/cli',
      '@ligature/create-controller',
      '@ligature/dashboard',
      '@ligature/report',
    ]);
    const [major, minor, patch] = (before.get('@ligature/report') as string).split('.').map(Number);
    assert.equal(after.get('@ligature/report'), `${major}.${minor}.${(patch ?? 0) + 1}`);
    assert.match(newestEntry(folder, 'report'), /^### Bug Fixes\n+\* axes of one step have a label \(\[/m);
    assert.match(newestEntry(folder, 'create-controller'), /^### Features\n+\* asks for a licence \(\[/m);
    const moved = ['dashboard', 'report']
      .map((name) => `* works with @ligature/${name} ^${after.get(`@ligature/${name}`)}`)
      .join('\n');
    assert.ok(
      newestEntry(folder, 'cli').includes(`### Dependencies\n\n${moved}\n`),
      newestEntry(folder, 'cli'),
    );
    return after;
  }

  private touch(directory: string, path: string): void {
    appendFileSync(join(this.copy.folder, directory, path), '\n// Rehearsed.\n');
  }

  private async version(): Promise<Versions> {
    const { folder } = this.copy;
    const nobody = { GIT_AUTHOR_NAME: 'Rehearsal', GIT_AUTHOR_EMAIL: 'rehearsal@localhost' };
    const env = {
      ...this.env,
      ...nobody,
      GIT_COMMITTER_NAME: 'Rehearsal',
      GIT_COMMITTER_EMAIL: 'rehearsal@localhost',
    };
    await this.run(this.lerna, ['version', '--yes', '--no-push'], { cwd: folder, env });
    assert.equal(await this.copy.git('status', '--porcelain'), '', 'a release leaves nothing uncommitted');
    return versionsOf(folder);
  }

  /** Publishes whatever the registry does not have. @returns names with versions, in alphabetical order */
  async publish(): Promise<string[]> {
    const { stdout } = await this.run(
      this.lerna,
      // Without `prepare`, which would install and build: the builds are those of the checkout.
      ['publish', 'from-package', '--yes', '--ignore-scripts', '--registry', this.registry.url],
      { cwd: this.copy.folder, env: this.env },
    );
    // lerna leaves the commit's hash in every package.json.
    await this.copy.git('checkout', '--quiet', '--', 'packages');
    return [...stdout.matchAll(/^ - (?<published>@\S+)$/gm)]
      .map(({ groups }) => groups?.['published'] ?? '')
      .sort();
  }
}
