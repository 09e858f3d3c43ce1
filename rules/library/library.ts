export const library: readonly { where: string; json: unknown }[] = [];
