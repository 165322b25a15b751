// What a silence would have hidden in the last seven days. From: POST …/preview, as its form changes.
import { Alert, List, Stack, Text } from '@mantine/core';
import { IconEyeOff, IconInfoCircle } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { type Schemas, api, data } from '@/api/client';
import type { ProblemError } from '@/api/problem';
import { Loading } from '@/shared/Loading';
import { Severity, type AlertSeverity } from '@/shared/Severity';
import { TimeAgo } from '@/shared/TimeAgo';
import { formatNumber, plural } from '@/shared/format';
import { toAlert, toMessages, toRule } from '@/shared/links';
import classes from './Quiet.module.css';

type Found = Schemas['SilencePreview'];

/** A silence or a window, as far as it is filled in: names and reasons do not matter here. */
export type Draft = { silence: Schemas['Silence'] } | { window: Schemas['Maintenance'] };

const NAMELESS = { name: 'not-saved', reason: 'not saved' };

function askPreview(draft: Draft, signal: AbortSignal): Promise<Found> {
  if ('silence' in draft) {
    return data(api.POST('/silences/preview', { body: { ...draft.silence, ...NAMELESS }, signal }));
  }
  return data(api.POST('/maintenance/preview', { body: { ...draft.window, ...NAMELESS }, signal }));
}

/** null: too little is filled in to look. */
export function usePreview(draft: Draft | null) {
  return useQuery<Found, ProblemError>({
    queryKey: ['preview', draft],
    queryFn: ({ signal }) => askPreview(draft as Draft, signal),
    enabled: draft !== null,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    retry: false,
  });
}

interface PreviewProps {
  found: Found | undefined;
  error: ProblemError | null;
  isWaiting: boolean;
}

export function Preview({ found, error, isWaiting }: PreviewProps) {
  return (
    <section className={classes.preview} aria-label="What it would have hidden" aria-live="polite">
      {error !== null && (
        <Text size="sm" c="dimmed">
          Not looked yet: {error.errors[0]?.message ?? error.detail}
        </Text>
      )}
      {error === null && found === undefined && isWaiting && <Loading what="what it would have hidden" lines={2} />}
      {error === null && found === undefined && !isWaiting && (
        <Text size="sm" c="dimmed">
          Fill in a matcher to see what it would have hidden.
        </Text>
      )}
      {error === null && found !== undefined && <Shown found={found} />}
    </section>
  );
}

function Shown({ found }: { found: Found }) {
  const { alerts, notices, open_alerts: open, truncated, broad } = found;
  return (
    <Stack gap="sm">
      <Text fw={600}>
        <IconEyeOff size={16} aria-hidden /> It would have hidden {plural(alerts, 'alert')} in 7 days
      </Text>
      <Text size="sm">
        {plural(notices, 'notice')} would not have been told. It would quiet {plural(open, 'open alert')} at once.
        {truncated && ' Only the newest 50,000 alerts were looked at.'}
      </Text>
      {broad.length > 0 && (
        <Alert color="yellow" variant="outline" icon={<IconInfoCircle aria-hidden />} title="It is broad: only an admin may save it">
          <List size="sm">
            {broad.map((why) => (
              <List.Item key={why}>{why}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      {alerts > 0 && (
        <div className={classes.most}>
          <Most title="Rules" of={found.rules} to={toRule} />
          <Most title="Hosts" of={found.hosts} to={(host) => toMessages({ host })} />
        </div>
      )}
      {found.samples.length > 0 && <Samples samples={found.samples} />}
    </Stack>
  );
}

function Most({ title, of, to }: { title: string; of: Found['rules']; to: (name: string) => string | undefined }) {
  return (
    <table className={classes.tally}>
      <caption>{title}</caption>
      <tbody>
        {of.slice(0, 8).map((one) => (
          <tr key={one.name}>
            <th scope="row">
              <Name name={one.name} to={to(one.name)} />
            </th>
            <td className="tabular">{formatNumber(one.alerts)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Name({ name, to }: { name: string; to: string | undefined }) {
  if (to === undefined) return <span className="mono">{name}</span>;
  return (
    <Link to={to} className="mono">
      {name}
    </Link>
  );
}

function Samples({ samples }: { samples: Found['samples'] }) {
  return (
    <div>
      <Text size="sm" fw={600}>
        The newest of them
      </Text>
      <ul className={classes.samples}>
        {samples.map((one) => (
          <li key={one.id}>
            <Severity severity={one.severity as AlertSeverity} />{' '}
            <Link to={toAlert(one.id)}>{one.summary}</Link>, <TimeAgo at={one.first_seen} />
          </li>
        ))}
      </ul>
    </div>
  );
}
