import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

/** What computes with tensors. */
const engine = ['test/{conformance,engine,model,ops,optim,train,verify}/**/*.test.ts'];
/** What starts soap-bench's commands as a user does. */
const e2e = ['test/{bench,build,e2e,publish}/**/*.test.ts'];
const browser = ['test/browser/**/*.test.ts'];
const slurm = ['test/e2e/slurm/**/*.test.ts'];

const project = (
  name: string,
  include: string[],
  exclude: string[] = [],
  more: TestProjectInlineConfiguration['test'] = {},
): TestProjectInlineConfiguration => ({ extends: true, test: { name, include, exclude, ...more } });

export default defineConfig({
  test: {
    // TensorFlow.js keeps global state, and its addon loads once a process.
    pool: 'forks',
    maxWorkers: '100%',
    // A busy machine is no failure.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    globalSetup: 'test/support/temporary-folder.ts',
    projects: [
      project('unit', ['test/**/*.test.ts'], [...engine, ...e2e, ...browser], {
        // Files share processes: loading every module again for each of them takes longer than the tests.
        isolate: false,
        setupFiles: 'test/support/shared-process.ts',
      }),
      project('engine', engine),
      project('e2e', e2e, slurm),
      project('browser', browser),
      project('slurm', slurm),
    ],
  },
});
