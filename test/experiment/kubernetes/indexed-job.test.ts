import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { kubernetesSchema } from '../../../src/config/launchers.js';
import { checkedManifest } from '../../../src/experiment/kubernetes/checked-manifest.js';
import { indexedJobYaml } from '../../../src/experiment/kubernetes/indexed-job.js';

const options = kubernetesSchema.parse({
  image: 'registry/soap-bench:1',
  claim: 'results',
  gpus_per_node: 1,
  mem_gb: 1.5,
});
const tasks = {
  name: 'frequency_sweep.v2',
  tasksJson: '{"tasks": []}\n',
  count: 6,
  folder: 'results/frequency-sweep/sweep',
};

interface Parts {
  metadata: { name: string };
  spec: {
    completions: number;
    parallelism: number;
    podFailurePolicy: { rules: { onExitCodes?: { values: number[] } }[] };
    template: {
      spec: {
        restartPolicy: string;
        containers: { name: string; volumeMounts: { name: string }[]; resources: unknown }[];
        volumes: { name: string }[];
      };
    };
  };
  data: Record<string, string>;
}
const render = (changes: Partial<typeof tasks> = {}, asked = options) =>
  parseAllDocuments(indexedJobYaml({ ...tasks, ...changes }, asked)).map((document) => document.toJS() as Parts) as [
    Parts,
    Parts,
  ];

describe('the manifest of an Indexed Job', () => {
  it('is this', () => {
    expect(indexedJobYaml(tasks, options)).toMatchInlineSnapshot(`
      "apiVersion: v1
      kind: ConfigMap
      metadata:
        name: soap-bench-frequency-sweep-v2
        labels:
          app.kubernetes.io/name: soap-bench
          app.kubernetes.io/instance: soap-bench-frequency-sweep-v2
      data:
        tasks.json: |
          {"tasks": []}
      ---
      apiVersion: batch/v1
      kind: Job
      metadata:
        name: soap-bench-frequency-sweep-v2
        labels:
          app.kubernetes.io/name: soap-bench
          app.kubernetes.io/instance: soap-bench-frequency-sweep-v2
      spec:
        completionMode: Indexed
        completions: 6
        parallelism: 6
        backoffLimitPerIndex: 2
        podFailurePolicy:
          rules:
            - action: Ignore
              onExitCodes:
                containerName: task
                operator: In
                values:
                  - 75
            - action: Ignore
              onPodConditions:
                - type: DisruptionTarget
                  status: "True"
            - action: FailIndex
              onExitCodes:
                containerName: task
                operator: In
                values:
                  - 2
                  - 4
        template:
          metadata:
            labels:
              app.kubernetes.io/name: soap-bench
              app.kubernetes.io/instance: soap-bench-frequency-sweep-v2
          spec:
            restartPolicy: Never
            terminationGracePeriodSeconds: 120
            containers:
              - name: task
                image: registry/soap-bench:1
                workingDir: /work
                command:
                  - sh
                  - -c
                  - exec soap-bench task "$0" --tasks /etc/soap-bench "$JOB_COMPLETION_INDEX"
                args:
                  - /work/results/frequency-sweep/sweep
                resources:
                  requests:
                    cpu: "1"
                    memory: 1536Mi
                    nvidia.com/gpu: "1"
                  limits:
                    cpu: "1"
                    memory: 1536Mi
                    nvidia.com/gpu: "1"
                volumeMounts:
                  - name: work
                    mountPath: /work
                  - name: tasks
                    mountPath: /etc/soap-bench
                    readOnly: true
            volumes:
              - name: work
                persistentVolumeClaim:
                  claimName: results
              - name: tasks
                configMap:
                  name: soap-bench-frequency-sweep-v2
      "
    `);
  });

  it('runs no more pods at once than asked for', () => {
    expect(render()[1].spec).toMatchObject({ completions: 6, parallelism: 6 });
    expect(render({}, { ...options, array_parallelism: 4 })[1].spec.parallelism).toBe(4);
  });

  it('has a name that pods can have', () => {
    const [map, job] = render({ name: 'x'.repeat(39) + '-and-more' });
    expect(job.metadata.name).toBe(`soap-bench-${'x'.repeat(39)}`);
    expect(map.metadata.name).toBe(job.metadata.name);
  });

  it('is refused when its tasks are too many for a ConfigMap', () => {
    expect(() => render({ tasksJson: 'x'.repeat(2 ** 20) })).toThrow(
      expect.objectContaining({
        code: 'manifest_invalid',
        exitCode: 2,
        message: expect.stringContaining('1 MiB') as string,
      }) as Error,
    );
  });
});

describe('what Kubernetes would refuse is refused', () => {
  it.each<[string, (job: Parts, map: Parts) => void]>([
    ['restartPolicy', (job) => (job.spec.template.spec.restartPolicy = 'OnFailure')],
    ['completionMode', (job) => Object.assign(job.spec, { completionMode: 'NonIndexed' })],
    ['completions', (job) => (job.spec.completions = 0)],
    ['spec', (job) => Object.assign(job.spec, { backoffLimitPerIndexes: 1 })],
    ['rules.2.onExitCodes.values', (job) => job.spec.podFailurePolicy.rules[2]!.onExitCodes!.values.reverse()],
    ['rules.0.onExitCodes.values', (job) => (job.spec.podFailurePolicy.rules[0]!.onExitCodes!.values = [0])],
    ['containers that there are', (job) => (job.spec.template.spec.containers[0]!.name = 'other')],
    ['a volume for every mount', (job) => (job.spec.template.spec.volumes[0]!.name = 'other')],
    ['metadata.name', (job) => (job.metadata.name = 'Upper_case')],
    ['ConfigMap: data', (_job, map) => (map.data = { 'a/b': '' })],
  ])('%s', (field, change) => {
    const [map, job] = render();
    checkedManifest([map, job]);
    change(job, map);
    expect(() => checkedManifest([map, job])).toThrow(field);
  });
});
