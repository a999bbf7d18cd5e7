import { z } from 'zod';
import { SoapBenchError, exitCodes } from '../../errors.js';

/*
 * The parts of Kubernetes' API that are rendered, with the rules that its server checks: what these schemas refuse, it
 * refuses too. Source: the API reference of batch/v1 Job and v1 ConfigMap, Kubernetes 1.33.
 */

const dnsLabel = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'expected lower-case letters, digits and "-", at most 63');
const dnsName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'expected lower-case letters, digits, "-" and "."');
const labelValue = z.string().regex(/^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/);
const labels = z.record(z.string(), labelValue);
const metadata = z.strictObject({ name: dnsLabel, namespace: dnsLabel.optional(), labels });
const quantity = z.string().regex(/^\d+(\.\d+)?(m|Ki|Mi|Gi|Ti)?$/);
const resources = z.record(z.string(), quantity);
const absolute = z
  .string()
  .startsWith('/')
  .refine((path) => !path.includes(':'), 'a path without colons');

const onExitCodes = z.strictObject({
  containerName: dnsLabel,
  operator: z.enum(['In', 'NotIn']),
  // Sorted and without repetitions.
  values: z
    .array(z.int().min(1).max(255))
    .min(1)
    .max(255)
    .refine((values) => values.every((value, index) => index === 0 || value > values[index - 1]!), 'ascending codes'),
});
const rule = z.union([
  z.strictObject({ action: z.enum(['Ignore', 'FailIndex', 'FailJob', 'Count']), onExitCodes }),
  z.strictObject({
    action: z.enum(['Ignore', 'FailIndex', 'FailJob', 'Count']),
    onPodConditions: z.array(z.strictObject({ type: z.string(), status: z.enum(['True', 'False', 'Unknown']) })).min(1),
  }),
]);

const volume = z.union([
  z.strictObject({ name: dnsLabel, persistentVolumeClaim: z.strictObject({ claimName: dnsName }) }),
  z.strictObject({ name: dnsLabel, configMap: z.strictObject({ name: dnsLabel }) }),
]);
const container = z.strictObject({
  name: dnsLabel,
  image: z.string().regex(/^[^\s]+$/, 'expected the name of an image, without spaces'),
  workingDir: absolute,
  command: z.array(z.string()).min(1),
  args: z.array(z.string()),
  resources: z.strictObject({ requests: resources, limits: resources }),
  volumeMounts: z.array(z.strictObject({ name: dnsLabel, mountPath: absolute, readOnly: z.boolean().optional() })),
});
const podSpec = z
  .strictObject({
    // Both backoffLimitPerIndex and podFailurePolicy ask for it.
    restartPolicy: z.literal('Never'),
    terminationGracePeriodSeconds: z.int().min(1),
    containers: z.array(container).length(1),
    volumes: z.array(volume),
  })
  .refine(
    ({ containers, volumes }) =>
      containers[0]!.volumeMounts.every((mount) => volumes.some((volume) => volume.name === mount.name)),
    'a volume for every mount',
  );

const configMap = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('ConfigMap'),
  metadata,
  data: z.record(
    z.string().regex(/^[-._a-zA-Z0-9]+$/),
    z.string().refine((text) => Buffer.byteLength(text) < 2 ** 20, 'less than 1 MiB; train fewer tasks at once'),
  ),
});

const job = z.strictObject({
  apiVersion: z.literal('batch/v1'),
  kind: z.literal('Job'),
  metadata,
  spec: z
    .strictObject({
      // backoffLimitPerIndex asks for it.
      completionMode: z.literal('Indexed'),
      // More would ask for maxFailedIndexes.
      completions: z.int().min(1).max(1e5),
      parallelism: z.int().min(1).max(1e5),
      backoffLimitPerIndex: z.int().min(0),
      podFailurePolicy: z.strictObject({ rules: z.array(rule).max(20) }),
      template: z.strictObject({ metadata: z.strictObject({ labels }), spec: podSpec }),
    })
    .refine(
      ({ podFailurePolicy, template }) =>
        podFailurePolicy.rules.every(
          (entry) => !('onExitCodes' in entry) || entry.onExitCodes.containerName === template.spec.containers[0]!.name,
        ),
      'rules about containers that there are',
    ),
});

const manifest = z.tuple([configMap, job]);

/**
 * Checks a ConfigMap and a Job.
 * @throws {SoapBenchError} `manifest_invalid` naming the field.
 */
export function checkedManifest(documents: readonly unknown[]): z.output<typeof manifest> {
  const result = manifest.safeParse(documents);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  const [document, ...field] = path;
  const kind = document === 0 ? 'ConfigMap' : 'Job';
  throw new SoapBenchError('manifest_invalid', `Kubernetes would refuse the ${kind}: ${field.join('.')}: ${message}`, {
    exitCode: exitCodes.usage,
    hint: 'the keys of `kubernetes` say what is asked for: `soap-bench config explain kubernetes`',
  });
}
