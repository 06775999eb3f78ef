/**
 * The trials of a study as one text that can be committed, and back: hours of training outlive the machine that did them,
 * and whoever clones the repository goes on with `ligature resume` where the last one stopped.
 *
 * JSON lines: the study's plan, then a line for each completed trial, by id. A configuration is written as what it has
 * other than the plan's; curves and maps of hundreds of windows are thinned, and the line says so. Metrics, ledgers and
 * costs are as they were measured. Paths into the folder that one works in, such as that of a data set, are written from
 * there on, so that the archive means the same on another machine.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

/** Points of a curve that are enough for a picture. */
const MOST_POINTS = 100;

const fields = z.record(z.string(), z.unknown());
const planSchema = z.looseObject({ config: fields });
const resultSchema = z.looseObject({
  outcome: z.string(),
  config: fields,
  losses: z.array(z.unknown()),
  tieMaps: z.array(z.unknown()),
});
const headSchema = z.strictObject({ format: z.literal(1), plan: planSchema });
const lineSchema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.=_-]*$/),
  /** One of so many points was kept. */
  thinned: z.strictObject({ losses: z.number(), tieMaps: z.number() }),
  result: fields,
});

type Fields = Readonly<Record<string, unknown>>;

/**
 * The archive of a study's folder.
 *
 * @param kept an earlier archive of the same study: its trials stay where the folder does not hold them
 * @param base the folder that its paths are written from
 * @throws Error when the folder is none of a study, or `kept` is an archive of another one
 */
export function packStudy(folder: string, kept?: string, base = process.cwd()): string {
  const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'), from(base));
  const plan = planSchema.parse(readJson(join(folder, 'plan.json')));
  const lines = new Map<string, string>();
  if (kept !== undefined) {
    const { head, rows } = parsed(kept);
    if (head.plan['study'] !== plan['study'])
      throw new Error(`The archive is of another study than ${folder}`);
    // Against the plan of today: one that has grown holds other values than the former one.
    for (const { id, result, ...row } of rows) {
      const config = applied(head.plan.config, result['config'] as Fields);
      lines.set(
        id,
        JSON.stringify({ id, ...row, result: { ...result, config: changes(plan.config, config) } }),
      );
    }
  }
  for (const id of readdirSync(folder)) {
    const path = join(folder, id, 'result.json');
    if (!existsSync(path)) continue;
    const result = resultSchema.parse(readJson(path));
    if (result.outcome !== 'completed' || (lines.has(id) && isThin(result))) continue;
    const { folder: _where, config, losses, tieMaps, ...measured } = result as typeof result & Fields;
    const thinned = { losses: stride(losses), tieMaps: stride(tieMaps) };
    const thin = { losses: everyNth(losses, thinned.losses), tieMaps: everyNth(tieMaps, thinned.tieMaps) };
    lines.set(
      id,
      JSON.stringify({ id, thinned, result: { ...measured, ...thin, config: changes(plan.config, config) } }),
    );
  }
  const sorted = [...lines].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, line]) => line);
  return [JSON.stringify({ format: 1, plan }), ...sorted, ''].join('\n');
}

/**
 * Writes an archive's trials into a study's folder, as `ligature resume` and `ligature report` read them. What lies there
 * stays.
 *
 * @param base the folder that its paths begin at
 * @returns ids of the trials that were written
 */
export function unpackStudy(archive: string, folder: string, base = process.cwd()): string[] {
  const { head, rows } = parsed(archive, at(base));
  mkdirSync(folder, { recursive: true });
  const plan = join(folder, 'plan.json');
  if (!existsSync(plan)) writeFileSync(plan, `${JSON.stringify(head.plan, null, 2)}\n`);
  const missing = rows.filter(({ id }) => !existsSync(join(folder, id, 'result.json')));
  for (const { id, result } of missing) {
    mkdirSync(join(folder, id), { recursive: true });
    const config = applied(head.plan.config, result['config'] as Fields);
    writeFileSync(join(folder, id, 'result.json'), `${JSON.stringify({ ...result, folder: '', config })}\n`);
  }
  return missing.map(({ id }) => id);
}

/** A trial that came out of an archive has no folder of its own; its line is better than what could be made of it. */
const isThin = (result: Fields): boolean => result['folder'] === '';

type Reviver = (key: string, value: unknown) => unknown;

/** A path below `base` is written from there. */
const from =
  (base: string): Reviver =>
  (_key, value) =>
    typeof value === 'string' && value.startsWith(base + sep) ? `./${value.slice(base.length + 1)}` : value;

/** And back. */
const at =
  (base: string): Reviver =>
  (_key, value) =>
    typeof value === 'string' && value.startsWith('./') ? join(base, value) : value;

function parsed(
  archive: string,
  reviver?: Reviver,
): { head: z.output<typeof headSchema>; rows: z.output<typeof lineSchema>[] } {
  const [first = '', ...rest] = archive.split('\n').filter((line) => line !== '');
  return {
    head: headSchema.parse(JSON.parse(first, reviver)),
    rows: rest.map((line) => lineSchema.parse(JSON.parse(line, reviver))),
  };
}

const stride = (points: readonly unknown[]): number => Math.max(1, Math.ceil(points.length / MOST_POINTS));

/** The first one, every n-th, and the last. */
const everyNth = <T>(points: readonly T[], n: number): T[] =>
  points.filter((_, index) => index % n === 0 || index === points.length - 1);

/** What `value` has other than `base`, field by field; lists are one value. Both have been through one schema. */
function changes(base: Fields, value: Fields): Fields {
  const names = Object.keys(value).filter((name) => !isDeepStrictEqual(base[name], value[name]));
  return Object.fromEntries(
    names.map((name) => {
      const [before, now] = [base[name], value[name]];
      return [
        name,
        isSection(before) && isSection(now) && sameNames(before, now) ? changes(before, now) : now,
      ];
    }),
  );
}

function applied(base: Fields, change: Fields): Fields {
  const merged = Object.entries(change).map(([name, now]) => {
    const before = base[name];
    const part = isSection(before) && isSection(now) && Object.keys(now).every((key) => key in before);
    return [name, part ? applied(before, now) : now] as const;
  });
  return { ...base, ...Object.fromEntries(merged) };
}

/** Sections have fixed fields; a choice, `{ name, options }`, is one value: options of another name must not mix in. */
const isSection = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !('options' in value);

const sameNames = (one: Fields, other: Fields): boolean =>
  isDeepStrictEqual(Object.keys(one).sort(), Object.keys(other).sort());
