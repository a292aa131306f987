using Helix.Cli;
using Helix.Daemon;
using Helix.Processes;

return args switch
{
    ["keeper", .. var rest] => KeeperVerb.Run(rest),
    ["daemon", .. var rest] => await DaemonVerb.RunAsync(rest),
    _ => await CliVerb.RunAsync(args),
};
