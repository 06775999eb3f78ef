/**
 * Brings a checkout to the point where everything runs: installed dependencies and built packages. Each half
 * is skipped when nothing changed since it last succeeded. Plain JavaScript on Node's own modules, because it
 * runs before anything is installed.
 *
 * Usage: node tools/setup.mjs [--no-install]
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const stamps = join(root, 'node_modules', '.cache', 'ligature-setup');

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Ligature needs Node 20.19 or later; this is ${process.version}. Install a current Node LTS release.`,
  );
  process.exit(1);
}

/** Runs a command in the checkout and ends the set-up with its status when it fails. */
function run(title, command, args) {
  console.error(`${title} …`);
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    // Standard output belongs to the command that set-up precedes (it may be JSON).
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
    env: {
      // On Linux onnxruntime-node would fetch CUDA libraries, and fail the whole install where it cannot.
      ONNXRUNTIME_NODE_INSTALL: 'skip',
      ...process.env,
      NX_DAEMON: 'false',
      NX_TUI: 'false',
    },
  });
  if (error || status !== 0) {
    console.error(
      `${title} failed: ${error ? error.message : `\`${command} ${args.join(' ')}\` ended with status ${status}`}.`,
    );
    process.exit(status || 1);
  }
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) =>
      entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)],
    );
}

/** A digest of the names and contents of files: what a half of the set-up depends on. */
function digest(files) {
  const hash = createHash('sha256');
  for (const file of files)
    hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

function isDone(stamp, value) {
  const file = join(stamps, stamp);
  return existsSync(file) && readFileSync(file, 'utf8') === value;
}

function markDone(stamp, value) {
  mkdirSync(stamps, { recursive: true });
  writeFileSync(join(stamps, stamp), value);
}

const packages = readdirSync(join(root, 'packages'))
  .map((name) => join(root, 'packages', name))
  .filter((folder) => existsSync(join(folder, 'package.json')));

const locked = digest([
  join(root, 'package-lock.json'),
  join(root, 'package.json'),
  ...packages.map((p) => join(p, 'package.json')),
]);
/**
 * The install script of onnxruntime-node wants CUDA libraries on Linux x64. Where it cannot have them, npm takes the whole
 * package, an optional one, away again; the processor needs nothing but the package.
 */
function bringEngine() {
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const engine = 'node_modules/onnxruntime-node';
  if (wanted.packages[engine] === undefined || existsSync(join(root, engine, 'package.json'))) return;
  const quiet = ['--ignore-scripts', '--no-save', '--no-audit', '--no-fund'];
  run('Installing onnxruntime-node without CUDA', 'npm', ['install', ...quiet]);
}

if (process.argv.includes('--no-install')) {
  if (process.env.npm_lifecycle_event === 'prepare') bringEngine();
  // Called by npm itself at the end of an installation from the lock file: nothing to install next time.
  if (process.env.npm_lifecycle_event === 'prepare' && process.env.npm_command === 'ci')
    markDone('installed', locked);
} else if (!isDone('installed', locked)) {
  // Our own `prepare` script would build; the build below does it with one message and one check.
  run('Installing dependencies', 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  markDone('installed', locked);
}

const sources = digest([
  join(root, 'tsconfig.base.json'),
  join(root, 'nx.json'),
  ...packages.flatMap((p) => [
    join(p, 'package.json'),
    join(p, 'tsconfig.build.json'),
    ...filesBelow(join(p, 'src')),
  ]),
]);
const built = packages.every((p) => existsSync(join(p, 'dist')) && statSync(join(p, 'dist')).isDirectory());
if (!built || !isDone('built', sources)) {
  run('Building packages', 'npx', ['nx', 'run-many', '-t', 'build', '--outputStyle=static']);
  markDone('built', sources);
}
