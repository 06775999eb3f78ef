/** Names on the Hub as a user writes them: `hf:owner/name[/config][@revision]`, or `hf:name[/config]` for those without an owner. */
import { hubError } from './errors.js';

export const HUB_PREFIX = 'hf:';

export interface HubName {
  /** Between slashes: owner, name and configuration; two may be owner and name, or name and configuration. */
  readonly parts: readonly string[];
  readonly revision?: string;
}

/** One way to understand a name. */
export interface Reading {
  readonly id: string;
  readonly config?: string;
}

/** What the Hub allows in the names of owners and repositories; no two dashes or dots in a row. */
const PART = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?$/;
const CONFIG = /^[A-Za-z0-9_][A-Za-z0-9._+-]{0,95}$/;
/** Branches, tags, commits and `refs/convert/parquet`. */
const REVISION = /^[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}$/;
const COMMIT = /^[0-9a-f]{40}$/;

export const isCommit = (revision: string): boolean => COMMIT.test(revision);
export const isRepoId = (id: string): boolean => {
  const parts = id.split('/');
  return parts.length <= 2 && parts.every(isPart);
};

const isPart = (part: string): boolean => PART.test(part) && !/--|\.\./.test(part);
const isRevision = (text: string): boolean =>
  REVISION.test(text) &&
  !/\.\.|\/\/|[/.]$|\.lock$/.test(text) &&
  !text.split('/').some((one) => one.startsWith('.'));

/** @throws InputError (`hub-name-invalid`) */
export function parseHubName(written: string): HubName {
  const bare = written.startsWith(HUB_PREFIX) ? written.slice(HUB_PREFIX.length) : written;
  const at = bare.indexOf('@');
  const revision = at < 0 ? undefined : bare.slice(at + 1);
  const parts = (at < 0 ? bare : bare.slice(0, at)).split('/');
  const config = parts.length === 3 ? parts[2] : undefined;
  const refuse = (found: string): never =>
    hubError(
      'hub-name-invalid',
      `Read ${JSON.stringify(written.slice(0, 200))} as a name on the Hugging Face Hub`,
      found,
      'Write hf:owner/name, hf:owner/name/config or hf:name/config, with @revision behind it if need be',
    );
  if (parts.length > 3) refuse('it has more than an owner, a name and a configuration');
  const named = parts.slice(0, 2);
  // The second of two may be a configuration, which may be called more freely.
  const fine = named.every(
    (part, index) => isPart(part) || (parts.length === 2 && index === 1 && isConfig(part)),
  );
  if (!fine) refuse('owner and name are letters, digits, ".", "_" and "-", no two dashes or dots in a row');
  if (config !== undefined && !isConfig(config))
    refuse('a configuration is letters, digits, ".", "_", "+" and "-"');
  if (revision !== undefined && !isRevision(revision)) {
    refuse('what stands behind @ is no branch, tag or commit');
  }
  return { parts, ...(revision !== undefined && { revision }) };
}

const isConfig = (text: string): boolean => CONFIG.test(text) && !text.includes('..');

/** Every way to understand it, in the order in which the Hub is asked: an owner and a name before a name and a configuration. */
export function readingsOf({ parts: [first = '', second, config] }: HubName): readonly Reading[] {
  if (second === undefined) return [{ id: first }];
  if (config !== undefined) return [{ id: `${first}/${second}`, config }];
  const whole = `${first}/${second}`;
  return [...(isRepoId(whole) ? [{ id: whole }] : []), { id: first, config: second }];
}

export const formatHubName = ({ id, config }: Reading, revision?: string): string =>
  `${HUB_PREFIX}${id}${config === undefined ? '' : `/${config}`}${revision === undefined ? '' : `@${revision}`}`;
