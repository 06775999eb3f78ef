/** Everything that is written to a disk, and nothing else writes: `npm run lint` refuses it. */
export { AppendFile } from './append-file.js';
export { diskTrouble, type DiskTrouble } from './disk-trouble.js';
export { isSystemError, nodeFileSystem, syncFolder, type FileSystem } from './file-system.js';
export { GrowingFile } from './growing-file.js';
export { clearLeftovers, resolveFolder, unwritable, wholeFolders, writeFolder } from './whole-folder.js';
export {
  clearAsides,
  makeFolders,
  replaceFile,
  unwritableOut,
  writeJson,
  writeWhole,
} from './write-whole.js';
