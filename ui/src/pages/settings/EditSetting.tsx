// One setting: another value, checked and shown as a difference first; or back to what mutt.toml says.
import { Button, Group, Modal, NumberInput, Stack, Switch, Text, TextInput, Textarea } from '@mantine/core';
import { useState } from 'react';
import { IF_NONE, type Schemas, api, data, ifMatch } from '@/api/client';
import { useAskAgain } from '@/api/query';
import { Changes } from '@/shared/Changes';
import { Failed } from '@/shared/Failed';
import { useProblemForm } from '@/shared/form';
import { type Setting, bounds, fromField, sortOf, toField } from './value';

type Saved = Schemas['Saved'];

interface EditSettingProps {
  setting: Setting | null;
  onClose: () => void;
}

export function EditSetting({ setting, onClose }: EditSettingProps) {
  return (
    <Modal opened={setting !== null} onClose={onClose} title={`Change ${setting?.name ?? ''}`} size="lg">
      {setting !== null && <Form setting={setting} onClose={onClose} />}
    </Modal>
  );
}

/** undefined: back to what mutt.toml says. */
function send(setting: Setting, value: unknown, why: string, dry_run: boolean): Promise<Saved> {
  const params = { path: { name: setting.name }, query: { dry_run, why: why.trim() || undefined } };
  const headers = setting.set ? ifMatch(setting.revision) : IF_NONE;
  if (value === undefined) return data(api.DELETE('/settings/{name}', { params, headers }));
  return data(api.PUT('/settings/{name}', { params, headers, body: { value } }));
}

interface Values extends Record<string, unknown> {
  value: string;
  why: string;
}

function Form({ setting, onClose }: { setting: Setting; onClose: () => void }) {
  const again = useAskAgain();
  const sort = sortOf(setting);
  const [checked, setChecked] = useState<{ text: string | undefined; saved: Saved } | null>(null);
  const [backs, setBacks] = useState(false);
  const { form, onSubmit, isSending, problem } = useProblemForm<Values>({
    initialValues: { value: toField(setting.value), why: '' },
    // A setting has one value, wherever in it the fault is.
    fieldOf: (fault) => (fault.kind === 'setting' || fault.kind === 'request' ? 'value' : fault.path),
    send: async ({ value, why }) => {
      const text = backs ? undefined : value;
      const wanted = backs ? undefined : fromField(value, sort);
      if (checked === null || checked.text !== text) {
        setChecked({ text, saved: await send(setting, wanted, why, true) });
        return;
      }
      await send(setting, wanted, why, false);
      await again(['/settings', '/settings/{name}', '/status', '/revisions']);
      onClose();
    },
  });
  const text = backs ? undefined : form.values.value;
  const isChecked = checked !== null && checked.text === text;
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <Text size="sm">{setting.about}</Text>
        {setting.set && (
          <Switch
            label="Not set here: as mutt.toml has it"
            checked={backs}
            onChange={(event) => setBacks(event.currentTarget.checked)}
          />
        )}
        {!backs && (
          <Field
            setting={setting}
            value={form.values.value}
            error={form.errors.value}
            onChange={(value) => form.setFieldValue('value', value)}
          />
        )}
        <TextInput label="Why" description="Kept with the change" maxLength={1_000} {...form.getInputProps('why')} />
        {isChecked && (
          <section aria-label="What would change" aria-live="polite">
            <Changes changes={checked.saved.changes} />
            {checked.saved.warnings.map((warning) => (
              <Text key={warning.message} size="sm">
                {warning.message}
              </Text>
            ))}
          </section>
        )}
        {problem !== null && <Failed error={problem} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isSending} disabled={isChecked && checked.saved.changes.length === 0}>
            {isChecked ? 'Save' : 'Check'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface FieldProps {
  setting: Setting;
  value: string;
  error: React.ReactNode;
  onChange: (value: string) => void;
}

function Field({ setting, value, error, onChange }: FieldProps) {
  const sort = sortOf(setting);
  const limits = bounds(setting);
  const label = setting.unit == null ? 'Value' : `Value, in ${setting.unit}`;
  const description = limits === null ? `Expected: ${setting.expected}` : `Expected: ${setting.expected}; ${limits}`;
  const given = { label, description, value, error };
  if (sort === 'truth') {
    return (
      <Switch
        label={setting.name}
        checked={value === 'true'}
        error={error}
        onChange={(event) => onChange(String(event.currentTarget.checked))}
      />
    );
  }
  if (sort === 'list') {
    const about = `${description}; one on each line`;
    return (
      <Textarea
        {...given}
        description={about}
        autosize
        minRows={3}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  if (sort === 'number') return <NumberInput size="xs" {...given} onChange={(next) => onChange(String(next))} />;
  return <TextInput {...given} onChange={(event) => onChange(event.currentTarget.value)} />;
}
