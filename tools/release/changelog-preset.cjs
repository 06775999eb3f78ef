/**
 * What stands in a package's CHANGELOG.md: the Angular preset that lerna brings (feat, fix, perf, reverts and breaking
 * changes), with three differences, all for somebody who uses the package:
 *  - a commit counts only if it changed something that the package ships: not its tests, texts or settings;
 *  - the scope is left out where it is the package itself;
 *  - a release for new versions of its dependencies alone says which they are.
 */
const { execFileSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');

const angular = createRequire(require.resolve('lerna'))('conventional-changelog-angular');

const git = (...args) => execFileSync('git', args, { encoding: 'utf8', maxBuffer: 2 ** 26 });

/** Whether a commit changed the sources of a package, or a folder that it ships as it is. */
function isShipped(hash, { repository, files }) {
  const shipped = new Set(['src', ...files]);
  const changed = git('show', '--format=', '--name-only', '--relative', hash, '--', repository.directory);
  return changed
    .split('\n')
    .map((path) => path.slice(repository.directory.length + 1).split('/'))
    .some((parts) => parts.length > 1 && shipped.has(parts[0]));
}

/** Dependencies among this repository's packages with another range than in the last commit: lerna has set them. */
function movedDependencies({ repository }) {
  const path = `${repository.directory}/package.json`;
  const ranges = ({ dependencies, optionalDependencies, peerDependencies }) =>
    Object.entries({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  const before = new Map(ranges(JSON.parse(git('show', `HEAD:${path}`))));
  const after = ranges(JSON.parse(readFileSync(join(process.cwd(), path), 'utf8')));
  return after
    .filter(([name, range]) => before.get(name) !== range)
    .map(([name, range]) => `${name} ${range}`);
}

module.exports = async () => {
  const preset = await angular();
  const { transform } = preset.writerOpts;
  const writerOpts = {
    ...preset.writerOpts,
    transform(commit, context) {
      const { packageData } = context;
      if (!isShipped(commit.hash, packageData)) return undefined;
      const kept = transform(commit, context);
      if (kept?.scope === packageData.repository.directory.replace('packages/', '')) kept.scope = null;
      return kept;
    },
    finalizeContext(context) {
      if (context.commitGroups.length > 0 || context.noteGroups.length > 0) return context;
      const notes = movedDependencies(context.packageData).map((text) => ({
        text: `works with ${text}`,
        commit: {},
      }));
      return notes.length === 0 ? context : { ...context, noteGroups: [{ title: 'Dependencies', notes }] };
    },
  };
  return {
    ...preset,
    writerOpts,
    conventionalChangelog: { ...preset.conventionalChangelog, writerOpts },
  };
};
