import { addN, max, min, stack, type Tensor } from '@tensorflow/tfjs-core';
import type { ZodType } from 'zod';

/** The role of a tensor in the model, which decides its update rule. `embedding` and `head` have a vocabulary side. */
export type ParameterRole = 'embedding' | 'head' | 'matrix' | 'vector';

/** A trainable tensor as an optimizer sees it. Matrices are [out, in]; embedding and head are [vocabulary, width]. */
export interface ParameterInfo {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: ParameterRole;
}

/** One step: its number, counted from 1, and the scheduled learning rate. */
export interface Step {
  readonly number: number;
  readonly lr: number;
}

/** Input of a rule's update besides weight, gradient and state. */
export interface UpdateInput<Scalar extends string = string, Phase extends string = string> {
  readonly phase: Phase;
  /** The rule's `scalars` of this step, each a rank-0 float32 tensor. */
  readonly scalars: Readonly<Record<Scalar, Tensor>>;
}

/** Quality of an optimizer's bases, as rank-0 tensors; the worst of all bases. */
export interface Inspection {
  /** Distance from orthonormality: the Frobenius norm ‖QᵀQ − I‖. */
  readonly basis_error: Tensor;
  /** Off-diagonal share of the norm of QᵀGGQ; 0 if the columns are eigenvectors. */
  readonly off_diagonal_share: Tensor;
  /** Smallest eigenvalue of a factor, estimated by the diagonal of QᵀGGQ. */
  readonly smallest_eigenvalue: Tensor;
}

/**
 * The update of one kind of parameter, as pure functions that run eagerly or compiled.
 *
 * Values that change from step to step are scalars, computed on the host in float64. Whatever changes the structure of the
 * computation is a phase, so that every phase can be compiled once.
 */
export interface UpdateRule<
  Slot extends string = string,
  Scalar extends string = string,
  Phase extends string = string,
> {
  readonly name: string;
  /** Shapes of a parameter's state tensors. Every state tensor starts at zero. */
  stateShapes(parameter: ParameterInfo): Record<string, readonly number[]>;
  /** @param isSettled True if the bases are within `refreshTolerance`, which skips a refresh that is due. */
  phaseAt(step: number, isSettled?: boolean): Phase;
  scalars(step: Step): Record<Scalar, number>;
  /** Off-diagonal share of all bases up to which a refresh is skipped; undefined to skip none. */
  readonly refreshTolerance?: number | undefined;
  /** Steps in a row in which refreshes may fail; undefined if the rule refreshes nothing. */
  readonly maxRefreshFailures?: number | undefined;
  /** Advice for the user if they fail. */
  readonly refreshAdvice?: string | undefined;
  /**
   * Returns the new weight, the state tensors that changed and, in phases that refresh something, the number of refreshes
   * that failed and kept the old values (rank 0).
   */
  update(
    input: UpdateInput<Scalar, Phase>,
    parameter: ParameterInfo,
    weight: Tensor,
    gradient: Tensor,
    state: Readonly<Record<Slot, Tensor>>,
  ): { weight: Tensor; state: Partial<Record<Slot, Tensor>>; refreshFailures?: Tensor | undefined };
  /** Measures the quality of a parameter's bases after `inspectableAfter` steps; undefined if it has none. */
  inspect?(parameter: ParameterInfo, state: Readonly<Record<Slot, Tensor>>): Inspection | undefined;
  readonly inspectableAfter?: number | undefined;
  /** The weight to evaluate with, if it differs from the weight that gradients are taken at. */
  evaluationWeight?(weight: Tensor, state: Readonly<Record<Slot, Tensor>>): Tensor;
  /** Set by rules that need a constant learning rate; `train.schedule` does not apply to them. */
  readonly constantRate?: true;
  /** The learning rate of a step, for rules with a warm-up of their own. */
  rateAt?(step: Step): number;
  /** Describes in a few words how the rule treats a parameter, for `optimizers explain`. */
  describe(parameter: ParameterInfo): string;
}

