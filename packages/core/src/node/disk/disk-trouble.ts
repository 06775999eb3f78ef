/** What went wrong with a disk, in words of what a person can do about it. */
import type { ErrorParts } from '../../errors.js';

export type DiskTrouble = Pick<ErrorParts, 'found' | 'todo'>;

interface Kind {
  readonly found: (place: string) => string;
  readonly todo: string;
}

const GONE: Kind = {
  found: (place) => `the disk that holds "${place}" does not answer`,
  todo: 'Connect or mount it again, or choose another folder',
};
const KINDS: Readonly<Record<string, Kind>> = {
  ENOSPC: {
    found: (place) => `no space left on the disk that holds "${place}"`,
    todo: 'Free some space there, or choose another folder',
  },
  EDQUOT: {
    found: (place) => `your quota on the disk that holds "${place}" is used up`,
    todo: 'Free some space of yours there, have the quota raised, or choose another folder',
  },
  EFBIG: {
    found: (place) =>
      `a file in "${place}" would be larger than the disk or the limits of this process allow`,
    todo: 'Free some space or raise the limit (`ulimit -f`), or choose another folder',
  },
  EROFS: {
    found: (place) => `the disk that holds "${place}" can only be read`,
    todo: 'Mount it for writing, or choose another folder',
  },
  EIO: {
    found: (place) => `the disk that holds "${place}" failed`,
    todo: 'Check the disk and its connection before anything else, or choose another folder',
  },
  EMFILE: { found: () => 'this process has too many files open', todo: 'Raise the limit (`ulimit -n`)' },
  ENFILE: { found: () => 'the system has too many files open', todo: 'End programs that you do not need' },
  ...Object.fromEntries(['ENODEV', 'ENXIO', 'ESTALE', 'EHOSTDOWN', 'ETIMEDOUT'].map((code) => [code, GONE])),
};
const OTHER: Kind = {
  found: (place) => `"${place}" cannot be written`,
  todo: 'Choose another folder, or mend its permissions',
};

/**
 * @param place the folder or file that was to be written
 * @param choose how another folder is chosen, where there is a way to name: `with --out`
 */
export function diskTrouble(error: unknown, place: string, choose = ''): DiskTrouble {
  const cause = error instanceof Error ? error : new Error(String(error));
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const { found, todo } = (Object.hasOwn(KINDS, code) && KINDS[code]) || OTHER;
  const another = choose === '' ? '$&' : `$& ${choose}`;
  return {
    found: `${found(place)} (${message})`,
    todo: `${todo.replace(/choose another folder/i, another)}; what was saved before is intact`,
  };
}
