/**
 * A controller as the tying process sees it: everything that it is given is frozen, everything that it answers is
 * checked and copied, each failure is an error that names controller, call and window.
 */
// core first: it loads the reflection polyfill that tsyringe wants to find.
import {
  ContractError,
  TOKENS,
  type Controller,
  type Decision,
  type LearningReport,
  type MeasurementOrder,
  type Observation,
  type RandomStreams,
  type RunConfig,
  type Transition,
  type Turn,
  type TurnContext,
} from '@ligature/core';
import { inject, injectable } from 'tsyringe';
import { checkDecision } from './check-decision.js';
import { checkReport } from './check-report.js';
import { checkWanted } from './check-wanted.js';
import { ControllerCalls, type Call, type LateAnswer } from './controller-calls.js';
import { lendStream } from './lend-stream.js';
import { describe } from './plain-data.js';
import { checkTurn, turnOf } from './turns.js';

/** The part of a run's configuration that is about controllers. */
export interface ControllerSettings {
  readonly controller: Pick<RunConfig['controller'], 'name'>;
  readonly tying: Pick<
    RunConfig['tying'],
    'timeoutSeconds' | 'onMisbehaviour' | 'order' | 'decide' | 'until'
  >;
}

@injectable()
export class CheckedController {
  readonly name: string;
  /** Whether it decides at all; one that does not keeps its initial map. */
  readonly decides: boolean;
  readonly #calls: ControllerCalls;

  constructor(
    @inject(TOKENS.controller) private readonly controller: Controller,
    @inject(TOKENS.streams) private readonly streams: RandomStreams,
    @inject(TOKENS.config) readonly settings: ControllerSettings,
  ) {
    this.name = settings.controller.name;
    this.decides = controller.decide !== undefined;
    this.#calls = new ControllerCalls(settings.tying.timeoutSeconds);
  }

  /** Whose turn it is in a window. @param name the call that it is needed for */
  turn(name: Call['name'], window: number, context: TurnContext): Turn {
    if (!this.controller.turn) return turnOf(window, context, this.settings.tying);
    const asked = `Ask the controller "${this.name}" whose turn it is in window ${window}`;
    const answer = this.#calls.makeNow({ name, window, asked }, () =>
      this.controller.turn?.(window, Object.freeze(context)),
    );
    return checkTurn(answer, window, context, this.name);
  }

  /** What it wants measured before it decides. */
  async wants(observation: Observation): Promise<MeasurementOrder | undefined> {
    if (!this.controller.wants) return undefined;
    const { window } = observation;
    const asked = `Ask the controller "${this.name}" what it wants measured in window ${window}`;
    const answer: unknown = await this.#calls.make({ name: 'decide', window, asked }, () =>
      this.controller.wants?.(observation),
    );
    return checkWanted(answer, observation, this.name);
  }

  /** @param decidable components that it may decide on alone */
  async decide(observation: Observation, decidable: readonly string[]): Promise<Decision> {
    const { window, layer } = observation;
    const about = layer === null ? '' : ` on layer ${layer}`;
    const asked = `Ask the controller "${this.name}" for a decision${about} in window ${window}`;
    const loan = lendStream(this.streams.stream('policy'));
    try {
      const answer: unknown = await this.#calls.make({ name: 'decide', window, asked }, () =>
        this.controller.decide?.(observation, loan.stream),
      );
      return checkDecision(answer, observation, this.name, decidable);
    } catch (error) {
      // How much a late controller had drawn by then is a matter of time, and must not decide what others draw.
      if (codeOf(error) === 'controller-late') loan.undo();
      else loan.end();
      throw error;
    }
  }

  async learn(transition: Transition): Promise<LearningReport | undefined> {
    const { window } = transition.observation;
    const asked = `Tell the controller "${this.name}" what came of its decision ${describe(transition.decision)} in window ${window}`;
    const answer: unknown = await this.#calls.make({ name: 'learn', window, asked }, () =>
      this.controller.learn?.(Object.freeze(transition)),
    );
    return checkReport(answer, window, this.name);
  }

  /** Whether the run goes on without an answer after this error; one that is none of the controller's is thrown on. */
  forgives(error: unknown): error is ContractError {
    const code = codeOf(error);
    const abandoned = code?.endsWith('-abandoned') === true;
    return this.settings.tying.onMisbehaviour === 'keep-map' && code !== undefined && !abandoned;
  }

  /** Answers that came late since this was last called, oldest first. */
  takeLate(): readonly LateAnswer[] {
    return this.#calls.takeLate();
  }

  /** Ends the call that is being waited for, if any. */
  abandon(): void {
    this.#calls.abandon();
  }
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof ContractError ? error.code : undefined;
