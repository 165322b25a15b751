// Notices in one state, dead letters above all. From: GET /deliveries. To: an operator, who looks at what
// was sent and sends it again.
import { Select } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useParams } from 'react-router';
import { useGet, usePages } from '@/api/query';
import { useLiveRefresh } from '@/api/refresh';
import { NotFound } from '@/pages/not-found/NotFound';
import { Empty } from '@/shared/Empty';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import { DataTable } from '@/shared/table/DataTable';
import { useUrlState } from '@/shared/urlState';
import { Letter } from './Letter';
import { ReplayAll } from './ReplayAll';
import { COLUMNS } from './columns';
import { type DeliveryState, STATE_MEANS, STATE_TITLES, stateOf } from './delivery';


const DEFAULTS = { destination: '', letter: 0, sort: '' };
const PATHS = ['/deliveries', '/destinations'] as const;

export default function Letters() {
  const state = stateOf(useParams().list);
  return state === null ? <NotFound /> : <List key={state} state={state} />;
}

function List({ state }: { state: DeliveryState }) {
  const [url, setUrl] = useUrlState(DEFAULTS);
  const query = useMemo(() => ({ state, destination: url.destination === '' ? undefined : url.destination }), [state, url.destination]);
  const params = useMemo(() => ({ query }), [query]);
  const { items, isPending, error, refetch, onEnd } = usePages('/deliveries', params);
  const destinations = useGet('/destinations');
  useLiveRefresh('delivery', PATHS, 1_000);
  const all = destinations.data?.destinations ?? [];
  return (
    <>
      <PageHead
        title={STATE_TITLES[state]}
        subtitle={STATE_MEANS[state]}
        calls={[{ method: 'GET', path: '/deliveries', query }, ...(state === 'dead' ? replayCalls(url.destination) : [])]}
      />
      <Select
        aria-label="Destination"
        placeholder="Every destination"
        clearable
        w={220}
        data={[...new Set([...all.map((one) => one.name), url.destination])].filter((name) => name !== '')}
        value={url.destination === '' ? null : url.destination}
        onChange={(destination) => setUrl({ destination: destination ?? '' })}
      />
      {state === 'dead' && <ReplayAll destinations={all} chosen={url.destination} />}
      {error !== null && <Failed error={error} what="The notices could not be loaded" onRetry={() => void refetch()} />}
      {isPending && <Loading what="notices" lines={8} />}
      {!isPending && error === null && (
        <DataTable
          label={STATE_TITLES[state]}
          rows={items}
          columns={COLUMNS}
          rowKey={(letter) => String(letter.number)}
          sort={url.sort}
          onSort={(sort) => setUrl({ sort })}
          onOpen={(letter) => setUrl({ letter: letter.number }, { push: true })}
          openKey={String(url.letter)}
          onEnd={onEnd}
          empty={<None state={state} destination={url.destination} />}
        />
      )}
      <Letter number={url.letter} onClose={() => setUrl({ letter: 0 })} />
    </>
  );
}

function replayCalls(destination: string) {
  return [{ method: 'POST', path: '/deliveries/replay', body: { destination: destination === '' ? 'NAME' : destination } }] as const;
}

function None({ state, destination }: { state: DeliveryState; destination: string }) {
  const of = destination === '' ? '' : ` of ${destination}`;
  if (state === 'dead') {
    return (
      <Empty title={`No dead letters${of}`} icon={IconCircleCheck}>
        Every notice was taken, waits, or was overtaken by a later one.
      </Empty>
    );
  }
  return <Empty title={`No notices${of} are ${state}`} />;
}
