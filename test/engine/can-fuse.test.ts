import { describe, expect, it } from 'vitest';
import { canFuse } from '../../src/engine/can-fuse.js';
import type { Engine, Program } from '../../src/engine/engine.js';
import { SoapBenchError } from '../../src/errors.js';
import { describeOn } from '../support/engines.js';
import { describeCompiled } from './graph/support.js';

await describeCompiled((engine) => {
  it('is so with the library here, every time', async () => {
    expect(await canFuse(engine)).toBe(true);
    expect(await canFuse(engine)).toBe(true);
  });

  it('is found out by a step that has a fused operation in it', async () => {
    const ops: string[] = [];
    const watched: Engine = {
      ...engine,
      open(shapes) {
        const program = engine.open(shapes);
        const compile: Program['compile'] = async (...words) => {
          const step = await program.compile(...words);
          ops.push(...step.work!().map(({ op }) => op));
          return step;
        };
        return {
          compile,
          write: program.write.bind(program),
          read: program.read.bind(program),
          dispose: program.dispose.bind(program),
        };
      },
    };
    await canFuse(watched);
    expect(ops).toEqual(['PartitionedCall']);
  });

  describe('where running a fused step fails', () => {
    const failing = (error: Error) => ({
      ...engine,
      open(shapes: Parameters<typeof engine.open>[0]): Program {
        const program = engine.open(shapes);
        return {
          compile: () => Promise.resolve(() => Promise.reject(error)),
          write: program.write.bind(program),
          read: program.read.bind(program),
          dispose: program.dispose.bind(program),
        };
      },
    });

    it('it is not', async () => {
      // What a library without XLA says at the first run.
      expect(await canFuse(failing(new SoapBenchError('step_failed', 'no such function')))).toBe(false);
    });

    it('for another reason than the library’s, that is told', async () => {
      await expect(canFuse(failing(new Error('a mistake of ours')))).rejects.toThrow('a mistake of ours');
    });
  });
});

await describeOn('cpu', (engine) => {
  it('is not so where steps run operation by operation', async () => {
    expect(await canFuse(engine)).toBe(false);
  });
});
