using System.CommandLine;
using System.Globalization;
using Helix.Contracts;
using Helix.Core.Models;

namespace Helix.Cli;

/// <summary>Shows which releases of a provider are on disk, and who vouches for them.</summary>
internal static class ProviderVersionsVerb
{
    public static Command Create(CliWorld world)
    {
        var id = Verb.Argument("ID", "The provider, as \"helix local-llm list\" shows it.");
        var verb = new Verb("versions", "Show the releases of a provider that are on disk, what was tried, and who vouches for each file.", "helix local-llm versions gpt4all") { id };
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => RunAsync(parse, parse.GetRequiredValue(id), world, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parse, string id, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.GetAsync($"/helix/v1/providers/{Uri.EscapeDataString(id)}/versions", ApiJson.Default.VersionList, cancellationToken);
        if (answer is not Answer<VersionList>.Is(var list)) return answer.Fail(world.Terminal);
        if (parse.IsJson()) return world.Terminal.WriteJson(list, ApiJson.Default.VersionList);

        world.Terminal.WriteTable(
            ["VERSION", "USE", "INSTALLED", "SIZE", "TRIED", "VOUCHED FOR BY"],
            [
                .. list.Versions.Select(version => (string[])
                [
                    version.Version, version.Use, version.Installed.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), ByteCount.Words(version.Bytes), version.Tested,
                    string.Join(", ", version.Digests.GroupBy(digest => digest.VouchedBy, StringComparer.Ordinal).Select(group => $"{group.Key} ({group.Count()})")),
                ]),
            ]);
        if (list.Versions.Count == 0 && await daemon.GetAsync("/helix/v1/providers", ApiJson.Default.ProviderList, cancellationToken) is Answer<ProviderList>.Is(var all))
            world.Terminal.Say($"no release of {id} is installed: {all.Providers.FirstOrDefault(provider => provider.Id == id)?.Reason}");
        if (list.Pinned is { } pinned) world.Terminal.Say($"{pinned} is kept, because it was asked for by name; helix local-llm update {id} goes back to the version that helix knows");
        return ExitCodes.Ok;
    }
}
