// Settings that may change while MUTT runs. From: GET /settings. To: an admin, who sees what each does, and
// what a change would do before it is made.
import { Text } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useState } from 'react';
import { useGet } from '@/api/query';
import { Action } from '@/shared/Action';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import { StateBadge } from '@/shared/StateBadge';
import { usePermission } from '@/shared/permission';
import { EditSetting } from './EditSetting';
import classes from './Settings.module.css';
import { type Setting, bounds, shown } from './value';

const CALLS = [
  { method: 'GET', path: '/settings' },
  { method: 'PUT', path: '/settings/observe', query: { dry_run: true }, ifMatch: '*', body: { value: true } },
] as const;

export default function Settings() {
  const { data, error, isPending, refetch } = useGet('/settings');
  const [edited, setEdited] = useState<string | null>(null);
  const setting = data?.items.find((one) => one.name === edited) ?? null;
  return (
    <>
      <PageHead
        title="Settings"
        subtitle="These hold for all processes within two seconds. All others are in mutt.toml, which is read at the start; docs/configuration.md has them."
        calls={CALLS}
      />
      {error !== null && <Failed error={error} what="The settings could not be loaded" onRetry={() => void refetch()} />}
      {isPending && <Loading what="settings" />}
      <ul className={classes.list}>
        {data?.items.map((one) => (
          <Card key={one.name} setting={one} onEdit={() => setEdited(one.name)} />
        ))}
      </ul>
      <EditSetting setting={setting} onClose={() => setEdited(null)} />
    </>
  );
}

function Card({ setting, onEdit }: { setting: Setting; onEdit: () => void }) {
  const { why } = usePermission('admin');
  const { name, about, value, set, unit, default: usual } = setting;
  const limits = bounds(setting);
  return (
    <li className={classes.card}>
      <h2 className="mono">{name}</h2>
      <Text size="sm">{about}</Text>
      <div className={classes.value}>{shown(value, unit)}</div>
      <Text size="xs" c="dimmed">
        {set ? 'Set here' : 'As in mutt.toml'}
        {usual != null && `; default: ${shown(usual, unit)}`}
        {limits !== null && `; ${limits}${unit == null ? '' : ` ${unit}`}`}
      </Text>
      <div>
        {set && <StateBadge state="set here" tone="info" />}{' '}
        <Action what="Change" label={`Change ${name}`} icon={IconPencil} why={why} onClick={onEdit} />
      </div>
    </li>
  );
}
