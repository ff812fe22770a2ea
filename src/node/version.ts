/** Version of the product; a test keeps it equal to package.json's. */
export const VERSION = '0.1.0';

/** How this node names its program to others, as Bitcoin writes it (BIP 14). */
export const USER_AGENT = `/Chainscope:${VERSION}/`;
