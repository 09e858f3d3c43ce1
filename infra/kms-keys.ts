/** The keys of the stack that are not the decision log's own (log-parts.ts). Like what they serve, they outlive it. */
import { ArnFormat, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';

/** The key for everything at rest: table, logs, alarm topic. */
export function createDataKey(stack: Stack): Key {
  const key = new Key(stack, 'Key', {
    description: 'Epsom: decision log, function logs, alarms',
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
  // CloudFormation names a log group after the stack, so the condition holds for this stack's groups only.
  key.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
      actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
      resources: ['*'],
      conditions: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': stack.formatArn({
            service: 'logs',
            resource: 'log-group',
            resourceName: `${stack.stackName}-*`,
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        },
      },
    }),
  );
  return key;
}

/** Its output is in every index entry of a patient, so it never changes: HMAC keys do not rotate. */
export const createPatientKey = (stack: Stack): Key =>
  new Key(stack, 'PatientKey', {
    description: 'Epsom: keyed hash of patient ids in the index of the decision log',
    keySpec: KeySpec.HMAC_256,
    keyUsage: KeyUsage.GENERATE_VERIFY_MAC,
    removalPolicy: RemovalPolicy.RETAIN,
  });
