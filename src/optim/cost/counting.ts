import {
  DataStorage,
  engine,
  KernelBackend,
  registerBackend,
  registerKernel,
  removeBackend,
  setBackend,
  tidy,
  type BackendValues,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { countingKernels, type KernelInputs, type Kind } from './kernels.js';

/** Floating-point operations by kind. A multiplication and an addition count as two. */
export type Flops = Readonly<Record<Kind, number>>;

const backendName = 'soap-bench-count';

/** A TensorFlow.js backend that only computes shapes and counts operations. Its tensors have no values. */
class CountingBackend extends KernelBackend {
  readonly counts: Record<Kind, number> = { matmul: 0, decomposition: 0, elementwise: 0 };
  readonly #held = new DataStorage<number>(this, engine());

  reset(): void {
    this.counts.matmul = this.counts.decomposition = this.counts.elementwise = 0;
  }

  override write(): object {
    return this.hold();
  }

  override move(dataId: object): void {
    this.#held.set(dataId, 1);
  }

  hold(): object {
    const dataId = {};
    this.#held.set(dataId, 1);
    return dataId;
  }

  override incRef(dataId: object): void {
    this.#held.set(dataId, this.#held.get(dataId) + 1);
  }

  override disposeData(dataId: object, force = false): boolean {
    if (!this.#held.has(dataId)) return true;
    const left = this.#held.get(dataId) - 1;
    this.#held.set(dataId, left);
    if (left > 0 && !force) return false;
    this.#held.delete(dataId);
    return true;
  }

  override refCount(dataId: object): number {
    return this.#held.has(dataId) ? this.#held.get(dataId) : 0;
  }

  override numDataIds(): number {
    return this.#held.numDataIds();
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override dispose(): void {
    // There is nothing to dispose.
  }

  override readSync(): BackendValues {
    throw new Error('operations are counted without values, and this one reads them');
  }
}

let counting: CountingBackend | undefined;

/**
 * Counts the operations of a function of tensors without computing it.
 * @param action Receives a function that creates float32 tensors without values, for its inputs.
 * @throws Error with the kernel's name if the function uses a kernel that kernels.ts does not list.
 */
export function countFlops(action: (tensorOf: (shape: readonly number[]) => Tensor) => void): Flops {
  const backend = (counting ??= withKernels(new CountingBackend()));
  backend.reset();
  const before = engine().backendName as string | null | undefined;
  // Registered only while it counts, so that nothing else uses it to compute.
  registerBackend(backendName, () => backend);
  void setBackend(backendName);
  try {
    tidy(() => {
      action((shape) =>
        engine().makeTensorFromTensorInfo({ dataId: backend.hold(), shape: [...shape], dtype: 'float32' }),
      );
    });
  } finally {
    // The earlier backend is already initialized, so the switch takes effect at once.
    if (before) void setBackend(before);
    removeBackend(backendName);
  }
  return { ...backend.counts };
}

function withKernels(backend: CountingBackend): CountingBackend {
  for (const [kernelName, { kind, rule }] of Object.entries(countingKernels)) {
    registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs }) => {
        const result = rule(inputs as KernelInputs, attrs ?? {});
        backend.counts[kind] += result.flops;
        const outputs = result.outputs.map(({ shape, dtype }) => ({
          dataId: backend.hold(),
          shape: [...shape],
          dtype,
        }));
        return outputs.length === 1 ? outputs[0]! : outputs;
      },
    });
  }
  return backend;
}
