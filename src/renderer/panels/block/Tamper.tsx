import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef } from 'react';
import { IDS } from '../../app/shortcuts.ts';
import { Icon } from '../../components/icons.tsx';
import { useEscape } from '../../lib/use-escape.ts';
import { useSlowly } from '../../stage/HeadlineText.tsx';
import { ANNOUNCE_MS } from '../../stage/limits.ts';
import { beginTamper, restore, setTamperText, type TamperTarget, useTamper } from '../../tamper/tamper-store.ts';
import { costText, faultLines, remarkOf, spokenOf } from '../../tamper/words.ts';
import { useOverflow } from './use-overflow.ts';
import './tamper.css';

/** One element for both, so that the focus stays when it is pressed. */
export function TamperButton({ hash, on }: { hash: string; on: boolean }) {
  return (
    <button
      id={IDS.tamper}
      type="button"
      className="button tamper-button"
      title={on ? 'Throw the changed copy away (Esc)' : 'Change a copy of this block and see what breaks'}
      onClick={() => (on ? restore() : void beginTamper(hash))}
    >
      <Icon name={on ? 'undo' : 'pencil'} size={14} />
      <span>{on ? 'Restore' : 'Tamper'}</span>
    </button>
  );
}

/** What does not fit into one line of the field, roughly; the rest of the panel needs the room. */
const TWO_LINES = /\n|.{64}/;

function What({ target }: { target: TamperTarget }) {
  const report = useTamper((state) => state.report);
  const problem = useTamper((state) => state.problem);
  if (problem !== null) {
    return (
      <p className="field-error" id={`${IDS.tamperData}-error`}>
        {problem.message}
      </p>
    );
  }
  if (report === null) return <p className="tamper-hint">Change the {target.isText ? 'text' : 'JSON'} and watch the chain above.</p>;
  const remark = remarkOf(report);
  return (
    <>
      <ol className="tamper-faults" aria-label="Broken rules">
        {faultLines(report).map(({ rule, text, title }, index) => (
          <li key={index} title={title}>
            <Icon name="x" size={14} />
            <span>{text}</span>
            <code>{rule}</code>
          </li>
        ))}
      </ol>
      <p className="tamper-cost">
        {remark !== '' && `${remark} `}
        {costText(report)}
      </p>
    </>
  );
}

/** In place of a block's facts while a copy of it is changed: the field, and what the node says of the copy. */
export function TamperView({ target }: { target: TamperTarget }) {
  const text = useTamper((state) => state.text);
  const report = useTamper((state) => state.report);
  const problem = useTamper((state) => state.problem);
  const announced = useSlowly(problem?.message ?? (report === null ? '' : spokenOf(report)), ANNOUNCE_MS);
  const field = useRef<HTMLTextAreaElement>(null);
  const noteId = useId();
  const { ref, overflows } = useOverflow();
  useEffect(() => {
    field.current?.focus();
    // Behind what stands there, where one writes on.
    field.current?.setSelectionRange(field.current.value.length, field.current.value.length);
  }, [target.hash]);
  // Whatever ends it while the field has the focus, the focus goes back to where it came from, and not to nowhere.
  useLayoutEffect(() => {
    const own = field.current;
    return () => {
      if (own !== null && document.activeElement === own) document.getElementById(IDS.tamper)?.focus();
    };
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.nativeEvent.isComposing) return;
    event.preventDefault();
    restore();
  };
  // A presentation tells and ends it by its own scene.
  useEscape(!target.told, restore);
  return (
    <div className="tamper" onKeyDown={onKeyDown}>
      <div className="tamper-head">
        <label htmlFor={IDS.tamperData}>Changed data</label>
        <p id={noteId}>A copy. Your chain is unchanged.</p>
      </div>
      <textarea
        ref={field}
        id={IDS.tamperData}
        className={target.isText ? undefined : 'mono'}
        rows={TWO_LINES.test(text) ? 2 : 1}
        value={text}
        spellCheck={false}
        autoComplete="off"
        dir="auto"
        aria-invalid={problem === null ? undefined : true}
        aria-describedby={problem === null ? noteId : `${IDS.tamperData}-error`}
        onChange={(event) => setTamperText(event.target.value)}
      />
      <div ref={ref} className="tamper-what" {...(overflows ? { tabIndex: 0, role: 'group', 'aria-label': 'What breaks' } : {})}>
        <div>
          <What target={target} />
        </div>
      </div>
      <div className="sr-only" role="status" aria-label="Changed copy">
        {announced}
      </div>
    </div>
  );
}
