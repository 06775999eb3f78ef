/**
 * Reads ONNX Runtime's profiles: Chrome traces with one event for each node that ran, named by the node. Nodes are
 * named by the tfjs kernel that recorded them, `Softmax:v12`; what the graph optimizer made has names of its own.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Share {
  readonly name: string;
  readonly millisecondsPerStep: number;
  /** Of the time in all nodes. */
  readonly share: number;
  readonly callsPerStep: number;
  /** Of matrix products; `null` of everything else. */
  readonly gflops: number | null;
}

export interface Shares {
  readonly operators: readonly Share[];
  readonly kernels: readonly Share[];
  /** Graphs by the file that their session wrote, with the kernels that take most of their time. */
  readonly graphs: readonly (Share & { readonly runsPerStep: number; readonly nodes: number })[];
  readonly nodeMillisecondsPerStep: number;
  /** All matrix products together. */
  readonly products: Share;
}

interface NodeRun {
  readonly graph: string;
  readonly operator: string;
  readonly kernel: string;
  readonly milliseconds: number;
  readonly flops: number;
}

interface GraphProfile {
  readonly graph: string;
  readonly runs: number;
  readonly nodes: readonly NodeRun[];
}

type TypeShape = Readonly<Record<string, readonly number[]>>;

interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args: {
    readonly op_name?: string;
    readonly input_type_shape?: readonly TypeShape[];
    readonly output_type_shape?: readonly TypeShape[];
  };
}

/** @param skip for each prefix of a profile, how many of the first runs do not count */
export function readProfiles(folder: string, skip: ReadonlyMap<string, number>): GraphProfile[] {
  return readdirSync(folder)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((file) => {
      // ONNX Runtime adds a date and a time to the prefix.
      const graph = file.replace(/_\d{4}-\d\d-\d\d_[\d-]+(_\d+)?\.json$/, '');
      const events = JSON.parse(readFileSync(join(folder, file), 'utf8')) as TraceEvent[];
      return graphProfile(graph, events, skip.get(join(folder, graph)) ?? 0);
    });
}

function graphProfile(graph: string, events: readonly TraceEvent[], skip: number): GraphProfile {
  const nodes: NodeRun[] = [];
  let runs = 0;
  for (const event of events) {
    // Comes after the nodes of its run.
    if (event.name === 'model_run') runs += 1;
    if (event.cat === 'Node' && event.name.endsWith('_kernel_time') && runs >= skip) {
      nodes.push(nodeRun(graph, event));
    }
  }
  return { graph, runs: Math.max(0, runs - skip), nodes };
}

function nodeRun(graph: string, { name, dur, args }: TraceEvent): NodeRun {
  const operator = args.op_name ?? 'unknown';
  const node = name.slice(0, -'_kernel_time'.length);
  const kernel = node.includes(':') ? node.slice(0, node.indexOf(':')) : `(${operator})`;
  return { graph, operator, kernel, milliseconds: dur / 1000, flops: productFlops(operator, args) };
}

/** 2 m n k a product. Whether an operand is transposed is not in the profile, but |A| |B| / |C| is k squared. */
function productFlops(operator: string, { input_type_shape, output_type_shape }: TraceEvent['args']): number {
  if (!/^(Fused)?(MatMul|Gemm)/.test(operator)) return 0;
  const [a, b] = (input_type_shape ?? []).map(shapeOf);
  const [c] = (output_type_shape ?? []).map(shapeOf);
  if (!a || !b || !c) return 0;
  const batch = b.length > 2 ? sizeOf(b.slice(0, -2)) : 1;
  return 2 * sizeOf(c) * Math.sqrt((sizeOf(a) * sizeOf(b)) / (sizeOf(c) * batch));
}

const shapeOf = (shape: TypeShape): readonly number[] => Object.values(shape)[0] ?? [];
const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

export function summarize(profiles: readonly GraphProfile[], steps: number): Shares {
  const nodes = profiles.flatMap((profile) => profile.nodes);
  const total = nodes.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const share = (name: string, group: readonly NodeRun[]): Share => {
    const milliseconds = group.reduce((sum, node) => sum + node.milliseconds, 0);
    const flops = group.reduce((sum, node) => sum + node.flops, 0);
    return {
      name,
      millisecondsPerStep: milliseconds / steps,
      share: total > 0 ? milliseconds / total : 0,
      callsPerStep: group.length / steps,
      gflops: flops > 0 ? flops / (milliseconds * 1e6) : null,
    };
  };
  const by = (key: (node: NodeRun) => string): Share[] =>
    [...grouped(nodes, key)].map(([name, group]) => share(name, group)).sort(longestFirst);
  return {
    operators: by(({ operator }) => operator),
    kernels: by(({ kernel }) => kernel),
    graphs: profiles
      .filter(({ runs }) => runs > 0)
      .map(({ graph, runs, nodes: own }) => ({
        ...share(`${graph}: ${mainKernels(own)}`, own),
        runsPerStep: runs / steps,
        nodes: own.length / runs,
      }))
      .sort(longestFirst),
    nodeMillisecondsPerStep: total / steps,
    products: share(
      'all products',
      nodes.filter(({ flops }) => flops > 0),
    ),
  };
}

function grouped(nodes: readonly NodeRun[], key: (node: NodeRun) => string): Map<string, NodeRun[]> {
  const groups = new Map<string, NodeRun[]>();
  for (const node of nodes) {
    const name = key(node);
    const group = groups.get(name);
    if (group) group.push(node);
    else groups.set(name, [node]);
  }
  return groups;
}

const longestFirst = (a: Share, b: Share): number => b.millisecondsPerStep - a.millisecondsPerStep;

function mainKernels(nodes: readonly NodeRun[]): string {
  const times = new Map<string, number>();
  for (const { kernel, milliseconds } of nodes) times.set(kernel, (times.get(kernel) ?? 0) + milliseconds);
  const names = [...times].sort(([, a], [, b]) => b - a).map(([name]) => name);
  return names.length > 3 ? `${names.slice(0, 3).join(', ')}, …` : names.join(', ');
}
