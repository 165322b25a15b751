// What a backtest of one proposed rule says, in sentences. From: GET /backtests/{id}. Pure.
import type { Schemas } from '@/api/client';
import { formatNumber, plural } from '@/shared/format';

type Report = Schemas['Report'];

export function words(report: Report): string[] {
  const { all, alerts, pages, events } = report;
  const said = [`${plural(events, 'message')} judged by the rules as they are, and with this one.`];
  said.push(
    all.gained === 0
      ? 'It would have wanted none of them: look at its conditions.'
      : `It would have wanted ${formatNumber(all.gained)} that no rule wants now.`,
  );
  if (all.changed > 0) said.push(`${plural(all.changed, 'message')} would have gone from another rule to this one.`);
  if (all.lost > 0) said.push(`${plural(all.lost, 'message')} would have been wanted by no rule any more.`);
  said.push(
    alerts.gained === 0 ? 'It would have opened no alert.' : `It would have opened ${plural(alerts.gained, 'alert')}.`,
  );
  if (pages.gained > 0) said.push(`Somebody would have been paged ${plural(pages.gained, 'time')}.`);
  if (report.unreadable > 0) said.push(`${plural(report.unreadable, 'message')} could not be read any more.`);
  return said;
}
