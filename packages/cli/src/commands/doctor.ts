/** `ligature doctor`: what this machine offers, which backends work and how to get a better one. */
import { arch, cpus, freemem, platform, release, totalmem } from 'node:os';
import { probeBackends, type BackendProbe } from '@ligature/backends';
import { formatQuantity, quantities } from '@ligature/report';
import { createHost } from '../builtins.js';
import { STATUS } from '../errors.js';
import { cacheFolder } from '../io.js';
import { columnsOf, paintFor, wrap, type Paint } from '../terminal/paint.js';
import { pairs } from '../terminal/tables.js';
import { VERSION } from '../version.js';
import type { Context } from './context.js';

export async function doctor({ io, json }: Context): Promise<number> {
  const machine = {
    ligature: VERSION,
    node: process.version,
    platform: `${platform()} ${release()} ${arch()}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
    cacheFolder: cacheFolder(io),
  };
  const backends = await probeBackends(createHost(), { now: io.now });
  const chosen = backends.find(({ available }) => available)?.name ?? null;
  if (json) {
    io.stdout.write(`${JSON.stringify({ ...machine, backends, chosen }, null, 2)}\n`);
  } else {
    const columns = columnsOf(io.stdout);
    const paint = paintFor(io.stdout, io.env);
    const facts = [
      { name: 'Ligature', value: machine.ligature },
      { name: 'Node', value: machine.node },
      { name: 'System', value: machine.platform },
      { name: 'Processor', value: `${machine.cpu}, ${machine.cores} cores` },
      { name: 'Memory', value: `${bytes(machine.memoryBytes)}, ${bytes(machine.freeMemoryBytes)} free` },
      { name: 'Cache', value: machine.cacheFolder },
    ];
    io.stdout.write(`${pairs(facts, columns, paint)}\n\n${backendText(backends, columns, paint)}`);
  }
  return chosen === null ? STATUS.failed : STATUS.ok;
}

const bytes = (value: number): string => formatQuantity(value, quantities.bytes);

/** In the order of `--backend auto`: the first that works is the one it takes. */
export function backendText(probes: readonly BackendProbe[], columns: number, paint: Paint): string {
  const indent = Math.max(...probes.map(({ name }) => name.length)) + 6;
  const margin = ' '.repeat(indent);
  const chosen = probes.find(({ available }) => available);
  const lines = probes.flatMap(({ name, available, reason, version, product, todo }) => {
    const speed =
      product === null
        ? ''
        : `, ${product.gflops.toFixed(1)} GFLOP/s on a ${product.size} × ${product.size} product`;
    const what = available ? `${reason} (version ${version ?? 'unknown'}${speed})` : reason;
    const mark = available ? paint.green('yes') : paint.yellow('no ');
    return [
      `${mark} ${name.padEnd(indent - 4)}${wrap(what, columns, margin).trimStart()}`,
      ...(todo === null ? [] : [wrap(`to get it: ${todo}`, columns, margin)]),
    ];
  });
  const taken = chosen
    ? `--backend auto takes ${paint.bold(chosen.name)}: the first that works, fastest kind first.`
    : 'No backend works here, so nothing can be trained.';
  return [paint.bold('Backends, in the order they are tried'), ...lines, '', wrap(taken, columns), ''].join(
    '\n',
  );
}
