// What the API answered, as it is.
import { Raw } from '@/shared/Raw';
import classes from './Alert.module.css';

export function RawJson({ value }: { value: unknown }) {
  return (
    <details>
      <summary className={classes.summary}>Raw JSON</summary>
      <Raw text={JSON.stringify(value, null, 2)} what="the answer of the API" />
    </details>
  );
}
