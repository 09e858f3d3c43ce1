/** Where the client registry comes from. */
import { readFile } from 'node:fs/promises';
import { refusal } from './clients.ts';

const fromParameterStore = /^ssm:(.+)$/;

/**
 * Fetches the registry's text: `ssm:/name` is a parameter of AWS Systems Manager, anything else a path, which on
 * AWS may be a file of a layer (`/opt/clients.json`).
 * @throws Error that names neither path nor content
 */
export async function clientsText(where: string): Promise<string> {
  const parameter = fromParameterStore.exec(where)?.[1];
  if (parameter === undefined) {
    return readFile(where, 'utf8').catch(() => {
      throw refusal([`there is no readable file at \`${where}\``]);
    });
  }
  // Loaded only where it is used.
  const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm');
  const ssm = new SSMClient({ maxAttempts: 3 });
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: parameter, WithDecryption: true }));
    if (Parameter?.Value) return Parameter.Value;
    throw refusal([`the parameter \`${parameter}\` is empty`]);
  } finally {
    ssm.destroy();
  }
}
