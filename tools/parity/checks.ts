/** What there is to check in a folder: reference files, cases of Hugging Face models, or both. */
import type { Deviations } from './deviation.js';
import { caseFolders, readCase, type HfCase } from './hugging-face/case.js';
import { checkCase } from './hugging-face/scenario.js';
import { checkScenario } from './model-scenario.js';
import { checkOfficial } from './official-scenario.js';
import { bad, readReferenceFiles, type ReferenceFile } from './reference-files.js';

export interface Check {
  readonly name: string;
  run(): Promise<Deviations>;
}

/** A case that cannot be run. Unlike a wrong reference file it ends nothing: it has failed, and the others are checked. */
class CaseFailure extends Error {}

/** @throws InputError when there is nothing to check, or a reference file is damaged */
export function checksOf(folder: string): Check[] {
  const cases = caseFolders(folder);
  const isCase = [...cases.values()].includes(folder);
  const checks = isCase ? [] : readReferenceFiles(folder).flatMap(fileChecks);
  for (const [name, path] of cases) checks.push(...caseChecks(name, path));
  if (checks.length > 0) return checks;
  throw bad(folder, 'it holds no reference file (a .json with `scenarios` or `windows`) and no case');
}

function fileChecks(file: ReferenceFile): Check[] {
  if (file.kind === 'official') {
    return [{ name: file.name, run: () => checkOfficial(file.reference, file.weights) }];
  }
  return file.reference.scenarios.map((scenario) => ({
    name: `${file.name}/${scenario.name}`,
    run: () => checkScenario(file.reference, scenario, file.weights, file.expected),
  }));
}

function caseChecks(name: string, folder: string): Check[] {
  let given: HfCase;
  try {
    given = readCase(folder);
  } catch (error) {
    return [{ name, run: () => Promise.reject(failure(error)) }];
  }
  return Object.keys(given.reference.tieMaps).map((map) => ({
    name: `${name}/${map}`,
    run: () => checkCase(given, map).catch((error: unknown) => Promise.reject(failure(error))),
  }));
}

const failure = (error: unknown): CaseFailure =>
  new CaseFailure(error instanceof Error ? error.message : String(error), { cause: error });
