// Who did what, from where, when. From: GET /audit, the newest first. To: an admin, or whoever checks an admin.
import { Group, NativeSelect, TextInput } from '@mantine/core';
import { IconShieldSearch } from '@tabler/icons-react';
import { usePages } from '@/api/query';
import { Empty } from '@/shared/Empty';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import { DataTable } from '@/shared/table/DataTable';
import { useUrlState } from '@/shared/urlState';
import { Entry } from './Entry';
import { COLUMNS } from './columns';
import { DEFAULTS, KINDS, query } from './filter';

export default function Audit() {
  const [state, setState] = useUrlState(DEFAULTS);
  const asked = query(state);
  const { items, isPending, error, refetch, onEnd } = usePages('/audit', { query: asked }, 100);
  const entry = items.find((one) => String(one.number) === state.entry) ?? null;
  return (
    <>
      <PageHead
        title="Audit"
        subtitle="Who did what, the newest first. Entries are only added, each bound to the one before by its hash; mutt audit export checks and writes them."
        calls={[{ method: 'GET', path: '/audit', query: { ...asked, limit: 100 } }]}
      />
      <Group gap="xs" align="flex-end">
        <TextInput
          label="Who"
          placeholder="a user, a key, terminal:…"
          value={state.who}
          onChange={(event) => setState({ who: event.currentTarget.value })}
        />
        <NativeSelect
          label="What"
          data={KINDS}
          value={state.what}
          onChange={(event) => setState({ what: event.currentTarget.value })}
        />
        <TextInput
          type="datetime-local"
          label="From"
          value={state.since}
          onChange={(event) => setState({ since: event.currentTarget.value })}
        />
        <TextInput
          type="datetime-local"
          label="Until"
          value={state.until}
          onChange={(event) => setState({ until: event.currentTarget.value })}
        />
      </Group>
      {error !== null && <Failed error={error} what="The audit could not be loaded" onRetry={() => void refetch()} />}
      {isPending ? (
        <Loading what="the audit" lines={8} />
      ) : (
        <DataTable
          label="Audit"
          rows={items}
          columns={COLUMNS}
          rowKey={(one) => String(one.number)}
          onOpen={(one) => setState({ entry: String(one.number) }, { push: true })}
          openKey={state.entry}
          onEnd={onEnd}
          empty={
            <Empty title="Nothing was done that fits" icon={IconShieldSearch}>
              Names are whole: ann, not an.
            </Empty>
          }
        />
      )}
      <Entry entry={entry} onClose={() => setState({ entry: '' })} />
    </>
  );
}
