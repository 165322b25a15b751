// The nonce that styles made by scripts carry; MUTT puts another into each answer of index.html.
// CodeMirror: `EditorView.cspNonce.of(cspNonce())`.

export function cspNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
}

/** Libraries that know no setting for it (get-nonce, under Mantine's dialogs) look for this name. */
export function shareNonce(): void {
  Object.assign(globalThis, { __webpack_nonce__: cspNonce() });
}
