using Helix.StandIn;
using Helix.StandIn.Poses;

// Helix.StandIn --as POSE [--standin-version V] <the command line of the program it poses as>
if (args is not ["--as", var pose, .. var rest] || !Cast.Poses.TryGetValue(pose, out var play))
{
    Console.Error.WriteLine($"usage: Helix.StandIn --as {string.Join('|', Cast.Poses.Keys)} [--standin-version V] ARGUMENTS");
    return 64;
}

var version = Environment.GetEnvironmentVariable("STANDIN_VERSION");
if (rest is ["--standin-version", var given, .. var behind]) (version, rest) = (given, behind);
try
{
    return await play(new Stage(pose, version ?? "0.0.0", rest));
}
catch (Exit exit)
{
    if (exit.Message.Length > 0) Console.Error.WriteLine(exit.Message);
    return exit.Code;
}
