/** Entry of a trial's own process: it knows all that the command knows, and answers orders. */
import { answerOrders } from '@ligature/studies';
import { createHost } from './builtins.js';

answerOrders(createHost);
