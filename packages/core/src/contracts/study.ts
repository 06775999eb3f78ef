/**
 * A study: trials with one question. It says once what it may be told, which trials it consists of, what their results
 * show, and how that is presented; commands, folders, progress, resuming, files and pages are made from that.
 */
import type { z } from 'zod';
import type { LigatureEvent } from '../events/events.js';
import type { RunConfig, RunConfigInput } from '../config/schema.js';
import type { PluginHost } from '../plugins/host.js';
import type { StudyDocument } from './document.js';
import type { FailedTrial, FinishedTrial, PlannedTrial, TrialStore } from './trial.js';

/**
 * How the text of a flag is read. `number`; `numbers`: `2,4-6`; `list`: words between commas; `seeds`: a number of seeds
 * or a list of them; `parallel`: a number or `auto`; `controllers`: names with options or maps, between commas;
 * `text`; `switch`: no text, it is there or it is not; `pairs`: `path=values`, repeatable.
 */
export type FlagReader =
  | 'text'
  | 'number'
  | 'numbers'
  | 'list'
  | 'seeds'
  | 'parallel'
  | 'controllers'
  | 'choice'
  | 'switch'
  | 'pairs';

/** A flag of the study's command. One that is called as a common flag takes its place. */
export interface StudyFlag {
  /** As help shows it: `--blocks <list>`, `--keep-models`, `--no-long`. */
  readonly flags: string;
  readonly description: string;
  readonly read: FlagReader;
  /** The field that it sets: of the study's settings, or of the configuration by its path. */
  readonly sets:
    | { readonly setting: string }
    | { readonly config: readonly string[] }
    /** Neither: it names the configuration file that holds the plan, which no other flag may change. */
    | { readonly plan: true };
  /** A flag beside which it does nothing of the kind, and keeps its common meaning. */
  readonly unless?: string;
  /** A further field of the configuration that it sets, to a value of its own. */
  readonly also?: { readonly config: readonly string[]; readonly value: unknown };
  /** Of all flags with the same word here one may be given. */
  readonly oneOf?: string;
  /** What to do about a value that is refused. */
  readonly todo?: string;
}

/** What to say of a flag that means nothing here; `{flag}` and `{value}` stand for it. */
export interface MisplacedFlag {
  readonly found: string;
  readonly todo: string;
}

/** The study as a command: data alone, so that help answers at once. */
export interface StudyCommand {
  /** `compare`, or `audit storages` for one of several under one command; left out: `study NAME`. */
  readonly words?: string;
  readonly description: string;
  /** What it trains or counts, in a line: for lists of several under one command. */
  readonly runs?: string;
  /** Below the options, in lines of 80 columns at most. */
  readonly help?: string;
  /** Commands as one would type them. */
  readonly examples?: readonly string[];
  /** Before the group of the study's own flags: `Sweep`. */
  readonly group?: string;
  /** An argument that it cannot do without, and the setting that it gives. */
  readonly argument?: {
    readonly name: string;
    readonly description: string;
    readonly setting: string;
    /** One or more of them, and the setting is a list. */
    readonly several?: boolean;
  };
  /**
   * Whether file and flags fill the configuration of its trials. Where they do not, the study has its configuration from
   * elsewhere, and takes no flags but its own.
   */
  readonly configured: boolean;
  readonly flags: readonly StudyFlag[];
  /** What these common flags mean here, for help: `controller`, `controllers`, `control`, `seeds`, `parallel`. */
  readonly common: Readonly<Record<string, string>>;
  /** What to say to one who uses a flag that means nothing here. `verb`: `Train a landscape`. */
  readonly misplaced: { readonly verb: string } & MisplacedFlag & {
      readonly flags?: Readonly<Record<string, MisplacedFlag>>;
    };
  /** Flags of `resume` with which it grows. */
  readonly grows?: readonly StudyFlag[];
}

/** One field to set in a configuration. */
export interface FieldSetting {
  readonly path: readonly string[];
  readonly value: unknown;
  /** As the user wrote it, for messages: `--layers 0`. */
  readonly origin: string;
}

/** What file and flags said, as plain data. */
export interface ConfigSources {
  readonly written: Readonly<Record<string, unknown>>;
  readonly assignments: readonly FieldSetting[];
}

