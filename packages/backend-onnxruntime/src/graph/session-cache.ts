/** Compiled graphs by structure, bounded; of those that no program holds, the least recently used one goes first. */
import { createHash } from 'node:crypto';
import type { ResolvedOptions } from '../options.js';
import type { Binding } from '../runtime/binding.js';
import { Session } from '../runtime/session.js';
import type { SegmentSpec } from './segment.js';

export interface CompileStatistics {
  /** Graphs compiled so far. */
  readonly compiled: number;
  /** Times that a graph was there already. */
  readonly reused: number;
  readonly evicted: number;
  /** Graphs kept now. */
  readonly kept: number;
  /** Spent on encoding and loading graphs. */
  readonly milliseconds: number;
}

/** A session and the programs that use it; it lives until both the cache and the last program let go. */
export interface SharedSession {
  readonly session: Session;
  readonly release: () => void;
}

interface Cached {
  readonly session: Session;
  users: number;
  evicted: boolean;
}

/** Below this many multiplications a second thread costs more than it brings. */
const SMALL_WORK = 200_000;

export class SessionCache {
  readonly #sessions = new Map<string, Cached>();
  #compiled = 0;
  #reused = 0;
  #evicted = 0;
  #milliseconds = 0;

  /** @param profile path prefix under which every session writes a profile */
  constructor(
    readonly binding: Binding,
    readonly options: ResolvedOptions,
    readonly profile?: string,
  ) {}

  get statistics(): CompileStatistics {
    return {
      compiled: this.#compiled,
      reused: this.#reused,
      evicted: this.#evicted,
      kept: this.#sessions.size,
      milliseconds: this.#milliseconds,
    };
  }

  /** Finds or compiles the graph. The caller releases it when its program goes. @throws OnnxRuntimeError */
  acquire(segment: SegmentSpec): SharedSession {
    const key = createHash('sha256').update(segment.key).digest('base64');
    let cached = this.#sessions.get(key);
    if (cached) {
      this.#reused += 1;
      this.#sessions.delete(key);
    } else {
      cached = { session: this.#compile(segment), users: 0, evicted: false };
    }
    this.#sessions.set(key, cached);
    cached.users += 1;
    this.#evict();
    const held = cached;
    return {
      session: held.session,
      release: () => {
        held.users -= 1;
        if (held.evicted && held.users === 0) held.session.dispose();
      },
    };
  }

  /** Ends profiling everywhere, so that the profiles are complete on disk. */
  endProfiling(): void {
    for (const { session } of this.#sessions.values()) session.endProfiling();
  }

  dispose(): void {
    for (const [key, cached] of this.#sessions) this.#letGo(key, cached);
  }

  #compile(segment: SegmentSpec): Session {
    const start = performance.now();
    // Other providers hand their outputs over in their own way.
    const guarded = this.binding.guard && this.options.provider === 'cpu';
    const session = Session.create(
      this.binding,
      {
        model: segment.encode(guarded),
        guarded,
        kernels: segment.kernels,
        oneThread: segment.sequential || segment.work < SMALL_WORK,
        ...(this.profile === undefined ? {} : { profile: `${this.profile}-${this.#compiled}` }),
      },
      this.options,
    );
    this.#compiled += 1;
    this.#milliseconds += performance.now() - start;
    return session;
  }

  #evict(): void {
    for (const [key, cached] of this.#sessions) {
      if (this.#sessions.size <= this.options.maxSessions) return;
      this.#evicted += 1;
      this.#letGo(key, cached);
    }
  }

  #letGo(key: string, cached: Cached): void {
    this.#sessions.delete(key);
    cached.evicted = true;
    if (cached.users === 0) cached.session.dispose();
  }
}
