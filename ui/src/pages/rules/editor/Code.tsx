// The code of a rule, in CodeMirror. From: the draft's text and its faults. To: the draft, with each key.
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { yaml } from '@codemirror/lang-yaml';
import { HighlightStyle, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { Compartment, EditorState, type Text } from '@codemirror/state';
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useEffectEvent, useRef } from 'react';
import { cspNonce } from '@/app/nonce';
import type { Fault } from '../api';
import type { Format } from '../model/text';

interface CodeProps {
  text: string;
  format: Format;
  isReadOnly: boolean;
  faults: readonly Fault[];
  warnings: readonly Fault[];
  /** What explains the keys. */
  describedBy: string;
  /** Where to go: another object each time. */
  goTo: { line: number } | null;
  onChange: (text: string) => void;
}

const LANGUAGES = { yaml, json };

const COLOURS = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--mantine-color-anchor)' },
  { tag: [tags.string, tags.content], color: 'var(--mantine-color-text)' },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: 'var(--tone-info)' },
  { tag: tags.comment, color: 'var(--mantine-color-dimmed)', fontStyle: 'italic' },
  { tag: [tags.punctuation, tags.separator, tags.bracket], color: 'var(--mantine-color-dimmed)' },
]);

const LOOK = EditorView.theme({
  '&': { backgroundColor: 'var(--raised)', color: 'var(--mantine-color-text)', fontSize: '0.8rem', maxHeight: '30rem' },
  '&.cm-focused': { outline: '2px solid var(--mantine-color-anchor)', outlineOffset: '-1px' },
  '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', lineHeight: '1.55', minHeight: '12rem' },
  '.cm-content': { caretColor: 'var(--mantine-color-text)' },
  '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
  '.cm-gutters': { backgroundColor: 'var(--sunken)', color: 'var(--mantine-color-dimmed)', borderRight: '1px solid var(--line)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--hover)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--chosen)',
  },
  '.cm-tooltip': { backgroundColor: 'var(--raised)', border: '1px solid var(--line-strong)', color: 'var(--mantine-color-text)' },
});

function diagnostics(doc: Text, faults: readonly Fault[], severity: 'error' | 'warning'): Diagnostic[] {
  return faults.flatMap((fault) => {
    if (fault.line == null || fault.line < 1) return [];
    const line = doc.line(Math.min(fault.line, doc.lines));
    const start = line.from + (line.text.length - line.text.trimStart().length);
    return [{ from: start, to: Math.max(start, line.to), severity, message: `${fault.path} ${fault.message}`.trim() }];
  });
}

export default function Code({ text, format, isReadOnly, faults, warnings, describedBy, goTo, onChange }: CodeProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const language = useRef(new Compartment());
  const changed = useEffectEvent(onChange);
  const first = useEffectEvent(() => ({ text, format, isReadOnly, describedBy }));
  useEffect(() => {
    const begin = first();
    const made = new EditorView({
      parent: place.current ?? undefined,
      state: EditorState.create({
        doc: begin.text,
        extensions: [
          EditorView.cspNonce.of(cspNonce()),
          EditorView.contentAttributes.of({ tabindex: '0', 'aria-label': 'Code of the rule', 'aria-describedby': begin.describedBy }),
          EditorState.readOnly.of(begin.isReadOnly),
          EditorView.updateListener.of((update) => update.docChanged && changed(update.state.doc.toString())),
          EditorView.lineWrapping,
          language.current.of(LANGUAGES[begin.format]()),
          indentUnit.of('  '),
          [lineNumbers(), lintGutter(), history(), drawSelection(), highlightActiveLine(), bracketMatching(), indentOnInput()],
          syntaxHighlighting(COLOURS),
          keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
          LOOK,
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, []);

  useEffect(() => {
    const now = view.current;
    if (now === null || now.state.doc.toString() === text) return;
    now.dispatch({ changes: difference(now.state.doc.toString(), text) });
  }, [text]);
  useEffect(() => {
    view.current?.dispatch({ effects: language.current.reconfigure(LANGUAGES[format]()) });
  }, [format]);
  useEffect(() => {
    const now = view.current;
    if (now === null) return;
    const found = [...diagnostics(now.state.doc, faults, 'error'), ...diagnostics(now.state.doc, warnings, 'warning')];
    now.dispatch(setDiagnostics(now.state, found));
  }, [faults, warnings]);
  useEffect(() => {
    const now = view.current;
    if (now === null || goTo === null) return;
    const line = now.state.doc.line(Math.max(1, Math.min(goTo.line, now.state.doc.lines)));
    now.dispatch({ selection: { anchor: line.to }, effects: EditorView.scrollIntoView(line.from, { y: 'center' }) });
    now.focus();
  }, [goTo]);
  return <div ref={place} />;
}

/** Only what differs, so that the cursor stays where it is. */
function difference(before: string, after: string): { from: number; to: number; insert: string } {
  let start = 0;
  const most = Math.min(before.length, after.length);
  while (start < most && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  return { from: start, to: before.length - end, insert: after.slice(start, after.length - end) };
}
