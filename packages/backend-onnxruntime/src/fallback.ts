/**
 * Kernels without a lowering run on tfjs's own CPU kernels. A private CPU backend holds copies of their inputs for the
 * time of one call, so the tfjs backend named `cpu` of the same program is not touched.
 */
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { OnnxRuntimeBackend } from './backend.js';

type Inputs = NamedTensorInfoMap;
type Infos = TensorInfo | TensorInfo[];
type Optional = Readonly<Record<string, Infos | null | undefined>>;

export class CpuFallback {
  readonly #cpu = new MathBackendCPU();
  readonly #counts = new Map<string, number>();
  readonly #owner: OnnxRuntimeBackend;

  constructor(owner: OnnxRuntimeBackend) {
    this.#owner = owner;
    // It greets Node users with an advertisement on the first write.
    (this.#cpu as unknown as { firstUse: boolean }).firstUse = false;
  }

  /** Calls so far, by kernel. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** @throws what the CPU kernel throws */
  run(kernelName: string, inputs: Inputs, attrs: NamedAttrMap | undefined): TensorInfo | TensorInfo[] {
    const kernel = tf.getKernel(kernelName, 'cpu');
    if (!kernel) throw new Error(`tfjs has no kernel ${kernelName} for its CPU backend either`);
    this.#owner.capturing?.refuse(
      `uses the kernel ${kernelName}, which has no lowering to ONNX for these inputs`,
    );
    this.#counts.set(kernelName, (this.#counts.get(kernelName) ?? 0) + 1);
    if (tf.env().getBool('ONNXRUNTIME_DEBUG')) {
      // eslint-disable-next-line no-console -- who sets the flag asks for it
      console.warn(
        `onnxruntime: ${kernelName} runs on tfjs's CPU kernel, it has no lowering for these inputs`,
      );
    }
    const given: TensorInfo[] = [];
    const borrow = (info: TensorInfo): TensorInfo => {
      const made = this.#toCpu(info);
      given.push(made);
      return made;
    };
    try {
      // Kernels of any number of inputs (Concat, Einsum) get a list, and some (RaggedGather) lists by name.
      const all = (infos: Infos): Infos => (Array.isArray(infos) ? infos.map(borrow) : borrow(infos));
      const own = Array.isArray(inputs)
        ? all(inputs as TensorInfo[])
        : Object.fromEntries(
            Object.entries(inputs as Optional).flatMap(([name, infos]) =>
              infos === undefined || infos === null ? [] : [[name, all(infos)]],
            ),
          );
      const result = kernel.kernelFunc({
        inputs: own as Inputs,
        attrs: attrs as NamedAttrMap,
        backend: this.#cpu,
      });
      const results = Array.isArray(result) ? result : [result];
      const taken = results.map((info) => this.#fromCpu(info));
      for (const info of results) this.#cpu.disposeData(info.dataId);
      return Array.isArray(result) ? taken : taken[0]!;
    } finally {
      for (const info of given) this.#cpu.disposeData(info.dataId, true);
    }
  }

  #toCpu({ dataId, shape, dtype }: TensorInfo): TensorInfo {
    const values = this.#owner.readSync(dataId);
    // Some CPU kernels ask for the rank, which tensors have and their descriptions have not.
    const described = (info: TensorInfo): TensorInfo => Object.assign(info, { rank: shape.length });
    if (dtype !== 'complex64') return described(this.#cpu.makeTensorInfo(shape, dtype, values));
    const { real, imag } = tf.backend_util.splitRealAndImagArrays(values as Float32Array);
    const info = this.#cpu.makeTensorInfo(shape, dtype);
    this.#cpu.data.get(info.dataId).complexTensorInfos = {
      real: this.#cpu.makeTensorInfo(shape, 'float32', real),
      imag: this.#cpu.makeTensorInfo(shape, 'float32', imag),
    };
    return described(info);
  }

  #fromCpu({ dataId, shape, dtype }: TensorInfo): TensorInfo {
    const values = this.#cpu.readSync(dataId);
    return { dataId: this.#owner.write(values, shape, dtype), shape, dtype };
  }
}
