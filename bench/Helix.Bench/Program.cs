using System.Net.Sockets;
using Helix.Bench;
using Helix.Bench.Measuring;
using Helix.Bench.Wire;

if (args is ["mock", var socket, var model]) return MockEngine.Run(socket, model);
if (args is not [("engine" or "gateway" or "cli" or "fleet" or "automation" or "install" or "burst" or "swap" or "overload" or "prefix" or "learning" or "overhead" or "soak" or "all") and var part, .. var options])
{
    Console.Error.WriteLine("bench/run [engine|gateway|cli|fleet|automation|install|burst|swap|overload|prefix|learning|all] [--rounds N] [--out FILE], bench/run overhead [--rounds N] [--out FILE], or bench/run soak [MINUTES] [--out FILE]; bench/README.md says more.");
    return 2;
}

var setting = Setting.Parse(options);
var machine = Machine.Here();
var findings = new List<Finding>();
try
{
    if (part is "cli" or "all") Collect(CliBench.Run(setting));
    if (part is "fleet" or "all") Collect(FleetBench.Run(setting));
    if (part is "automation" or "all") Collect(AutomationBench.Run(setting));
    if (part is "install" or "all") Collect(InstallBench.Run(setting));
    if (part is "burst" or "all") Collect(BurstBench.Run(setting));
    if (part is "swap" or "all") Collect(SwapBench.Run(setting));
    if (part is "overload" or "all") Collect(OverloadBench.Run(setting));
    if (part is "prefix" or "all") Collect(PrefixBench.Run(setting));
    if (part is "learning" or "all") Collect(LearningBench.Run(setting));
    if (part is "overhead") Collect(OverheadBench.Run(setting));
    if (part is "soak") Collect(SoakBench.Run(setting));
    if (part is "gateway" or "all") Collect(GatewayBench.Run(setting));
    if (part is "engine" or "all") Collect(EngineBench.Run(setting));
}
catch (Exception failure) when (failure is IOException or SocketException or InvalidOperationException)
{
    Console.Error.WriteLine($"The bench could not go on: {failure.Message}\nLogs are in {setting.Work}.");
    Tell();
    return 70;
}

Tell();
Directory.Delete(setting.Work, recursive: true);
return findings.Any(finding => finding.Passed == false) ? 1 : 0;

void Tell()
{
    Report.Print(machine, findings);
    if (setting.Out is { } path) Report.Write(path, machine, TimeProvider.System.GetUtcNow(), findings);
}

void Collect(IEnumerable<Finding> more)
{
    foreach (var finding in more)
    {
        Console.Error.WriteLine($"  {finding.Group}: {finding.What}: {finding.Measured:0.###} {finding.Unit}{(finding.Ratio is { } ratio ? $", {ratio:0.000} ×" : "")}");
        findings.Add(finding);
    }
}
