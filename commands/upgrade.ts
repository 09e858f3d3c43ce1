/**
 * `npm run upgrade`: takes over a decision log that an earlier version wrote. A server does the same when it starts on
 * one; this is for a table on AWS. Records are not touched; doing it twice changes nothing.
 *
 * Exit 0: taken over, or of this version. 1: something could not be made again. 2: it could not be done.
 */
import { readSettings } from '../functions/config/settings.ts';
import { takeOver } from '../functions/log/take-over.ts';
import { runCommand } from './command-line.ts';
import { openLog } from './open-log.ts';

await runCommand(
  {
    about: `Takes over a decision log that an earlier version wrote, as a server does when it starts on one: writers are
announced, and what follows from records is made again. Records are not touched; doing it twice changes nothing.
Exit code 0: taken over, or of this version. 1: something could not be made again. 2: it could not be done.`,
    calls: ['npm run upgrade'],
    options: {},
  },
  async () => {
    const { table } = readSettings(process.env);
    const opened = await openLog(readSettings(process.env));
    try {
      const { client, log } = opened;
      const taken = await takeOver({ client, table, now: () => new Date() }, log.projector);
      if (taken === null) console.log('The log is of this version: nothing was to be done.');
      else if (taken.complete) console.log(`${taken.records} records were taken over.`);
      else console.log('Not all could be made again: see the lines above, then call it again.');
      return taken === null || taken.complete ? 0 : 1;
    } finally {
      await opened.close();
    }
  },
);
