/** What composing a run takes of its surroundings. Nothing of it is Node's, so a run is composed in a browser, too. */
import type {
  ByteCache,
  Choice,
  Dataset,
  EventBus,
  LigatureEvent,
  PluginHost,
  PrepareContext,
  StageProgress,
} from '@ligature/core';

export interface ComposeEnvironment {
  readonly host: PluginHost;
  /** All that the run tells goes through it. Who made it disposes it. */
  readonly bus: EventBus;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Relative paths of the configuration are resolved against this folder; `.` where there are none. */
  readonly cwd: string;
  /** Stops the run cleanly after the step under way. */
  readonly signal?: AbortSignal;
  /** Tokenizers and token ids that another run can use again; left out: nothing is kept. */
  readonly cache?: ByteCache;
  /** Opens the dataset of the configuration; left out: the host's entry of that name, and nothing else. */
  readonly openDataset?: (choice: Choice) => Promise<Dataset>;
  /** Who encodes long texts on several cores by a tokenizer; left out or nothing: they are encoded one piece after the other. */
  readonly encoder?: (tokenizer: Choice) => PrepareContext['encodeAll'];
  /** Folder of what a study keeps under a key, for runs that start from it. */
  readonly stored?: (key: string) => string;
}

/** One line before a longer piece of work. */
export function enterStage(
  { bus }: Pick<ComposeEnvironment, 'bus'>,
  message: string,
  progress?: StageProgress,
): Promise<void> {
  return bus.publish({ type: 'stage.entered', message, ...(progress && { progress }) });
}

/** One line that should not be lost. */
export function raiseNotice({ bus }: Pick<ComposeEnvironment, 'bus'>, message: string): Promise<void> {
  return bus.publish({ type: 'notice.raised', message });
}

/** Publishes what nobody waits for; a handler that fails at it fails the next publish. */
export function tell(bus: EventBus, event: LigatureEvent): void {
  bus.publish(event).catch(() => undefined);
}
