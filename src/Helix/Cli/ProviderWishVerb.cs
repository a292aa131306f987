using System.CommandLine;
using Helix.Contracts;

namespace Helix.Cli;

/// <summary>Starts or stops one provider, and shows what happens until it has happened.</summary>
internal static class ProviderWishVerb
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);

    public static Command Start(CliWorld world) => Create("start", "Start a provider, and keep it running.", world);

    public static Command Stop(CliWorld world) => Create("stop", "Stop a provider, and keep it stopped.", world);

    private static Verb Create(string wish, string description, CliWorld world)
    {
        var id = Verb.Argument("ID", "The provider, as \"helix local-llm list\" shows it.");
        var verb = new Verb(wish, description, $"helix local-llm {wish} builtin") { id };
        verb.SetAction((parse, cancellationToken) => RunAsync(wish, parse.GetRequiredValue(id), world, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(string wish, string id, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var before = await daemon.GetAsync("/helix/v1/providers", ApiJson.Default.ProviderList, cancellationToken);
        if (before is not Answer<ProviderList>.Is(var list)) return before.Fail(world.Terminal);
        if (list.Providers.FirstOrDefault(provider => provider.Id == id) is not { } known) return ProviderStatusVerb.Unknown(world.Terminal, id, list);

        var wished = daemon.PostPatientlyAsync($"/helix/v1/providers/{Uri.EscapeDataString(id)}/{wish}", null, ApiJson.Default.Done, cancellationToken);
        var shown = known;
        while (!wished.IsCompleted)
        {
            await Task.WhenAny(wished, Task.Delay(s_look, world.Time, cancellationToken));
            if (wished.IsCompleted) break;
            var now = await daemon.GetAsync("/helix/v1/providers", ApiJson.Default.ProviderList, cancellationToken);
            if (now is not Answer<ProviderList>.Is(var later) || later.Providers.FirstOrDefault(provider => provider.Id == id) is not { } seen) continue;
            if (seen.State != shown.State || seen.Reason != shown.Reason) world.Terminal.Say($"{id}: {ProviderListing.Word(seen)} ({seen.Reason})");
            shown = seen;
        }

        if (await wished is not Answer<Done>.Is(var done)) return (await wished).Fail(world.Terminal);
        world.Terminal.Out.WriteLine(done.Message);
        return ExitCodes.Ok;
    }
}
