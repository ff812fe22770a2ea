import { useEffect, useMemo } from 'react';
import { Avatar } from '../components/Avatar.tsx';
import { useEscape } from '../lib/use-escape.ts';
import { useSlowly } from '../stage/HeadlineText.tsx';
import { ANNOUNCE_MS } from '../stage/limits.ts';
import { replayReorg, useNode } from '../store/index.ts';
import { copyOf, useTamper } from '../tamper/tamper-store.ts';
import { FIRST_SCENE, leavePresent, play, usePresent } from './present-store.ts';
import { presentFactsOf, type Scene, sceneLine, scenesOf } from './scenes.ts';
import './present.css';

function SceneButton({ scene, current }: { scene: Scene; current: boolean }) {
  const textId = `scene-${scene.id}-text`;
  return (
    <li className={current ? 'scene current' : 'scene'}>
      <button
        id={scene.id === 'mine' ? FIRST_SCENE : `scene-${scene.id}`}
        type="button"
        className="button"
        // Not `disabled`: whoever reaches it by keyboard is told why it cannot be pressed.
        aria-disabled={!scene.possible}
        aria-describedby={textId}
        aria-current={current ? 'step' : undefined}
        onClick={() => void play(scene.id)}
      >
        {scene.label}
      </button>
      <p id={textId}>{scene.text}</p>
    </li>
  );
}

/** Under the chain while the window presents: who this is, how the scene stands, and the scenes. */
export function PresentBar() {
  const state = useNode();
  const begun = usePresent((present) => present.scene);
  const busy = usePresent((present) => present.busy);
  const tamper = useTamper();
  const facts = useMemo(() => presentFactsOf(state, copyOf(tamper)), [state, tamper]);
  useEscape(true, leavePresent);
  useEffect(() => {
    document.getElementById(FIRST_SCENE)?.focus({ preventScroll: true });
  }, []);
  const line = facts === null ? '' : sceneLine(begun, facts, busy);
  const announced = useSlowly(line, ANNOUNCE_MS);
  const { node, lastReorg } = state;
  const replayable = begun?.mends === true && lastReorg !== null && lastReorg.id > begun.reorgId ? lastReorg.value : null;
  return (
    <section className="present" data-region="present" aria-label="Present">
      <div className="present-head">
        {node !== null && (
          <>
            <Avatar id={node.nodeId} name={node.name} you size={28} />
            <b className="ellipsis">
              <span className="sr-only">This node: </span>
              {node.name}
            </b>
          </>
        )}
        <p className="present-line">
          {line}
          {replayable !== null && (
            <button type="button" className="link" onClick={() => replayReorg(replayable)}>
              Replay
            </button>
          )}
        </p>
        <div className="sr-only" aria-live="polite">
          {announced}
        </div>
        <button type="button" className="button" aria-keyshortcuts="Escape F5" onClick={leavePresent}>
          Leave
          <kbd aria-hidden="true">Esc</kbd>
        </button>
      </div>
      {facts !== null && (
        <ul className="scenes" aria-label="Scenes">
          {scenesOf(facts).map((scene) => (
            <SceneButton key={scene.id} scene={scene} current={begun?.id === scene.id} />
          ))}
        </ul>
      )}
    </section>
  );
}
