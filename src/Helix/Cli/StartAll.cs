using System.CommandLine;
using Helix.Contracts;
using Helix.Core.Fleet;

namespace Helix.Cli;

/// <summary>Has everything started that is installed, and tells what runs and what does not, and why.</summary>
internal static class StartAll
{
    public static Option<bool> Option() => new("--all") { Description = "Start everything that is installed and can run, as far as memory permits." };

    public static async Task<int> RunAsync(CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.PostPatientlyAsync("/helix/v1/start-all", null, ApiJson.Default.ProviderList, cancellationToken);
        if (answer is not Answer<ProviderList>.Is(var list)) return answer.Fail(world.Terminal);
        ProviderListing.WriteTable(world.Terminal, list.Providers);
        var rest = list.Providers.Where(provider => provider.State is not (ProviderState.Ready or ProviderState.Degraded)).ToArray();
        foreach (var provider in rest) world.Terminal.Say($"{provider.Id} does not run: {provider.Reason}");
        return rest.Any(provider => provider.State == ProviderState.Critical) ? ExitCodes.StartFailed : ExitCodes.Ok;
    }
}
