using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Helix.Core.Configuration;
using Helix.Core.Sandbox;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Sandbox;

/// <summary>Finds the best tier that works on this machine: each is tried with a process that does what no engine may.</summary>
/// <param name="most">No tier above this one is tried.</param>
/// <param name="place">A folder in which it makes one of its own; null for that of temporary files. What a killed daemon leaves there goes when helix stops.</param>
internal sealed class SandboxTrial(SandboxMachine machine, TimeProvider time, SandboxTier most = SandboxTier.Bubblewrap, string? place = null)
{
    /// <summary>Names the highest tier that is tried, for tests and for those whom a tier gives trouble.</summary>
    public const string MostVariable = "HELIX_SANDBOX";

    private const long Memory = 1L << 30;
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);

    public static SandboxTier MostOf(string? word) => Enum.TryParse<SandboxTier>(word, ignoreCase: true, out var tier) ? tier : SandboxTier.Bubblewrap;

    public async Task<SandboxState> RunAsync(CancellationToken cancellationToken)
    {
        if (Tiers is [] || most == SandboxTier.None) return SandboxState.Untried;
        var folder = place is null ? Directory.CreateTempSubdirectory("helix-sandbox-").FullName : Directory.CreateDirectory(Path.Combine(place, $"trial-{Path.GetRandomFileName()}"), HomeFolder.OwnerOnly).FullName;
        var refusals = ImmutableArray.CreateBuilder<TierRefusal>();
        try
        {
            using var port = new TcpListener(IPAddress.Loopback, 0);
            port.Start();
            foreach (var tier in Tiers)
            {
                var tool = SandboxMachine.ToolOf(tier);
                if (tool is null && tier != SandboxTier.Landlock) refusals.Add(new(tier, "not installed"));
                else if (tier == SandboxTier.Landlock && NativeLandlock.Version == 0) refusals.Add(new(tier, "this kernel has none"));
                else
                {
                    var (report, why) = await TryAsync(tier, tool, folder, ((IPEndPoint)port.LocalEndpoint).Port, cancellationToken);
                    if (report is not null) return new(tier, tool, report, refusals.ToImmutable(), [.. ControlGroups.Join(TrialLimits(folder), enters: false).Order(StringComparer.Ordinal)]);
                    refusals.Add(new(tier, why));
                }
            }

            return SandboxState.Untried with { Refusals = refusals.ToImmutable() };
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException or SocketException)
        {
            return SandboxState.Untried with { Refusals = [.. refusals, new(SandboxTier.None, disk.Message)] };
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Those that there can be here, the best first.</summary>
    private SandboxTier[] Tiers => OperatingSystem.IsMacOS() ? [SandboxTier.Seatbelt]
        : OperatingSystem.IsLinux() ? [.. new[] { SandboxTier.Bubblewrap, SandboxTier.Unshare, SandboxTier.Landlock }.Where(tier => tier <= most)] : [];

    private async Task<(ProbeReport? Report, string Why)> TryAsync(SandboxTier tier, string? tool, string folder, int port, CancellationToken cancellationToken)
    {
        var data = Directory.CreateDirectory(Path.Combine(folder, $"data-{tier}")).FullName;
        var (outside, log) = (Directory.CreateDirectory(Path.Combine(folder, "outside")).FullName, Path.Combine(folder, $"said-{tier}"));
        var secret = Path.Combine(outside, "secret");
        await File.WriteAllTextAsync(secret, "secret", cancellationToken);
        var request = new SandboxRequest(Path.GetFileName(folder), Name, null, [], data, null, data, UsesDevices: false, Memory);
        var spec = SandboxPlan.Of(request, machine.Ground(tier, tool, new SecurityConfig()))!;
        var (program, words) = SandboxText.Line(spec,
        [
            machine.Helix, ProbeVerb.Name, secret, outside, port.ToString(CultureInfo.InvariantCulture),
            Environment.ProcessId.ToString(CultureInfo.InvariantCulture), ProcessTable.StartTicks(Environment.ProcessId).ToString(CultureInfo.InvariantCulture), data,
        ]);
        var environment = Fleet.BuiltinRecipe.EnvironmentOf(data, null);
        try
        {
            var exit = await OwnChild.RunAsync(new LaunchSpec(Name, program, words, environment, data, log), s_deadline, time, cancellationToken);
            var said = (await File.ReadAllTextAsync(log, cancellationToken)).Trim();
            if (exit is null) return (null, $"it was not done in {s_deadline.TotalSeconds:0} s");
            if (exit.Code != 0) return (null, said.Length > 0 ? said.Split('\n')[^1] : $"it ended with {exit.Code}{exit.Signal}");
            return JsonSerializer.Deserialize(said, SandboxJson.Default.ProbeReport) is { Holds: true } report ? (report, "") : (null, "files outside of it can be reached");
        }
        catch (Exception failed) when (failed is SpawnFailedException or JsonException)
        {
            return (null, failed.Message);
        }
        finally
        {
            ControlGroups.Sweep(spec.Limits!.Group);
        }
    }

    private const string Name = "sandbox-trial";

    private static SandboxLimits TrialLimits(string folder) => new($"helix-{Path.GetFileName(folder)}", Memory, 64, 1024);
}