/** An entry of the registry: an optimizer's options and how it routes parameters to rules. */
export interface OptimizerDefinition<Options = never> {
  /** One line for lists and help. */
  readonly summary: string;
  /** The paper, and the code that it is tested against. Options from elsewhere have a `source` of their own. */
  readonly source: string;
  readonly options: ZodType<Options>;
  /** Returns the rule of each parameter. Parameters with the same rule share one object. */
  route(options: Options): (parameter: ParameterInfo) => UpdateRule;
}

/** A parameter and the rule that updates it. */
export interface Route {
  readonly parameter: ParameterInfo;
  readonly rule: UpdateRule;
}

type NamedTensors = Readonly<Record<string, Tensor>>;

/** An optimizer bound to a model's parameters. State and scalars are flat: `<parameter>/<slot>` and `<rule>/<scalar>`. */
export interface Optimizer {
  readonly name: string;
  readonly routes: readonly Route[];
  readonly stateShapes: Readonly<Record<string, readonly number[]>>;
  /** Steps in a row in which refreshes may fail; null if nothing is refreshed. */
  readonly maxRefreshFailures: number | null;
  /** Advice for the user if they fail; null if there is none. */
  readonly refreshAdvice: string | null;
  /** Off-diagonal share of all bases up to which a refresh is skipped; null to skip none. */
  readonly refreshTolerance: number | null;
  phaseAt(step: number, isSettled?: boolean): string;
  scalars(step: Step): Record<string, number>;
  update(
    input: { phase: string; scalars: NamedTensors },
    weights: NamedTensors,
    gradients: NamedTensors,
    state: NamedTensors,
  ): {
    weights: Record<string, Tensor>;
    state: Record<string, Tensor>;
    /** Number of failed refreshes over all parameters; undefined in phases that refresh nothing. */
    refreshFailures: Tensor | undefined;
  };
  /** Steps after which `inspect` has a result; null for never. */
  readonly inspectableAfter: number | null;
  /** Measures the quality of the bases, the worst over all parameters; undefined if there are none. */
  inspect(state: NamedTensors): Inspection | undefined;
  /** Returns the weights to evaluate with. `state` holds weights and optimizer state. */
  evaluationWeights(state: NamedTensors): Record<string, Tensor>;
  /** True if evaluation uses other weights than gradients do. */
  readonly evaluatesElsewhere: boolean;
  /** True if the learning rate stays at its peak and ignores the schedule. */
  readonly constantRate: boolean;
  /** The learning rate of a step: the scheduled one, unless the rule has a warm-up of its own. */
  rateAt(step: Step): number;
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
  // The only other rule of an optimizer is AdamW, which has none of these.
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
    phaseAt: (step, isSettled) => rules.map((rule) => rule.phaseAt(step, isSettled)).join('+'),
    scalars: (step) => Object.fromEntries(rules.flatMap((rule) => prefixed(rule.name, rule.scalars(step)))),
    update(input, weights, gradients, state) {
      const phases = input.phase.split('+');
      const phaseOf = new Map(rules.map((rule, i) => [rule, phases[i]!]));
      const result = { weights: {} as Record<string, Tensor>, state: {} as Record<string, Tensor> };
      const failures: Tensor[] = [];
      for (const { parameter, rule } of routes) {
        const own = { phase: phaseOf.get(rule)!, scalars: pick(input.scalars, rule.name, scalarNames.get(rule)!) };
        const ownState = stateOf({ parameter, rule }, state);
        const next = rule.update(own, parameter, weights[parameter.name]!, gradients[parameter.name]!, ownState);
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
    rateAt: (step) => rules.find((rule) => rule.rateAt !== undefined)?.rateAt?.(step) ?? step.lr,
  };
}

/** Combines inspections into their worst values. */
export function worstInspection(inspections: readonly Inspection[]): Inspection {
  const all = (name: keyof Inspection) => stack(inspections.map((inspection) => inspection[name]));
  return {
    basis_error: max(all('basis_error')),
    off_diagonal_share: max(all('off_diagonal_share')),
    smallest_eigenvalue: min(all('smallest_eigenvalue')),
  };
}

/** Bytes of optimizer state in float32, without gradients. */
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

/** Returns the entries `<prefix>/<key>` of a record by key. */
function pick(record: NamedTensors, prefix: string, keys: readonly string[]): Record<string, Tensor> {
  return Object.fromEntries(keys.map((key) => [key, record[`${prefix}/${key}`]!]));
}
