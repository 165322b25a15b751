// By id, device, text or time. An id that is typed in any field is understood as one.
import { Button, Group, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useShortcut } from '@/shared/shortcuts';
import { type Asked, isId } from './ask';

interface SearchFormProps {
  asked: Asked;
  errors: Partial<Record<keyof Asked, string>>;
  onAsk: (asked: Partial<Asked>) => void;
}

export function SearchForm({ asked, errors, onAsk }: SearchFormProps) {
  const [fields, setFields] = useState({
    text: asked.id !== '' && asked.text === '' ? asked.id : asked.text,
    host: asked.host,
    since: asked.since,
    until: asked.until,
  });
  const first = useRef<HTMLInputElement>(null);
  useShortcut('/', 'Find', () => first.current?.focus());
  const field = (name: keyof typeof fields) => ({
    value: fields[name],
    error: errors[name],
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => {
      const value = event.currentTarget.value;
      setFields((before) => ({ ...before, [name]: value }));
    },
  });
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    const id = [fields.text, fields.host].find(isId);
    onAsk(id === undefined ? fields : { id: id.trim() });
  };
  return (
    <form onSubmit={submit} role="search" aria-label="Stored messages">
      <Group align="flex-start" gap="sm">
        <TextInput
          ref={first}
          label="Id or text"
          description="Correlation id, or a part of the message"
          flex="1 1 16rem"
          spellCheck={false}
          {...field('text')}
        />
        <TextInput label="Device" description="Its whole name" flex="1 1 9rem" spellCheck={false} {...field('host')} />
        <TextInput label="Since" description="21:03, 2 h, or a date" flex="1 1 8rem" {...field('since')} />
        <TextInput label="Until" description="As since; empty: now" flex="1 1 8rem" {...field('until')} />
      </Group>
      <Group mt="sm">
        <Button type="submit" leftSection={<IconSearch size={14} aria-hidden />}>
          Find
        </Button>
      </Group>
    </form>
  );
}
