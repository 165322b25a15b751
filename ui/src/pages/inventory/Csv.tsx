// The whole inventory as a table, out and in: what a file would change is seen before it is taken.
import { Button, FileInput, Group, List, Modal, Radio, Stack, Text, TextInput, Textarea } from '@mantine/core';
import { IconDownload, IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import type { Schemas } from '@/api/client';
import { useAskAgain } from '@/api/query';
import { Action } from '@/shared/Action';
import { Changes } from '@/shared/Changes';
import { Failed } from '@/shared/Failed';
import { summary } from '@/shared/change';
import { usePermission } from '@/shared/permission';
import { inventoryCsv, putCsv, saveFile } from './csv';

type Saved = Schemas['Saved'];

export function Csv({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Inventory as CSV" size="xl">
      <Shown onClose={onClose} />
    </Modal>
  );
}

function Shown({ onClose }: { onClose: () => void }) {
  const [error, setError] = useState<unknown>(null);
  const download = async () => {
    setError(null);
    try {
      saveFile(await inventoryCsv(), 'inventory.csv');
    } catch (failed) {
      setError(failed);
    }
  };
  return (
    <Stack>
      <Text size="sm">
        Columns: <code>host</code>, <code>environment</code> (prod or dev), <code>site</code>, <code>team</code>, and{' '}
        <code>labels.NAME</code> for anything else, in any order.
      </Text>
      <Group>
        <Button variant="default" leftSection={<IconDownload size={15} aria-hidden />} onClick={() => void download()}>
          Download
        </Button>
      </Group>
      {error !== null && <Failed error={error} />}
      <Upload onClose={onClose} />
    </Stack>
  );
}

interface Checked {
  text: string;
  keep: boolean;
  saved: Saved;
}

function Upload({ onClose }: { onClose: () => void }) {
  const { why: refused } = usePermission('admin');
  const again = useAskAgain();
  const [text, setText] = useState('');
  const [keep, setKeep] = useState(true);
  const [why, setWhy] = useState('');
  const [checked, setChecked] = useState<Checked | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isSending, setSending] = useState(false);
  const isChecked = checked !== null && checked.text === text && checked.keep === keep;
  const send = async () => {
    setSending(true);
    setError(null);
    try {
      const saved = await putCsv({ text, keep, why, checked: isChecked ? checked.saved.revision : null });
      if (!isChecked) {
        setChecked({ text, keep, saved });
      } else {
        await again(['/inventory', '/inventory/locate', '/revisions']);
        onClose();
      }
    } catch (failed) {
      setError(failed);
      setChecked(null);
    } finally {
      setSending(false);
    }
  };
  return (
    <>
      <FileInput
        size="xs"
        label="File"
        placeholder="Choose a file"
        accept=".csv,text/csv"
        leftSection={<IconUpload size={14} aria-hidden />}
        clearable
        clearButtonProps={{ 'aria-label': 'No file' }}
        onChange={async (file) => file !== null && setText(await file.text())}
      />
      <Textarea
        label="Or paste it"
        autosize
        minRows={4}
        maxRows={12}
        classNames={{ input: 'mono' }}
        placeholder={'host,environment,site,team\ncore-1,prod,fra1,network'}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Radio.Group
        label="Entries that the table does not name"
        value={keep ? 'keep' : 'remove'}
        onChange={(value) => setKeep(value === 'keep')}
      >
        <Group mt={4}>
          <Radio value="keep" label="stay" />
          <Radio value="remove" label="are removed" />
        </Group>
      </Radio.Group>
      {isChecked && <Difference saved={checked.saved} why={why} onWhy={setWhy} />}
      {error !== null && <Failed error={error} what="The table was not taken: nothing is changed" />}
      <Group justify="flex-end">
        <Action
          what={isChecked ? 'Save' : 'Check'}
          variant="filled"
          loading={isSending}
          why={refused || (text.trim() === '' ? 'Choose a file, or paste a table' : '')}
          onClick={() => void send()}
        />
      </Group>
    </>
  );
}

function Difference({ saved, why, onWhy }: { saved: Saved; why: string; onWhy: (why: string) => void }) {
  return (
    <section aria-label="What would change" aria-live="polite">
      <Stack gap="xs">
        <Text fw={600}>{summary(saved.changes)}</Text>
        <Changes changes={saved.changes} />
        {saved.warnings.length > 0 && (
          <List size="sm">
            {saved.warnings.map((warning) => (
              <List.Item key={`${warning.name} ${warning.message}`}>
                {warning.name} {warning.message}
              </List.Item>
            ))}
          </List>
        )}
        <TextInput label="Why" value={why} maxLength={1_000} onChange={(event) => onWhy(event.currentTarget.value)} />
      </Stack>
    </section>
  );
}
