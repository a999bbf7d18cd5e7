import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { slurmSchema } from '../../../src/config/launchers.js';
import { arrayScript, type ArrayJob } from '../../../src/experiment/slurm/array-script.js';

const job: ArrayJob = {
  name: 'frequency-sweep',
  first: 0,
  count: 6,
  workingFolder: '/home/me/work',
  logFolder: '/home/me/work/results/sweep/slurm/1/logs',
  command: ['/usr/bin/node', '/opt/soap-bench.js', 'task', 'results/sweep'],
};

describe('the script of an array job', () => {
  it('asks for what is always needed, and nothing else', () => {
    expect(arrayScript(job, slurmSchema.parse({}))).toBe(`#!/bin/bash
#SBATCH --array=0-5%256
#SBATCH --job-name=frequency-sweep
#SBATCH --chdir=/home/me/work
#SBATCH --output=/home/me/work/results/sweep/slurm/1/logs/%A_%a.log
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --signal=B:USR1@120
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1

exec /usr/bin/node /opt/soap-bench.js task results/sweep $((0 + SLURM_ARRAY_TASK_ID))
`);
  });

  it.each([
    ['a working folder', { workingFolder: '/home/me/a\ntouch /tmp/x' }, {}],
    ['a folder for logs', { logFolder: '/home/me/a\r' }, {}],
    ['a sweep’s folder', { command: ['node', 'task', 'results/a\nb'] }, {}],
    ['an option', {}, { additional_parameters: { comment: 'a\u001bb' } }],
  ])('%s with a control character is refused', (_, changes, options) => {
    expect(() => arrayScript({ ...job, ...changes }, slurmSchema.parse(options))).toThrow(/control character in "/);
  });

  it('asks for what the configuration says', () => {
    const script = arrayScript(
      { ...job, first: 1001 },
      slurmSchema.parse({
        partition: 'gpu',
        account: 'proj',
        qos: 'high',
        constraint: 'a100',
        nodelist: 'n[1-2]',
        exclude: 'n3',
        gres: 'gpu:1',
        timeout_min: 240,
        cpus_per_task: 8,
        gpus_per_node: 1,
        mem_gb: 1.5,
        exclusive: true,
        name: 'mine',
        array_parallelism: 4,
        signal_delay_s: 300,
        setup: ['module load cuda', 'ulimit -n 4096'],
        additional_parameters: { mail_type: 'END', comment: 'a "b" # c', hold: true, reboot: false, nice: 100 },
      }),
    );
    const asked = script.split('\n').filter((line) => line.startsWith('#SBATCH'));
    expect(asked.filter((line) => !/chdir|output|open-mode|requeue|nodes|ntasks/.test(line))).toEqual([
      '#SBATCH --array=0-5%4',
      '#SBATCH --job-name=mine',
      '#SBATCH --signal=B:USR1@300',
      '#SBATCH --cpus-per-task=8',
      '#SBATCH --gpus-per-node=1',
      '#SBATCH --mem=1536M',
      '#SBATCH --time=240',
      '#SBATCH --partition=gpu',
      '#SBATCH --account=proj',
      '#SBATCH --qos=high',
      '#SBATCH --constraint=a100',
      '#SBATCH --nodelist=n[1-2]',
      '#SBATCH --exclude=n3',
      '#SBATCH --gres=gpu:1',
      '#SBATCH --exclusive',
      '#SBATCH --mail-type=END',
      String.raw`#SBATCH --comment="a \"b\" # c"`,
      '#SBATCH --hold',
      '#SBATCH --nice=100',
    ]);
    expect(script).toContain('\nmodule load cuda\nulimit -n 4096\nexec ');
    expect(script).toContain('$((1001 + SLURM_ARRAY_TASK_ID))');
  });

  it('hands over paths with spaces, quotes and percent signs as they are', () => {
    const folder = `/tmp/it's 100% mine`;
    const script = arrayScript(
      { ...job, workingFolder: folder, logFolder: folder, command: ['printf', '%s\\n', folder, '$HOME'] },
      slurmSchema.parse({}),
    );
    expect(script).toContain(`#SBATCH --chdir="${folder}"`);
    expect(script).toContain(`#SBATCH --output="/tmp/it's 100%% mine/%A_%a.log"`);
    const printed = execFileSync('bash', ['--norc', '-c', script], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, SLURM_ARRAY_TASK_ID: '3' },
    });
    expect(printed.split('\n')).toEqual([folder, '$HOME', '3', '']);
  });
});
