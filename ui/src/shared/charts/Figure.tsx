// A chart with its title, what to know of it, and the same numbers as a table: for who does not see the
// picture, and for who wants to copy.
import { Button, Title } from '@mantine/core';
import { IconChartBar, IconTable } from '@tabler/icons-react';
import { type ReactNode, useId, useState } from 'react';
import classes from './Figure.module.css';

export interface FigureTable {
  head: readonly string[];
  /** The first cell names its row. */
  rows: readonly (readonly ReactNode[])[];
}

interface FigureProps {
  title: string;
  note?: ReactNode;
  table: FigureTable;
  children: ReactNode;
}

export function Figure({ title, note, table, children }: FigureProps) {
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  const Mark = asTable ? IconChartBar : IconTable;
  return (
    <section className={classes.panel} aria-labelledby={id}>
      <div className={classes.head}>
        <Title order={2} id={id} className={classes.title}>
          {title}
        </Title>
        <Button
          variant="subtle"
          color="gray"
          className={classes.toggle}
          leftSection={<Mark size={16} aria-hidden />}
          aria-label={`${title}: show as ${asTable ? 'chart' : 'table'}`}
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? 'Chart' : 'Table'}
        </Button>
      </div>
      {asTable ? <Plain title={title} table={table} /> : children}
      {note !== undefined && <div className={classes.note}>{note}</div>}
    </section>
  );
}

function Plain({ title, table }: { title: string; table: FigureTable }) {
  return (
    // Wide tables scroll, so the keyboard has to get here.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={`${title}, as a table`}>
      <table className={classes.table}>
        <thead>
          <tr>
            {table.head.map((text) => (
              <th key={text} scope="col">
                {text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map(([name, ...cells], at) => (
            // Rows have no name of their own, and never move.
            // oxlint-disable-next-line react/no-array-index-key
            <tr key={at}>
              <th scope="row">{name}</th>
              {cells.map((cell, column) => (
                <td key={table.head[column + 1]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
