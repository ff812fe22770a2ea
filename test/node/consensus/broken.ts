import { RuleError, type RuleCode } from '../../../src/node/consensus/errors.ts';
import { thrown } from '../../helpers/thrown.ts';

export const broken = (action: () => unknown): RuleError => thrown(RuleError, action);

/** Which rule the action breaks. */
export const ruleOf = (action: () => unknown): RuleCode => broken(action).rule;
