/** The way of a link between two sockets. Pure. */

/** Radius of a link's bend. */
const BEND = 16;

export interface LinkEnds {
  /** Right edge and middle of the parent, left edge of the child. */
  fromRight: number;
  fromMiddle: number;
  toLeft: number;
  /** Upper and lower edge of the parent; the line of its sockets. */
  fromTop: number;
  fromBottom: number;
  fromY: number;
  /** Line of the child's sockets. */
  toY: number;
  /** Whether both stand in one lane. */
  straight: boolean;
}

export type Route =
  | { bent: false; x0: number; y0: number; x1: number; y1: number; length: number }
  | { bent: true; x: number; y0: number; corner: number; y1: number; x1: number; length: number };

/**
 * Straight between two sockets of one lane, or out of the parent's lower (or upper) edge and round a bend into the child's socket.
 */
export function routeOf(ends: LinkEnds): Route {
  const x1 = ends.toLeft - 1;
  if (ends.straight) {
    const x0 = ends.fromRight + 1;
    return { bent: false, x0, y0: ends.fromY, x1, y1: ends.toY, length: Math.hypot(x1 - x0, ends.toY - ends.fromY) };
  }
  const down = ends.toY > ends.fromY;
  const y0 = down ? ends.fromBottom + 1 : ends.fromTop - 1;
  const bend = Math.min(BEND, Math.abs(ends.toY - y0), Math.max(0, x1 - ends.fromMiddle));
  const corner = down ? ends.toY - bend : ends.toY + bend;
  const length = Math.abs(corner - y0) + Math.abs(x1 - ends.fromMiddle - bend) + bend * 1.63;
  return { bent: true, x: ends.fromMiddle, y0, corner, y1: ends.toY, x1, length };
}

interface Pen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  quadraticCurveTo(cx: number, cy: number, x: number, y: number): void;
}

/** Puts a route into a path. */
export function traceRoute(pen: Pen, route: Route): void {
  if (!route.bent) {
    pen.moveTo(route.x0, route.y0);
    pen.lineTo(route.x1, route.y1);
    return;
  }
  const bend = Math.abs(route.y1 - route.corner);
  pen.moveTo(route.x, route.y0);
  pen.lineTo(route.x, route.corner);
  pen.quadraticCurveTo(route.x, route.y1, route.x + bend, route.y1);
  pen.lineTo(route.x1, route.y1);
}
