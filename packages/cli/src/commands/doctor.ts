/**
 * `ligature doctor`: what this machine offers, which backends and execution providers work, and how to get better ones.
 */
import { arch, cpus, freemem, platform, release, totalmem } from 'node:os';
import { probeBackends, type BackendProbe, type ProbeOptions } from '@ligature/backends';
import { visibleIn } from '@ligature/core';
import { formatQuantity, quantities } from '@ligature/report';
import { createHost } from '../builtins.js';
import { checkProvider, PROVIDERS, type ProviderReport } from '../doctor/providers.js';
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
  const providers: ProviderReport[] = [];
  for (const provider of PROVIDERS) providers.push(await checkProvider(provider));
  const backends = await probeBackends(createHost(), { now: io.now, known: unsafe(providers) });
  const chosen = backends.find(({ available }) => available)?.name ?? null;
  if (json) {
    io.stdout.write(`${JSON.stringify({ ...machine, backends, providers, chosen }, null, 2)}\n`);
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
    io.stdout.write(
      [
        pairs(facts, columns, paint),
        providerText(visibleIn(providers), columns, paint),
        backendText(visibleIn(backends), columns, paint),
      ].join('\n\n'),
    );
  }
  return chosen === null ? STATUS.failed : STATUS.ok;
}

/** What took its own process down is not loaded into this one. */
function unsafe(providers: readonly ProviderReport[]): NonNullable<ProbeOptions['known']> {
  const cpu = providers.find(({ provider, crashed }) => provider === 'cpu' && crashed);
  return cpu ? { onnxruntime: { reason: cpu.reason, todo: cpu.todo } } : {};
}

const bytes = (value: number): string => formatQuantity(value, quantities.bytes);

/** What a few small training steps gave on each provider of onnxruntime. */
export function providerText(reports: readonly ProviderReport[], columns: number, paint: Paint): string {
  const indent = Math.max(...reports.map(({ provider }) => provider.length)) + 6;
  const margin = ' '.repeat(indent);
  const lines = reports.flatMap((report) => {
    const { provider, works, reason, version, deviation, millisecondsPerStep, todo } = report;
    const numbers =
      deviation === null || millisecondsPerStep === null
        ? ''
        : `, ${millisecondsPerStep.toFixed(1)} ms a small step, within ${deviation.toExponential(1)} of cpu`;
    const what = works ? `${reason} (version ${version ?? 'unknown'}${numbers})` : reason;
    const mark = works ? paint.green('yes') : paint.yellow('no ');
    return [
      `${mark} ${provider.padEnd(indent - 4)}${wrap(what, columns, margin).trimStart()}`,
      ...(todo === null ? [] : [wrap(`to get it: ${todo}`, columns, margin)]),
    ];
  });
  return [paint.bold('Execution providers of onnxruntime, each tried with a training step'), ...lines].join(
    '\n',
  );
}

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
