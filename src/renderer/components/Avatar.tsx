import { identityOf, type AvatarShape } from '../lib/identity.ts';

interface AvatarProps {
  /** Node id; or the address of a peer that was never reached. */
  id: string;
  name: string;
  you?: boolean;
  /** Side in CSS pixels; 24 when absent. */
  size?: number;
  /** Put it inside another svg (no element of its own): the caller places it with `transform`, centred on the origin. */
  bare?: boolean;
}

/** Outlines in a 24-unit box centred on the origin. */
function Outline({ shape }: { shape: AvatarShape }) {
  switch (shape) {
    case 'hexagon':
      return <path d="M0-10.8 9.4-5.4V5.4L0 10.8-9.4 5.4V-5.4Z" strokeLinejoin="round" />;
    case 'square':
      return <rect x="-9" y="-9" width="18" height="18" rx="3.4" />;
    case 'diamond':
      return <rect x="-8.2" y="-8.2" width="16.4" height="16.4" rx="3" transform="rotate(45)" />;
    case 'triangle':
      return <path d="M0-10.2 10.6 8.6H-10.6Z" strokeLinejoin="round" />;
    case 'pentagon':
      return <path d="M0-10.6 10.4-3 6.4 9H-6.4L-10.4-3Z" strokeLinejoin="round" />;
    case 'shield':
      return <path d="M-9-9H9V1.2C9 6.2 5.4 9.2 0 10.8-5.4 9.2-9 6.2-9 1.2Z" strokeLinejoin="round" />;
    case 'drop':
      return <path d="M-9.4-9.4H0A9.7 9.7 0 1 1-9.4 0Z" strokeLinejoin="round" />;
    case 'circle':
      return <circle r="10" />;
  }
}

/** Shape, letter and hue of a node. Decorative: the name always stands beside it in words. */
export function Avatar({ id, name, you = false, size = 24, bare = false }: AvatarProps) {
  const { shape, letter, hue } = identityOf(id, name, you);
  const group = (
    <g className="avatar" style={{ '--hue': hue }}>
      <Outline shape={shape} />
      <text y={shape === 'triangle' ? 5.2 : 3.6} textAnchor="middle">
        {letter}
      </text>
    </g>
  );
  if (bare) return group;
  return (
    <svg className="avatar-svg" width={size} height={size} viewBox="-12 -12 24 24" aria-hidden="true" focusable="false">
      {group}
    </svg>
  );
}
