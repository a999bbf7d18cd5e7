import { z } from 'zod';
import { schemaNode } from './describe.js';
import { addAll } from './mistakes.js';
import type { Mistake } from './mistakes.js';
import { whole } from '../whole.js';
import { mistakesOf } from './resolve.js';
import { toPlain, withoutEntry } from './tree.js';
import type { Mapping } from './tree.js';
import { asTyped } from './typed-text.js';

/** Lines that sbatch or a shell reads: a line break would end them early. */
const line = z
  .string()
  .regex(/^[^\r\n]+$/)
  .meta({ expected: 'text of one line' });

/** Written by us into every script, so that `additional_parameters` may not name them. */
const ownParameters = new Set([
  ...['array', 'chdir', 'error', 'nodes', 'no-requeue', 'ntasks', 'open-mode', 'output', 'requeue', 'signal', 'wrap'],
  ...['account', 'constraint', 'cpus-per-task', 'exclude', 'exclusive', 'gpus-per-node', 'gres', 'job-name', 'mem'],
  ...['nodelist', 'partition', 'qos', 'time', 'parsable'],
]);

/** What Slurm is asked for; the keys are those of submitit. */
export const slurmSchema = z
  .strictObject({
    partition: line.optional().describe('Partition. Left out, the cluster’s default.'),
    account: line.optional().describe('Account that is charged.'),
    qos: line.optional().describe('Quality of service.'),
    constraint: line.optional().describe('Features that a node must have.'),
    nodelist: line.optional().describe('Nodes to use.'),
    exclude: line.optional().describe('Nodes to stay away from.'),
    gres: line.optional().describe('Generic resources, such as `gpu:a100:1`.'),
    timeout_min: whole(1)
      .optional()
      .describe('Minutes until a task is stopped with a checkpoint and queued again. Left out, the partition’s limit.'),
    cpus_per_task: whole(1).default(1).describe('CPUs of a task, and its threads when `threads` is `auto`.'),
    gpus_per_node: whole(1).optional().describe('GPUs of a task.'),
    mem_gb: z.number().gt(0).optional().describe('Memory of a task, in GB. Left out, the cluster’s default.'),
    exclusive: z
      .boolean()
      .default(false)
      .describe('Whether a task has its node for itself: times are then comparable.'),
    name: line.optional().describe('Name in the queue. Left out, the experiment’s.'),
    array_parallelism: whole(1).default(256).describe('How many tasks may run at the same time.'),
    signal_delay_s: whole(30)
      .default(120)
      .describe('Seconds before the time limit at which a task writes its checkpoint and is queued again.'),
    setup: z.array(line).default([]).describe('Lines of shell before a task starts, such as `module load cuda`.'),
    additional_parameters: z
      .record(line, z.union([line, z.number(), z.boolean()]))
      .default({})
      .meta({ expected: 'a mapping of options of sbatch' })
      .describe('Further options of sbatch: `mail-type: END`; true for one without a value.'),
  })
  .superRefine(({ timeout_min, signal_delay_s, additional_parameters }, context) => {
    const refuse = (path: string[], message: string) => {
      context.addIssue({ code: 'custom', path, message });
    };
    // Slurm's signal may come a minute early.
    if (timeout_min !== undefined && timeout_min * 60 <= signal_delay_s + 60) {
      refuse(['timeout_min'], `more than signal_delay_s (${signal_delay_s} seconds) and a minute`);
    }
    for (const name of Object.keys(additional_parameters)) {
      if (!/^[a-z][a-z_-]*$/.test(name)) {
        refuse(
          ['additional_parameters', name],
          'the long name of an option of sbatch as key, without dashes before it',
        );
      } else if (ownParameters.has(name.replaceAll('_', '-'))) {
        refuse(
          ['additional_parameters', name],
          'an option that no other key sets and that soap-bench does not set itself',
        );
      }
    }
  });

/** What Kubernetes is asked for. */
export const kubernetesSchema = z.strictObject({
  image: line.describe('Container image in which `soap-bench` is a command.'),
  claim: line.describe('PersistentVolumeClaim (ReadWriteMany) that holds data and results.'),
  mount_path: z
    .string()
    .regex(/^\/[^\r\n]*$/)
    .default('/work')
    .meta({ expected: 'an absolute path' })
    .describe('Where the claim is in the container; tasks run there.'),
  namespace: line.optional().describe('Namespace. Left out, the one of kubectl’s context.'),
  cpus_per_task: whole(1).default(1).describe('CPUs of a task.'),
  gpus_per_node: whole(1).optional().describe('NVIDIA GPUs of a task.'),
  mem_gb: z.number().gt(0).default(4).describe('Memory of a task, in GB.'),
  array_parallelism: whole(1).default(16).describe('How many tasks may run at the same time.'),
});

export type SlurmConfig = z.output<typeof slurmSchema>;
export type KubernetesConfig = z.output<typeof kubernetesSchema>;

/** Where the tasks of an experiment can be trained besides here, with what is asked for there. */
export interface LauncherConfig {
  readonly slurm: SlurmConfig;
  /** Undefined without a block: it has keys that must be given. */
  readonly kubernetes: KubernetesConfig | undefined;
}

export const launcherSchemas = { slurm: slurmSchema, kubernetes: kubernetesSchema } as const;

/**
 * Takes the blocks `slurm` and `kubernetes` out of an experiment: they say where it is trained, not what.
 * Mistakes are added to `mistakes`.
 */
export function takeLaunchers(
  config: Mapping,
  mistakes: Mistake[],
): { experiment: Mapping; launchers: LauncherConfig } {
  const launchers: LauncherConfig = {
    slurm: readBlock(config, 'slurm', slurmSchema, mistakes) ?? slurmSchema.parse({}),
    kubernetes: readBlock(config, 'kubernetes', kubernetesSchema, mistakes),
  };
  const experiment = Object.keys(launcherSchemas).reduce(withoutEntry, config);
  return { experiment, launchers };
}

function readBlock<T>(config: Mapping, name: string, schema: z.ZodType<T>, mistakes: Mistake[]): T | undefined {
  const written = config.entries.get(name)?.value;
  if (written === undefined) return undefined;
  const root = schemaNode(schema);
  const block = asTyped(written, root);
  const result = schema.safeParse(toPlain(block));
  if (result.success) return result.data;
  addAll(mistakes, mistakesOf(result.error.issues, block as Mapping, root, [name]));
  return undefined;
}
