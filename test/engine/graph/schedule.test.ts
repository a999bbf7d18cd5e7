import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { Graph, reachable, type Node, type Output } from '../../../src/engine/graph/graph.js';
import { dtypeNumbers } from '../../../src/engine/graph/graph.js';
import { nativeBackend } from '../../../src/engine/graph/native.js';
import type { StepNodes } from '../../../src/engine/graph/rewrite.js';
import { limitMemory } from '../../../src/engine/graph/schedule.js';
import { Session, type Feed } from '../../../src/engine/graph/session.js';
import { State } from '../../../src/engine/graph/state.js';
import { trace } from '../../../src/engine/graph/trace.js';
import { fetched, placeholder, Variable, whenDone } from '../../../src/engine/graph/variables.js';
import { sizeOf } from '../../../src/engine/engine.js';
import { createOptimizer, optimizerNames, type OptimizerName } from '../../../src/optim/registry.js';
import { trainingState, updateStep } from '../../../src/train/steps.js';
import { rows } from '../../conformance/rows.js';
import { expectAllClose } from '../../support/allclose.js';
import { matrixInfo, vectorInfo } from '../../support/optimizer-run.js';
import { normals } from '../../support/random.js';
import { describeCompiled } from './support.js';

const parameters = [matrixInfo(6, 4, 'A'), vectorInfo(5, 'b'), matrixInfo(4, 4, 'C'), matrixInfo(4, 4, 'D')];
const scalars = { number: 7, lr: 0.01 };

/** An update step in a graph of its own, in an order for this many bytes. */
function update(name: OptimizerName, phase: string, gradClip: number | null, budget: number) {
  const graph = new Graph();
  const optimizer = createOptimizer(name, rows[name].options, parameters);
  const variables = Object.entries(trainingState(parameters, optimizer)).map(
    ([entry, shape]) => new Variable(graph, entry, shape),
  );
  const inputs = Object.keys(optimizer.scalars(scalars)).map(
    (scalar) => [scalar, placeholder(graph, scalar, 'float32', [])] as const,
  );
  const step = trace(graph, ({ tensorOf, outputOf }) => {
    const tensors = (outputs: (readonly [string, Output])[]) =>
      Object.fromEntries(outputs.map(([key, output]) => [key, tensorOf(output)]));
    const state = tensors(variables.map((variable) => [variable.name, variable.value]));
    const result = updateStep(parameters, optimizer, { phase, gradClip })(state, tensors([...inputs]));
    return {
      assignments: variables.flatMap((variable) => {
        const next = result.state[variable.name];
        return next && next !== state[variable.name] ? [variable.assign(outputOf(next))] : [];
      }),
      outputs: Object.values(result.outputs).map((tensor) => fetched(graph, outputOf(tensor))),
    };
  });
  return { graph, variables, inputs, optimizer, step, limited: limitMemory(graph, step, budget) };
}

/** The state and the reports after the step. */
function run({ graph, variables, inputs, optimizer, limited }: ReturnType<typeof update>): Float32Array[] {
  const fetches = [...limited.outputs, whenDone(graph, limited.assignments)];
  const state = new State(variables);
  const access = variables.flatMap(({ value, stored }) => [value.node, stored.node]);
  state.moveTo(new Session(reachable([...access, ...fetches.map(({ node }) => node)])));
  for (const variable of variables) {
    const values = normals(variable.name, sizeOf(variable.shape));
    const isFactor = /\/(L|R)$/.test(variable.name);
    const [n] = variable.shape as [number];
    state.write(
      variable,
      variable.name.endsWith('/v')
        ? values.map((x) => x * x)
        : values.map((x, i) => (isFactor ? (i % (n + 1) === 0 ? 1 + i : 0) : x)),
    );
  }
  const numbers = optimizer.scalars(scalars);
  const needed = new Set(reachable(fetches.map(({ node }) => node)));
  const feeds = inputs
    .filter(([, { node }]) => needed.has(node))
    .map(([name, output]): Feed => [
      output,
      nativeBackend().binding.createTensor([], dtypeNumbers.float32, Float32Array.of(numbers[name]!)),
    ]);
  const results = [...state.run(feeds, fetches).slice(0, -1), ...variables.map((variable) => state.read(variable))];
  state.dispose();
  return results;
}

