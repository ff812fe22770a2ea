import { DecodeError } from '../../../src/node/util/codec.ts';
import { thrown } from '../../helpers/thrown.ts';

export const decodeFailure = (action: () => unknown): DecodeError => thrown(DecodeError, action);
