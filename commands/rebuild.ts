/**
 * `npm run rebuild`: throws away everything in the decision log that follows from its records (index items, calendars,
 * joined feedback, counts) and makes it again. Records, seals and keys are not touched.
 *
 * Exit 0: made again. 1: something could not be. 2: it could not be done.
 */
import { readSettings } from '../functions/config/settings.ts';
import { rebuild } from '../functions/log/rebuild.ts';
import { runCommand } from './command-line.ts';
import { openLog } from './open-log.ts';

await runCommand(
  {
    about: `Throws away everything in the decision log that follows from its records (index items, calendars, joined
feedback, counts) and makes it again. Records, seals and keys are not touched.
Exit code 0: made again. 1: something could not be. 2: it could not be done.`,
    calls: ['npm run rebuild'],
    options: {},
  },
  async () => {
    const settings = readSettings(process.env);
    const opened = await openLog(settings, 'writes');
    try {
      const { client, log } = opened;
      const { removed, complete } = await rebuild({ client, table: settings.table }, log.projector);
      console.log(
        complete
          ? `${removed} items were thrown away, and all that follows from the records was made again.`
          : `${removed} items were thrown away; not all could be made again: see the lines above, then call it again.`,
      );
      return complete ? 0 : 1;
    } finally {
      await opened.close();
    }
  },
);
