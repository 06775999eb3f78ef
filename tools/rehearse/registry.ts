/** A package registry on this machine: our packages come from it alone, all others through it from npm's registry. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { runServer } from 'verdaccio';

export interface Registry {
  readonly url: string;
  close(): void;
}

/** The user's npm settings, read when they are needed and written nowhere but to the temporary folder. */
interface NpmSettings {
  readonly registry: string;
  readonly cache: string;
  readonly cafile: string | null;
  readonly 'https-proxy': string | null;
  readonly 'strict-ssl': boolean;
}

const npmSettings = (): NpmSettings =>
  JSON.parse(
    execFileSync('npm', ['config', 'list', '--json'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  ) as NpmSettings;

/** @param local patterns of names that are never looked up elsewhere, whoever may have taken them there */
export async function startRegistry(folder: string, local: readonly string[]): Promise<Registry> {
  const npm = npmSettings();
  mkdirSync(folder, { recursive: true });
  const ours = { access: '$all', publish: '$all', unpublish: '$all' };
  const server = (await runServer({
    configPath: join(folder, 'config.yaml'),
    self_path: join(folder, 'config.yaml'),
    storage: join(folder, 'storage'),
    auth: { htpasswd: { file: join(folder, 'htpasswd') } },
    web: { enable: false },
    uplinks: {
      npm: {
        url: npm.registry,
        // Nothing changes within a rehearsal.
        maxage: '1h',
        strict_ssl: npm['strict-ssl'],
        ...(npm.cafile === null ? {} : { ca: readFileSync(npm.cafile, 'utf8') }),
        ...(npm['https-proxy'] === null ? {} : { https_proxy: npm['https-proxy'] }),
      },
    },
    packages: {
      ...Object.fromEntries(local.map((pattern) => [pattern, ours])),
      '**': { access: '$all', proxy: 'npm' },
    },
    max_body_size: '50mb',
    log: { type: 'stdout', format: 'json', level: 'fatal' },
  } as unknown as Parameters<typeof runServer>[0])) as Server;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/**
 * Brings the tarballs that this machine's npm has loaded before: npm finds them by their digests, and loads only what
 * is missing. Which versions there are it still asks the registry.
 */
function linkFiles(from: string, to: string): void {
  if (!existsSync(from)) return;
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, copy] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkFiles(source, copy);
    else
      try {
        linkSync(source, copy);
      } catch {
        // On another disk, or gone meanwhile: npm loads it again.
      }
  }
}

/**
 * The environment of somebody who has nothing but Node, npm and this registry: no setting of this checkout, of the npm
 * that runs the rehearsal or of the user shows through.
 */
export function strangerEnvironment(registry: Registry, home: string): NodeJS.ProcessEnv {
  mkdirSync(home, { recursive: true });
  const cache = join(home, 'npm-cache');
  linkFiles(join(npmSettings().cache, '_cacache', 'content-v2'), join(cache, '_cacache', 'content-v2'));
  const settings = join(home, '.npmrc');
  // npm wants a token before it publishes; this registry takes any.
  const token = `//${new URL(registry.url).host}/:_authToken=rehearsal`;
  const lines = [`registry=${registry.url}`, token, 'audit=false', 'fund=false', 'update-notifier=false'];
  writeFileSync(settings, `${lines.join('\n')}\n`);
  const own = Object.entries(process.env).filter(
    ([name]) => !/^npm_|^NODE_(?:OPTIONS|PATH)$|^INIT_CWD$/i.test(name),
  );
  return {
    ...Object.fromEntries(own),
    HOME: home,
    USERPROFILE: home,
    npm_config_userconfig: settings,
    npm_config_cache: cache,
    XDG_CACHE_HOME: join(home, 'cache'),
    NX_DAEMON: 'false',
    NX_TUI: 'false',
    NO_COLOR: '1',
    CI: 'true',
    // Half a gigabyte of CUDA libraries that no rehearsal needs.
    ONNXRUNTIME_NODE_INSTALL: 'skip',
  };
}
