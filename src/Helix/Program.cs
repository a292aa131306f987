using Helix.Cli;
using Helix.Daemon;
using Helix.EngineHost;
using Helix.Install;
using Helix.Processes;
using Helix.Sandbox;

return args switch
{
    ["keeper", .. var rest] => KeeperVerb.Run(rest),
    ["daemon", .. var rest] => await DaemonVerb.RunAsync(rest),
    ["engine", .. var rest] => await EngineVerb.RunAsync(rest),
    ["group", .. var rest] => await GroupVerb.RunAsync(rest),
    [SandboxText.Outer, .. var rest] => SandboxVerb.Run(rest),
    [SandboxText.Inner, .. var rest] => ConfineVerb.Run(rest),
    [ProbeVerb.Name, .. var rest] => ProbeVerb.Run(rest),
    [DigestsVerb.Name, .. var rest] => DigestsVerb.Run(rest),
    _ => await CliVerb.RunAsync(args),
};
