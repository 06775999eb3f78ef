/**
 * What of core needs Node: files from outside, files of plug-ins, ends of calls into them, files that are written, and
 * knowing a bus's handlers through all that they await.
 */
export { asyncHandlerContext } from './async-context.js';
export {
  AppendFile,
  clearAsides,
  clearLeftovers,
  diskTrouble,
  GrowingFile,
  isSystemError,
  makeFolders,
  nodeFileSystem,
  replaceFile,
  resolveFolder,
  syncFolder,
  unwritable,
  unwritableOut,
  wholeFolders,
  writeFolder,
  writeJson,
  writeWhole,
} from './disk/index.js';
export type { DiskTrouble, FileSystem } from './disk/index.js';
export { catchLateFailures, type LateFailures } from './guard/late-failures.js';
export { pluginGuard, type ExitWatch, type SignalWatch } from './guard/plugin-guard.js';
export { loadPlugin } from './load-plugin.js';
export {
  openPlainFile,
  openPlainFileSync,
  readPlainFile,
  readPlainFileSync,
  type PlainFileOptions,
} from './plain-file.js';
export { LineCutter } from './line-cutter.js';
