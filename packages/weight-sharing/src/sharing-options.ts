import { trainingSchema, tyingSchema } from '@ligature/core';
import type { z } from 'zod';

/**
 * Schema of the registry's options, with defaults and descriptions: the part of a run's `tying` section that
 * concerns weights, and `training.freeze`. `components` left out means every component of the model.
 */
export const sharingOptionsSchema = tyingSchema
  .pick({
    gradient: true,
    stepSize: true,
    untie: true,
    moments: true,
    follow: true,
    components: true,
    profile: true,
  })
  .extend({ freeze: trainingSchema.shape.freeze });

/** What a shared block's gradient is: the sum over its uses, their mean, or the owner's contribution only. */
export type GradientMode = z.output<typeof sharingOptionsSchema>['gradient'];
/** How the learning rate of a block follows from the number of layers that use it: 1/sqrt(n), 1/n or 1 times as large. */
export type StepSizeRule = z.output<typeof sharingOptionsSchema>['stepSize'];
/**
 * What a layer that becomes independent starts from: a copy of what it used, or fresh weights. `alias`: untying changes
 * nothing, the layer goes on with the block that it shares, so that blocks can only become fewer. That is the official
 * code's untying, taken alone: here the tie map says so.
 */
export type UntiePolicy = z.output<typeof sharingOptionsSchema>['untie'];
/**
 * Optimizer state (whatever slots the optimizer has) of a layer that becomes independent.
 * `copy`: a copy of those of the block it used, with their step count. `reset`: none, as before a first update.
 * `keep`: those that this position had when it last owned a block, whatever their age; a copy if it never had any.
 */
export type MomentsPolicy = z.output<typeof sharingOptionsSchema>['moments'];
/**
 * What happens to the followers of an owner that is tied away. `root`: they go with it. `snapshot`: they stay with
 * the block, which its first follower inherits.
 */
export type FollowPolicy = z.output<typeof sharingOptionsSchema>['follow'];

export interface SharingOptions {
  readonly gradient: GradientMode;
  readonly stepSize: StepSizeRule;
  readonly untie: UntiePolicy;
  readonly moments: MomentsPolicy;
  readonly follow: FollowPolicy;
  /** The components that tie maps govern; the model's other components stay independent in every layer. */
  readonly components: readonly string[];
  /**
   * `official` replays the official code's storage, gradient and moment semantics bug for bug. It fixes the policies
   * by itself (see OfficialLayout): `gradient`, `stepSize`, `untie`, `moments` and `follow` then have no effect, and all
   * of the block is tied.
   */
  readonly profile: 'clean' | 'official';
  /**
   * Patterns over full parameter names, `*` for any part: these take no gradient and have no optimizer slots, beside
   * those that the model itself declares so. Of a tied block the owner's name decides.
   */
  readonly freeze: readonly string[];
}
