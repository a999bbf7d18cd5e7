import { nodesBelow, wantsText } from './describe.js';
import type { SchemaNode } from './describe.js';
import { withValues } from './tree.js';
import type { Tree } from './tree.js';

/** Where only text will do, what looks like a number, true or false is the text that was typed: `name=0123`. */
export function asTyped<T extends Tree>(tree: T, root: SchemaNode): T {
  return rewritten(tree, [root]) as T;
}

function rewritten(tree: Tree, nodes: readonly SchemaNode[]): Tree {
  switch (tree.kind) {
    case 'scalar': {
      const { typed, value, ...rest } = tree;
      return typed === undefined || typed === '' || typeof value === 'string' || !wantsText(nodes, value)
        ? tree
        : { ...rest, value: typed };
    }
    case 'list':
      // A list is one of values to try, unless the schema has a list there.
      return {
        ...tree,
        items: tree.items.map((item, index) => {
          const own = nodesBelow(nodes, String(index));
          return rewritten(item, own.length > 0 ? own : nodes);
        }),
      };
    case 'mapping':
      return withValues(tree, (key, { value }) => rewritten(value, nodesBelow(nodes, key)));
  }
}
