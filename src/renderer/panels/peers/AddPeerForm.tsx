import { AlertDialog } from '@base-ui/react/alert-dialog';
import { type FormEvent, useEffect, useRef } from 'react';
import { IDS } from '../../app/shortcuts.ts';
import { Icon } from '../../components/icons.tsx';
import { hostOf } from '../../lib/address.ts';
import { addPeerSentence } from './words.ts';
import { useAddPeer } from './use-add-peer.ts';

interface AskProps {
  address: string | null;
  answer: (yes: boolean) => void;
  /** Where focus returns to. */
  field: React.RefObject<HTMLInputElement | null>;
}

/** Asks before the first byte leaves this computer. */
function AskToLeave({ address, answer, field }: AskProps) {
  return (
    <AlertDialog.Root
      open={address !== null}
      onOpenChange={(open) => {
        if (!open) answer(false);
      }}
    >
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="dialog-backdrop" />
        <AlertDialog.Popup className="dialog" finalFocus={field}>
          <AlertDialog.Title className="dialog-title">Connect outside this computer?</AlertDialog.Title>
          <AlertDialog.Description className="dialog-text">
            {address === null ? '' : (hostOf(address) ?? address)} is not on this computer. The node there, and whoever is on the way, will see your
            node’s name and address and every block and message that you exchange.
          </AlertDialog.Description>
          <div className="dialog-actions">
            <AlertDialog.Close className="button">Cancel</AlertDialog.Close>
            <button type="button" className="button primary" onClick={() => answer(true)}>
              Connect
            </button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

export function AddPeerForm() {
  const form = useAddPeer();
  const field = useRef<HTMLInputElement>(null);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (!form.pending) form.submit();
  };
  const keepTrying = (): void => {
    // The button goes away with the error.
    field.current?.focus();
    form.keepTrying();
  };
  const { error } = form;
  const report = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // In a low window the panels scroll, and what is wrong would stand below the edge.
    if (error !== null) report.current?.scrollIntoView({ block: 'nearest' });
  }, [error]);
  return (
    <form className="add-peer" noValidate onSubmit={onSubmit}>
      <div className="add-peer-row">
        <input
          ref={field}
          id={IDS.address}
          className="mono"
          aria-label="Peer address"
          placeholder="127.0.0.1:5002"
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="none"
          maxLength={300}
          value={form.address}
          aria-invalid={error === null ? undefined : true}
          aria-describedby={error === null ? undefined : 'peer-error'}
          onChange={(event) => form.setAddress(event.target.value)}
        />
        <button type="submit" className="button" aria-disabled={form.pending} aria-busy={form.pending}>
          {form.pending && <Icon name="busy" size={14} className="spin" />}
          Add peer
        </button>
      </div>
      <div ref={report} className="field-report" aria-live="polite">
        {error !== null && (
          <p className="field-error" id="peer-error">
            {addPeerSentence(error)}
            {error.code === 'nothing-answers' && (
              <>
                {' '}
                <button type="button" className="link" onClick={keepTrying}>
                  keep trying
                </button>
                .
              </>
            )}
          </p>
        )}
        <span className="sr-only">{form.said}</span>
      </div>
      <AskToLeave address={form.asking} answer={form.answer} field={field} />
    </form>
  );
}
