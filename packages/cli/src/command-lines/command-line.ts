/** The command line as a manifest keeps it: what was asked, without where things lie on this machine. */
export function recordedCommand(argv: readonly string[]): string[] {
  return argv.map((word) => word.replaceAll(ABSOLUTE, '$1…/$2'));
}

/** A path from the root, at the beginning of a word or after `=` or `,`; its last part is kept. */
const ABSOLUTE = /(^|[=,])(?:[A-Za-z]:)?[\\/](?:[^,]*[\\/])?([^\\/,]*)/g;
