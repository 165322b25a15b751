// The alerts of the page. From: GET /alerts, page after page, as the stream changes them. To: the page's filter.
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { merge, useCurrentAlerts } from '@/api/list';
import { useLive } from '@/api/live';
import { type Params, useAll } from '@/api/query';
import { type AlertView, hasState } from './filter';

const ALERTS_MAX = 10_000;
const NOTHING: Params<'/alerts'> = { query: {} };

/** `question` null: what is not over, from the list that is kept for all pages. */
export function useAlerts(question: Params<'/alerts'> | null) {
  const cache = useQueryClient();
  const current = useCurrentAlerts();
  const asked = question ?? NOTHING;
  const past = useAll('/alerts', asked, ALERTS_MAX, { enabled: question !== null });
  useLive('alert', (changes) => {
    if (question === null) return;
    type Kept = typeof past.data;
    cache.setQueryData<Kept>(['/alerts', asked, 'all', ALERTS_MAX], (kept) => {
      if (kept === undefined) return kept;
      const items = merge(kept.items, changes, (alert) => belongs(alert, asked));
      return { items: items.slice(0, ALERTS_MAX), more: kept.more || items.length > ALERTS_MAX };
    });
  });
  return question === null ? current : past;
}

function belongs(alert: AlertView, { query }: Params<'/alerts'>): boolean {
  const until_ms = query?.until == null ? Number.POSITIVE_INFINITY : Date.parse(query.until);
  const states = query?.state?.split(',') ?? [];
  return states.includes(alert.state) && Date.parse(alert.first_seen) < until_ms;
}

const KEPT_MAX = 200;
const NOTICE_MS = 8_000;

/** What left the list of what is not over: as it was last heard of, and the newest for a short while. */
export function useLeft() {
  const [known, setKnown] = useState<ReadonlyMap<string, AlertView>>(new Map());
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const [left, setLeft] = useState<readonly AlertView[]>([]);
  useLive('alert', (changes) => {
    const over = changes.filter((alert) => hasState(alert, 'over'));
    if (over.length === 0) return;
    setKnown((before) => new Map([...before, ...over.map((alert) => [alert.id, alert] as const)].slice(-KEPT_MAX)));
    setLeft(over);
    if (timer.current !== null) clearTimeout(timer.current);
    timer.current = setTimeout(() => setLeft([]), NOTICE_MS);
  });
  return { known, left };
}
