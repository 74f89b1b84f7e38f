import type { ComponentChildren } from 'preact';

export interface Column<Row> {
  readonly name: string;
  readonly header: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** Figures are aligned on the right. */
  readonly figures?: boolean;
}

interface RecordTableProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly idOf?: (row: Row) => string;
}

/** A table on a wide screen, a list of cards on a narrow one; roles are written because cards change how rows are displayed. */
export const RecordTable = <Row,>({ caption, columns, rows, keyOf, idOf }: RecordTableProps<Row>) => (
  <table class="records" role="table">
    <caption>{caption}</caption>
    <thead role="rowgroup">
      <tr role="row">
        {columns.map((column) => (
          <th key={column.name} scope="col" role="columnheader" class={column.figures === true ? 'figures' : undefined}>
            {column.header}
          </th>
        ))}
      </tr>
    </thead>
    <tbody role="rowgroup">
      {rows.map((row) => (
        <tr key={keyOf(row)} id={idOf?.(row)} role="row">
          {columns.map((column, index) => {
            const content = (
              <>
                <span class="column-name" aria-hidden="true">
                  {column.header}
                </span>
                <span class="cell-content">{column.cell(row)}</span>
              </>
            );
            const name = column.figures === true ? `figures cell-${column.name}` : `cell-${column.name}`;
            return index === 0 ? (
              <th key={column.name} scope="row" role="rowheader" class={name}>
                {content}
              </th>
            ) : (
              <td key={column.name} role="cell" class={name}>
                {content}
              </td>
            );
          })}
        </tr>
      ))}
    </tbody>
  </table>
);
