// From stage to stage less: a flow on a logarithmic axis, and bars where there is no room for it. From:
// the stages. To: Figure, which has the same numbers as a table.
import { Count } from '../Count';
import { formatNumber, formatShort } from '../format';
import classes from './Funnel.module.css';
import { logPlace } from './logScale';
import { type Frame, type StageShape, sankey } from './sankey';

export interface Stage {
  name: string;
  value: number;
  /** The list behind the number. */
  to?: string;
  /** Why the rest goes no further: `no rule wanted them`; the last stage has none. */
  off?: string;
}

const FRAME: Frame = { width: 1_000, height: 310, left: 52, right: 84, top: 36, bottom: 62, bar: 14 };

/** `1,204,332 messages, then 94,220 matched, …`. */
export function funnelText(stages: readonly Stage[]): string {
  return stages.map((stage) => `${formatNumber(stage.value)} ${stage.name}`).join(', then ');
}

export function Funnel({ stages }: { stages: readonly Stage[] }) {
  return (
    <div className={classes.funnel}>
      <Flow stages={stages} />
      <Bars stages={stages} />
    </div>
  );
}

function Flow({ stages }: { stages: readonly Stage[] }) {
  const shape = sankey(stages.map((stage) => stage.value), FRAME);
  const { width, height, left, right } = FRAME;
  return (
    <svg role="img" aria-label={funnelText(stages)} viewBox={`0 0 ${width} ${height}`} className={classes.flow}>
      {shape.lines.map((line) => (
        <g key={line.value}>
          <line x1={left - 6} x2={width - right} y1={line.y} y2={line.y} className={classes.line} />
          <text x={left - 12} y={line.y + 4} textAnchor="end" className={classes.axis}>
            {formatShort(line.value)}
          </text>
        </g>
      ))}
      {shape.flows.map((flow, at) => (
        <g key={stages[at]?.name}>
          <path d={flow.off} className={classes.off} />
          <path d={flow.on} className={classes.on} />
          <Off stages={stages} at={at} x={flow.middle} y={shape.base} />
        </g>
      ))}
      {shape.stages.map((one, at) => (
        <StageBar key={stages[at]?.name} stage={stages[at]} shape={one} />
      ))}
    </svg>
  );
}

function StageBar({ stage, shape }: { stage: Stage | undefined; shape: StageShape }) {
  if (stage === undefined) return null;
  return (
    <g>
      <rect x={shape.x} y={shape.y} width={FRAME.bar} height={shape.height} rx={2} className={classes.stage} />
      <text x={shape.x} y={shape.y - 27} className={classes.value}>
        {formatNumber(stage.value)}
      </text>
      <text x={shape.x} y={shape.y - 9} className={classes.name}>
        {stage.name}
      </text>
    </g>
  );
}

function leaves(stages: readonly Stage[], at: number): number {
  return Math.max(0, (stages[at]?.value ?? 0) - (stages[at + 1]?.value ?? 0));
}

function Off({ stages, at, x, y }: { stages: readonly Stage[]; at: number; x: number; y: number }) {
  const count = leaves(stages, at);
  if (count === 0) return null;
  return (
    <text x={x} y={y + 26} textAnchor="middle" className={classes.why}>
      <tspan className={classes.minus}>−{formatNumber(count)}</tspan>
      <tspan x={x} dy={19}>
        {stages[at]?.off}
      </tspan>
    </text>
  );
}

/** The same without room: a bar for each stage, on the same axis. */
function Bars({ stages }: { stages: readonly Stage[] }) {
  const most = Math.max(1, ...stages.map((stage) => stage.value));
  return (
    <ol className={classes.bars}>
      {stages.map((stage, at) => (
        <li key={stage.name}>
          <div className={classes.row}>
            <strong>
              <Count value={stage.value} to={stage.to} of={stage.name} />
            </strong>{' '}
            {stage.name}
          </div>
          <div className={classes.bar} style={{ inlineSize: `${logPlace(stage.value, most) * 100}%` }} />
          {stage.off !== undefined && leaves(stages, at) > 0 && (
            <div className={classes.whyRow}>
              −{formatNumber(leaves(stages, at))}: {stage.off}
            </div>
          )}
        </li>
      ))}
    </ol>
  );
}
