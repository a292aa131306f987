using System.CommandLine;
using System.Globalization;
using Helix.Contracts;
using Helix.Core.Fleet;

namespace Helix.Cli;

/// <summary>Brings one provider, or all that are installed, to the version that helix knows to be good.</summary>
internal static class ProviderUpdateVerb
{
    public static Command Create(CliWorld world)
    {
        var id = new Argument<string?>("ID") { Description = "Only this provider; without it, every one that is installed.", Arity = ArgumentArity.ZeroOrOne };
        var check = new Option<bool>("--check") { Description = "Only show which versions there are; nothing is changed." };
        var verb = new Verb("update", "Update providers: install beside, try, switch; the release before stays for a rollback.", "helix local-llm update", "helix local-llm update llamacpp", "helix local-llm update --check") { id, check };
        FormatOption.Add(verb);
        verb.Validators.Add(result =>
        {
            if (result.GetValue<string>(FormatOption.Name) == "json" && !result.GetValue(check)) result.AddError("--format json is for --check.");
        });
        verb.SetAction((parse, cancellationToken) => parse.GetValue(check) ? CheckAsync(parse, parse.GetValue(id), world, cancellationToken) : parse.GetValue(id) is { } one
            ? ProviderWishVerb.RunAsync("update", one, null, world, cancellationToken)
            : AllAsync(world, cancellationToken));
        return verb;
    }

    private static async Task<int> CheckAsync(ParseResult parse, string? id, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var path = $"/helix/v1/updates/check{(id is null ? "" : $"?provider={Uri.EscapeDataString(id)}")}";
        var answer = await daemon.PostPatientlyAsync(path, null, ApiJson.Default.UpdateCheckList, cancellationToken);
        if (answer is not Answer<UpdateCheckList>.Is(var list)) return answer.Fail(world.Terminal);
        return parse.IsJson()
            ? world.Terminal.WriteJson(list, ApiJson.Default.UpdateCheckList)
            : world.Terminal.WriteTable(
                ["PROVIDER", "INSTALLED", "KNOWN GOOD", "NEWEST", "ASKED", "WHAT TO DO"],
                list.Providers.Select(row => new[] { row.Provider, row.Installed ?? "-", row.Known ?? "-", row.Newest ?? "-", row.Asked?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "-", row.Problem is null ? row.Advice : $"{row.Advice} ({row.Problem})" }));
    }

    private static async Task<int> AllAsync(CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.GetAsync("/helix/v1/providers", ApiJson.Default.ProviderList, cancellationToken);
        if (answer is not Answer<ProviderList>.Is(var list)) return answer.Fail(world.Terminal);
        var installed = list.Providers.Where(provider => provider.Release is not null && provider.Id != "builtin" && provider.State is not ProviderState.Attached).ToArray();
        if (installed.Length == 0) world.Terminal.Say("no provider is installed beside the built-in engine; see: helix local-llm list");
        var worst = ExitCodes.Ok;
        foreach (var provider in installed)
        {
            var code = await ProviderWishVerb.RunAsync("update", provider.Id, null, world, cancellationToken);
            if (worst == ExitCodes.Ok) worst = code;
        }

        return worst;
    }
}
