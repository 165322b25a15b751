// What a revision did to each item: before and after as lines that differ, and the way back for that one.
import { Anchor, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import type { Schemas } from '@/api/client';
import { ActionSign } from '@/shared/ChangeList';
import { Diff } from '@/shared/diff/Diff';
import { formatNumber, plural } from '@/shared/format';
import { RestoreOne } from './Restore';
import classes from './Revision.module.css';
import { itemPath, itemText } from './kinds';

type ItemDetail = Schemas['ItemDetail'];

const SHOWN = 20;

export function Items({ number, items }: { number: number; items: readonly ItemDetail[] }) {
  const [text, setText] = useState('');
  const [most, setMost] = useState(SHOWN);
  const wanted = text.trim().toLowerCase();
  const found = wanted === '' ? items : items.filter((one) => one.name.toLowerCase().includes(wanted));
  return (
    <Stack>
      <Group gap="xs">
        <Text size="sm" fw={600}>
          {plural(items.length, 'item')}
        </Text>
        {items.length > SHOWN && (
          <TextInput aria-label="Find an item by its name" placeholder="Find an item" value={text} onChange={(event) => setText(event.currentTarget.value)} />
        )}
      </Group>
      {found.slice(0, most).map((item) => (
        <Item key={`${item.kind} ${item.name}`} number={number} item={item} />
      ))}
      {found.length > most && (
        <Button variant="default" onClick={() => setMost(most + 100)}>
          Show more: {formatNumber(found.length - most)} are left
        </Button>
      )}
    </Stack>
  );
}

function Item({ number, item }: { number: number; item: ItemDetail }) {
  const { kind, name, action, before, after } = item;
  const path = itemPath(kind, name);
  return (
    <section aria-label={`${kind} ${name}`} className={classes.item}>
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          <ActionSign action={action} />
          <Text size="sm">
            {kind} {path === null ? <span className="mono">{name}</span> : <Anchor component={Link} inherit to={path} className="mono">{name}</Anchor>}
          </Text>
        </Group>
        <RestoreOne number={number} kind={kind} name={name} after={after} />
      </Group>
      <Diff before={itemText(kind, before)} after={itemText(kind, after)} label={`${kind} ${name}, before and after`} same="Nothing that is shown differs." />
    </section>
  );
}
