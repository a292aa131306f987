using Helix.Processes;

return args switch
{
    ["keeper", .. var rest] => KeeperVerb.Run(rest),
    _ => 0,
};
