import { addN, max, min, stack, type Tensor } from '@tensorflow/tfjs-core';
import type { ZodType } from 'zod';

/** What a tensor is in the model; optimizers route by it. Vocabulary-sided tensors are `embedding` and `head`. */
export type ParameterRole = 'embedding' | 'head' | 'matrix' | 'vector';

/** A trainable tensor as an optimizer sees it. Matrices are [out, in]; embedding and head are [vocabulary, width]. */
export interface ParameterInfo {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: ParameterRole;
}

/** One optimizer call: its number, counted from 1, and the scheduled learning rate. */
export interface Call {
  readonly number: number;
  readonly lr: number;
}

/** What a rule's update is given besides weight, gradient and state. */
export interface Step<Scalar extends string = string, Phase extends string = string> {
  readonly phase: Phase;
  /** The rule's `scalars` of this call, each a rank-0 float32 tensor. */
  readonly scalars: Readonly<Record<Scalar, Tensor>>;
}

/** How good the bases are that an optimizer works in; rank-0 tensors, the worst of all bases. */
export interface Inspection {
  /** ‖QᵀQ − I‖, Frobenius: how far from orthonormal. */
  readonly basis_error: Tensor;
  /** Share of the norm of QᵀGGQ that is off its diagonal: 0 when the columns are eigenvectors. */
  readonly off_diagonal_share: Tensor;
  /** Smallest eigenvalue of a factor, as the diagonal of QᵀGGQ estimates it. */
  readonly smallest_eigenvalue: Tensor;
}

/**
 * How a kind of parameter is updated: pure functions, the same in eager mode and compiled.
 *
 * What changes from call to call without changing the computation's structure comes in as scalars, computed on the host
 * in float64. What changes the structure is a phase, so that every phase can be compiled once.
 */
export interface UpdateRule<
  Slot extends string = string,
  Scalar extends string = string,
  Phase extends string = string,
> {
  readonly name: string;
  /** Shapes of the state tensors of one parameter. Every state tensor starts at zero. */
  stateShapes(parameter: ParameterInfo): Record<string, readonly number[]>;
  /** @param isSettled Whether the bases are within `refreshTolerance`, so that a refresh that is due is left out. */
  phaseAt(call: number, isSettled?: boolean): Phase;
  scalars(call: Call): Record<Scalar, number>;
  /** Off-diagonal share of all bases up to which a refresh is left out; undefined when none ever is. */
  readonly refreshTolerance?: number | undefined;
  /** Calls in a row in which a refresh may fail; undefined when the rule refreshes nothing. */
  readonly maxRefreshFailures?: number | undefined;
  /** What to change when they fail, where the rule knows. */
  readonly refreshAdvice?: string | undefined;
  /**
   * Returns the new weight, the state tensors that changed, and in phases that refresh something how many refreshes failed
   * and left what there was, a rank-0 tensor.
   */
  update(
    step: Step<Scalar, Phase>,
    parameter: ParameterInfo,
    weight: Tensor,
    gradient: Tensor,
    state: Readonly<Record<Slot, Tensor>>,
  ): { weight: Tensor; state: Partial<Record<Slot, Tensor>>; refreshFailures?: Tensor | undefined };
  /** How good a parameter's bases are, once there have been `inspectableAfter` calls; undefined when it has none. */
  inspect?(parameter: ParameterInfo, state: Readonly<Record<Slot, Tensor>>): Inspection | undefined;
  readonly inspectableAfter?: number | undefined;
  /** The weight that evaluation takes, where it is not the one that gradients are taken at. */
  evaluationWeight?(weight: Tensor, state: Readonly<Record<Slot, Tensor>>): Tensor;
  /** Set by rules that need a constant learning rate: `train.schedule` is not applied to theirs. */
  readonly constantRate?: true;
  /** The rate that a call takes, where the rule has a warm-up of its own. */
  rateAt?(call: Call): number;
  /** How the rule treats a parameter, in a few words, for `optimizers explain`. */
  describe(parameter: ParameterInfo): string;
}

/** An optimizer as the registry lists it: its options and the routing of parameters to rules. */
export interface OptimizerDefinition<Options = never> {
  /** One line for lists and help. */
  readonly summary: string;
  /** Paper, and the code that it is tested against. An option from elsewhere says so in its `source`. */
  readonly source: string;
  readonly options: ZodType<Options>;
  /** The rule for a parameter. Parameters under one rule get one and the same object. */
  route(options: Options): (parameter: ParameterInfo) => UpdateRule;
}

/** Where a parameter goes. */
export interface Route {
  readonly parameter: ParameterInfo;
  readonly rule: UpdateRule;
}

type NamedTensors = Readonly<Record<string, Tensor>>;

/** An optimizer bound to a model's parameters. State and scalars are flat records: `<parameter>/<slot>`, `<rule>/<scalar>`. */
export interface Optimizer {
  readonly name: string;
  readonly routes: readonly Route[];
  readonly stateShapes: Readonly<Record<string, readonly number[]>>;
  /** Calls in a row in which a refresh may fail; null when nothing is refreshed. */
  readonly maxRefreshFailures: number | null;
  /** What to change when they fail; null when that is not known. */
  readonly refreshAdvice: string | null;
  /** Off-diagonal share of all bases up to which a refresh is left out; null when none ever is. */
  readonly refreshTolerance: number | null;
  phaseAt(call: number, isSettled?: boolean): string;
  scalars(call: Call): Record<string, number>;
  update(
    call: { phase: string; scalars: NamedTensors },
    weights: NamedTensors,
    gradients: NamedTensors,
    state: NamedTensors,
  ): {
    weights: Record<string, Tensor>;
    state: Record<string, Tensor>;
    /** Sum over all parameters; undefined in phases that refresh nothing. */
    refreshFailures: Tensor | undefined;
  };
  /** Calls after which `inspect` has something to say; null when it never has. */
  readonly inspectableAfter: number | null;
  /** How good the bases are, the worst over all parameters; undefined when there are none. */
  inspect(state: NamedTensors): Inspection | undefined;
  /** The weights to evaluate with, from weights and state in one record. */
  evaluationWeights(state: NamedTensors): Record<string, Tensor>;
  /** Whether these are others than those that gradients are taken at. */
  readonly evaluatesElsewhere: boolean;
  /** Whether the learning rate stays at its peak, whatever the schedule. */
  readonly constantRate: boolean;
  /** The learning rate that a call takes: the scheduled one, unless the rule has a warm-up of its own. */
  rateAt(call: Call): number;
}

