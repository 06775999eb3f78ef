/** CONFORMANCE.md: what passes, suite by suite, and what is left out and why. */
import prettier from 'prettier';
import type { Exclusion } from './exclusions.js';
import { count } from './outcome.js';
import type { Run } from './outcome.js';
import type { Verdict } from './verdict.js';

interface Versions {
  readonly tfjs: string;
  readonly onnxruntime: string;
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('`', "'") || '(none)';

/** Passed specs of each suite, in the order of the specs. */
function passedBySuite({ specs }: Run): Map<string, { passed: number; all: number }> {
  const suites = new Map<string, { passed: number; all: number }>();
  for (const { suite, status } of specs) {
    if (status === 'skipped') continue;
    const entry = suites.get(suite) ?? { passed: 0, all: 0 };
    entry.all += 1;
    if (status === 'passed') entry.passed += 1;
    suites.set(suite, entry);
  }
  return suites;
}

function suiteTable(run: Run, wasm: Run): string[] {
  const [ours, theirs] = [passedBySuite(run), passedBySuite(wasm)];
  const names = [...new Set([...ours.keys(), ...theirs.keys()])].sort((a, b) => a.localeCompare(b, 'en'));
  return names.map((name) => {
    const share = (of: { passed: number; all: number } | undefined) =>
      of ? `${of.passed} of ${of.all}` : '-';
    return `| ${cell(name)} | ${share(ours.get(name))} | ${share(theirs.get(name))} |`;
  });
}

function exclusionTable(exclusions: readonly Exclusion[]): string[] {
  if (exclusions.length === 0) return ['None.'];
  return [
    '| spec | reason |',
    '| --- | --- |',
    ...exclusions.map(({ name, reason }) => `| ${cell(name)} | ${cell(reason)} |`),
  ];
}

export async function renderReport(
  run: Run,
  wasm: Run,
  verdict: Verdict,
  exclusions: readonly Exclusion[],
  versions: Versions,
): Promise<string> {
  const totals = ({ backend, specs, ...rest }: Run) => {
    const of = { backend, specs, ...rest };
    return `| ${backend} | ${count(of, 'passed')} | ${count(of, 'failed')} | ${count(of, 'skipped')} |`;
  };
  const skipped = run.specs.filter(({ status }) => status === 'skipped');
  const lines = [
    '# Conformance',
    '',
    `The specs that tfjs-core ${versions.tfjs} ships for backends (\`dist/tests.js\`: operators, gradients, optimizers, memory, serialization),`,
    `run unchanged on this backend (ONNX Runtime ${versions.onnxruntime}, provider \`cpu\`) and on tfjs's own \`wasm\` backend in the same run.`,
    'Written by `npm run conformance -- --write`; CI runs the same and fails on any failure, on any exclusion that has become',
    'needless, and where this page is not what it found.',
    '',
    '| backend | passed | failed | skipped by tfjs-core itself |',
    '| --- | --: | --: | --: |',
    totals(run),
    totals(wasm),
    '',
    `Of the ${verdict.passedByWasm} names of specs that pass on wasm, ${verdict.shared} pass here: ${percent(verdict.share)}.`,
    "A kernel without a lowering passes by running on tfjs's CPU kernel; the README lists which those are.",
    '',
    '## Exclusions',
    '',
    ...exclusionTable(exclusions),
    '',
    'Skipped by tfjs-core itself, on every backend:',
    '',
    ...skipped.map(({ name }) => `- ${cell(name)}`),
    '',
    '## Suites',
    '',
    '| suite | onnxruntime | wasm |',
    '| --- | --: | --: |',
    ...suiteTable(run, wasm),
  ];
  return await prettier.format(lines.join('\n'), { parser: 'markdown', printWidth: 110 });
}
