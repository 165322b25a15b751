// The geometry of a flow through stages that each let less through. From: the stages' values. To: shapes
// of a picture that is `width` by `height`. Pure.
//
// The stages differ by powers of ten, so heights are logarithmic, on one axis for all: a stage and what
// goes on of it have the same height on both sides of a gap. What leaves is what the slope falls by.
import { type AxisLine, logLines, logPlace } from './logScale';

export interface Frame {
  width: number;
  height: number;
  /** Free on each side, for the axis, for the words of the last stage, over and under the picture. */
  left: number;
  right: number;
  top: number;
  bottom: number;
  /** How thick a stage's bar is. */
  bar: number;
}

export interface StageShape {
  x: number;
  y: number;
  height: number;
}

export interface FlowShape {
  /** What goes on to the next stage. */
  on: string;
  /** What leaves, over it; empty: nothing does. */
  off: string;
  /** The middle of the gap. */
  middle: number;
}

export interface SankeyShape {
  stages: StageShape[];
  flows: FlowShape[];
  lines: (AxisLine & { y: number })[];
  base: number;
}

const round = (value: number) => Math.round(value * 10) / 10;

export function sankey(values: readonly number[], frame: Frame): SankeyShape {
  const most = Math.max(1, ...values);
  const base = frame.height - frame.bottom;
  const room = base - frame.top;
  const span = frame.width - frame.left - frame.right - frame.bar;
  const step = values.length > 1 ? span / (values.length - 1) : 0;
  const top = (value: number) => round(base - logPlace(value, most) * room);
  const stages = values.map((value, at) => ({
    x: round(frame.left + at * step),
    y: top(value),
    height: round(base - top(value)),
  }));
  const flows = stages.slice(1).map((next, at) => flow(stages[at] as StageShape, next, base, frame.bar));
  const lines = logLines(most).map((line) => ({ ...line, y: round(base - line.place * room) }));
  return { stages, flows, lines, base };
}

function flow(from: StageShape, to: StageShape, base: number, bar: number): FlowShape {
  const x = from.x + bar;
  // More may come out than went in: one alert can page again and again. Then nothing leaves.
  const lower = Math.max(from.y, to.y);
  const bend = round((to.x - x) / 2);
  const slope = `C${x + bend},${from.y} ${to.x - bend},${to.y} ${to.x},${to.y}`;
  const rises = to.y < from.y;
  const on = rises
    ? `M${x},${base}L${x},${from.y}${slope}L${to.x},${base}Z`
    : `M${x},${base}L${x},${lower}L${to.x},${lower}L${to.x},${base}Z`;
  const off = to.y > from.y ? `M${x},${lower}L${x},${from.y}${slope}Z` : '';
  return { on, off, middle: round((x + to.x) / 2) };
}
