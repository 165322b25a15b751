// How every process is, as it says itself. From: GET /health, and the three lights of the pulse. To: whoever
// keeps MUTT running.
import { Text } from '@mantine/core';
import { IconServerOff } from '@tabler/icons-react';
import { useState } from 'react';
import { useLive } from '@/api/live';
import type { Schemas } from '@/api/client';
import { processesOf } from '@/api/reports';
import { useGet } from '@/api/query';
import { useLiveRefresh } from '@/api/refresh';
import { Empty } from '@/shared/Empty';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import { Lights } from './Lights';
import { ProcessCard } from './ProcessCard';
import classes from './Health.module.css';
import { sortProcesses, summary, versions } from './health';

type Pulse = Schemas['Pulse'];

const PATHS = ['/health'] as const;

export default function Health() {
  const { data, error, isPending, refetch } = useGet('/health');
  const [pulse, setPulse] = useState<Pulse | null>(null);
  useLive('pulse', (told) => setPulse(told.at(-1) ?? null));
  useLiveRefresh('pulse', PATHS, 500);
  const processes = processesOf(data);
  const several = versions(processes);
  return (
    <>
      <PageHead title="Health" subtitle={data && summary(processes)} calls={[{ method: 'GET', path: '/health' }]} />
      <Lights pulse={pulse} />
      {several.length > 0 && (
        <Text size="sm" role="status">
          Processes of several versions run: {several.join(', ')}. They understand each other; bring them to one soon.
        </Text>
      )}
      {error !== null && <Failed error={error} what="The processes could not be loaded" onRetry={() => void refetch()} />}
      {isPending && <Loading what="processes" lines={8} />}
      {data !== undefined && processes.length === 0 && (
        <Empty title="No process reports" icon={IconServerOff}>
          A process with a database says how it is every three seconds. The one that serves this page has not yet.
        </Empty>
      )}
      <div className={classes.cards}>
        {sortProcesses(processes).map((one) => (
          <ProcessCard key={one.name} process={one} />
        ))}
      </div>
      {processes.length > 0 && (
        <Text size="sm" c="dimmed">
          A process without a database says nothing and is missing here: mutt ingest without SNMP v3. Its own{' '}
          <span className="mono">/readyz?verbose</span> says the same. Days that certificates have left are a metric,{' '}
          <span className="mono">mutt_tls_certificate_expiry_days</span>; MUTT raises an alert before one ends.
        </Text>
      )}
    </>
  );
}
