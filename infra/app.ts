import { App, Validations } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { EpsomStack } from './stack.ts';

// Settings come from `-c name=value` or from the context in cdk.json; docs/deploy.md lists them.
const app = new App();

const stage = text('stage') ?? 'dev';
const name = text('domainName');
const certificateArn = text('certificateArn');
if ((name === undefined) !== (certificateArn === undefined)) {
  throw new Error('`domainName` and `certificateArn` go together; give both or neither');
}
const days = whole('logRetentionDays');
if (days !== undefined && RetentionDays[days] === undefined) {
  throw new Error(
    `\`logRetentionDays\` ${days} is not a period CloudWatch offers; use 90, 180, 365, 731 or 2192`,
  );
}

new EpsomStack(app, `Epsom-${stage}`, {
  description: 'Epsom: clinical rules over FHIR, with a decision log',
  stage,
  baseUrl: text('baseUrl'),
  domain: name !== undefined && certificateArn !== undefined ? { name, certificateArn } : undefined,
  clientsParameter: text('clientsParameter'),
  terminologyFolder: text('terminologyFolder'),
  logRetention: days,
  throttle: { rateLimit: whole('throttleRate') ?? 50, burstLimit: whole('throttleBurst') ?? 100 },
  alarmEmail: text('alarmEmail'),
  terminationProtection: true,
});
// A violation without a written reason fails the synthesis.
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

function text(key: string): string | undefined {
  const value: unknown = app.node.tryGetContext(key);
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '')
    throw new Error(`\`${key}\` is empty or not text; give a value`);
  return value;
}

function whole(key: string): number | undefined {
  const value = Number(app.node.tryGetContext(key) ?? Number.NaN);
  if (app.node.tryGetContext(key) === undefined) return undefined;
  if (!Number.isInteger(value) || value < 1) {
    throw new Error(`\`${key}\` must be a whole number above 0; it is \`${app.node.tryGetContext(key)}\``);
  }
  return value;
}
