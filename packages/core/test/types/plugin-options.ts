/**
 * Type tests: the options type of a plug-in is the output of its schema. Compiled by `npm run typecheck` and by
 * ../types.test.ts; nothing here runs. Each `@ts-expect-error` fails when the line below it does compile.
 */
import { z } from 'zod';
import {
  defineBackend,
  defineController,
  defineDataset,
  defineEvaluator,
  defineModel,
  definePlugin,
  defineRecorder,
  defineReward,
  defineTokenizer,
  type BackendContext,
  type ControllerContext,
  type DatasetContext,
  type EvaluatorContext,
  type ModelContext,
  type Plugin,
  type RecorderContext,
  type TokenizerContext,
} from '../../src/index.js';

/** True when two types are the same one: `any`, optional and readonly fields included. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** `exactly<T>()(value, true)` compiles when the type of the value is `T`, no more and no less. */
const exactly =
  <Wanted>() =>
  <Found>(_value: Found, _same: Same<Found, Wanted>): void =>
    undefined;

const options = z.strictObject({
  // Defaults and transforms make input and output differ; `create` gets the output.
  keep: z.number().default(2),
  label: z.string().transform((text) => text.length),
  mode: z.enum(['fast', 'slow']).optional(),
});
interface Expected {
  keep: number;
  label: number;
  mode?: 'fast' | 'slow' | undefined;
}
const meta = { summary: 'A test of types', options };
declare const made: never;

export const controller = defineController({
  meta,
  create: (given, context) => {
    exactly<Expected>()(given, true);
    exactly<ControllerContext>()(context, true);
    // @ts-expect-error -- there is no option of that name
    void given.kepe;
    // @ts-expect-error -- options are numbers here, not text
    void given.label.trim;
    // A negative of `exactly` itself: it tells one type from another.
    // @ts-expect-error -- these two types differ
    exactly<{ keep: number }>()(given, true);
    return { decide: () => ({ kind: 'keep' }), snapshot: () => null, restore: () => undefined };
  },
});

export const evaluator = defineEvaluator({
  meta,
  create: (given, context) => {
    exactly<Expected>()(given, true);
    exactly<EvaluatorContext>()(context, true);
    return made;
  },
});
export const reward = defineReward({
  meta,
  create: (given) => {
    exactly<Expected>()(given, true);
    return made;
  },
});
export const tokenizer = defineTokenizer({
  meta,
  create: (given, context) => {
    exactly<Expected>()(given, true);
    exactly<TokenizerContext>()(context, true);
    return made;
  },
});
export const dataset = defineDataset({
  meta,
  create: (given, context) => {
    exactly<Expected>()(given, true);
    exactly<DatasetContext>()(context, true);
    return made;
  },
});
export const model = defineModel({
  meta,
  create: (given, context) => {
    exactly<Expected>()(given, true);
    exactly<ModelContext>()(context, true);
    return made;
  },
});
export const backend = defineBackend({
  meta,
  create: (given, context) => {
    exactly<Expected>()(given, true);
    exactly<BackendContext>()(context, true);
    return made;
  },
});
export const recorder = defineRecorder({
  meta,
  create: (given, context) => {
    exactly<Expected>()(given, true);
    exactly<RecorderContext>()(context, true);
    return made;
  },
});

// A plug-in keeps what it was given: its entries' options are still known where it is used.
export const plugin = definePlugin({ name: 'types', version: '1.0.0', controllers: { controller } });
export const { create } = plugin.controllers.controller;
declare const known: Parameters<typeof create>[0];
exactly<Expected>()(known, true);

defineController({
  meta,
  // @ts-expect-error -- a decision is an object with a kind
  create: () => ({ decide: () => 3, snapshot: () => null, restore: () => undefined }),
});
// @ts-expect-error -- a controller that cannot be saved cannot be resumed
defineController({ meta, create: () => ({ decide: () => ({ kind: 'keep' }) }) });
// @ts-expect-error -- an entry without a schema takes no options that could be checked
defineController({ meta: { summary: 'None' }, create: () => made });
// @ts-expect-error -- a plug-in has a version
definePlugin({ name: 'types' });
// @ts-expect-error -- there is no such kind of plug-in
definePlugin({ name: 'types', version: '1.0.0', controlers: { controller } } satisfies Plugin);
