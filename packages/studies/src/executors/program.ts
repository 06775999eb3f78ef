/** Entry of a trial's own process where nobody brings another: it knows the ordered plug-ins and no others. */
import { PluginHost } from '@ligature/core';
import { pluginGuard } from '@ligature/core/node';
import { answerOrders } from './answer.js';

answerOrders(() => new PluginHost({ platform: pluginGuard }));
