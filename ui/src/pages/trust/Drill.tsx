// A drill: a marked message goes the whole way. From: GET and POST /drills. To: its steps, as they are done.
import { Button, Code, Group, Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconCircleX, IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import { type Schemas, api, data } from '@/api/client';
import { useAskAgain } from '@/api/query';
import { asProblem } from '@/api/problem';
import { Copy } from '@/shared/Copy';
import { Empty } from '@/shared/Empty';
import { Failed } from '@/shared/Failed';
import { Panel, PlainTable } from '@/shared/Panel';
import { Sign } from '@/shared/Sign';
import { TimeAgo } from '@/shared/TimeAgo';
import { usePermission } from '@/shared/permission';
import { DrillSteps } from './DrillSteps';
import { DRILL_COMMAND, sinceMade } from './drill';
import classes from './Trust.module.css';

type DrillView = Schemas['DrillView'];
type Drills = Schemas['DrillPage'];
type MadeDrill = Schemas['MadeDrill'];

interface DrillProps {
  drills: Drills | undefined;
  error: unknown;
  onRetry: () => void;
  /** The drill whose steps are shown. */
  chosen: string;
  onChoose: (id: string) => void;
}

export function Drill({ drills, error, onRetry, chosen, onChoose }: DrillProps) {
  const { run, isStarting, problem, unsent } = useRun(onChoose);
  const { allowed, why } = usePermission('operator');
  return (
    <Panel
      title="Drill"
      actions={
        <Button
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          loading={isStarting}
          disabled={!allowed}
          aria-describedby={allowed ? undefined : 'drill-why'}
          onClick={() => void run()}
        >
          Run a drill
        </Button>
      }
    >
      <Stack gap="sm">
        <Text size="sm">
          A marked message is received, stored, archived and judged like any other; its alert opens, every destination is told,
          and ten seconds later it is over. It says that it is a drill, takes about 12 seconds, and counts in no number of Noise
          filtered.
        </Text>
        {!allowed && (
          <Text size="sm" c="dimmed" id="drill-why">
            {why}
          </Text>
        )}
        <Command />
        {problem !== null && <Failed error={problem} what="The drill could not be begun" />}
        {unsent !== null && <Unsent made={unsent} />}
        {chosen !== '' && <DrillSteps key={chosen} id={chosen} />}
        {error !== null && <Failed error={error} what="The drills could not be loaded" onRetry={onRetry} />}
        {drills !== undefined && <List drills={drills.items} chosen={chosen} onChoose={onChoose} />}
      </Stack>
    </Panel>
  );
}

function useRun(onChoose: (id: string) => void) {
  const again = useAskAgain();
  const [isStarting, setStarting] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const [unsent, setUnsent] = useState<MadeDrill | null>(null);
  const run = async () => {
    setStarting(true);
    setProblem(null);
    setUnsent(null);
    try {
      const made = await data(api.POST('/drills', { body: { send: true } }));
      if (made.sent == null) setUnsent(made);
      onChoose(made.id);
      await again(['/drills']);
    } catch (failed) {
      setProblem(asProblem(failed));
    } finally {
      setStarting(false);
    }
  };
  return { run, isStarting, problem, unsent };
}

function Command() {
  return (
    <Group gap={4} wrap="nowrap">
      <Text size="sm" component="span">
        In a shell:
      </Text>
      <Code>{DRILL_COMMAND}</Code>
      <Copy text={DRILL_COMMAND} what="the command" />
    </Group>
  );
}

/** The process that was asked has no input of its own: somebody else has to send the message. */
function Unsent({ made }: { made: MadeDrill }) {
  return (
    <div className={classes.unsent} role="status">
      <Text size="sm" fw={600}>
        The drill is known, but its message has to be sent from elsewhere
      </Text>
      <Text size="sm">
        The process that serves these pages has no input for syslog. Send this line to one, as it is, within ten minutes; or run{' '}
        <Code>mutt drill --to tcp://HOST:PORT</Code>
      </Text>
      <Group gap={4} wrap="nowrap">
        <Code className={classes.line}>{made.message}</Code>
        <Copy text={made.message} what="the message" />
      </Group>
    </div>
  );
}

const BADGES = {
  under_way: { icon: IconPlayerPlay, tone: 'info', text: 'under way' },
  arrived: { icon: IconCircleCheck, tone: 'good', text: 'arrived' },
  incomplete: { icon: IconCircleX, tone: 'critical', text: 'incomplete' },
} as const;

function List({ drills, chosen, onChoose }: { drills: readonly DrillView[]; chosen: string; onChoose: (id: string) => void }) {
  if (drills.length === 0) return <Empty title="No drill yet">The last 50 stand here.</Empty>;
  return (
    <PlainTable label="The last drills" head={['Made', 'By', 'Team told', 'State', 'Took', 'Steps']}>
      {drills.map((drill) => (
        <tr key={drill.id}>
          <td>
            <TimeAgo at={drill.made} />
          </td>
          <td>{drill.who}</td>
          <td>{drill.team}</td>
          <td>
            <Sign {...BADGES[drill.state]} filled />
          </td>
          <td>{sinceMade(drill.arrived, drill.made).replace('+ ', '')}</td>
          <td>
            <Button
              variant="subtle"
              size="compact-xs"
              aria-pressed={chosen === drill.id}
              onClick={() => onChoose(chosen === drill.id ? '' : drill.id)}
            >
              {chosen === drill.id ? 'Hide' : 'Show'}
            </Button>
          </td>
        </tr>
      ))}
    </PlainTable>
  );
}
