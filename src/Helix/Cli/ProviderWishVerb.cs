using System.CommandLine;
using System.Text.Json;
using Helix.Contracts;

namespace Helix.Cli;

/// <summary>Asks for something to be done with one provider, and shows what happens until it has happened.</summary>
internal static class ProviderWishVerb
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);

    public static Command Start(CliWorld world)
    {
        var id = new Argument<string?>("ID") { Description = "The provider, as \"helix local-llm list\" shows it.", Arity = ArgumentArity.ZeroOrOne };
        var all = StartAll.Option();
        var verb = new Verb("start", "Start a provider, and keep it running; install it first where it is not.", "helix local-llm start builtin", "helix local-llm start --all") { id, all };
        verb.Validators.Add(result =>
        {
            if (result.GetValue(all) == result.GetValue(id) is { Length: > 0 }) result.AddError("name one provider, or say --all.");
        });
        verb.SetAction((parse, cancellationToken) => parse.GetValue(all) ? StartAll.RunAsync(world, cancellationToken) : RunAsync("start", parse.GetValue(id)!, null, world, cancellationToken));
        return verb;
    }

    public static Command Stop(CliWorld world) => Create("stop", "Stop a provider, and keep it stopped.", "helix local-llm stop builtin", world);

    public static Command Remove(CliWorld world) => Create("remove", "Remove a provider's releases; its data stays, and helix does not install it by itself again.", "helix local-llm remove gpt4all", world);

    public static Command RollBack(CliWorld world) => Create("rollback", "Use the release of a provider that was used before.", "helix local-llm rollback llamacpp", world);

    public static Command AcceptLicence(CliWorld world) => Create("accept-license", "Accept the terms of a provider that has any; it is installed only after that.", "helix local-llm accept-license lmstudio", world);

    public static Command Install(CliWorld world)
    {
        var id = Verb.Argument("ID[@VERSION]", "The provider, and the version to keep; without one, the version that helix knows to be good.");
        var verb = new Verb("install", "Install a provider, or another version of it.", "helix local-llm install gpt4all", "helix local-llm install llamacpp@b10566") { id };
        verb.SetAction((parse, _) => InstallAsync(parse.GetRequiredValue(id).Split('@', 2), world));
        return verb;
    }

    private static async Task<int> InstallAsync(string[] words, CliWorld world)
    {
        using var signals = world.Interrupts.Listen();
        var body = JsonSerializer.SerializeToUtf8Bytes(new InstallRequest(words.ElementAtOrDefault(1)), ApiJson.Default.InstallRequest);
        return await RunAsync("install", words[0], body, world, world.Interrupts.Token);
    }

    private static Verb Create(string wish, string description, string example, CliWorld world)
    {
        var id = Verb.Argument("ID", "The provider, as \"helix local-llm list\" shows it.");
        var verb = new Verb(wish, description, example) { id };
        verb.SetAction((parse, cancellationToken) => RunAsync(wish, parse.GetRequiredValue(id), null, world, cancellationToken));
        return verb;
    }

    public static async Task<int> RunAsync(string wish, string id, byte[]? body, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var before = await daemon.GetAsync("/helix/v1/providers", ApiJson.Default.ProviderList, cancellationToken);
        if (before is not Answer<ProviderList>.Is(var list)) return before.Fail(world.Terminal);
        // what no manifest describes any more can be removed all the same
        var shown = list.Providers.FirstOrDefault(provider => provider.Id == id);
        if (shown is null && wish != "remove") return ProviderStatusVerb.Unknown(world.Terminal, id, list);

        var wished = daemon.PostPatientlyAsync($"/helix/v1/providers/{Uri.EscapeDataString(id)}/{wish}", body, ApiJson.Default.Done, cancellationToken);
        while (!wished.IsCompleted)
        {
            await Task.WhenAny(wished, Task.Delay(s_look, world.Time, cancellationToken));
            if (world.Interrupts.Struck && wish == "install")
            {
                // what is in use would go with it
                world.Terminal.Say($"helix goes on installing {id}{(shown?.Release is null ? $"; to end that: helix local-llm remove {id}" : "")}");
                return ExitCodes.Interrupted;
            }

            if (wished.IsCompleted) break;
            var now = await daemon.GetAsync("/helix/v1/providers", ApiJson.Default.ProviderList, cancellationToken);
            if (now is not Answer<ProviderList>.Is(var later) || later.Providers.FirstOrDefault(provider => provider.Id == id) is not { } seen) continue;
            if (seen.State != shown?.State || seen.Reason != shown.Reason) world.Terminal.Say($"{id}: {ProviderListing.Word(seen)} ({seen.Reason})");
            shown = seen;
        }

        if (await wished is not Answer<Done>.Is(var done)) return (await wished).Fail(world.Terminal);
        world.Terminal.Tell(done.Message);
        return ExitCodes.Ok;
    }
}
