/** Runs API Extractor on a built entry point. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import type { EntryPoint } from './entry-points.js';

export interface Report {
  /** Empty when there are problems. */
  readonly text: string;
  /** What the compiler or API Extractor could not make sense of. */
  readonly problems: readonly string[];
}

/** @param scratch a folder for temporary files */
export function reportOf({ pkg, types, report }: EntryPoint, scratch: string): Report {
  const quiet = { logLevel: ExtractorLogLevel.None };
  const config = ExtractorConfig.prepare({
    configObjectFullPath: join(pkg.folder, 'api-extractor.json'),
    packageJsonFullPath: join(pkg.folder, 'package.json'),
    configObject: {
      projectFolder: pkg.folder,
      mainEntryPointFilePath: types,
      newlineKind: 'lf',
      compiler: { tsconfigFilePath: join(pkg.folder, 'tsconfig.build.json') },
      apiReport: {
        enabled: true,
        reportFileName: report,
        reportFolder: scratch,
        reportTempFolder: join(scratch, 'temp'),
        // A type that is not exported and shows through an exported one is a part of the API all the same.
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Error },
          'ae-forgotten-export': quiet,
          // Everything that is exported here is public: no release tags.
          'ae-missing-release-tag': quiet,
          // A readonly field called `step` needs no sentence.
          'ae-undocumented': quiet,
        },
        tsdocMessageReporting: { default: quiet },
      },
    },
  });
  const problems: string[] = [];
  try {
    Extractor.invoke(config, {
      localBuild: true,
      messageCallback: (message) => {
        message.handled = true;
        if (message.logLevel === ExtractorLogLevel.Error) problems.push(message.text);
      },
    });
  } catch (error) {
    // How it says that it does not find a module.
    problems.push(error instanceof Error ? error.message : String(error));
  }
  if (problems.length > 0) return { text: '', problems };
  return { text: typesOnly(readFileSync(join(scratch, report), 'utf8')), problems };
}

/** Without the notes on what has a doc comment: a report changes when a type does, not when a sentence is added. */
const typesOnly = (text: string): string =>
  text
    .replace(/^ *\/\/ \(undocumented\)\n/gm, '')
    .replace(/^( *\/\/ @public) \(undocumented\)$/gm, '$1')
    .replace('// (No @packageDocumentation comment for this package)\n\n', '');
