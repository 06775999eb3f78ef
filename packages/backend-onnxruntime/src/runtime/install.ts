/** What brings the package with the native binary where npm left it out. */
import { existsSync } from 'node:fs';

/** The minor of `onnxruntime-node` that this backend is written for, see `binding.ts` and the package.json. */
const PACKAGE = 'onnxruntime-node@1.30';

/** Whether Node did not find the package at all; one that is there and does not load is another matter. */
export function isAbsent(error: unknown): boolean {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  return code === 'MODULE_NOT_FOUND' && /^Cannot find module 'onnxruntime-node\b/.test(String(message));
}

/**
 * The one command that installs the package. On Linux x64 alone its install script wants more than what npm brings.
 * @param place of this file: `npx` has a folder of its own, and what is installed for everybody has no manifest above it
 */
export function installCommand(
  platform: string,
  arch: string,
  place: string,
  exists: (path: string) => boolean = existsSync,
): string {
  const skip = platform === 'linux' && arch === 'x64' ? 'ONNXRUNTIME_NODE_INSTALL=skip ' : '';
  if (/[\\/]_npx[\\/]/.test(place)) return `${skip}npx -p ${PACKAGE} -p @ligature/cli ligature`;
  const project = /^(.*?[\\/])node_modules[\\/]/.exec(place)?.[1];
  const isGlobal = project !== undefined && !exists(`${project}package.json`);
  return `${skip}npm install ${isGlobal ? '--global ' : ''}${PACKAGE}`;
}
