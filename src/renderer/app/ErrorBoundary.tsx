import { Component, type ErrorInfo, type ReactNode } from 'react';

interface Props {
  /** What is in it, in the sentence that stands in its place. */
  what: string;
  children: ReactNode;
  className?: string;
}

interface State {
  problem: string | null;
}

/** Keeps a fault in one part of the window from taking the rest with it. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { problem: null };

  static getDerivedStateFromError(thrown: unknown): State {
    return { problem: thrown instanceof Error ? thrown.message : String(thrown) };
  }

  override componentDidCatch(thrown: Error, info: ErrorInfo): void {
    console.error(thrown, info.componentStack);
  }

  override render(): ReactNode {
    const { problem } = this.state;
    if (problem === null) return this.props.children;
    return (
      <section className={`fault ${this.props.className ?? ''}`} role="alert">
        <p>
          {this.props.what} stopped working: {problem}. The node goes on.
        </p>
        <button type="button" className="button" onClick={() => this.setState({ problem: null })}>
          Draw it again
        </button>
      </section>
    );
  }
}
