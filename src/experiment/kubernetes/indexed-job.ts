import { posix } from 'node:path';
import { stringify } from 'yaml';
import type { KubernetesConfig } from '../../config/launchers.js';
import { exitCodes } from '../../errors.js';
import { checkedManifest } from './checked-manifest.js';

/** Tasks that an Indexed Job is to train. */
export interface IndexedTasks {
  /** The experiment's name. */
  readonly name: string;
  /** The text of their tasks.json, in which a task's place is its index. */
  readonly tasksJson: string;
  readonly count: number;
  /** The sweep's folder on the volume, relative to where that is mounted. */
  readonly folder: string;
}

const tasksFolder = '/etc/soap-bench';

/**
 * The manifest of an Indexed Job with a pod a task, and of the ConfigMap that lists the tasks. Stopped pods go on where their
 * checkpoints on the volume stand.
 * @throws {SoapBenchError} `manifest_invalid` when Kubernetes would not take it.
 */
export function indexedJobYaml(tasks: IndexedTasks, options: KubernetesConfig): string {
  const documents = checkedManifest([configMap(tasks, options), job(tasks, options)]);
  return documents.map((document) => stringify(document, { lineWidth: 0 })).join('---\n');
}

function configMap(tasks: IndexedTasks, options: KubernetesConfig) {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadata(tasks, options),
    data: { 'tasks.json': tasks.tasksJson },
  };
}

function job(tasks: IndexedTasks, options: KubernetesConfig) {
  const onExit = (action: string, values: number[]) => {
    return { action, onExitCodes: { containerName: 'task', operator: 'In', values } };
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: metadata(tasks, options),
    spec: {
      completionMode: 'Indexed',
      completions: tasks.count,
      parallelism: Math.min(tasks.count, options.array_parallelism),
      // A crash may have been the node's fault; the task goes on after its checkpoint.
      backoffLimitPerIndex: 2,
      podFailurePolicy: {
        rules: [
          // Stopped after a checkpoint, or a node that is drained: begins again, and does not count.
          onExit('Ignore', [exitCodes.interruptedResumable]),
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          // These would end the same way again.
          onExit('FailIndex', [exitCodes.usage, exitCodes.diverged]),
        ],
      },
      template: { metadata: { labels: labels(tasks) }, spec: podSpec(tasks, options) },
    },
  };
}

function podSpec(tasks: IndexedTasks, options: KubernetesConfig) {
  const { image, claim, mount_path, cpus_per_task, gpus_per_node, mem_gb } = options;
  const gpus = gpus_per_node === undefined ? {} : { 'nvidia.com/gpu': String(gpus_per_node) };
  const resources = { cpu: String(cpus_per_task), memory: `${Math.ceil(mem_gb * 1024)}Mi`, ...gpus };
  return {
    restartPolicy: 'Never',
    // Long enough for a checkpoint.
    terminationGracePeriodSeconds: 120,
    containers: [
      {
        name: 'task',
        image,
        workingDir: mount_path,
        // The shell gives its place to the task, which then gets the signals itself.
        command: ['sh', '-c', `exec soap-bench task "$0" --tasks ${tasksFolder} "$JOB_COMPLETION_INDEX"`],
        args: [posix.join(mount_path, tasks.folder)],
        resources: { requests: resources, limits: resources },
        volumeMounts: [
          { name: 'work', mountPath: mount_path },
          { name: 'tasks', mountPath: tasksFolder, readOnly: true },
        ],
      },
    ],
    volumes: [
      { name: 'work', persistentVolumeClaim: { claimName: claim } },
      { name: 'tasks', configMap: { name: objectName(tasks) } },
    ],
  };
}

function metadata(tasks: IndexedTasks, { namespace }: KubernetesConfig) {
  return { name: objectName(tasks), ...(namespace !== undefined && { namespace }), labels: labels(tasks) };
}

function labels(tasks: IndexedTasks) {
  return { 'app.kubernetes.io/name': 'soap-bench', 'app.kubernetes.io/instance': objectName(tasks) };
}

/** Names of pods are made of it, `<name>-<index>-<five letters>`, and may have 63 characters. */
function objectName({ name }: IndexedTasks): string {
  const safe = name.replaceAll(/[^a-z0-9]+/g, '-').slice(0, 40);
  return `soap-bench-${safe}`.replace(/-+$/, '');
}