/** What the command line lends to a study that makes its settings or its configuration out of what it was told. */
export interface StudyTools {
  readonly host: PluginHost;
  /** Relative paths are resolved against this folder. */
  readonly cwd: string;
  /** Whether every name and option of a configuration is right; cheap where it was asked before. @throws InputError */
  check(config: RunConfig): Promise<void>;
  /** The folder of a run that the user named. @throws InputError (`run-not-found`) */
  findRun(name: string): string;
  readonly sources: ConfigSources;
  /** The configuration of some sources (of the command line's, if none are given) with more fields set; checked. */
  configure(more: readonly FieldSetting[], sources?: ConfigSources): RunConfig;
  /** A whole configuration with what the flags of this command line set; checked. */
  override(config: RunConfig): RunConfig;
  /** How texts are read on a command line. */
  readonly read: {
    value(text: string): unknown;
    /** Of a field by its path: the text of a choice as its flag reads it, that of any other field as a value. */
    field(path: readonly string[], text: string, flag: string): unknown;
    choice(text: string, flag: string): unknown;
    controller(text: string, flag: string): unknown;
    /** At a separator, but not inside of brackets. */
    split(text: string, separator: string): string[];
    /** The parts of a dotted path of a field. */
    path(dotted: string, use: string): string[];
    /** Fields that flags name shortly: `layers` is `model.layers`. */
    readonly short: Readonly<Record<string, readonly string[]>>;
    /** Fields that are choices of plug-ins. */
    readonly choices: readonly string[];
  };
}

export interface AskedStudy<Settings = unknown> {
  readonly config: RunConfig;
  readonly settings: Settings;
}

export interface PreparedStudy {
  readonly config: RunConfig;
  /** What the folder of the study keeps: JSON, read again with the entry's schema. */
  readonly settings: unknown;
  /** Puts what its trials begin with into the store, once. */
  readonly begin?: (store: TrialStore) => Promise<void>;
  /** In place of `NAME-DATASET`. */
  readonly folderName?: string;
}

/** What makes an entry of the kind `studies`, besides `meta` and `create`. */
export interface StudyEntryParts {
  readonly command: StudyCommand;
  /** Schema of what a command line says, where `prepare` makes other settings of it. */
  readonly asked?: z.ZodType;
  /**
   * Values below the user's file and flags.
   *
   * @param chosen the configuration that they give so far, for what follows from it
   */
  defaults?(chosen?: RunConfig): RunConfigInput;
  /** Makes the settings and the configuration that it goes on with; left out: those that it was told. */
  prepare?(asked: AskedStudy<never>, tools: StudyTools): Promise<PreparedStudy> | PreparedStudy;
  /** The settings with which it goes on when the flags of `command.grows` ask for more. */
  grow?(
    settings: never,
    more: Readonly<Record<string, unknown>>,
    config: RunConfig,
    tools: StudyTools,
  ): Promise<unknown>;
}

export interface StudyContext {
  readonly host: PluginHost;
}

/** The plan of a study as its folder keeps it. */
export interface KeptPlan {
  /** SHA-256 of the plan and all that it depends on, as it was before the first trial. */
  readonly digest: string;
  /** Whether it is another one by now. */
  readonly changed: boolean;
}

/** What came out of the trials, in the order of the plan. */
export interface StudyOutcome<Work = unknown> {
  readonly config: RunConfig;
  readonly trials: readonly PlannedTrial[];
  /** Those that were completed. */
  readonly finished: readonly FinishedTrial[];
  readonly failed: readonly FailedTrial[];
  /** What `work` has given. */
  readonly work: Work;
  /** Of a study whose plan was written down before it ran; left out: of one without. */
  readonly plan?: KeptPlan;
  /** The log of a trial. */
  events(trial: PlannedTrial): Iterable<LigatureEvent>;
}

/** Trials of a study that are over. */
export type EndedTrials = Pick<StudyOutcome, 'config' | 'finished' | 'failed'>;

/** Made with its settings. */
export interface Study<Work = unknown, Result = unknown> {
  /**
   * Its trials, seed by seed, so that an early stop leaves whole seeds behind. Settings of how trials are run
   * (`compare.parallel`, `threads`) change their configurations, but not how many there are, nor their ids.
   *
   * @throws InputError for what cannot be trained
   */
  plan(config: RunConfig): readonly PlannedTrial[];
  /** One sentence before the first trial. */
  introduction(config: RunConfig, trials: readonly PlannedTrial[]): string;
  /**
   * Trials that follow from what others have found, such as another round of those that did best; left out: the plan is
   * all there is. Asked whenever all trials so far are over, until it gives none that is new.
   *
   * @param ended of the plan and of what followed from it so far
   * @returns all that follow from these, in order, also those that it gave before; the same for the same results. Their ids
   *   are other ones than those of the plan, and a trial may begin with the weights of one that is over (`stored`, by its id)
   */
  further?(ended: EndedTrials): readonly PlannedTrial[];
  /** Work that needs no trials, such as replays: JSON, done once and kept. */
  work?(config: RunConfig): Promise<Work>;
  /** The same outcome gives the same result. */
  summarize(outcome: StudyOutcome<Work>): Result;
  present(result: Result): StudyDocument;
  /** Folders of finished trials that nothing reads again, such as `checkpoints` of hundreds of models. */
  readonly discards?: readonly string[];
}