/** Binds routed rules to parameters. */
export function bindOptimizer(
  name: string,
  route: (parameter: ParameterInfo) => UpdateRule,
  parameters: readonly ParameterInfo[],
): Optimizer {
  const routes = parameters.map((parameter) => ({ parameter, rule: route(parameter) }));
  const rules = [...new Set(routes.map(({ rule }) => rule))];
  const scalarNames = new Map(rules.map((rule) => [rule, Object.keys(rule.scalars({ number: 1, lr: 0 }))]));
  const stateShapes = Object.fromEntries(
    routes.flatMap(({ parameter, rule }) => prefixed(parameter.name, rule.stateShapes(parameter))),
  );
  const stateOf = ({ parameter, rule }: Route, state: NamedTensors) =>
    pick(state, parameter.name, Object.keys(rule.stateShapes(parameter)));
  // Beside the rule that an optimizer is about there is at most AdamW, which has none of these.
  const theOne = <T>(of: (rule: UpdateRule) => T | undefined) =>
    rules.map(of).find((value) => value !== undefined) ?? null;
  return {
    name,
    routes,
    stateShapes,
    maxRefreshFailures: theOne(({ maxRefreshFailures }) => maxRefreshFailures),
    refreshAdvice: theOne(({ refreshAdvice }) => refreshAdvice),
    refreshTolerance: theOne(({ refreshTolerance }) => refreshTolerance),
    inspectableAfter: theOne(({ inspectableAfter }) => inspectableAfter),
    phaseAt: (call, isSettled) => rules.map((rule) => rule.phaseAt(call, isSettled)).join('+'),
    scalars: (call) => Object.fromEntries(rules.flatMap((rule) => prefixed(rule.name, rule.scalars(call)))),
    update(call, weights, gradients, state) {
      const phases = call.phase.split('+');
      const phaseOf = new Map(rules.map((rule, i) => [rule, phases[i]!]));
      const result = { weights: {} as Record<string, Tensor>, state: {} as Record<string, Tensor> };
      const failures: Tensor[] = [];
      for (const { parameter, rule } of routes) {
        const step = { phase: phaseOf.get(rule)!, scalars: pick(call.scalars, rule.name, scalarNames.get(rule)!) };
        const own = stateOf({ parameter, rule }, state);
        const next = rule.update(step, parameter, weights[parameter.name]!, gradients[parameter.name]!, own);
        result.weights[parameter.name] = next.weight;
        if (next.refreshFailures !== undefined) failures.push(next.refreshFailures);
        for (const [slot, tensor] of Object.entries(next.state)) {
          if (tensor !== undefined) result.state[`${parameter.name}/${slot}`] = tensor;
        }
      }
      return { ...result, refreshFailures: failures.length === 0 ? undefined : addN(failures) };
    },
    inspect(state) {
      const inspections = routes.map((route) => route.rule.inspect?.(route.parameter, stateOf(route, state)));
      const worst = inspections.filter((inspection) => inspection !== undefined);
      return worst.length === 0 ? undefined : worstInspection(worst);
    },
    evaluationWeights(state) {
      const weightOf = (route: Route): Tensor => {
        const weight = state[route.parameter.name]!;
        return route.rule.evaluationWeight?.(weight, stateOf(route, state)) ?? weight;
      };
      return Object.fromEntries(routes.map((route) => [route.parameter.name, weightOf(route)]));
    },
    evaluatesElsewhere: rules.some((rule) => rule.evaluationWeight !== undefined),
    constantRate: rules.some(({ constantRate }) => constantRate === true),
    rateAt: (call) => rules.find((rule) => rule.rateAt !== undefined)?.rateAt?.(call) ?? call.lr,
  };
}

/** The worst values of several inspections. */
export function worstInspection(inspections: readonly Inspection[]): Inspection {
  const all = (name: keyof Inspection) => stack(inspections.map((inspection) => inspection[name]));
  return {
    basis_error: max(all('basis_error')),
    off_diagonal_share: max(all('off_diagonal_share')),
    smallest_eigenvalue: min(all('smallest_eigenvalue')),
  };
}

/** Bytes of optimizer state, float32, gradients not counted. */
export function stateBytes(optimizer: Optimizer): number {
  return bytesOf(optimizer.stateShapes);
}

/** Bytes of float32 tensors of these shapes. */
export function bytesOf(shapes: Readonly<Record<string, readonly number[]>>): number {
  return Object.values(shapes).reduce((sum, shape) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0);
}

function prefixed<T>(prefix: string, record: Record<string, T>): [string, T][] {
  return Object.entries(record).map(([key, value]) => [`${prefix}/${key}`, value]);
}

/** The entries `<prefix>/<key>` of a record, under their keys. */
function pick(record: NamedTensors, prefix: string, keys: readonly string[]): Record<string, Tensor> {
  return Object.fromEntries(keys.map((key) => [key, record[`${prefix}/${key}`]!]));
}
