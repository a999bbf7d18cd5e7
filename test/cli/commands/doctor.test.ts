import { describe, expect, it } from 'vitest';
import { describe as describeDiagnosis } from '../../../src/cli/commands/doctor.js';
import { diagnose, type DiagnoseOptions } from '../../../src/engine/setup/diagnose.js';
import type { SystemTools } from '../../../src/engine/setup/system.js';

const tools: SystemTools = {
  python: 'Python 3.11.7',
  pip: 'pip 23.2',
  compiler: 'g++ 12.2.0',
  make: 'GNU Make 4.3',
  nvidia_driver: null,
};

/** A machine on which everything works, but for what a test breaks. */
function machine(broken: DiagnoseOptions & { tools?: Partial<SystemTools> } = {}): DiagnoseOptions {
  return {
    probeNative: () => Promise.resolve({ tensorflow_version: '2.21.0', is_gpu: false }),
    loadScriptEngine: () => Promise.resolve(),
    inspect: () => Promise.resolve({ ...tools, ...broken.tools }),
    cacheDir: '/nowhere',
    freeMemory: () => 8e9,
    ...broken,
  };
}

const fail = (reason: string) => (): Promise<never> => Promise.reject(new Error(reason));

describe('doctor', () => {
  it('finds the native engine and no problems', async () => {
    const diagnosis = await diagnose(machine());
    expect(diagnosis).toMatchObject({ engine: 'tensorflow', tensorflow_version: '2.21.0', problems: [] });
    expect(diagnosis.device).toMatch(/\d+ threads?$/);
    expect(diagnosis.threads).toBeGreaterThan(0);
    expect(describeDiagnosis(diagnosis)).toMatch(/^engine {9}tensorflow\n[^]*No problems found/);
  });

  it('falls back to wasm, says why and what to install', async () => {
    const probeNative = fail('libtensorflow.so.2: cannot open shared object file');
    const diagnosis = await diagnose(machine({ probeNative, tools: { compiler: null, make: null } }));
    expect(diagnosis).toMatchObject({ engine: 'wasm', threads: 1, tensorflow_version: null });
    expect(diagnosis.problems).toHaveLength(1);
    expect(diagnosis.problems[0]).toMatchObject({ code: 'native_engine_unavailable' });
    expect(diagnosis.problems[0]!.message).toContain('cannot open shared object file');
    expect(diagnosis.problems[0]!.hint).toMatch(/install make, a C\+\+ compiler\. .*soap-bench setup/);
    expect(describeDiagnosis(diagnosis)).toContain('soap-bench setup');
  });

  it('falls back to cpu, and to nothing', async () => {
    const probeNative = fail('gone');
    const onlyCpu = (name: string): Promise<void> => (name === 'wasm' ? fail('no wasm')() : Promise.resolve());
    expect((await diagnose(machine({ probeNative, loadScriptEngine: onlyCpu }))).engine).toBe('cpu');
    const none = await diagnose(machine({ probeNative, loadScriptEngine: fail('broken') }));
    expect(none.engine).toBeNull();
    expect(none.problems.map((problem) => problem.code)).toEqual([
      'native_engine_unavailable',
      'wasm_unavailable',
      'cpu_unavailable',
    ]);
  });

  it('really loads the wasm engine when the native one is gone', async () => {
    const { probeNative, inspect } = machine({ probeNative: fail('gone') });
    expect((await diagnose({ probeNative: probeNative!, inspect: inspect! })).engine).toBe('wasm');
  });

  it('notices a GPU that is not used, and little memory', async () => {
    const diagnosis = await diagnose(machine({ tools: { nvidia_driver: '550.54' }, freeMemory: () => 5e8 }));
    expect(diagnosis.problems.map((problem) => problem.code)).toEqual(['little_memory', 'gpu_unused']);
    expect(diagnosis.problems[1]!.hint).toContain('setup --gpu');
    expect(describeDiagnosis(diagnosis)).toContain('Only 0.5 GB');
  });
});
