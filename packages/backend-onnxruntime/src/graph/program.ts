/**
 * Turns recorded nodes into a program: graphs in order, what goes into each, what comes out, and which buffer may be
 * used again after which graph. The program knows values only as numbered slots, so that it can be run on any
 * arguments; graphs are identified by their structure, so that equal ones share one compiled session.
 */
import type { TensorBuffer } from '../memory/buffer.js';
import type { ElementType } from '../onnx/element-types.js';
import { describeSegment } from './segment.js';
import type { SharedSession } from './session-cache.js';
import type { SegmentSpec } from './segment.js';
import type { GraphNode, Value } from './value.js';

export interface Port {
  readonly name: string;
  readonly slot: number;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly shapeKey: string;
  readonly length: number;
}

export interface ProgramStep {
  readonly shared: SharedSession;
  readonly feeds: readonly Port[];
  readonly fetches: readonly Port[];
  /** Slots whose buffers nothing reads after this step. */
  readonly release: readonly number[];
}

export interface Program {
  readonly slots: number;
  /** Existing values that it reads besides its arguments, and their slots. */
  readonly captured: readonly { readonly slot: number; readonly value: Value }[];
  readonly steps: readonly ProgramStep[];
  /** The slot of each requested value, in order. */
  readonly results: readonly number[];
}

/**
 * @param nodes in the order in which they were recorded
 * @param args values that are given anew at each run; slot i is the i-th
 * @param wanted values to compute
 * @param compile finds or makes the session of a graph; what it throws is thrown on, and no session stays held
 */
export function buildProgram(
  nodes: readonly GraphNode[],
  args: readonly Value[],
  wanted: readonly Value[],
  compile: (segment: SegmentSpec) => SharedSession,
): Program {
  const needed = reachable(wanted);
  const segments = split(nodes.filter((node) => needed.has(node)));

  const slots = new Map<Value, number>();
  const captured: { slot: number; value: Value }[] = [];
  args.forEach((value, slot) => slots.set(value, slot));
  let count = args.length;
  const slotOf = (value: Value): number => {
    let slot = slots.get(value);
    if (slot === undefined) {
      slot = count++;
      slots.set(value, slot);
      if (!value.node) captured.push({ slot, value });
    }
    return slot;
  };

  const lastReader = new Map<Value, number>();
  segments.forEach((segment, index) => {
    for (const node of segment) {
      for (const input of node.inputs) if (input?.kind === 'value') lastReader.set(input.value, index);
    }
  });
  const lastRead: Value[][] = segments.map(() => []);
  for (const [value, index] of lastReader) lastRead[index]!.push(value);
  const kept = new Set(wanted);

  const steps: ProgramStep[] = [];
  const add = (segment: readonly GraphNode[], index: number): void => {
    const leaves = (value: Value): boolean => kept.has(value) || (lastReader.get(value) ?? -1) > index;
    const spec = describeSegment(segment, leaves);
    const port = (name: string, value: Value, shape: readonly number[]): Port => ({
      name,
      slot: slotOf(value),
      type: value.type,
      shape,
      shapeKey: shape.join(),
      length: value.size,
    });
    const feeds = spec.inputs.map(({ name, value, shape }) => port(name, value, shape));
    const fetches = spec.outputs.map(({ name, value }) => port(name, value, value.shape));
    const release = (lastRead[index] ?? []).flatMap((value) => {
      const slot = slots.get(value);
      return value.node !== null && !kept.has(value) && slot !== undefined ? [slot] : [];
    });
    steps.push({ shared: compile(spec), feeds, fetches, release });
  };
  try {
    segments.forEach(add);
  } catch (error) {
    // A graph is refused: the sessions of those before it are let go of.
    for (const { shared } of steps) shared.release();
    throw error;
  }
  return { slots: count, captured, steps, results: wanted.map(slotOf) };
}

function reachable(wanted: readonly Value[]): Set<GraphNode> {
  const found = new Set<GraphNode>();
  const open = wanted.flatMap(({ node }) => (node ? [node] : []));
  for (let node = open.pop(); node; node = open.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    for (const input of node.inputs) {
      if (input?.kind === 'value' && input.value.node && !found.has(input.value.node)) {
        open.push(input.value.node);
      }
    }
  }
  return found;
}

/** Consecutive nodes of one segment number. The recorded order is a topological one, and stays. */
function split(nodes: readonly GraphNode[]): GraphNode[][] {
  const segments: GraphNode[][] = [];
  let current: number | undefined;
  for (const node of nodes) {
    if (node.segment !== current) {
      segments.push([]);
      current = node.segment;
    }
    segments.at(-1)!.push(node);
  }
  return segments;
}

/** Lets go of the program's sessions. */
export function releaseProgram(program: Program): void {
  for (const { shared } of program.steps) shared.release();
}

/** What running a program needs from its owner. */
export interface Memory {
  take(type: ElementType, length: number): TensorBuffer;
  give(buffer: TensorBuffer): void;
}

/** Runs a program and returns the buffers of its results, which are the caller's. Arguments stay as they are. */
export function runProgram(
  program: Program,
  args: readonly TensorBuffer[],
  memory: Memory,
): (TensorBuffer | undefined)[] {
  const buffers: (TensorBuffer | undefined)[] = new Array<TensorBuffer | undefined>(program.slots);
  args.forEach((buffer, slot) => (buffers[slot] = buffer));
  for (const { slot, value } of program.captured) buffers[slot] = value.buffer!;
  const made: number[] = [];
  try {
    for (const { shared, feeds, fetches, release } of program.steps) {
      const given: Record<string, ReturnType<TensorBuffer['view']>> = {};
      for (const { name, slot, shape, shapeKey } of feeds) given[name] = buffers[slot]!.view(shape, shapeKey);
      const asked: Record<string, ReturnType<TensorBuffer['view']>> = {};
      for (const { name, slot, type, length, shape, shapeKey } of fetches) {
        const buffer = memory.take(type, length);
        buffers[slot] = buffer;
        made.push(slot);
        asked[name] = buffer.view(shape, shapeKey);
      }
      shared.session.run(given, asked);
      for (const slot of release) {
        memory.give(buffers[slot]!);
        buffers[slot] = undefined;
      }
    }
  } catch (error) {
    for (const slot of made) if (buffers[slot]) memory.give(buffers[slot]);
    throw error;
  }
  return program.results.map((slot) => buffers[slot]);
}
