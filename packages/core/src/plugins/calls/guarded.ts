/**
 * What a plug-in made, as everybody else sees it: the same object, except that each of its methods is a call with a name, a
 * time limit and an end.
 */
import type { EventBus, HandlerSpec } from '../../bus/event-bus.js';
import type { RunContext } from '../../contracts/plugin.js';
import { TOKENS, type Token } from '../../di/tokens.js';
import type { EventType } from '../../events/events.js';
import { thrownText } from '../../thrown.js';
import { makeCall, type Caller } from './make-call.js';
import { namedFailure, PluginError, type Owner, type PluginCall } from './plugin-call.js';
import { HOT, type Shape } from './shapes.js';

type Method = (...args: unknown[]) => unknown;

/**
 * Stands in for an object of a plug-in. Its methods keep their own `this`, and an object that was frozen can be stood in
 * for, too: what is seen through is an empty one.
 */
export function guarded<T extends object>(
  target: T,
  shape: Shape,
  owner: Owner,
  caller: Caller,
  path = '',
): T {
  // By property: the same method gives the same function for as long as it is there.
  const seen = new Map<PropertyKey, { readonly of: unknown; readonly as: unknown }>();
  const look = (key: PropertyKey): unknown => {
    const name = path + String(key);
    let value: unknown;
    try {
      value = Reflect.get(target, key, target);
    } catch (error) {
      throw namedFailure({ ...owner, call: name }, error);
    }
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return value;
    const before = seen.get(key);
    if (before?.of === value) return before.as;
    const as = standIn(value, key, name);
    seen.set(key, { of: value, as });
    return as;
  };
  const standIn = (value: object, key: PropertyKey, name: string): unknown => {
    if (typeof value === 'function') {
      return key === 'constructor' ? value : method(value as Method, key, name);
    }
    const part = shape.parts?.[String(key)];
    if (part === undefined) return value;
    const inner = (one: object): object => guarded(one, part, owner, caller, `${name}.`);
    return Array.isArray(value) ? (value as object[]).map(inner) : inner(value);
  };
  const method = (value: Method, key: PropertyKey, name: string): Method => {
    const rule = ruleOf(shape, String(key));
    const call = { ...owner, call: name };
    const { gives = rule.makes, givesCall } = rule;
    const result = (answer: unknown): unknown => {
      if (gives && typeof answer === 'object' && answer !== null) {
        return guarded(answer, gives, owner, caller, rule.makes ? '' : `${name}().`);
      }
      if (rule.makes) throw madeNothing(call, answer, 'Return an object with the methods of the contract');
      if (givesCall === undefined) return answer;
      if (typeof answer !== 'function')
        throw madeNothing(call, answer, 'Return a function that takes it back');
      const last = { ...owner, call: givesCall };
      return () => makeCall(last, rule, caller, [], () => (answer as Method)());
    };
    return (...args) => {
      const given = args.map((one, place) => {
        if (rule.takesBus && place === 0) return busFor(one as EventBus, owner, caller);
        return rule.takesContext && place === 1 ? contextFor(one, owner, caller) : one;
      });
      const answer = makeCall(call, rule, caller, given, (own) => Reflect.apply(value, target, own));
      if (gives === undefined && givesCall === undefined) return answer;
      return answer instanceof Promise ? answer.then(result) : result(answer);
    };
  };
  return new Proxy({} as T, {
    get: (_empty, key) => look(key),
    set: (_empty, key, value) => Reflect.set(target, key, value, target),
    has: (_empty, key) => Reflect.has(target, key),
    deleteProperty: (_empty, key) => Reflect.deleteProperty(target, key),
    ownKeys: () => Reflect.ownKeys(target),
    getPrototypeOf: () => Reflect.getPrototypeOf(target),
    getOwnPropertyDescriptor: (_empty, key) => {
      const own = Reflect.getOwnPropertyDescriptor(target, key);
      return (
        own && { value: look(key), writable: true, enumerable: own.enumerable ?? true, configurable: true }
      );
    },
  });
}

const ruleOf = ({ calls, others }: Shape, name: string): NonNullable<Shape['others']> =>
  calls && Object.hasOwn(calls, name) ? (calls[name] as NonNullable<Shape['others']>) : (others ?? HOT);

function madeNothing(call: PluginCall, answer: unknown, todo: string): PluginError {
  return new PluginError(call, 'made-nothing', { found: `it returned ${thrownText(answer)}`, todo });
}

/** What a run offers to a plug-in; what it hangs into the bus is its own. */
function contextFor(context: unknown, owner: Owner, caller: Caller): unknown {
  const get = (context as { get?: RunContext['get'] } | null | undefined)?.get;
  if (typeof get !== 'function') return context;
  const own = <T>(token: Token<T>): T => {
    const part = get(token);
    return token === (TOKENS.bus as unknown) ? (busFor(part as EventBus, owner, caller) as T) : part;
  };
  return { ...(context as RunContext), get: own };
}

/** A bus whose handlers are calls into the plug-in that adds them. */
export function busFor(bus: EventBus, owner: Owner, caller: Caller): EventBus {
  const handle = <T extends EventType>(spec: HandlerSpec<T>): (() => void) => {
    const type = spec.type === '*' ? 'every event' : [spec.type].flat().join(', ');
    const call = { ...owner, call: `the handler "${String(spec.name)}" of ${type}` };
    return bus.handle({
      type: spec.type,
      phase: spec.phase,
      name: spec.name,
      handle: (event, publish) =>
        makeCall(call, { pace: 'quick' }, caller, [event, publish], () =>
          spec.handle(event, publish),
        ) as Promise<void>,
    });
  };
  return new Proxy(bus, {
    get(target, key) {
      if (key === 'handle') return handle;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
