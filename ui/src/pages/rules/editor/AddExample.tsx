// Another example: a message that is pasted, or the id of one that is stored. From: a person, and GET /messages/{id}.
// To: the draft's examples.
import { Button, Group, NativeSelect, SegmentedControl, Stack, TextInput, Textarea } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { ask } from '@/api/query';
import { asProblem } from '@/api/problem';
import { EXPECTED, type ExampleValue, exampleOf } from '../model/examples';

const WAYS = [
  { value: 'paste', label: 'Paste a message' },
  { value: 'id', label: 'By message id' },
];

export function AddExample({ onAdd }: { onAdd: (example: ExampleValue) => void }) {
  const [way, setWay] = useState('paste');
  const [text, setText] = useState('');
  const [expect, setExpect] = useState('match');
  const [error, setError] = useState<string | null>(null);
  const [isAsking, setAsking] = useState(false);
  const add = async () => {
    const wanted = text.trim();
    if (wanted === '') return setError(way === 'id' ? 'Which message? An alert carries its id' : 'Paste a message as the device sent it');
    setError(null);
    if (way === 'paste') {
      onAdd({ message: wanted, expect });
      return setText('');
    }
    setAsking(true);
    try {
      onAdd(exampleOf(await ask('/messages/{id}', { path: { id: wanted } }), expect));
      setText('');
    } catch (failed) {
      setError(asProblem(failed).detail);
    } finally {
      setAsking(false);
    }
  };
  return (
    <form
      aria-label="Add an example"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <Stack gap="xs">
        <Group gap="xs">
          <SegmentedControl aria-label="How to add an example" data={WAYS} value={way} onChange={setWay} />
          <NativeSelect aria-label="What is expected of it" data={EXPECTED} value={expect} onChange={(event) => setExpect(event.currentTarget.value)} />
        </Group>
        {way === 'paste' ? (
          <Textarea
            label="Message"
            description="The whole line, as the device sent it"
            placeholder="<187>45: %LINK-3-UPDOWN: Interface Gi0/1, changed state to down"
            size="xs"
            autosize
            minRows={2}
            maxRows={6}
            classNames={{ input: 'mono' }}
            spellCheck={false}
            value={text}
            error={error}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        ) : (
          <TextInput label="Message id" classNames={{ input: 'mono' }} value={text} error={error} onChange={(event) => setText(event.currentTarget.value)} />
        )}
        <Group>
          <Button type="submit" variant="default" loading={isAsking} leftSection={<IconPlus size={14} aria-hidden />}>
            Add example
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
