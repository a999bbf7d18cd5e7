import { reachable, sizeOf, typeOf, type Graph, type Node, type Output } from './graph.js';
import { Rewrite, type StepNodes } from './rewrite.js';
import { whenDone } from './variables.js';

/** Assignments that are computed from one another's tensors, such as those of a parameter and its optimizer state. */
interface Group {
  readonly assignments: Node[];
  /** What only these assignments need. */
  readonly nodes: Node[];
  bytes: number;
}

/** New values of this many bytes may be under way at once. */
const defaultBudget = 256 * 2 ** 20;

/**
 * The same step with an order between groups of assignments that have nothing in common but scalars. TensorFlow starts
 * whatever can be started, and would hold intermediate results of all parameters of a model at once; here a group waits
 * until those before it are done, but for the last few that fit into the budget together.
 */
export function limitMemory(graph: Graph, step: StepNodes, budget = defaultBudget): StepNodes {
  const total = step.assignments.reduce((sum, assignment) => sum + bytesOf(assignment.inputs[1]!), 0);
  if (total <= budget) return step;

  const nodes = reachable(step.assignments);
  const groups = groupsOf(step.assignments, nodes);
  const rewrite = new Rewrite(graph);
  const done: { barrier: Node; bytes: number }[] = [];
  for (const { assignments, nodes, bytes } of groups) {
    const gate = gateOf(done, bytes, budget);
    const own = new Set(nodes);
    for (const node of nodes) {
      const waits = gate !== undefined && !node.inputs.some((input) => own.has(input.node));
      rewrite.copy(node, ...(waits ? [gate] : []));
    }
    const before = done.at(-1)?.barrier;
    const ends = assignments.map((assignment) => rewrite.node(assignment));
    const { node: barrier } = whenDone(graph, [...ends, ...(before ? [before] : [])]);
    done.push({ barrier, bytes });
  }
  const reporting = reachable(step.outputs.map(({ node }) => node)).filter((node) => !rewrite.has(node));
  for (const node of reporting) rewrite.copy(node);
  return rewrite.step(step);
}

/** The last group that must be done for the later ones and the next one to fit into the budget. */
function gateOf(done: readonly { barrier: Node; bytes: number }[], bytes: number, budget: number): Node | undefined {
  let underWay = bytes;
  for (const { barrier, bytes } of done.toReversed()) {
    underWay += bytes;
    if (underWay > budget) return barrier;
  }
  return undefined;
}

/** Groups in the order of their first assignments, each with its nodes in the order of the graph. */
function groupsOf(assignments: readonly Node[], nodes: readonly Node[]): Group[] {
  const representative = connected(nodes);
  const groups = new Map<Node, Group>();
  for (const assignment of assignments) {
    const key = representative(assignment);
    const group = groups.get(key) ?? { assignments: [], nodes: [], bytes: 0 };
    group.assignments.push(assignment);
    group.bytes += bytesOf(assignment.inputs[1]!);
    groups.set(key, group);
  }

  // For each node the one group that needs it, or null when there are several.
  const user = new Map<Node, Group | null>();
  for (const group of groups.values()) for (const assignment of group.assignments) user.set(assignment, group);
  for (const node of nodes.toReversed()) {
    const group = user.get(node)!;
    for (const input of [...node.inputs.map((input) => input.node), ...node.controls]) {
      user.set(input, user.has(input) && user.get(input) !== group ? null : group);
    }
  }
  for (const node of nodes) if (!isSource(node)) user.get(node)?.nodes.push(node);
  return [...groups.values()];
}

/** Sets of nodes that hand each other tensors; scalars do not count. Gives each node one that stands for its set. */
function connected(nodes: readonly Node[]): (node: Node) => Node {
  const parents = new Map<Node, Node>();
  const find = (node: Node): Node => {
    let top = node;
    for (let parent = parents.get(top); parent !== undefined; parent = parents.get(top)) top = parent;
    if (top !== node) parents.set(node, top);
    return top;
  };
  // Tensors made of constants alone are shared by parameters that have nothing else in common.
  const constants = new Set<Node>();
  for (const node of nodes) {
    const { op, inputs } = node;
    if (op === 'Const' || (inputs.length > 0 && inputs.every((input) => constants.has(input.node))))
      constants.add(node);
    for (const input of inputs) {
      if (constants.has(input.node) || sizeOf(typeOf(input).shape) === 1) continue;
      const [a, b] = [find(node), find(input.node)];
      if (a !== b) parents.set(a, b);
    }
  }
  return find;
}

/** Costs nothing and waits for nothing. */
function isSource({ op }: Node): boolean {
  return ['Const', 'Placeholder', 'VarHandleOp', 'ReadVariableOp'].includes(op);
}

function bytesOf(output: Output): number {
  return 4 * sizeOf(typeOf(output).shape);
}
