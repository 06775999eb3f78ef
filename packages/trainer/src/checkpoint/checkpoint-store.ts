/**
 * The checkpoints of a run: `step-000200/` for each, and `latest`, a text file with the name of the newest. At every
 * moment, also after a crash or with a full disk, what was saved last is there whole.
 */
import { join, resolve } from 'node:path';
import { ContractError, InputError, LigatureError } from '@ligature/core';
import type { Snapshot } from '@ligature/core';
import {
  clearLeftovers,
  nodeFileSystem,
  replaceFile,
  resolveFolder,
  unwritable,
  wholeFolders,
  writeFolder,
  type FileSystem,
} from '@ligature/core/node';
import { encodeSafetensors } from '@ligature/weight-sharing';
import type { SafetensorsFile } from '@ligature/weight-sharing';
import { readCheckpoint, readManifest } from './checkpoint-reader.js';
import type { CheckpointContent } from './checkpoint-reader.js';
import { ARRAYS_FILE, MANIFEST_FILE, STATE_FILE } from './file-names.js';
import { checkpointName, checkpointPath } from '../options.js';
import { encodeManifest } from './manifest.js';
import { encodeModel } from './model-files.js';
import type { ModelDescription, SavedModel } from './model-files.js';
import { encodeState } from './state-codec.js';

const LATEST_FILE = 'latest';

export interface CheckpointStoreOptions {
  /** How many of the newest are kept; default 2. */
  readonly keepLast?: number;
  /** Keep the one with the lowest score too, of equals the earliest, as it was at each of the newest; default false. */
  readonly keepBest?: boolean;
  /** Milliseconds from a clock, for `spentMs`; default: none. */
  readonly now?: () => number;
  /** Default: the disk. */
  readonly fileSystem?: FileSystem;
}

export interface CheckpointToSave {
  /** Training steps done; the same as in the description. */
  readonly step: number;
  readonly model: ModelDescription;
  /** `registry.exportWeights()` */
  readonly weights: SafetensorsFile;
  /** The snapshot of every part of the run, by name. */
  readonly parts: Readonly<Record<string, Snapshot>>;
  /** What `keepBest` goes by, lowest first: a metric whose better values are lower, or minus one. */
  readonly score?: number;
}

/** A checkpoint that is there but cannot be used. */
export interface DamagedCheckpoint {
  readonly name: string;
  readonly reason: string;
}

export interface LoadedCheckpoint {
  /** `step-000200` */
  readonly name: string;
  readonly step: number;
  readonly score: number | null;
  readonly model: SavedModel;
  readonly parts: Readonly<Record<string, Snapshot>>;
  /** Newer ones that had to be passed over. */
  readonly damaged: readonly DamagedCheckpoint[];
}

/** A checkpoint for use: it may hold no state. */
export interface LoadedModel extends Pick<LoadedCheckpoint, 'name' | 'model' | 'damaged'> {
  readonly parts?: LoadedCheckpoint['parts'];
}

export interface CheckpointEntry {
  readonly name: string;
  readonly step: number;
  readonly score: number | null;
}

export class CheckpointStore {
  readonly #folder: string;
  readonly #keepLast: number;
  readonly #keepBest: boolean;
  readonly #now: () => number;
  readonly #fs: FileSystem;
  #spentMs = 0;

  /** @param folder `…/checkpoints` of a run; made when the first checkpoint is saved */
  constructor(folder: string, options: CheckpointStoreOptions = {}) {
    this.#folder = resolve(folder);
    this.#keepLast = Math.max(1, options.keepLast ?? 2);
    this.#keepBest = options.keepBest ?? false;
    this.#now = options.now ?? (() => 0);
    this.#fs = options.fileSystem ?? nodeFileSystem;
  }

  /** How many of the newest are kept. */
  get keepLast(): number {
    return this.#keepLast;
  }

  /** Time spent in `save` so far, by the clock of the options. */
  get spentMs(): number {
    return this.#spentMs;
  }

