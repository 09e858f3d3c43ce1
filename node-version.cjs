// Loaded before any TypeScript. It is plain JavaScript, so that a Node too old for the rest still reads it.
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(
    `Epsom needs Node 24 and this is Node ${process.versions.node}: run \`npm ci\`, which installs Node 24 here, and start everything through npm or npx, as in \`npm start\` or \`npx vitest run\`.`,
  );
  process.exit(1);
}
