/** Floors below a table of an audit. */
import { floorName, inLossUnit } from '../presentation/floors.js';
import { metricKey } from '../statistics/wording.js';
import type { AuditFloors, AuditTable } from './types.js';

/**
 * A line for each floor, with its test value in the columns of the primary metric or of losses in its unit; nothing where
 * there is none.
 */
export function floorFooter(
  columns: AuditTable['columns'],
  keys: readonly string[],
  { floors, ...task }: AuditFloors,
): Pick<AuditTable, 'footer'> {
  const [primary] = task.metrics;
  if (primary === undefined || floors.length === 0) return {};
  // Any other column is of training losses.
  const own = keys.filter((key) => key === `test_${metricKey(primary)}` || inLossUnit(task));
  if (own.length === 0) return {};
  return {
    footer: floors.map((floor) =>
      columns.map(({ key }, at) =>
        at === 0 ? floorName(floor) : own.includes(key) ? (floor.test[primary.name] ?? null) : '',
      ),
    ),
  };
}
