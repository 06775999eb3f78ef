/**
 * `checksums.json`: size and SHA-256 of every other file of a checkpoint, and of itself. It is written in one way
 * only, so that any other text is damage. Later versions of the format keep the fields `format`, `version` and
 * `sha256`, by which a file from a newer Ligature is told from a damaged one.
 */
import { createHash } from 'node:crypto';
import { ContractError, InputError } from '@ligature/core';
import { z } from 'zod';
import { parseBoundedJson } from './bounded-json.js';
import { FILE_LIMITS, MANIFEST_FILE } from './file-names.js';
import type { FileName } from './file-names.js';

const FORMAT_VERSION = 1;

const fileSchema = z.strictObject({ bytes: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) });

const headSchema = z.object({ format: z.literal('ligature-checkpoint'), version: z.int().positive() });

const manifestSchema = z.strictObject({
  format: z.literal('ligature-checkpoint'),
  version: z.literal(FORMAT_VERSION),
  step: z.int().min(0),
  /** What `keep-best` goes by, lowest first. */
  score: z.number().nullable(),
  files: z.strictObject({
    'model.json': fileSchema,
    'model.safetensors': fileSchema,
    // Absent where a model was saved for use only.
    'state.json': fileSchema.optional(),
    'state.safetensors': fileSchema.optional(),
  }),
});

export type Manifest = z.output<typeof manifestSchema>;
export type FileDigest = z.output<typeof fileSchema>;

export function digestOf(bytes: Uint8Array): FileDigest {
  return { bytes: bytes.length, sha256: sha256(bytes) };
}

/** @throws ContractError (`checkpoint-too-large`) when a file would be too large to be read again */
export function encodeManifest(
  step: number,
  score: number | null,
  files: ReadonlyMap<FileName, Uint8Array>,
): Uint8Array {
  for (const [name, bytes] of files) {
    if (bytes.length > FILE_LIMITS[name]) {
      throw new ContractError('checkpoint-too-large', {
        asked: `Save the checkpoint of step ${step}`,
        found: `${name} has ${bytes.length} bytes, more than ${FILE_LIMITS[name]}`,
        todo: 'Use a smaller model or tokenizer, or keep less state',
      });
    }
  }
  const digests = Object.fromEntries([...files].map(([name, bytes]) => [name, digestOf(bytes)]));
  const body = { format: 'ligature-checkpoint', version: FORMAT_VERSION, step, score, files: digests };
  return new TextEncoder().encode(seal(body));
}

/**
 * @param folder where it lies, for messages
 * @throws InputError (`checkpoint-damaged`, or `checkpoint-newer` when a newer version of Ligature wrote it)
 */
export function decodeManifest(folder: string, bytes: Uint8Array): Manifest {
  let value: unknown;
  try {
    value = parseBoundedJson(bytes, MANIFEST_FILE);
  } catch (error) {
    throw damaged(folder, error instanceof InputError ? error.parts.found : String(error));
  }
  if (typeof value !== 'object' || value === null) throw damaged(folder, `${MANIFEST_FILE} is no object`);
  const { sha256: _sealed, ...body } = value as Record<string, unknown>;
  if (!Buffer.from(seal(body)).equals(bytes)) {
    throw damaged(folder, `${MANIFEST_FILE} does not match its own checksum`);
  }
  const head = headSchema.safeParse(body);
  if (!head.success) throw damaged(folder, `${MANIFEST_FILE} belongs to no checkpoint`);
  if (head.data.version > FORMAT_VERSION) throw newer(folder, head.data.version);
  const parsed = manifestSchema.safeParse(body);
  if (!parsed.success) throw damaged(folder, `${MANIFEST_FILE} has unknown or missing fields`);
  return parsed.data;
}

export function damaged(folder: string, found: string): InputError {
  return new InputError('checkpoint-damaged', {
    asked: `Open the checkpoint "${folder}"`,
    found,
    todo: 'Use another checkpoint of the run',
  });
}

function newer(folder: string, version: number): InputError {
  return new InputError('checkpoint-newer', {
    asked: `Open the checkpoint "${folder}"`,
    found: `it has the format version ${version}; this Ligature reads up to ${FORMAT_VERSION}`,
    todo: 'Update Ligature',
  });
}

function seal(body: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ ...body, sha256: sha256(JSON.stringify(body)) }, null, 2)}\n`;
}

function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
