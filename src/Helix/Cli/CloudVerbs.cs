using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Helix.Contracts;

namespace Helix.Cli;

/// <summary><c>helix cloud</c>: clouds are used only after the user added them, each with a key.</summary>
internal static class CloudVerbs
{
    public static Command Create(CliWorld world) => Verb.Group("cloud", "Use models of clouds; off until you add one with its key.", Add(world), List(world), Remove(world));

    private static Verb Add(CliWorld world)
    {
        var cloud = Verb.Argument("CLOUD", "openai, anthropic, gemini, or an https address that speaks OpenAI's words.");
        var name = new Option<string?>("--name") { Description = "What it is called here: small letters, digits and -.", HelpName = "ID" };
        var models = new Option<string?>("--models") { Description = "Use only these, with commas between; without it, all that it lists.", HelpName = "NAMES" };
        var speaks = new Option<string?>("--speaks") { Description = "In whose words an address is asked: openai (the default) or anthropic.", HelpName = "WORDS" };
        var file = new Option<string?>("--key-file") { Description = "A file with its key; without it, the key is asked for, or read from stdin.", HelpName = "FILE" };
        var verb = new Verb(
            "add", "Use a cloud, or give one that is used another key.",
            "helix cloud add openai", "helix cloud add anthropic --key-file key.txt", "helix cloud add https://api.example.com/v1 --name example --models small,large",
            "helix cloud add https://api.example.com/v1 --speaks anthropic") { cloud, name, models, speaks, file };
        verb.SetAction((parse, cancellationToken) => AddAsync(
            parse.GetRequiredValue(cloud), key => new AddCloudRequest(parse.GetRequiredValue(cloud), key, parse.GetValue(name), NamesIn(parse.GetValue(models)), parse.GetValue(speaks)), parse.GetValue(file), world, cancellationToken));
        return verb;
    }

    private static string[]? NamesIn(string? list) => list?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <param name="asks">With the key.</param>
    private static async Task<int> AddAsync(string cloud, Func<string, AddCloudRequest> asks, string? file, CliWorld world, CancellationToken cancellationToken)
    {
        string? key;
        try
        {
            // on the command line everybody on the machine could read it
            key = file is not null ? (await File.ReadAllTextAsync(file, cancellationToken)).Trim()
                : world.Terminal.InIsTerminal ? world.Terminal.ReadHidden($"key of {cloud} (it is not shown): ")
                : (await world.Terminal.In.ReadLineAsync(cancellationToken))?.Trim();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return world.Terminal.Fail(ExitCodes.NotFound, $"{file} cannot be read: {unreadable.Message}", "check the path, and who may read it");
        }

        if (string.IsNullOrEmpty(key)) return world.Terminal.Fail(ExitCodes.Usage, "no key was given", $"type it when it is asked for, or: helix cloud add {cloud} --key-file FILE");
        using var daemon = world.Daemon();
        var answer = await daemon.PostPatientlyAsync("/helix/v1/clouds", JsonSerializer.SerializeToUtf8Bytes(asks(key), CloudJson.Default.AddCloudRequest), ApiJson.Default.Done, cancellationToken);
        if (answer is not Answer<Done>.Is(var done)) return answer.Fail(world.Terminal);
        world.Terminal.Tell(done.Message);
        return ExitCodes.Ok;
    }

    private static Verb List(CliWorld world)
    {
        var verb = new Verb("list", "Show the clouds that are used, without their keys.", "helix cloud list", "helix cloud list --format json");
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => ListAsync(parse, world, cancellationToken));
        return verb;
    }

    private static async Task<int> ListAsync(ParseResult parse, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.GetAsync("/helix/v1/clouds", CloudJson.Default.CloudList, cancellationToken);
        if (answer is not Answer<CloudList>.Is(var list)) return answer.Fail(world.Terminal);
        if (parse.IsJson()) return world.Terminal.WriteJson(list, CloudJson.Default.CloudList);
        if (list.Clouds.Count == 0)
        {
            world.Terminal.Say("no cloud is used; add one with: helix cloud add openai");
            return ExitCodes.Ok;
        }

        world.Terminal.WriteTable(
            ["ID", "NAME", "URL", "STATE", "MODELS"],
            list.Clouds.Select(cloud => new[] { cloud.Id, cloud.Name, cloud.Url, cloud.State, cloud.Models.Count.ToString(CultureInfo.InvariantCulture) }));
        world.Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"${list.SpentUsd:0.00##} of ${list.DailyBudgetUsd:0.00##} (cloud.daily_budget) are spent today, what is being answered included"));
        return ExitCodes.Ok;
    }

    private static Verb Remove(CliWorld world)
    {
        var id = Verb.Argument("ID", "The cloud, as \"helix cloud list\" shows it.");
        var verb = new Verb("remove", "Use a cloud no longer, and forget its key.", "helix cloud remove openai") { id };
        verb.SetAction((parse, cancellationToken) => RemoveAsync(parse.GetRequiredValue(id), world, cancellationToken));
        return verb;
    }

    private static async Task<int> RemoveAsync(string id, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.DeleteAsync($"/helix/v1/clouds/{Uri.EscapeDataString(id)}", ApiJson.Default.Done, cancellationToken);
        if (answer is not Answer<Done>.Is(var done)) return answer.Fail(world.Terminal);
        world.Terminal.Tell(done.Message);
        return ExitCodes.Ok;
    }
}
