// One drill, step by step, asked each second until it is at its end.
import { Anchor, Text } from '@mantine/core';
import { IconCircleCheck, IconCircleDashed, IconCircleX, IconMinus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link } from 'react-router';
import { ask, useAskAgain } from '@/api/query';
import type { Schemas } from '@/api/client';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { toAlert } from '@/shared/links';
import { STEP_WORDS, drillText, sinceMade, stepName } from './drill';
import classes from './Trust.module.css';

type DrillDetail = Schemas['DrillDetail'];
type StepState = Schemas['StepState'];
type WayStep = Schemas['WayStep'];

const ASK_MS = 1_000;

function useDrill(id: string) {
  return useQuery<DrillDetail>({
    queryKey: ['/drills/{id}', { path: { id } }],
    queryFn: ({ signal }) => ask('/drills/{id}', { path: { id } }, signal),
    refetchInterval: (query) => (query.state.data === undefined || query.state.data.drill.state === 'under_way' ? ASK_MS : false),
  });
}

export function DrillSteps({ id }: { id: string }) {
  const { data, error, isPending } = useDrill(id);
  const again = useAskAgain();
  const state = data?.drill.state;
  useEffect(() => {
    // Its row in the list, and the days since the last drill, are others then.
    if (state === 'arrived' || state === 'incomplete') void again(['/drills']);
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [state]);
  if (isPending) return <Loading what="the drill" lines={3} />;
  if (error !== null) return <Failed error={error} what="The drill could not be loaded" />;
  return (
    <section className={classes.drill} aria-label="Steps of the drill">
      <Text size="sm" fw={600} role="status">
        {drillText(data.drill, data.steps)}
      </Text>
      <ol className={classes.steps}>
        {data.steps.map((step, at) => (
          // Two steps may be alike; their order never changes.
          // oxlint-disable-next-line react/no-array-index-key
          <Step key={at} step={step} made={data.drill.made} />
        ))}
      </ol>
    </section>
  );
}

const MARKS: Record<StepState, { icon: typeof IconMinus; tone: string }> = {
  done: { icon: IconCircleCheck, tone: 'good' },
  waiting: { icon: IconCircleDashed, tone: 'quiet' },
  failed: { icon: IconCircleX, tone: 'critical' },
  nothing: { icon: IconMinus, tone: 'quiet' },
};

function Step({ step, made }: { step: WayStep; made: string }) {
  const { icon: Mark, tone } = MARKS[step.state];
  return (
    <li data-state={step.state}>
      <Mark size={18} color={`var(--tone-${tone})`} aria-hidden />
      <span>
        <strong>{stepName(step)}</strong> <span className={classes.state}>{STEP_WORDS[step.state]}</span>
      </span>
      <span className={classes.when}>{sinceMade(step.at, made)}</span>
      <span className={classes.words}>
        {step.words}
        {step.alert_id != null && (
          <>
            {' '}
            <Anchor component={Link} to={toAlert(step.alert_id)} inherit underline="always">
              the alert
            </Anchor>
          </>
        )}
      </span>
    </li>
  );
}
