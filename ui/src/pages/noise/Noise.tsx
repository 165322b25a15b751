// How much noise was kept from people. From: GET /noise. To: a director, on the screen and on paper.
import { Button, NativeSelect, SegmentedControl } from '@mantine/core';
import { IconPrinter } from '@tabler/icons-react';
import { useGet } from '@/api/query';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import '@/shared/print.css';
import { useUrlState } from '@/shared/urlState';
import { formatInZone, ownZone, zoneChoices } from '@/shared/zone';
import { BelowCritical } from './BelowCritical';
import { Headline } from './Headline';
import { Days, Flow, Instead } from './Charts';
import classes from './Noise.module.css';
import { Noisiest } from './Noisiest';
import { RANGES, lateCounts, lateText, rangeOf } from './noise';
import type { Schemas } from '@/api/client';

type NoiseView = Schemas['Noise'];

const DEFAULTS = { days: 7, zone: ownZone() };

/** Numbers of hours do not change by the second. */
const EVERY_MS = 60_000;

export default function Noise() {
  const [state, setState] = useUrlState(DEFAULTS);
  const days = rangeOf(state.days);
  const query = { days, zone: state.zone };
  const { data, error, isPending, refetch } = useGet('/noise', { query }, { every_ms: EVERY_MS });
  const ranges = [...new Set([...RANGES, days])].map((one) => ({ value: String(one), label: one === 1 ? '1 day' : `${one} days` }));
  return (
    <div className={classes.page}>
      <PageHead
        title="Noise filtered"
        subtitle={data && <Range noise={data} />}
        calls={[{ method: 'GET', path: '/noise', query }]}
        actions={
          <div className={`${classes.actions} no-print`}>
            <SegmentedControl
              aria-label="Range"
              data={ranges}
              value={String(days)}
              onChange={(value) => setState({ days: Number(value) })}
            />
            <NativeSelect
              aria-label="Time zone"
              data={zoneChoices(state.zone)}
              value={state.zone}
              onChange={(event) => setState({ zone: event.currentTarget.value })}
            />
            <Button variant="default" leftSection={<IconPrinter size={16} aria-hidden />} onClick={() => window.print()}>
              Print
            </Button>
          </div>
        }
      />
      {error !== null && <Failed error={error} what="The numbers could not be loaded" onRetry={() => void refetch()} />}
      {isPending && <Loading what="the noise of the last days" lines={10} />}
      {data !== undefined && error === null && <Shown noise={data} days={days} />}
    </div>
  );
}

function Range({ noise }: { noise: NoiseView }) {
  const zoned = (at: string) => formatInZone(at, noise.zone);
  const late = lateText(lateCounts(noise), zoned);
  return (
    <>
      {zoned(noise.from)} to {zoned(noise.until)}, {noise.zone}. {late}
    </>
  );
}

function Shown({ noise, days }: { noise: NoiseView; days: number }) {
  return (
    <>
      <Headline noise={noise} days={days} />
      <Flow noise={noise} />
      <div className={classes.pair}>
        <Days noise={noise} />
        <Instead noise={noise} />
      </div>
      <div className={classes.pair}>
        <Noisiest kind="host" title="Noisiest devices" items={noise.hosts} since={noise.from} />
        <Noisiest kind="rule" title="Noisiest rules" items={noise.rules} since={noise.from} />
      </div>
      <BelowCritical noise={noise} />
    </>
  );
}
