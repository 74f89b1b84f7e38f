import {
  type KyselyPlugin,
  OperationNodeTransformer,
  type PluginTransformQueryArgs,
  type QueryResult,
  type RootOperationNode,
  type TableNode,
  type UnknownRow,
} from 'kysely';
import { fault } from '#contract/errors.ts';
import { TABLE_OWNERS } from './migrations/index.ts';
import type { RegistryService } from './migrations/migration.ts';

const WRITING: readonly RootOperationNode['kind'][] = ['InsertQueryNode', 'UpdateQueryNode', 'DeleteQueryNode', 'MergeQueryNode'];

/** Collects the tables that a writing query names: none of ours writes one table from another. */
class TableCollector extends OperationNodeTransformer {
  readonly tables = new Set<string>();

  protected override transformTable(node: TableNode): TableNode {
    this.tables.add(node.table.identifier.name);
    return super.transformTable(node);
  }
}

/** Refuses, with `TABLE_OF_ANOTHER_SERVICE`, a write to a table by any service but its owner. */
export const writerGuard = (service: RegistryService): KyselyPlugin => ({
  transformQuery: ({ node }: PluginTransformQueryArgs): RootOperationNode => {
    if (!WRITING.includes(node.kind)) return node;
    const collector = new TableCollector();
    collector.transformNode(node);
    for (const table of collector.tables) {
      const owner = TABLE_OWNERS.get(table);
      if (owner !== service) throw fault('TABLE_OF_ANOTHER_SERVICE', { service, table, owner: owner ?? 'nobody' });
    }
    return node;
  },
  transformResult: ({ result }): Promise<QueryResult<UnknownRow>> => Promise.resolve(result),
});
