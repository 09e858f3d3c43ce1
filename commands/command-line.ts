/**
 * How every command is called: `--help` says it on the console, and a wrong call is answered with one sentence and
 * exit code 2, never with a stack trace.
 */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { systemSentence } from '../functions/host/system-error.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

export interface CommandLine<O extends Options = Options> {
  /** What it does, in a sentence or some lines. */
  about: string;
  /** The ways to call it, as a person types them: `npm run export -- <folder>`. */
  calls: readonly [string, ...string[]];
  /** As `parseArgs` of node:util wants them; `{}` for none. */
  options: O;
  /** How many arguments without a name there are, at least and at most. Default: none. */
  positionals?: readonly [least: number, most: number];
  /** Exit code when the work throws anything else than a `UsageError`. Default: 2. */
  failed?: number;
}

type Config<O extends Options> = { args: string[]; options: O; allowPositionals: true };
type Arguments<O extends Options> = ReturnType<typeof parseArgs<Config<O>>>;

/** The command was called in a way it does not know. The message is the half of a sentence, in lower case. */
export class UsageError extends Error {}

/** What `--help` prints. */
export const usageText = ({ about, calls }: CommandLine): string =>
  `${about}\n\n${calls.map((call) => `  ${call}`).join('\n')}`;

/**
 * Reads what the command was called with.
 * @throws UsageError for an unknown option, a missing value, too few arguments or too many
 */
export function readArguments<O extends Options>(
  { options, positionals: [least, most] = [0, 0] }: CommandLine<O>,
  args: readonly string[],
): Arguments<O> {
  let given: Arguments<O>;
  try {
    given = parseArgs<Config<O>>({
      args: [...args],
      options,
      allowPositionals: true,
    });
  } catch (cause) {
    throw new UsageError(whatIsWrong(cause), { cause });
  }
  const { length } = given.positionals;
  if (length > most) throw new UsageError(`\`${given.positionals[most]}\` is one argument too many`);
  if (length < least) throw new UsageError(length === 0 ? 'an argument is missing' : 'arguments are missing');
  return given;
}

/** Node names the option between quotes, and says more than one sentence. */
function whatIsWrong(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const code = error instanceof Error && 'code' in error ? error.code : null;
  const name = /--?[\w-]+/.exec(message)?.[0] ?? 'something';
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return `\`${name}\` is no option here`;
  return message.includes('does not take an argument')
    ? `\`${name}\` takes no value`
    : `\`${name}\` needs a value`;
}

/**
 * Runs a command as the process: `--help`, wrong calls and failures are answered here.
 *
 * @param work returns the exit code; nothing is 0
 * @example
 * await runCommand(
 *   { about: 'Says hello.', calls: ['npm run hello -- <name>'], options: {}, positionals: [1, 1] },
 *   ({ positionals: [name] }) => {
 *     console.log(`hello ${name}`);
 *   },
 * );
 */
export async function runCommand<O extends Options>(
  command: CommandLine<O>,
  work: (given: Arguments<O>) => Promise<number | undefined> | number | undefined,
  args: readonly string[] = process.argv.slice(2),
): Promise<void> {
  if (printsHelp(command, args)) return;
  try {
    process.exitCode = (await work(readArguments(command, args))) ?? 0;
  } catch (error) {
    process.exitCode = error instanceof UsageError ? 2 : (command.failed ?? 2);
    console.error(sentenceOf(error, command));
  }
}

/**
 * What a script without a `work` of its own was called with. `--help` and a wrong call end the process.
 *
 * @example
 * const { values } = argumentsOfProcess({ about: 'Counts.', calls: ['npm run count -- [--to 10]'], options });
 */
export function argumentsOfProcess<O extends Options>(command: CommandLine<O>): Arguments<O> {
  const args = process.argv.slice(2);
  if (printsHelp(command, args)) process.exit(0);
  try {
    return readArguments(command, args);
  } catch (error) {
    console.error(sentenceOf(error, command));
    process.exit(2);
  }
}

/** @returns whether `--help` was asked for, and printed */
function printsHelp(command: CommandLine, args: readonly string[]): boolean {
  const isAsked = args.includes('--help') || args.includes('-h');
  if (isAsked) console.log(usageText(command));
  return isAsked;
}

function sentenceOf(error: unknown, { calls }: CommandLine): string {
  const message =
    systemSentence(error) ?? (error instanceof Error ? error.message : 'it failed, and does not say why');
  return error instanceof UsageError
    ? `${message}: call it as ${calls.map((call) => `\`${call}\``).join(' or ')}`
    : message;
}
