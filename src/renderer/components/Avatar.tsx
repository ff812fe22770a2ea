import { AVATAR_OUTLINES } from '../lib/avatar-outlines.ts';
import { identityOf } from '../lib/identity.ts';

interface AvatarProps {
  /** Node id; or the address of a peer that was never reached. */
  id: string;
  name: string;
  you?: boolean;
  /** Side in CSS pixels; 24 when absent. */
  size?: number;
}

/** Shape, letter and hue of a node. Decorative: the name always stands beside it in words. */
export function Avatar({ id, name, you = false, size = 24 }: AvatarProps) {
  const { shape, letter, hue } = identityOf(id, name, you);
  return (
    <svg className="avatar-svg" width={size} height={size} viewBox="-12 -12 24 24" aria-hidden="true" focusable="false">
      <g className="avatar" style={{ '--hue': hue }}>
        <path d={AVATAR_OUTLINES[shape]} strokeLinejoin="round" />
        <text y={shape === 'triangle' ? 5.2 : 3.6} textAnchor="middle">
          {letter}
        </text>
      </g>
    </svg>
  );
}