/** Whether one node runs before the other in any case. */
const runsBefore = (first: Node, second: Node) => reachable([second]).includes(first);

await describeCompiled(() => {
  describe.each(optimizerNames)('an order for little memory in %s', (name) => {
    it.each(rows[name].phases.flatMap((phase) => [null, 0.5].map((clip) => [phase, clip] as const)))(
      'changes no value in phase %s with clipping %s',
      (phase, clip) => {
        const expected = run(update(name, phase, clip, Infinity));
        for (const budget of [1, 300]) {
          for (const [i, values] of run(update(name, phase, clip, budget)).entries()) {
            expectAllClose(values, expected[i]!, 1e-5);
          }
        }
      },
    );
  });

  it('takes one parameter after the other when they do not fit together', () => {
    const { step, limited, variables } = update('adamw', 'plain', 1, 1);
    const assignmentOf = (name: string, { assignments }: StepNodes) =>
      assignments.find(({ inputs }) => inputs[0]!.node.attributes.shared_name === handleOf(name))!;
    const handleOf = (name: string) =>
      variables.find((variable) => variable.name === name)!.value.node.inputs[0]!.node.attributes.shared_name;
    for (const [first, second] of [
      ['A', 'b/m'],
      ['A/v', 'C'],
      ['C/m', 'D/v'],
    ] as const) {
      expect(runsBefore(assignmentOf(first, limited), assignmentOf(second, limited).inputs[1]!.node)).toBe(true);
      expect(runsBefore(assignmentOf(first, step), assignmentOf(second, step))).toBe(false);
    }
    expect(runsBefore(assignmentOf('A', limited), assignmentOf('A/m', limited))).toBe(false);
  });

  it.each(['adamw', 'shampoo'] as const)('computes nothing twice in %s', (name) => {
    const { step, limited } = update(name, 'plain', 1, 1);
    const opsOf = ({ assignments, outputs }: StepNodes) =>
      reachable([...assignments, ...outputs.map(({ node }) => node)])
        .map(({ op }) => op)
        .filter((op) => op !== 'Identity' && op !== 'Const')
        .sort();
    expect(opsOf(limited)).toEqual(opsOf(step));
  });

  it('leaves what several groups need to all of them, whatever their order', () => {
    const graph = new Graph();
    const [a, b] = [new Variable(graph, 'a', [2]), new Variable(graph, 'b', [2])];
    const s = placeholder(graph, 's', 'float32', []);
    const assignments = trace(graph, ({ tensorOf, outputOf }) => {
      const shared = tf.exp(tensorOf(s));
      const [nextA, nextB] = [a, b].map(({ value }) => outputOf(tf.mul(tensorOf(value), shared)));
      return [b.assign(nextB!), a.assign(nextA!)];
    });
    const limited = limitMemory(graph, { assignments, outputs: [] }, 1);
    const nodes = reachable(limited.assignments);
    expect(nodes.filter(({ op }) => op === 'Exp')).toHaveLength(1);
    expect(runsBefore(limited.assignments[0]!, limited.assignments[1]!)).toBe(true);
  });

  it('lets as many run at once as fit, and all when they do', () => {
    const all = update('adamw', 'plain', 1, 1e9);
    expect(all.limited).toBe(all.step);
    // A takes 288 bytes, b 60, C and D 192 each.
    const { limited } = update('adamw', 'plain', 1, 400);
    const [A, b, C, D] = limited.assignments as [Node, Node, Node, Node];
    expect(runsBefore(A, b)).toBe(false);
    expect(runsBefore(A, C)).toBe(true);
    expect(runsBefore(b, C)).toBe(false);
    // With what b did not wait for itself.
    expect(runsBefore(b, D) && runsBefore(A, D)).toBe(true);
    expect(runsBefore(C, D)).toBe(false);
  });
});
