using Helix.Cli;
using Helix.Daemon;
using Helix.EngineHost;
using Helix.Processes;

return args switch
{
    ["keeper", .. var rest] => KeeperVerb.Run(rest),
    ["daemon", .. var rest] => await DaemonVerb.RunAsync(rest),
    ["engine", .. var rest] => await EngineVerb.RunAsync(rest),
    ["group", .. var rest] => await GroupVerb.RunAsync(rest),
    _ => await CliVerb.RunAsync(args),
};
