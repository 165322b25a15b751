// A pattern's template, with what varies marked.
import { visible } from '@/shared/raw';
import classes from './Unknown.module.css';
import { parts } from './template';

export function Template({ text }: { text: string }) {
  return (
    <span className={classes.template}>
      {parts(text).map((part) =>
        part.varies ? (
          <span key={part.at} className={classes.wild} title="varies">
            <span aria-hidden>∗</span>
            <span className="sr-only">anything</span>
          </span>
        ) : (
          visible(part.text)
        ),
      )}
    </span>
  );
}
