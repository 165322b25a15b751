import { describe, expect, it } from 'vitest';
import { linearLines, logLines, logPlace } from './logScale';
import { sankey } from './sankey';

describe('a logarithmic axis', () => {
  it('has none, one and each power of ten at equal steps', () => {
    expect(logLines(1_204_332).map((line) => line.value)).toEqual([0, 1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000]);
    const places = logLines(1_000).map((line) => line.place);
    expect(places).toEqual([0, 0.25, 0.5, 0.75, 1]);
  });

  it('keeps order, and shows one as more than none', () => {
    const places = [0, 1, 2, 41, 812, 1_204_332].map((value) => logPlace(value, 1_204_332));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(new Set(places).size).toBe(6);
    expect(places.at(-1)).toBeLessThanOrEqual(1);
  });

  it('stands with nothing at all', () => {
    expect(logPlace(0, 0)).toBe(0);
    expect(logLines(0).map((line) => line.value)).toEqual([0, 1, 10]);
  });
});

describe('a linear axis', () => {
  it('ends at a round number that holds the most', () => {
    expect(linearLines(41).map((line) => line.value)).toEqual([0, 20, 40, 60]);
    expect(linearLines(2_601).at(-1)).toEqual({ value: 3_000, place: 1 });
  });

  it('has no parts of one', () => {
    expect(linearLines(1).map((line) => line.value)).toEqual([0, 1]);
    expect(linearLines(0)).toEqual([{ value: 0, place: 0 }]);
  });
});

const FRAME = { width: 1_000, height: 300, left: 60, right: 100, top: 50, bottom: 50, bar: 16 };

describe('a flow through stages', () => {
  const shape = sankey([1_000_000, 10_000, 100, 10], FRAME);

  it('stands on one base, from edge to edge', () => {
    expect(shape.stages.map((stage) => stage.y + stage.height)).toEqual([250, 250, 250, 250]);
    expect(shape.stages[0]?.x).toBe(60);
    expect(shape.stages[3]?.x).toBe(884);
  });

  it('falls as much for each power of ten', () => {
    const [a, b, c, d] = shape.stages.map((stage) => stage.height);
    // Two powers, two powers, one: of seven steps in 200.
    expect((a as number) - (b as number)).toBeCloseTo(57.1, 0);
    expect((b as number) - (c as number)).toBeCloseTo(57.1, 0);
    expect((c as number) - (d as number)).toBeCloseTo(28.6, 0);
  });

  it('goes on at the height of the next stage', () => {
    const next = shape.stages[1]?.y;
    expect(shape.flows[0]?.on).toContain(`L76,${next}L`);
    expect(shape.flows[0]?.off).not.toBe('');
  });

  it('loses nothing where more comes out than went in', () => {
    expect(sankey([10, 12], FRAME).flows[0]?.off).toBe('');
    expect(sankey([0, 0], FRAME).flows[0]?.off).toBe('');
    expect(sankey([0, 0, 0], FRAME).stages.map((stage) => stage.height)).toEqual([0, 0, 0]);
  });
});
