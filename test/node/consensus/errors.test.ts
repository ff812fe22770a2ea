import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { RuleViolation } from '../../../src/shared/blocks.ts';
import { RuleError, RULES, type RuleCode } from '../../../src/node/consensus/errors.ts';

const codes = Object.keys(RULES) as RuleCode[];

describe.each(codes)('%s', (rule) => {
  it('carries its facts across', () => {
    const error = new RuleError(rule, 'this', 'that', 'it is that, this needed');
    expect(error).toBeInstanceOf(Error);
    expect(error.score).toBe(RULES[rule].score);
    expect(error.permanent).toBe(RULES[rule].permanent);
    const violation: RuleViolation = error.toViolation();
    expect(violation).toEqual({ rule, expected: 'this', got: 'that', message: 'it is that, this needed' });
    expect(structuredClone(violation)).toEqual(violation);
  });

  it('has a score from 0 to 100', () => {
    expect(RULES[rule].score).toBeGreaterThanOrEqual(0);
    expect(RULES[rule].score).toBeLessThanOrEqual(100);
  });

  it('stands in docs/consensus.md with its score', () => {
    const docs = readFileSync(new URL('../../../docs/consensus.md', import.meta.url), 'utf8');
    const row = docs.split('\n').find((line) => line.startsWith(`| \`${rule}\` |`));
    expect(row?.split('|').map((cell) => cell.trim())).toContain(String(RULES[rule].score));
    expect(row?.split('|').map((cell) => cell.trim())).toContain(RULES[rule].permanent ? 'yes' : 'no');
  });
});

it('what depends on the body or the clock condemns no hash', () => {
  const passing: RuleCode[] = ['time-too-new', 'block-malformed', 'block-too-large', 'bad-merkle-root', 'merkle-mutated'];
  for (const rule of passing) expect(RULES[rule].permanent).toBe(false);
});

it('a wrong clock costs no score', () => {
  expect(RULES['time-too-new'].score).toBe(0);
});
