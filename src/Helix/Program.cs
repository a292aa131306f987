using Helix.Daemon;
using Helix.Processes;

return args switch
{
    ["keeper", .. var rest] => KeeperVerb.Run(rest),
    ["daemon", .. var rest] => await DaemonVerb.RunAsync(rest),
    _ => 0,
};
