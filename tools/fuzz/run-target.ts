/** Many cases of one target, by fast-check: every case follows from the seed, and a failing one is made smaller. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { judge, LIMITS, type Limits } from './judge.js';
import { SECRET, Violation, type Box, type Target } from './target.js';

const SECRET_FILE = 'secret.txt';
const SECRET_TEXT = `${SECRET} `.repeat(40);

export interface FuzzOptions {
  readonly cases: number;
  readonly seed: number;
  /** Of an earlier failure: runs that case only. */
  readonly path?: string;
  readonly limits?: Limits;
  onCase?(target: string): void;
  onCaseEnd?(): void;
}

export interface FuzzReport {
  readonly target: string;
  readonly cases: number;
  /** Cases that ended in a typed error; the others were read. */
  readonly refused: number;
  readonly failure?: FuzzFailure;
}

export interface FuzzFailure {
  readonly message: string;
  readonly seed: number;
  readonly path: string;
  /** The smallest input that was found to fail. */
  readonly input: string;
}

export async function runTarget(target: Target, options: FuzzOptions): Promise<FuzzReport> {
  const { cases, seed, path, limits = LIMITS } = options;
  const root = mkdtempSync(join(tmpdir(), 'ligature-fuzz-'));
  let number = 0;
  let refused = 0;
  const property = fc.asyncProperty(target.input, async (input) => {
    options.onCase?.(target.name);
    number += 1;
    let attempt = 0;
    const allowed = target.writes;
    const here = join(root, String(number));
    const box = { folder: join(here, 'folder'), outside: join(here, 'outside') };
    try {
      const outcome = await judge(
        async () => {
          attempt += 1;
          if (attempt > 1) rmSync(here, { recursive: true, force: true });
          makeBox(box);
          return target.prepare(input, box);
        },
        limits,
        allowed && join(box.folder, allowed),
      );
      assertUntouched(box, target);
      if (outcome === 'refused') refused += 1;
    } finally {
      rmSync(here, { recursive: true, force: true });
      options.onCaseEnd?.();
    }
  });
  try {
    const details = await fc.check(property, {
      numRuns: cases,
      seed,
      ...(path !== undefined && { path }),
    });
    return { target: target.name, cases: details.numRuns, refused, ...failureOf(details) };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function makeBox({ folder, outside }: Box): void {
  mkdirSync(folder, { recursive: true });
  mkdirSync(outside, { recursive: true });
  writeFileSync(join(outside, SECRET_FILE), SECRET_TEXT);
}

/** Through links, a reader that may write into its folder can reach others. */
function assertUntouched({ outside }: Box, { writes }: Target): void {
  if (writes === undefined) return;
  const files = readdirSync(outside);
  if (files.join() !== SECRET_FILE) throw new Violation(`it made ${files.join(', ')} outside of its folder`);
  if (readFileSync(join(outside, SECRET_FILE), 'utf8') !== SECRET_TEXT) {
    throw new Violation('it wrote into a file outside of its folder');
  }
}

function failureOf(details: fc.RunDetails<[unknown]>): { failure?: FuzzFailure } {
  if (!details.failed) return {};
  const error = details.errorInstance;
  const input = inspect(readable(details.counterexample?.[0]), {
    ...{ depth: 9, maxArrayLength: 40, maxStringLength: 3000, breakLength: 120 },
  });
  return {
    failure: {
      message: error instanceof Error ? error.message : String(error),
      seed: details.seed,
      path: details.counterexamplePath ?? '',
      input: input.length > 4000 ? `${input.slice(0, 4000)} … (${input.length} characters)` : input,
    },
  };
}

/** Bytes as text, one character each: most inputs are JSON. */
function readable(input: unknown): unknown {
  if (input instanceof Uint8Array) return Buffer.from(input).toString('latin1');
  return Array.isArray(input) ? input.map(readable) : input;
}
