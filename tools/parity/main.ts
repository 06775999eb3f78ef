/**
 * Checks the implementation against reference files: `npm run parity -- FOLDER [--backend NAME]`.
 * One line per scenario; exit status 1 if any fails, 2 for a wrong call.
 */
import { plugin as backends, selectBackend } from '@ligature/backends';
import { InputError, LigatureError, PluginHost } from '@ligature/core';
import { Command } from 'commander';
import { reportLine, type Deviations } from './deviation.js';
import { checkScenario } from './model-scenario.js';
import { checkOfficial } from './official-scenario.js';
import { readReferenceFiles, type ReferenceFile } from './reference-files.js';

interface Check {
  readonly name: string;
  run(): Promise<Deviations>;
}

function checksOf(file: ReferenceFile): Check[] {
  if (file.kind === 'official') {
    return [{ name: file.name, run: () => checkOfficial(file.reference, file.weights) }];
  }
  return file.reference.scenarios.map((scenario) => ({
    name: `${file.name}/${scenario.name}`,
    run: () => checkScenario(file.reference, scenario, file.weights, file.expected),
  }));
}

async function parity(folder: string, backendName: string): Promise<number> {
  const host = new PluginHost().register(backends);
  const checks = readReferenceFiles(folder).flatMap(checksOf);
  const backend = await selectBackend({ name: backendName, options: {} }, host);
  console.log(`backend ${backend.name} ${backend.version} (${backend.detail})`);
  let failures = 0;
  for (const check of checks) {
    const { ok, line } = await outcome(check);
    if (!ok) failures += 1;
    console.log(line);
  }
  console.log(`${checks.length - failures} of ${checks.length} scenarios ok`);
  return failures === 0 ? 0 : 1;
}

/** A check that throws has failed (a divergence, say), unless it is the file that is wrong. */
async function outcome({ name, run }: Check): Promise<{ readonly ok: boolean; readonly line: string }> {
  try {
    const deviations = await run();
    return { ok: deviations.ok, line: reportLine(name, deviations) };
  } catch (error) {
    if (error instanceof InputError) throw error;
    return {
      ok: false,
      line: `${name.padEnd(38)} FAIL (${error instanceof Error ? error.message : String(error)})`,
    };
  }
}

const program = new Command('parity')
  .description('Checks logits, gradients, AdamW steps and the official replay against reference files.')
  .argument('<folder>', 'folder with gpt2-*.json and official-*.json and their .safetensors')
  .option('--backend <name>', 'tfjs backend', 'cpu')
  .showHelpAfterError()
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

try {
  program.parse();
  process.exitCode = await parity(program.args[0] as string, program.opts<{ backend: string }>().backend);
} catch (error) {
  if (!(error instanceof LigatureError)) throw error;
  console.error(`parity: ${error.message}`);
  process.exitCode = 2;
}
