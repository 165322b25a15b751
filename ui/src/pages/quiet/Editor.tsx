// Beside the calendar: a silence or a maintenance window, new or as it is. From: the URL. To: its form.
import { Drawer } from '@mantine/core';
import { useState } from 'react';
import { useGet } from '@/api/query';
import { useMe } from '@/api/session';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { SilenceForm } from './SilenceForm';
import { WindowForm } from './WindowForm';
import { newSilence, newWindow } from './drafts';
import { fromText } from './matchers';

interface EditorProps {
  /** `silence/lab`, `maintenance/patches`, or empty. */
  edit: string;
  /** `silence`, `maintenance`, or empty. */
  make: string;
  match: string;
  onClose: () => void;
}

export function Editor({ edit, make, match, onClose }: EditorProps) {
  const at = edit.indexOf('/');
  const kind = edit.slice(0, Math.max(0, at));
  const name = edit.slice(at + 1);
  const isSilence = kind === 'silence' || make === 'silence';
  const what = isSilence ? 'silence' : 'maintenance window';
  const title = make !== '' ? `New ${what}` : `${isSilence ? 'Silence' : 'Maintenance window'} ${name}`;
  return (
    <Drawer opened={edit !== '' || make !== ''} onClose={onClose} position="right" size="xl" title={title}>
      {make === 'silence' && <NewSilence match={match} onClose={onClose} />}
      {make === 'maintenance' && <NewWindow match={match} onClose={onClose} />}
      {make === '' && kind === 'silence' && <OldSilence name={name} onClose={onClose} />}
      {make === '' && kind === 'maintenance' && <OldWindow name={name} onClose={onClose} />}
    </Drawer>
  );
}

function useGiven(match: string) {
  const { role, teams } = useMe();
  const given = fromText(match);
  // Who works for some teams hides what is of these.
  const own = role !== 'admin' && teams[0] !== undefined && !given.some((one) => one.field === 'team');
  return own ? [...given, { field: 'team', operator: 'equals' as const, value: teams[0] as string }] : given;
}

function NewSilence({ match, onClose }: { match: string; onClose: () => void }) {
  const given = useGiven(match);
  const [silence] = useState(() => newSilence(given, Date.now()));
  return <SilenceForm silence={silence} revision={null} onClose={onClose} />;
}

function NewWindow({ match, onClose }: { match: string; onClose: () => void }) {
  const given = useGiven(match);
  const [made] = useState(() => newWindow(given, Date.now()));
  return <WindowForm window={made} revision={null} onClose={onClose} />;
}

function OldSilence({ name, onClose }: { name: string; onClose: () => void }) {
  const { data, error } = useGet('/silences/{name}', { path: { name } }, { poll_ms: 0 });
  if (error !== null) return <Failed error={error} />;
  if (data === undefined || data.silence.name !== name) return <Loading what="the silence" />;
  return <SilenceForm silence={data.silence} revision={data.revision} now={data.now} onClose={onClose} />;
}

function OldWindow({ name, onClose }: { name: string; onClose: () => void }) {
  const { data, error } = useGet('/maintenance/{name}', { path: { name } }, { poll_ms: 0 });
  if (error !== null) return <Failed error={error} />;
  if (data === undefined || data.window.name !== name) return <Loading what="the maintenance window" />;
  return <WindowForm window={data.window} revision={data.revision} now={data.now} onClose={onClose} />;
}
