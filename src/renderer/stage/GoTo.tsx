import { useId, useState } from 'react';
import { formatNumber } from '../lib/format.ts';

/** The height that a text means, as `1312` and `1,312` do; null when it is none up to `tipHeight`. */
export function heightFrom(text: string, tipHeight: number): number | null {
  const digits = text.replace(/[\s,]/g, '');
  if (!/^\d{1,10}$/.test(digits)) return null;
  const height = Number(digits);
  return height <= tipHeight ? height : null;
}

interface GoToProps {
  tipHeight: number;
  onGo: (height: number) => void;
  /** @param back whether focus goes back to the chain. */
  onClose: (back: boolean) => void;
}

/** A field for a height. Enter goes there, Escape closes it. */
export function GoTo({ tipHeight, onGo, onClose }: GoToProps) {
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState(false);
  const id = useId();
  return (
    <form
      className="go-to"
      aria-label="Go to a height"
      onSubmit={(event) => {
        event.preventDefault();
        const height = heightFrom(text, tipHeight);
        if (height === null) setWrong(true);
        else onGo(height);
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        event.stopPropagation();
        onClose(true);
      }}
    >
      <label htmlFor={id}>Go to height</label>
      <input
        id={id}
        // Whoever opened it means to type.
        autoFocus
        inputMode="numeric"
        autoComplete="off"
        value={text}
        aria-invalid={wrong}
        aria-describedby={wrong ? `${id}-wrong` : undefined}
        onChange={(event) => {
          setText(event.target.value);
          setWrong(false);
        }}
        onBlur={(event) => {
          if (!event.currentTarget.form?.contains(event.relatedTarget)) onClose(false);
        }}
      />
      <button type="submit" className="button small">
        Go
      </button>
      {wrong && (
        <p id={`${id}-wrong`} role="alert">
          Heights go from 0 to {formatNumber(tipHeight)}.
        </p>
      )}
    </form>
  );
}