  /**
   * Saves a checkpoint; when it is safely in place, removes those that need not be kept, and those of later steps,
   * which belong to a future that the run went back from.
   *
   * @returns its path inside the run folder, `checkpoints/step-000200`
   * @throws InputError (`folder-unwritable`): disk full, no permission, …; older checkpoints are intact
   * @throws ContractError (`snapshot-invalid`, `model-unwritable`, `checkpoint-too-large`) when something could not be
   *   read again; nothing is written then
   */
  async save(checkpoint: CheckpointToSave): Promise<string> {
    const started = this.#now();
    const { step } = checkpoint;
    const name = checkpointName(step);
    const files = encodeCheckpoint(checkpoint);
    try {
      await this.#fs.makeFolder(this.#folder);
      await clearLeftovers(this.#fs, this.#folder);
      await writeFolder(this.#fs, join(this.#folder, name), files);
      await replaceFile(this.#fs, join(this.#folder, LATEST_FILE), `${name}\n`);
      await this.#removeAfter(step);
    } catch (error) {
      throw unwritable(this.#folder, error);
    }
    await this.#prune();
    this.#spentMs += this.#now() - started;
    return checkpointPath(step);
  }

  /**
   * The newest checkpoint that is whole; those passed over are named in `damaged`.
   *
   * @returns nothing when there is no checkpoint
   * @throws InputError (`checkpoints-unusable`) when there are some and none can be used; (`checkpoint-newer`) when
   *   the newest was written by a newer Ligature
   */
  async latest(): Promise<LoadedCheckpoint | undefined> {
    const found = await this.#newest((name) => this.open(name));
    return found && { ...found.value, damaged: found.damaged };
  }

  /** As `latest`, for use only: takes checkpoints that hold a model but no state, as older versions wrote them. */
  async latestModel(): Promise<LoadedModel | undefined> {
    const found = await this.#newest((name) => this.#read(name));
    if (!found) return undefined;
    const { name, value, damaged } = found;
    return { name, model: value.model, ...(value.parts && { parts: value.parts }), damaged };
  }

  /**
   * The checkpoint of a name as `list` gives it.
   *
   * @throws InputError: `checkpoint-missing`, `checkpoint-damaged`, `checkpoint-newer`, or `checkpoint-not-resumable`
   *   when it holds a model only
   */
  async open(name: string): Promise<LoadedCheckpoint> {
    const { model, parts, score } = await this.#read(name);
    if (!parts) {
      throw new InputError('checkpoint-not-resumable', {
        asked: `Resume from the checkpoint "${name}"`,
        found: 'it holds a model but not the state of a run, as checkpoints of older versions do',
        todo: 'Evaluate it or generate with it, or train again',
      });
    }
    return { name, step: model.step, score, model, parts, damaged: [] };
  }

  /** All checkpoints that are there, whole or not, by step. */
  async list(): Promise<readonly CheckpointEntry[]> {
    const entries = (await this.#names()).map(async (name) => {
      const place = await resolveFolder(this.#fs, join(this.#folder, name));
      const manifest = await readManifest(this.#fs, place).catch(() => undefined);
      return { name, step: stepOf(name), score: manifest?.score ?? null };
    });
    return Promise.all(entries);
  }

  /**
   * Removes the checkpoints of later steps. To be called when a run goes on from an older one than the newest: the
   * later ones belong to a future that will not come, or will come again.
   */
  async discardAfter(step: number): Promise<void> {
    try {
      await clearLeftovers(this.#fs, this.#folder);
      const names = await this.#names();
      const newest = names.filter((name) => stepOf(name) <= step).at(-1);
      if (newest === undefined) await this.#fs.remove(join(this.#folder, LATEST_FILE));
      else await replaceFile(this.#fs, join(this.#folder, LATEST_FILE), `${newest}\n`);
      await this.#removeAfter(step);
    } catch (error) {
      throw unwritable(this.#folder, error);
    }
  }

  async #newest<T>(
    read: (name: string) => Promise<T>,
  ): Promise<{ name: string; value: T; damaged: readonly DamagedCheckpoint[] } | undefined> {
    const damaged: DamagedCheckpoint[] = [];
    for (const name of [...(await this.#names())].reverse()) {
      try {
        return { name, value: await read(name), damaged };
      } catch (error) {
        // Going back behind it would throw away work that only needs an update.
        if (!(error instanceof LigatureError) || error.code === 'checkpoint-newer') throw error;
        damaged.push({ name, reason: error.parts.found });
      }
    }
    if (damaged.length === 0) return undefined;
    throw new InputError('checkpoints-unusable', {
      asked: `Open the newest checkpoint in "${this.#folder}"`,
      found: damaged.map(({ name, reason }) => `${name}: ${reason}`).join('; '),
      todo: 'Restore the folder from a copy, or train again',
    });
  }

  async #read(name: string): Promise<CheckpointContent> {
    if (!(await this.#names()).includes(name)) {
      throw new InputError('checkpoint-missing', {
        asked: `Open the checkpoint "${name}"`,
        found: `there is none of that name in "${this.#folder}"`,
        todo: `Name one of these: ${(await this.#names()).join(', ') || '(none)'}`,
      });
    }
    const content = await readCheckpoint(this.#fs, join(this.#folder, name));
    if (checkpointName(content.model.step) !== name) {
      throw new InputError('checkpoint-damaged', {
        asked: `Open the checkpoint "${name}"`,
        found: `it is of step ${content.model.step}`,
        todo: 'Use another checkpoint of the run',
      });
    }
    return content;
  }

  /** Names by step. */
  async #names(): Promise<readonly string[]> {
    const names = await wholeFolders(this.#fs, this.#folder).catch((error: unknown) => {
      throw new InputError(
        'checkpoints-unreadable',
        {
          asked: `List the checkpoints in "${this.#folder}"`,
          found: error instanceof Error ? error.message : String(error),
          todo: 'Name the folder of a run, or mend its permissions',
        },
        { cause: error },
      );
    });
    return names.filter((name) => /^step-\d{6,15}$/.test(name)).sort((a, b) => stepOf(a) - stepOf(b));
  }

  /** Durably: a power cut must not bring back what the run went back from. */
  async #removeAfter(step: number): Promise<void> {
    const later = (await this.#names()).filter((name) => stepOf(name) > step);
    for (const name of later) await this.#remove(name);
    if (later.length > 0) await this.#fs.syncFolder(this.#folder);
  }

  /** What fails here is tried again after the next checkpoint: a run must not end over it. */
  async #prune(): Promise<void> {
    try {
      const entries = await this.list();
      const newest = entries.slice(-this.#keepLast);
      // A run that goes back to an older one of them, since the newest is damaged, needs what was best then.
      const bests = this.#keepBest ? newest.map((last) => bestUpTo(last, entries)) : [];
      const kept = new Set([...newest, ...bests]);
      for (const entry of entries) if (!kept.has(entry)) await this.#remove(entry.name);
    } catch {
      // See above.
    }
  }

  /** Under another name first: a folder that is half removed must not be taken for a checkpoint. */
  async #remove(name: string): Promise<void> {
    const doomed = join(this.#folder, `${name}.partial`);
    await this.#fs.rename(await resolveFolder(this.#fs, join(this.#folder, name)), doomed);
    await this.#fs.remove(doomed);
  }
}

function encodeCheckpoint(checkpoint: CheckpointToSave): ReadonlyMap<string, Uint8Array> {
  const { step, model, weights, parts, score } = checkpoint;
  if (model.step !== step) {
    throw new ContractError('checkpoint-step', {
      asked: `Save the checkpoint of step ${step}`,
      found: `the description of its model says ${model.step}`,
      todo: 'Describe the model as it is at that step',
    });
  }
  const { json, tensors } = encodeState(parts);
  const files = new Map([
    ...encodeModel(weights, model),
    [STATE_FILE, new TextEncoder().encode(`${JSON.stringify(json)}\n`)] as const,
    [ARRAYS_FILE, encodeSafetensors({ tensors, metadata: {} })] as const,
  ]);
  return new Map([...files, [MANIFEST_FILE, encodeManifest(step, score ?? null, files)]]);
}

/** Of equals the earliest, which every later one was set against. */
function bestUpTo(last: CheckpointEntry, entries: readonly CheckpointEntry[]): CheckpointEntry | undefined {
  return entries
    .filter(({ step, score }) => step <= last.step && score !== null)
    .reduce<CheckpointEntry | undefined>(
      (least, entry) => (least && Number(least.score) <= Number(entry.score) ? least : entry),
      undefined,
    );
}

const stepOf = (name: string): number => Number(name.slice('step-'.length));
