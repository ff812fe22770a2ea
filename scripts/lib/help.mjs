// `npm start -- --help`. The settings themselves are read and checked by the app.

export const help = `Chainscope: a node of a small proof-of-work network, in a window.

  npm start -- [options]

Each option may also be given as an environment variable; the option wins.

  --http-port <port>     HTTP_PORT   port of the HTTP API on this machine (3001)
  --p2p-port <port>      P2P_PORT    port on which other nodes reach this one (5001)
  --p2p-host <address>   P2P_HOST    address on which it listens for them (127.0.0.1)
  --peers <list>         PEERS       nodes to connect to: ws://host:port, separated by commas
  --data-dir <folder>    DATA_DIR    where the chain and the settings are kept (per user by default)
  --network <name>       NETWORK     main or regtest (main)
  --node-name <name>     NODE_NAME   the name that other nodes see
  --mine-workers <count> MINE_WORKERS threads that mine (one fewer than the cores)
  --mine-cpu <percent>   MINE_CPU    how much of its time each of them works, 10 to 100 (100)
  --mine-kernel <name>   MINE_KERNEL the fastest kernel that they may use: sha-ni, avx2, wasm-simd, wasm or plain (any)
  --help                             this text

Port 0 picks a free port. A default port that is taken moves to the next free one, and the window shows it.
A port that was asked for and is taken is an error.

Other commands, whose own options \`-- --help\` lists where a star stands:

  npm test               all checks and tests
  npm run test:unit      unit tests alone (arguments after -- go to vitest)
  npm run test:e2e       tests in the real app alone (arguments after -- go to Playwright)
  npm run test:conformance
                         the cases of docs/conformance.md and the outcome of each (--seed <number>, --list)
  npm run typecheck      the compiler alone
  npm run lint           the linter and the dependency rule alone (arguments after -- go to eslint)
  npm run soak *         the longest of the tests in full length, hours of them
  npm run fuzz *         the decoders on mutated inputs, for as long as you like
  npm run cli *          the same node with no window
  npm run verify *       checks the chain of a data directory (--data-dir <folder>) and changes nothing
  npm run simulate *     a whole network of nodes in one process
  npm run bench *        measures how fast everything is; bench:generate and bench:opening (*) take a chain of your own
  npm run dev            the app with hot reload
  npm run build          build into out/
  npm run kernel         writes the modules of WebAssembly anew
  npm run pictures       takes the pictures anew that tests compare with (-- readme: those of the documents)
  npm run electron:dist  prints the folder of the Electron in use
`;
