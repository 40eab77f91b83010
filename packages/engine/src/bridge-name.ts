/** The name of the module between components, by which its frames are told from those of a guest. */
export const bridgeName = 'lodge-bridge';
