/** Where the Hub is, what may be asked of it, and where what it gives is kept: from options and the environment. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { hubError } from './errors.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface GivenSettings {
  /** Address of another server that speaks as the Hub does; before HF_ENDPOINT. */
  readonly mirror?: string | undefined;
  /** Only what the cache holds; HF_HUB_OFFLINE=1 says the same. */
  readonly offline?: boolean | undefined;
  /** The cache; left out: LIGATURE_CACHE, XDG_CACHE_HOME/ligature, or ~/.cache/ligature. */
  readonly cacheFolder?: string | undefined;
}

export interface HubSettings {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly offline: boolean;
  readonly folder: string;
  /** The header for an address; nothing where the token may not go. A function, so that no print of the settings shows it. */
  readonly authorization: (url: URL) => string | undefined;
}

const OFFICIAL = 'https://huggingface.co';
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** @throws InputError (`hub-address-invalid`, `hub-token-invalid`) */
export function hubSettings(given: GivenSettings, env: Environment): HubSettings {
  const official = addressOf(env['HF_ENDPOINT'] || OFFICIAL, 'HF_ENDPOINT');
  const endpoint = given.mirror === undefined ? official : addressOf(given.mirror, 'the mirror');
  const token = tokenOf(env);
  // A configuration may come from anybody, and so may the mirror that it names: the token is for whom the environment names.
  const trusted = new URL(official).origin;
  return {
    endpoint,
    offline: given.offline === true || /^(1|true|yes|on)$/i.test(env['HF_HUB_OFFLINE'] ?? ''),
    folder: join(given.cacheFolder ?? cacheFolder(env), 'hub'),
    authorization: ({ origin, protocol, hostname }) =>
      token !== undefined && origin === trusted && (protocol === 'https:' || LOOPBACK.test(hostname))
        ? `Bearer ${token}`
        : undefined,
  };
}

function cacheFolder(env: Environment): string {
  return env['LIGATURE_CACHE'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'ligature');
}

function addressOf(text: string, from: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (plain && /^https?:$/.test(url.protocol)) return url.href.replace(/\/+$/, '');
  return hubError(
    'hub-address-invalid',
    `Use ${from} as the address of the Hub`,
    'it is no plain http or https address',
    'Give one such as https://hub.example.org, without a user, a password or a query',
  );
}

/** Never in a message, not even a part of it. */
function tokenOf(env: Environment): string | undefined {
  const token = env['HF_TOKEN']?.trim();
  if (token === undefined || token === '') return undefined;
  if (/^[\x21-\x7e]{1,1000}$/.test(token)) return token;
  return hubError(
    'hub-token-invalid',
    'Use HF_TOKEN',
    'it holds spaces or characters that no token has',
    'Set it to the token alone, as the page "Access Tokens" of the Hub shows it',
  );
}
