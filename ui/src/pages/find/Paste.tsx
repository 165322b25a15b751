// A message that is not stored: what would happen if it came now. Nothing is stored or told.
import { Alert, Button, Group, TextInput, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconInfoCircle, IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import { type Schemas, api, data } from '@/api/client';
import type { ProblemError } from '@/api/problem';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { Answered } from './Answered';
import type { Asked } from './ask';

interface PasteFormProps {
  asked: Asked;
  onAsk: (asked: Partial<Asked>) => void;
}

export function PasteForm({ asked, onAsk }: PasteFormProps) {
  const [message, setMessage] = useState(asked.message);
  const [host, setHost] = useState(asked.message === '' ? '' : asked.host);
  const [peer, setPeer] = useState(asked.peer);
  const [isMissing, setMissing] = useState(false);
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    if (message.trim() === '') return setMissing(true);
    onAsk({ message, host: host.trim(), peer: peer.trim() });
  };
  return (
    <form onSubmit={submit} noValidate aria-label="A pasted message">
      <Textarea
        label="Message"
        description="A syslog message as it is received, with its <priority>"
        placeholder="<187>Nov 28 21:03:11 core-1 …"
        required
        autosize
        minRows={2}
        maxRows={10}
        maxLength={8_000}
        spellCheck={false}
        classNames={{ input: 'mono' }}
        value={message}
        error={isMissing && message.trim() === '' ? 'A message to ask about' : undefined}
        onChange={(event) => setMessage(event.currentTarget.value)}
      />
      <Group align="flex-start" gap="sm" mt="sm">
        <TextInput
          label="Device"
          description="Empty: found in the message"
          flex="1 1 10rem"
          value={host}
          onChange={(event) => setHost(event.currentTarget.value)}
        />
        <TextInput
          label="Address"
          description="That it comes from, if it matters"
          flex="1 1 10rem"
          value={peer}
          onChange={(event) => setPeer(event.currentTarget.value)}
        />
      </Group>
      <Group mt="sm">
        <Button type="submit" leftSection={<IconPlayerPlay size={14} aria-hidden />}>
          What would happen?
        </Button>
      </Group>
    </form>
  );
}

export function Pasted({ message, host, peer }: { message: string; host: string; peer: string }) {
  const question: Schemas['Question'] = { message, host: host === '' ? undefined : host, peer: peer === '' ? undefined : peer };
  const { data: answer, error, isPending } = useQuery<Schemas['Answer'], ProblemError>({
    queryKey: ['/explain', question],
    queryFn: ({ signal }) => data(api.POST('/explain', { body: question, signal })),
    retry: false,
  });
  if (error !== null) return <Failed error={error} what="It could not be judged" />;
  if (isPending) return <Loading what="what would happen" lines={6} />;
  return (
    <>
      <Alert variant="default" icon={<IconInfoCircle aria-hidden />}>
        What would happen if it came now, by the rules in force. Nothing was stored, and nobody is told.
      </Alert>
      <Answered answer={answer} />
    </>
  );
}
