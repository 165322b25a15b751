// Where rules come from: files, or a pasted text. To: the import's list of files.
import { ActionIcon, Button, FileButton, Group, NativeSelect, Stack, Text, Textarea } from '@mantine/core';
import { IconFile, IconTrash, IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { formatBytes } from '@/shared/format';
import { type FileFormat, type RuleFile, formatOf } from './files';
import classes from './Import.module.css';

const FORMATS = [
  { value: '', label: 'format by the text' },
  { value: 'yaml', label: 'YAML' },
  { value: 'toml', label: 'TOML' },
  { value: 'json', label: 'JSON' },
];

export const PASTED = 'pasted text';
const FILES_MAX = 200;

interface SourcesProps {
  files: readonly RuleFile[];
  onChange: (files: RuleFile[]) => void;
}

export function Sources({ files, onChange }: SourcesProps) {
  const [format, setFormat] = useState('');
  const [isOver, setOver] = useState(false);
  const pasted = files.find((file) => file.name === PASTED)?.text ?? '';
  const uploaded = files.filter((file) => file.name !== PASTED);
  const withPasted = (text: string, wanted: string): RuleFile[] =>
    text.trim() === '' ? [] : [{ name: PASTED, text, format: wanted === '' ? formatOf('', text) : (wanted as FileFormat) }];
  const upload = async (chosen: File[]) => {
    const read = chosen.slice(0, FILES_MAX).map(async (file) => {
      const text = await file.text();
      return { name: file.name, text, format: formatOf(file.name, text) };
    });
    const added = await Promise.all(read);
    const names = new Set(added.map((file) => file.name));
    onChange([...files.filter((file) => !names.has(file.name)), ...added]);
  };
  return (
    <Stack
      gap="sm"
      className={classes.sources}
      data-over={isOver}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void upload([...event.dataTransfer.files]);
      }}
    >
      <Group gap="sm">
        <FileButton multiple accept=".yaml,.yml,.toml,.json" onChange={(chosen) => void upload(chosen)} inputProps={{ 'aria-label': 'Rule files' }}>
          {(props) => (
            <Button {...props} variant="default" leftSection={<IconUpload size={14} aria-hidden />}>
              Choose files
            </Button>
          )}
        </FileButton>
        <Text size="sm" c="dimmed">
          YAML, TOML or JSON, several at once; or drop them here, or paste below
        </Text>
      </Group>
      {uploaded.length > 0 && (
        <ul className={classes.files} aria-label="Files">
          {uploaded.map((file) => (
            <li key={file.name}>
              <IconFile size={16} aria-hidden /> {file.name}{' '}
              <Text component="span" size="xs" c="dimmed">
                {file.format.toUpperCase()}, {formatBytes(file.text.length)}
              </Text>
              <ActionIcon variant="subtle" color="gray" aria-label={`Leave out ${file.name}`} onClick={() => onChange(files.filter((one) => one !== file))}>
                <IconTrash size={16} aria-hidden />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
      <Group gap="sm" align="end">
        <Textarea
          label="Text of a rule file"
          placeholder={'rules:\n  - id: cisco-link-down\n    priority: 100\n    …'}
          size="xs"
          autosize
          minRows={5}
          maxRows={18}
          className={classes.paste}
          classNames={{ input: 'mono' }}
          spellCheck={false}
          value={pasted}
          onChange={(event) => onChange([...uploaded, ...withPasted(event.currentTarget.value, format)])}
        />
        <NativeSelect
          aria-label="Format of the text"
          data={FORMATS}
          value={format}
          onChange={(event) => {
            setFormat(event.currentTarget.value);
            onChange([...uploaded, ...withPasted(pasted, event.currentTarget.value)]);
          }}
        />
      </Group>
    </Stack>
  );
}
