/** The icons of the product: lucide's, 16 px and 1.5 strokes, hidden from screen readers, since words stand beside them. */
import {
  Activity,
  ArrowDownWideNarrow,
  ArrowLeft,
  ArrowRight,
  Check,
  ChevronLeft,
  ChevronRight,
  CircleAlert,
  CircleQuestionMark,
  Copy,
  Info,
  Keyboard,
  LoaderCircle,
  type LucideIcon,
  Monitor,
  Moon,
  Pencil,
  Plus,
  Scissors,
  Search,
  Sun,
  Terminal,
  TriangleAlert,
  Undo2,
  X,
} from 'lucide-react';

const ICONS = {
  activity: Activity,
  'arrow-left': ArrowLeft,
  'arrow-right': ArrowRight,
  check: Check,
  'chevron-left': ChevronLeft,
  'chevron-right': ChevronRight,
  error: CircleAlert,
  copy: Copy,
  help: CircleQuestionMark,
  info: Info,
  keyboard: Keyboard,
  busy: LoaderCircle,
  monitor: Monitor,
  moon: Moon,
  pencil: Pencil,
  plus: Plus,
  scissors: Scissors,
  search: Search,
  sort: ArrowDownWideNarrow,
  terminal: Terminal,
  sun: Sun,
  undo: Undo2,
  warning: TriangleAlert,
  x: X,
} as const satisfies Record<string, LucideIcon>;

export type IconName = keyof typeof ICONS;

export function Icon({ name, size = 16, className }: { name: IconName; size?: number; className?: string }) {
  const Glyph = ICONS[name];
  return (
    <Glyph
      size={size}
      strokeWidth={size < 14 ? 1.25 : 1.5}
      absoluteStrokeWidth
      aria-hidden="true"
      focusable="false"
      className={className === undefined ? 'icon' : `icon ${className}`}
    />
  );
}

/** Filled square: stop. Drawn here, since lucide's has an outline only. */
export function StopIcon() {
  return (
    <svg className="icon" width="15" height="15" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <rect x="4" y="4" width="8" height="8" rx="1.8" fill="currentColor" />
    </svg>
  );
}

/** Two blocks and the link between them. */
export function Logo() {
  return (
    <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true" focusable="false">
      <rect x="1.5" y="6.5" width="9" height="9" rx="2.6" fill="none" stroke="var(--accent)" strokeWidth="1.8" />
      <rect x="11.5" y="6.5" width="9" height="9" rx="2.6" fill="var(--accent)" stroke="var(--accent)" strokeWidth="1.8" />
      <path d="M8 11h6" stroke="var(--mine)" strokeWidth="2.4" strokeLinecap="round" />
    </svg>
  );
}
