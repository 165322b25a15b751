// What happens with a rule's alerts, for production and development. From: the draft. To: the same.
import { Checkbox, NativeSelect, Stack } from '@mantine/core';
import { isTable } from '../model/rule';
import classes from './Editor.module.css';
import type { FormPart } from './RuleForm';

const HANDLINGS = [
  { value: 'page_and_ticket', label: 'page and ticket' },
  { value: 'page_only', label: 'page only' },
  { value: 'ticket_only', label: 'ticket only' },
  { value: 'email_only', label: 'e-mail only' },
  { value: 'log_only', label: 'log only' },
  { value: 'suppress', label: 'suppress: no alert' },
];

export function Handling({ form }: { form: FormPart }) {
  const { draft, faultOf } = form;
  const handling = draft.parsed.value?.handling;
  const isApart = isTable(handling);
  const prod = isApart ? String(handling.prod ?? '') : String(handling ?? '');
  const dev = isApart ? String(handling.dev ?? '') : prod;
  const choices = (value: string) => (HANDLINGS.some((one) => one.value === value) ? HANDLINGS : [{ value, label: value === '' ? 'choose' : value }, ...HANDLINGS]);
  return (
    <Stack gap={6}>
      <div className={classes.pair}>
        <NativeSelect
          label={isApart ? 'Handling in production' : 'Handling'}
          required
          data={choices(prod)}
          value={prod}
          error={faultOf('handling')}
          onChange={(event) => draft.setPart('handling', isApart ? { prod: event.currentTarget.value, dev } : event.currentTarget.value)}
        />
        {isApart && (
          <NativeSelect
            label="Handling in development"
            data={choices(dev)}
            value={dev}
            onChange={(event) => draft.setPart('handling', { prod, dev: event.currentTarget.value })}
          />
        )}
      </div>
      <Checkbox
        size="xs"
        label="Another handling for development hosts"
        checked={isApart}
        onChange={(event) => draft.setPart('handling', event.currentTarget.checked ? { prod, dev: 'log_only' } : prod)}
      />
    </Stack>
  );
}
