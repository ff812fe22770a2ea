import type { AvatarShape } from './identity.ts';

/** Outlines of the avatars' shapes as path data, in a 24-unit box centred on the origin: for SVG and for a canvas alike. */
export const AVATAR_OUTLINES: Readonly<Record<AvatarShape, string>> = {
  hexagon: 'M0-10.8 9.4-5.4V5.4L0 10.8-9.4 5.4V-5.4Z',
  circle: 'M0-10A10 10 0 1 1 0 10 10 10 0 1 1 0-10Z',
  square: 'M-5.6-9H5.6A3.4 3.4 0 0 1 9-5.6V5.6A3.4 3.4 0 0 1 5.6 9H-5.6A3.4 3.4 0 0 1-9 5.6V-5.6A3.4 3.4 0 0 1-5.6-9Z',
  // A square of 16.4 with corners of 3, turned by 45 degrees.
  diamond:
    'M2.12-9.48 9.48-2.12A3 3 0 0 1 9.48 2.12L2.12 9.48A3 3 0 0 1-2.12 9.48L-9.48 2.12A3 3 0 0 1-9.48-2.12L-2.12-9.48A3 3 0 0 1 2.12-9.48Z',
  triangle: 'M0-10.2 10.6 8.6H-10.6Z',
  pentagon: 'M0-10.6 10.4-3 6.4 9H-6.4L-10.4-3Z',
  shield: 'M-9-9H9V1.2C9 6.2 5.4 9.2 0 10.8-5.4 9.2-9 6.2-9 1.2Z',
  drop: 'M-9.4-9.4H0A9.7 9.7 0 1 1-9.4 0Z',
};
