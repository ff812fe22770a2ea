// The switches in Electron's binary that a package for users is made with. Development keeps Electron's defaults: Playwright needs them.

/**
 * Sets the fuses of a package: no Node in disguise, no options from the environment, no debugger, no code beside the archive, no privileges for files.
 * Whoever can start the program can otherwise run any code in its name.
 * @param {string} executable
 */
export async function sealFuses(executable) {
  const { flipFuses, FuseV1Options, FuseVersion } = await import('@electron/fuses');
  await flipFuses(executable, {
    version: FuseVersion.V1,
    resetAdHocDarwinSignature: process.platform === 'darwin' && process.arch === 'arm64',
    [FuseV1Options.RunAsNode]: false,
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: false,
    [FuseV1Options.OnlyLoadAppFromAsar]: true,
    [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  });
}
