import { OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';

/**
 * The SDK is bundled, not taken from the runtime: what runs is then the version in the lock file, the one the
 * tests ran with, and a bundle of the few operations used starts faster than the whole SDK read from disk.
 * Dependencies in CommonJS ask for Node's own modules through `require`; an ES module has to make one.
 */
export const bundling = {
  format: OutputFormat.ESM,
  target: 'node24',
  mainFields: ['module', 'main'],
  bundleAwsSDK: true,
  minify: true,
  sourceMap: true,
  sourcesContent: false,
  banner: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);",
} as const;
