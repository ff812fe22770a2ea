/** A block as `GET /blocks` gives it. */
export interface HttpBlock {
  height: number;
  hash: string;
  lastHash: string;
  timestamp: number;
  data: unknown;
  nonce: number;
  bits: unknown;
  difficulty: number;
  merkleRoot: string;
  transactions: unknown[];
}

export interface HttpAnswer {
  status: number;
  headers: Headers;
  /** Parsed when it is JSON. */
  body: unknown;
  text: string;
}

/** One node's HTTP API, spoken to as a program on this computer would. */
export class Http {
  readonly base: string;

  constructor(port: number) {
    this.base = `http://localhost:${String(port)}`;
  }

  async request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<HttpAnswer> {
    const response = await fetch(this.base + path, {
      method,
      headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      parsed = undefined;
    }
    return { status: response.status, headers: response.headers, body: parsed, text };
  }

  async blocks(): Promise<HttpBlock[]> {
    return (await this.request('GET', '/blocks')).body as HttpBlock[];
  }

  async tip(): Promise<HttpBlock | undefined> {
    return (await this.blocks()).at(-1);
  }

  /** Mines a block and follows the redirect to the chain, as the tutorial does. */
  async mine(data: unknown): Promise<HttpBlock[]> {
    const answer = await this.request('POST', '/mine', { data });
    if (answer.status !== 200) throw new Error(`POST /mine answered ${String(answer.status)}: ${answer.text}`);
    return answer.body as HttpBlock[];
  }
}
