// Finds a message and shows its way from packet to page. From: GET /messages, POST /explain and
// GET /messages/{id}/way. To: whoever asks "where is it, and why was nobody told?". The URL holds the question.
import { Tabs } from '@mantine/core';
import { useState } from 'react';
import type { ApiCall } from '@/shared/curl';
import { Panel } from '@/shared/Panel';
import { PageHead } from '@/shared/PageHead';
import { useUrlState } from '@/shared/urlState';
import { Message } from './Message';
import { PasteForm, Pasted } from './Paste';
import { Results } from './Results';
import { SearchForm } from './SearchForm';
import { type Asked, DEFAULTS, type Mode, searchOf } from './ask';

function callsOf(asked: Asked): ApiCall[] {
  if (asked.id !== '') {
    return [
      { method: 'GET', path: `/messages/${asked.id}/way` },
      { method: 'POST', path: '/explain', body: { id: asked.id } },
    ];
  }
  if (asked.message !== '') return [{ method: 'POST', path: '/explain', body: { message: asked.message } }];
  const { host, text, since, until } = asked;
  return [{ method: 'GET', path: '/messages', query: { host, text, since, until, limit: 100 } }];
}

export default function Find() {
  const [asked, setAsked] = useUrlState(DEFAULTS);
  // A span, `2 h`, is counted from when it was asked, not anew each time that the page is drawn.
  const [opened_ms] = useState(Date.now);
  const search = searchOf(asked, opened_ms);
  const isPaste = asked.message !== '';
  const [mode, setMode] = useState<Mode>(isPaste ? 'paste' : 'search');
  const isWell = search !== null && Object.keys(search.errors).length === 0;
  return (
    <>
      <PageHead title="Find a message" subtitle="Its way from packet to page, and what the rules make of it" calls={callsOf(asked)} />
      <Panel title="Which message">
        <Tabs value={mode} onChange={(to) => setMode(to === 'paste' ? 'paste' : 'search')} keepMounted={false}>
          <Tabs.List mb="sm">
            <Tabs.Tab value="search">Stored message</Tabs.Tab>
            <Tabs.Tab value="paste">Paste a message</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="search">
            <SearchForm
              key={JSON.stringify(asked)}
              asked={asked}
              errors={search?.errors ?? {}}
              onAsk={(change) => setAsked({ ...DEFAULTS, ...change }, { push: true })}
            />
          </Tabs.Panel>
          <Tabs.Panel value="paste">
            <PasteForm key={asked.message} asked={asked} onAsk={(change) => setAsked({ ...DEFAULTS, ...change }, { push: true })} />
          </Tabs.Panel>
        </Tabs>
      </Panel>
      {asked.id === '' && isPaste && <Pasted message={asked.message} host={asked.host} peer={asked.peer} />}
      {asked.id !== '' && <Message key={asked.id} id={asked.id} onBack={isWell ? () => setAsked({ id: '' }, { push: true }) : undefined} />}
      {asked.id === '' && !isPaste && isWell && <Results query={search.query} onOpen={(id) => setAsked({ id }, { push: true })} />}
    </>
  );
}
