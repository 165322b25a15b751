// Every component of Mantine that is used has its styles in styles.ts.
import { expect, test } from 'vitest';
import listed from './styles.ts?raw';

const sources = import.meta.glob<string>('../**/*.tsx', { query: '?raw', import: 'default', eager: true });
const styles = Object.keys(import.meta.glob('/node_modules/@mantine/core/styles/*.css'));

function used(): Set<string> {
  const imports = Object.values(sources).flatMap((text) =>
    [...text.matchAll(/import \{([^}]*)\} from '@mantine\/core'/g)].map((found) => found[1] ?? ''),
  );
  const names = imports.flatMap((list) => list.split(',')).map((name) => name.replace('type ', '').trim());
  return new Set(names.filter((name) => name !== ''));
}

test('styles of all components that pages use are shipped', () => {
  const names = [...used()].filter((name) => styles.some((path) => path.endsWith(`/${name}.css`)));
  expect(names.length).toBeGreaterThan(10);
  const missing = names.filter((name) => !listed.includes(`styles/${name}.css`));
  expect(missing).toEqual([]);
});
